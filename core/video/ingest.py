"""One call of `FrameStore.add` or `ingest`: threads that check and decode, and their supervision."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

from core.base.control import Control
from core.base.cores import num_cores
from core.base.disk_cache import CacheEntry, CacheFullError, DiskCache, gigabytes
from core.base.errors import StorageError, VideoError
from core.base.events import Notice, Sink
from core.base.listing import some
from core.base.mended import note_damage
from core.base.progress import Meter
from core.base.types import VideoMeta
from core.video.chunk_writer import DecodeRequest, store
from core.video.content import current_digest, video_num_bytes
from core.video.file_progress import File, FileProgress
from core.video.image_decoding import open_decoding
from core.video.image_folder import image_files, missing_numbers, strays
from core.video.stored_video import StoredVideo

_POLL_SECONDS = 0.1
_Result = TypeVar("_Result")


class Store(Protocol):
    """The destination of the frames: a `FrameStore`."""

    @property
    def cache(self) -> DiskCache: ...
    @property
    def short_side(self) -> int: ...
    @property
    def workers(self) -> int: ...
    @property
    def image_rate(self) -> float: ...
    def entry(self, digest: str) -> CacheEntry: ...


class Ingest:
    """Threads check and decode (FFmpeg and JPEG run without the GIL); the caller's thread reports the progress.

    Either `run` decodes all videos; or `check` is followed by `decode` of one after the other, in threads of the
    caller's, who then reports by `note`, `report_losses`, `refuse` and `report_noted`.

    The threads obey a control of their own, which the caller's control and every failure reach from here.
    """

    def __init__(
        self, frames: Store, sink: Sink, control: Control, watch: Sink | None = None, workers: Control | None = None
    ) -> None:
        """Nothing is read yet.

        Args:
            workers: what threads obey that call `decode`; None: a control of its own.
        """
        self._store = frames
        self._sink = sink
        self._telling = FileProgress(sink, watch)
        self._callers_control = control
        self._control = workers or Control()
        self._keeps_open = workers is None
        self._counting = threading.Lock()
        self._done = self._total = self._num_bytes = 0
        self._threads = 1
        self._refusals: dict[Path, str] = {}
        self._noted: list[tuple[Path, VideoMeta]] = []

    def run(self, paths: Sequence[Path]) -> list[StoredVideo]:
        """Run as `FrameStore.add`; only once."""
        files = self._checked(paths)
        missing = [file.total for file in files if file.stored is None]
        try:
            videos = self._in_threads(self._decode, files, self._telling.decoded, "decode", "frame")
        except CacheFullError as error:
            raise self._too_much(files, sum(missing), error) from error
        if not videos:
            raise self.none_left(paths)
        for video in videos:
            self.note(video)
        self.report_noted()
        for video in videos:
            self.report_losses(video)
        return videos

    def check(self, paths: Sequence[Path]) -> list[File]:
        """Return the files that can be opened, in order, for `decode`; the others are reported. None stays open.

        Raises:
            VideoError: no file is left.
            Stopped: the caller's control asked for it.
        """
        files = self._checked(paths)
        if not files:
            raise self.none_left(paths)
        return files

    def decode(self, file: File) -> StoredVideo:
        """Return a checked file's frames, decoded unless they are there; in any thread. It obeys `workers`.

        Raises:
            VideoError: it cannot be read.
            StorageError: as `FrameStore.add`.
        """
        file.stored = self._open(file)
        try:
            return self._decode(file)
        finally:
            file.stored = None

    def refuse(self, file: File, error: VideoError) -> None:
        """Report that a checked file is left out; in the caller's thread."""
        self._refusals[file.path] = str(error)
        self._telling.refused(file, str(error))

    def none_left(self, paths: Sequence[Path]) -> VideoError:
        """Return the error that no video can be read."""
        return VideoError(_none_left([self._refusals[path] for path in paths]))

    @property
    def num_decoded(self) -> int:
        """Frames decoded so far."""
        return self._done

    @property
    def num_to_decode(self) -> int:
        """Frames that were to be decoded, as far as is known."""
        return max(self._total, self._done)

    def report_losses(self, video: StoredVideo) -> None:
        """Report how many frames of a damaged video are lost."""
        if lost := video.meta.num_frames_lost:
            held = video.meta.num_frames + lost
            self._sink(Notice(f"{video.path} is damaged: {lost} of {held} frames could not be decoded."))

    def _checked(self, paths: Sequence[Path]) -> list[File]:
        self._total = len(paths)
        files = self._in_threads(self._check, [File(path) for path in paths], self._telling.checked, "check", "video")
        missing = [file.total for file in files if not file.is_stored]
        self._done, self._total = 0, sum(missing)
        self._threads = max(1, num_cores() // max(1, min(len(missing), self._store.workers)))
        return files

    def note(self, video: StoredVideo) -> None:
        """Keep what `report_noted` needs of a video, if there is anything to report."""
        if video.meta.grey_full or video.meta.num_frames_scaled or video.path.is_dir():
            self._noted.append((video.path, video.meta))

    def report_noted(self) -> None:
        """Report decisions about noted videos that no file specifies, in one sentence per kind."""
        if folders := [path for path, _ in self._noted if path.is_dir()]:
            kind = "folder of images" if len(folders) == 1 else "folders of images"
            at = f"{self._store.image_rate:g} images/s (frames.image_rate)"
            self._sink(
                Notice(f"Read as video at {at}: {len(folders)} {kind}, {some([str(path) for path in folders])}.")
            )
            self._report_names(folders)
        if stretched := [f"{path} ({_levels(meta)})" for path, meta in self._noted if meta.grey_full]:
            self._sink(Notice(f"Grey levels are stretched to full contrast: {some(stretched)}."))
        scaled = [
            f"{path} ({meta.num_frames_scaled} of {meta.num_frames} frames)"
            for path, meta in self._noted
            if meta.num_frames_scaled
        ]
        if scaled:
            self._sink(Notice(f"Frames that differ in size from the first are scaled to it: {some(scaled)}."))

    def _report_names(self, folders: Sequence[Path]) -> None:
        """Report which images of folders may not be frames, and which frames may be missing."""
        listed: dict[Path, Sequence[Path]] = {}
        for folder in dict.fromkeys(folders):
            with contextlib.suppress(OSError):  # gone since it was decoded
                listed[folder] = image_files(folder)
        for doubt in (strays, missing_numbers):
            doubts = [(folder, sentence) for folder, files in listed.items() if (sentence := doubt(files))]
            for folder, sentence in doubts[:1]:
                others = some([str(other) for other, _ in doubts[1:]])
                self._sink(Notice(f"In {folder}, {sentence}{f' (likewise in {others})' if others else ''}."))

    def _in_threads(
        self,
        function: Callable[[File], _Result],
        files: Sequence[File],
        on_done: Callable[[File, _Result], None],
        stage: str,
        unit: str,
    ) -> list[_Result]:
        """Return the results in order, without those of videos that cannot be read."""
        meter = Meter(self._sink, stage, self._total, unit)
        reported = 0
        ended: queue.SimpleQueue[Future[_Result]] = queue.SimpleQueue()
        with ThreadPoolExecutor(self._store.workers, thread_name_prefix=stage) as pool:
            futures = {pool.submit(function, file): file for file in files}
            for future in futures:
                future.add_done_callback(ended.put)
            try:
                remaining = len(futures)
                while remaining:
                    with contextlib.suppress(queue.Empty):
                        future = ended.get(timeout=_POLL_SECONDS)
                        self._judge(futures[future], future, on_done)
                        remaining -= 1
                    self._callers_control.lead(self._control)
                    self._telling.progress()
                    meter.total = max(self._total, self._done + 1) if remaining else self._done
                    if self._done > reported or (reported and not remaining):
                        meter.add(self._done - reported)
                        reported = self._done
            except BaseException:
                self._control.stop()
                pool.shutdown(cancel_futures=True)
                raise
        return [future.result() for future in futures if not future.exception()]

    def _judge(self, file: File, ended: Future[_Result], on_done: Callable[[File, _Result], None]) -> None:
        error = ended.exception()
        if error is None:
            on_done(file, ended.result())
        elif isinstance(error, VideoError):
            self.refuse(file, error)
        else:
            raise error

    def _count(self, done: int = 0, *, total: int = 0, num_bytes: int = 0) -> None:
        with self._counting:
            self._done += done
            self._total += total
            self._num_bytes += num_bytes

    def _check(self, file: File) -> File:
        self._control.obey()
        file.digest, file.num_bytes = _digest_and_size(file.path, self._store.image_rate)
        file.stored = self._open(file)
        if file.stored is None:
            with contextlib.closing(self._request(file).decoding()) as decoding:
                file.total = decoding.num_frames_from_header
        else:
            file.is_stored, file.total = True, len(file.stored)
            file.stored = file.stored if self._keeps_open else None
        self._count(1)
        return file

    def _request(self, file: File) -> DecodeRequest:
        return DecodeRequest(file.path, self._store.short_side, self._store.image_rate, self._threads)

    def _open(self, file: File) -> StoredVideo | None:
        entry = self._store.entry(file.digest)
        if entry.is_complete:
            entry.adopt()
            with contextlib.suppress(StorageError):  # it is damaged: made anew later
                return StoredVideo(file.path, file.digest, entry, self._remaking(file))
        entry.close()
        return None

    def _remaking(self, file: File) -> Callable[[CacheEntry], None]:
        """Return what decodes a file again whose stored pictures proved damaged."""
        path, digest, request, control = file.path, file.digest, self._request(file), self._control

        def remake(entry: CacheEntry) -> None:
            with entry.making():
                if entry.is_sound(_frames_of(path)):
                    return  # another thread or process was faster
                note_damage(_frames_of(path))
                try:
                    is_same = current_digest(path, request.image_rate) == digest
                except OSError:
                    is_same = False
                if not is_same:
                    raise StorageError(
                        f"The stored frames of {path} are damaged, and its file is missing or has changed. Restore "
                        "it, or leave that video out."
                    )
                store(request, entry, skipped=lambda _: None, tick=lambda _: control.obey())

        return remake

    def _decode(self, file: File) -> StoredVideo:
        if file.stored is not None:
            return file.stored

        def skipped(num_frames: int) -> None:
            file.done += num_frames
            self._count(total=-num_frames)

        def tick(num_bytes: int) -> None:
            file.done += 1
            self._count(1, num_bytes=num_bytes)
            self._control.obey()

        try:
            with self._telling.decoding(file):
                return self._decode_into_store(file, skipped, tick)
        finally:
            self._count(total=file.done - file.total)

    def _decode_into_store(
        self, file: File, skipped: Callable[[int], None], tick: Callable[[int], None]
    ) -> StoredVideo:
        self._control.obey()
        entry = self._store.entry(file.digest)
        try:
            with entry.making(self._control):
                if entry.is_complete:
                    with contextlib.suppress(StorageError):  # another process or a copy was faster
                        return StoredVideo(file.path, file.digest, entry, self._remaking(file))
                    note_damage(_frames_of(file.path))
                    entry.clear()
                store(self._request(file), entry, skipped=skipped, tick=tick)
            return StoredVideo(file.path, file.digest, entry, self._remaking(file))
        except BaseException:
            with contextlib.suppress(OSError):
                entry.path.rmdir()  # where nothing was stored
            entry.close()
            raise

    def _too_much(self, files: Sequence[File], num_missing: int, error: CacheFullError) -> StorageError:
        """Return a sentence with what all videos together would need, where that is the reason."""
        stored = sum(file.stored.num_bytes for file in files if file.stored)
        need = stored + self._num_bytes / max(self._done, 1) * num_missing
        bound = self._store.cache.max_bytes
        if need <= bound:
            return error
        return StorageError(
            f"The frames of {len(files)} videos need about {gigabytes(need)}, but frames.cache_size_gb allows "
            f"{gigabytes(bound)}. Raise it, lower frames.short_side ({self._store.short_side}) or give fewer videos."
        )


def _digest_and_size(path: Path, image_rate: float) -> tuple[str, int]:
    try:
        return current_digest(path, image_rate), video_num_bytes(path)
    except OSError as error:
        open_decoding(path).close()  # says in a sentence what is wrong with it
        raise VideoError(f"{path} cannot be read ({error.strerror}). Check the disk, or copy it again.") from error


def _frames_of(path: Path) -> str:
    return f"frames of {path.name}"


def _levels(meta: VideoMeta) -> str:
    return f"{meta.grey_black} to {meta.grey_white} of {meta.grey_full}"


def _none_left(refusals: Sequence[str]) -> str:
    if not refusals:
        return "No videos found. Name video files or folders that contain some."
    return (
        refusals[0] if len(refusals) == 1 else f"None of {len(refusals)} videos can be read; the first: {refusals[0]}"
    )
