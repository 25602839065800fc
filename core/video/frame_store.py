"""Every video decoded once, into small frames on disk that are read at random."""

from __future__ import annotations

import contextlib
import functools
import os
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from core.control import Control
from core.disk_cache import CacheFullError, DiskCache, Entry, gigabytes
from core.errors import StorageError, VideoError
from core.events import Notice, Sink, ignore
from core.files import cache_folder, content_digest
from core.progress import Meter
from core.video.decoding import Decoding
from core.video.stored import FORMAT, StoredVideo
from core.video.storing import store

__all__ = ["FrameStore", "StoredVideo"]

_POLL_SECONDS = 0.1
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class FrameStore:
    """A folder of stored videos, bounded in bytes; a `StoredVideo` pins its entry for as long as it lives.

    A video is known by its content: moved, renamed or copied it is not decoded again. What a killed `add` has decoded
    stays, and the next one goes on from there. Any number of processes may use one folder.
    """

    def __init__(self, folder: Path | None = None, *, short_side: int = 256, max_bytes: int, workers: int = 0) -> None:
        """Nothing is read or written yet.

        Args:
            folder: where the frames lie; None is `frames` in the user's cache folder.
            short_side: of the stored frames, in pixels; a smaller video keeps its size.
            max_bytes: bound of the folder; the least recently used videos go first.
            workers: videos decoded at once; 0 means one a processor core.
        """
        self.short_side = short_side
        self.cache = DiskCache(folder or cache_folder("frames"), max_bytes)
        self.workers = workers or _num_cores()

    def add(self, paths: Sequence[Path], sink: Sink = ignore, control: Control | None = None) -> list[StoredVideo]:
        """The videos, in order, after decoding those that are not there yet.

        `sink` is called in this thread: with the progress (stages "check" and "decode"), and with a sentence for every
        video that is damaged, and for every one that cannot be read, which is left out.

        Raises:
            VideoError: no video is left.
            StorageError: they do not fit into the bound together, or the disk refuses.
            Stopped: `control` asked to stop; what was decoded is kept.
        """
        return _Adding(self, sink, control or Control()).run(paths)

    def entry(self, digest: str) -> Entry:
        """The place of a video of that content."""
        return self.cache.entry(f"{digest}-{self.short_side}-{FORMAT}")


@dataclass
class _Checked:
    """A video that can be opened: its stored frames if they are there, and how many its header promises if not."""

    path: Path
    digest: str
    stored: StoredVideo | None
    num_frames: int = 0


