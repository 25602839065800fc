"""A thread that reads frames, with a slot for only the newest request, so that outdated ones are skipped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.base.errors import CarlError
from core.base.types import Frame, VideoMeta


class FrameSource(Protocol):
    """A source of frames, such as `VideoReader` and `StoredVideo`."""

    meta: VideoMeta
    pts_seconds: NDArray[np.float64]

    def __getitem__(self, index: int, /) -> Frame: ...


OpenSource = Callable[[], AbstractContextManager[FrameSource]]


@dataclass(frozen=True, slots=True)
class Opened:
    """The source was opened."""

    meta: VideoMeta
    pts_seconds: NDArray[np.float64]
    """(S,) presentation times, strictly increasing."""


@dataclass(frozen=True, slots=True)
class FrameReady:
    """A requested frame."""

    ticket: int
    """As the request said."""
    frame: Frame


@dataclass(frozen=True, slots=True)
class Refused:
    """The source cannot be opened, or a frame of it cannot be read."""

    sentence: str


ReaderEvent = Opened | FrameReady | Refused


class LatestFrameReader:
    """Opens a source and reads the latest request, both in its own thread.

    `tell` is called in that thread, and never after `close` has returned. A read that has begun is finished; of the
    requests that come meanwhile only the newest is kept.
    """

    def __init__(self, open_source: OpenSource, tell: Callable[[ReaderEvent], None]) -> None:
        self._open_source = open_source
        self._tell: Callable[[ReaderEvent], None] | None = tell
        self._waking = threading.Condition()
        self._slot: tuple[int, int] | None = None
        self._thread = threading.Thread(target=self._run, name="frames", daemon=True)
        self._thread.start()

    def request(self, place: int, ticket: int) -> None:
        """Ask for a frame; it takes the place of a request that still waits."""
        with self._waking:
            self._slot = (place, ticket)
            self._waking.notify()

    def close(self) -> None:
        """Say nothing more, and end after the read that is going on; returns at once."""
        with self._waking:
            self._tell = None
            self._waking.notify()

    def wait(self, seconds: float) -> bool:
        """Wait for the end of a closed reader's thread; False where it took longer."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with self._open_source() as source:
                self._say(Opened(source.meta, source.pts_seconds))
                while (wanted := self._next()) is not None:
                    self._read(source, *wanted)
        except CarlError as error:
            self._say(Refused(str(error)))

    def _next(self) -> tuple[int, int] | None:
        with self._waking:
            self._waking.wait_for(lambda: self._slot is not None or self._tell is None)
            wanted, self._slot = self._slot, None
            return wanted if self._tell else None

    def _read(self, source: FrameSource, place: int, ticket: int) -> None:
        try:
            frame = source[place]
        except CarlError as error:
            self._say(Refused(str(error)))
        else:
            self._say(FrameReady(ticket, frame))

    def _say(self, news: ReaderEvent) -> None:
        with self._waking:
            if self._tell:
                self._tell(news)
