"""Events of every single file during `FrameStore.add`."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.base.events import Notice, Sink, VideoChecked, VideoDecoded, VideoProgress, VideoRefused
from core.video.stored_video import StoredVideo

_SECONDS_BETWEEN = 0.2


@dataclass(eq=False)
class File:
    """The state of one of the files so far."""

    path: Path
    digest: str = ""
    num_bytes: int = 0
    stored: StoredVideo | None = None
    """Its frames, where they were there before; not while only checked, if many files are."""
    is_stored: bool = False
    """Whether its frames were there before."""
    done: int = 0
    """Frames that are decoded."""
    total: int = 0
    """Frames that its header promises, or that are there."""
    told_done: int = 0
    told_at: float = 0.0


class FileProgress:
    """Emits events of files; only `decoding` is called by the worker threads."""

    def __init__(self, sink: Sink, watch: Sink | None) -> None:
        """`watch` is told of every file; without it, `sink` gets a sentence for those that are refused."""
        self._sink, self._watch = sink, watch
        self._decoding: set[File] = set()
        self._changing = threading.Lock()

    def checked(self, file: File, _: File) -> None:
        """Report that it can be opened; where it was stored before, that is all there is to do."""
        if self._watch:
            self._watch(VideoChecked(str(file.path), file.digest, file.num_bytes))
            if file.stored is not None:
                self._watch(_as_event(file.stored))

    def decoded(self, file: File, video: StoredVideo) -> None:
        """Report that a file's frames are complete in the store."""
        if self._watch and file.stored is None:
            self._watch(VideoProgress(str(file.path), len(video), len(video)))
            self._watch(_as_event(video))

    def refused(self, file: File, message: str) -> None:
        """Report that it is left out, and why."""
        if self._watch:
            self._watch(VideoRefused(str(file.path), message))
        else:
            self._sink(Notice(f"Left out: {message}"))

    @contextlib.contextmanager
    def decoding(self, file: File) -> Iterator[None]:
        """Let `file.done` grow within the block."""
        with self._changing:
            self._decoding.add(file)
        try:
            yield
        finally:
            with self._changing:
                self._decoding.remove(file)

    def progress(self) -> None:
        """Report the progress of files that were not reported just before."""
        if not self._watch:
            return
        with self._changing:
            files = list(self._decoding)
        now = time.monotonic()
        for file in files:
            done = file.done
            if done > file.told_done and now - file.told_at >= _SECONDS_BETWEEN:
                file.told_done, file.told_at = done, now
                self._watch(VideoProgress(str(file.path), done, max(done, file.total)))


def _as_event(video: StoredVideo) -> VideoDecoded:
    meta = video.meta
    return VideoDecoded(
        str(video.path),
        video.digest,
        meta.num_frames,
        meta.fps,
        meta.duration_seconds,
        meta.width,
        meta.height,
        meta.num_frames_lost,
    )