class _Adding:
    """One call of `add`: threads that check and decode (FFmpeg and JPEG work without Python's lock), and their watch.

    The threads obey a control of their own, which the caller's control and every failure reach from here.
    """

    def __init__(self, frames: FrameStore, sink: Sink, control: Control) -> None:
        self._store = frames
        self._sink = sink
        self._callers_control = control
        self._control = Control()
        self._counting = threading.Lock()
        self._done = self._total = self._num_bytes = 0
        self._threads = 1
        self._refusals: list[str] = []

    def run(self, paths: Sequence[Path]) -> list[StoredVideo]:
        self._total = len(paths)
        checked = self._in_threads(self._check, paths, "check", "video")
        missing = [item.num_frames for item in checked if item.stored is None]
        self._done, self._total = 0, sum(missing)
        self._threads = max(1, _num_cores() // max(1, min(len(missing), self._store.workers)))
        try:
            videos = self._in_threads(self._decode, checked, "decode", "frame")
        except CacheFullError as error:
            raise self._too_much(checked, sum(missing), error) from error
        if not videos:
            raise VideoError(_none_left(self._refusals))
        for video in videos:
            if lost := video.meta.num_frames_lost:
                held = video.meta.num_frames + lost
                self._sink(Notice(f"{video.path} is damaged: {lost} of {held} frames could not be decoded."))
        return videos

    def _in_threads(
        self, function: Callable[[_Item], _Result], items: Sequence[_Item], stage: str, unit: str
    ) -> list[_Result]:
        """The results in order, without those of videos that cannot be read."""
        meter = Meter(self._sink, stage, self._total, unit)
        reported = 0
        ended: queue.SimpleQueue[Future[_Result]] = queue.SimpleQueue()
        with ThreadPoolExecutor(self._store.workers, thread_name_prefix=stage) as pool:
            futures = [pool.submit(function, item) for item in items]
            for future in futures:
                future.add_done_callback(ended.put)
            try:
                left = len(futures)
                while left:
                    with contextlib.suppress(queue.Empty):
                        self._judge(ended.get(timeout=_POLL_SECONDS))
                        left -= 1
                    self._relay()
                    meter.total = max(self._total, self._done + 1) if left else self._done
                    if self._done > reported or (reported and not left):
                        meter.add(self._done - reported)
                        reported = self._done
            except BaseException:
                self._control.stop()
                pool.shutdown(cancel_futures=True)
                raise
        return [future.result() for future in futures if not future.exception()]

    def _judge(self, ended: Future[Any]) -> None:
        error = ended.exception()
        if isinstance(error, VideoError):
            self._refusals.append(str(error))
            self._sink(Notice(f"Left out: {error}"))
        elif error:
            raise error

    def _relay(self) -> None:
        if self._callers_control.stop_requested:
            self._control.stop()
        elif self._callers_control.paused:
            self._control.pause()
        else:
            self._control.resume()

    def _count(self, done: int = 0, *, total: int = 0, num_bytes: int = 0) -> None:
        with self._counting:
            self._done += done
            self._total += total
            self._num_bytes += num_bytes

    def _check(self, path: Path) -> _Checked:
        self._control.raise_if_stopped()
        digest = _digest(path)
        item = _Checked(path, digest, self._open(path, digest))
        if item.stored is None:
            with contextlib.closing(Decoding(path)) as decoding:
                item.num_frames = decoding.num_frames_from_header
        self._count(1)
        return item

    def _open(self, path: Path, digest: str) -> StoredVideo | None:
        entry = self._store.entry(digest)
        if entry.is_complete:
            with contextlib.suppress(StorageError):  # it is damaged: made anew later
                return StoredVideo(path, digest, entry)
        entry.close()
        return None

    def _decode(self, item: _Checked) -> StoredVideo:
        if item.stored is not None:
            return item.stored
        expected = item.num_frames

        def skipped(num_frames: int) -> None:
            nonlocal expected
            expected -= num_frames
            self._count(total=-num_frames)

        def tick(num_bytes: int) -> None:
            nonlocal expected
            expected -= 1
            self._count(1, num_bytes=num_bytes)
            self._control.wait_while_paused()
            self._control.raise_if_stopped()

        try:
            return self._decoded(item, skipped, tick)
        finally:
            self._count(total=-expected)

    def _decoded(self, item: _Checked, skipped: Callable[[int], None], tick: Callable[[int], None]) -> StoredVideo:
        self._control.raise_if_stopped()
        entry = self._store.entry(item.digest)
        try:
            with entry.making(self._control):
                if entry.is_complete:
                    with contextlib.suppress(StorageError):
                        return StoredVideo(item.path, item.digest, entry)  # another process or a copy was faster
                    entry.clear()
                store(item.path, entry, self._store.short_side, threads=self._threads, skipped=skipped, tick=tick)
            return StoredVideo(item.path, item.digest, entry)
        except BaseException:
            with contextlib.suppress(OSError):
                entry.path.rmdir()  # where nothing was stored
            entry.close()
            raise

    def _too_much(self, checked: Sequence[_Checked], num_missing: int, error: CacheFullError) -> StorageError:
        """A sentence with what all videos together would need, where that is the reason."""
        stored = sum(item.stored.num_bytes for item in checked if item.stored)
        need = stored + self._num_bytes / max(self._done, 1) * num_missing
        bound = self._store.cache.max_bytes
        if need <= bound:
            return error
        return StorageError(
            f"The frames of {len(checked)} videos need about {gigabytes(need)}, but frames.store_gigabytes allows "
            f"{gigabytes(bound)}: raise it, lower frames.short_side ({self._store.short_side}) or give fewer videos."
        )


def _num_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _digest(path: Path) -> str:
    try:
        status = path.stat()
        return _digest_of(path, status.st_size, status.st_mtime_ns)
    except OSError:
        Decoding(path).close()  # says in a sentence what is wrong with it
        raise


@functools.lru_cache(maxsize=100_000)
def _digest_of(path: Path, num_bytes: int, modified_ns: int) -> str:
    return content_digest(path)


def _none_left(refusals: Sequence[str]) -> str:
    if not refusals:
        return "There is no video: name video files or folders that hold some."
    return (
        refusals[0] if len(refusals) == 1 else f"None of {len(refusals)} videos can be read; the first: {refusals[0]}"
    )
