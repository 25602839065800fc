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
    """The ticket of the request."""
    frame: Frame


@dataclass(frozen=True, slots=True)
class Refused:
    """The source cannot be opened, or a frame of it cannot be read."""

    sentence: str


ReaderEvent = Opened | FrameReady | Refused


class LatestFrameReader:
    """Opens a source and reads the latest request, both in its own thread.

    `on_event` is called in that thread, and never after `close` has returned. A read that has begun is finished; of the
    requests that come meanwhile only the newest is kept.
    """

    def __init__(self, open_source: OpenSource, on_event: Callable[[ReaderEvent], None]) -> None:
        self._open_source = open_source
        self._on_event: Callable[[ReaderEvent], None] | None = on_event
        self._condition = threading.Condition()
        self._newest_request: tuple[int, int] | None = None
        self._thread = threading.Thread(target=self._run, name="frames", daemon=True)
        self._thread.start()

    def request(self, index: int, ticket: int) -> None:
        """Ask for a frame; it takes the place of a request that still waits."""
        with self._condition:
            self._newest_request = (index, ticket)
            self._condition.notify()

    def close(self) -> None:
        """Emit nothing more, and end after the read that is going on; returns at once."""
        with self._condition:
            self._on_event = None
            self._condition.notify()

    def wait(self, seconds: float) -> bool:
        """Wait for the end of a closed reader's thread; False where it took longer."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with self._open_source() as source:
                self._notify(Opened(source.meta, source.pts_seconds))
                while (request := self._wait_for_request()) is not None:
                    self._read(source, *request)
        except CarlError as error:
            self._notify(Refused(str(error)))

    def _wait_for_request(self) -> tuple[int, int] | None:
        with self._condition:
            self._condition.wait_for(lambda: self._newest_request is not None or self._on_event is None)
            request, self._newest_request = self._newest_request, None
            return request if self._on_event else None

    def _read(self, source: FrameSource, index: int, ticket: int) -> None:
        try:
            frame = source[index]
        except CarlError as error:
            self._notify(Refused(str(error)))
        else:
            self._notify(FrameReady(ticket, frame))

    def _notify(self, event: ReaderEvent) -> None:
        with self._condition:
            if self._on_event:
                self._on_event(event)
