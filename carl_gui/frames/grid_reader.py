"""Threads that read the frames of several videos at one moment together, only for the newest request."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from carl_gui.frames.latest_frame_reader import FrameSource
from core.base.errors import CarlError
from core.base.types import Image, VideoMeta

_THREADS = min(8, os.cpu_count() or 1)


class GridSource(FrameSource, Protocol):
    """A source of frames, such as `StoredVideo`."""

    def half(self, index: int, /) -> Image: ...


@dataclass(frozen=True, slots=True)
class GridCell:
    """A video to read."""

    key: Hashable
    """An opened source is kept for the same key."""
    open: Callable[[], GridSource]
    """Called in a thread; raises CarlError where there is nothing to read."""


@dataclass(frozen=True, slots=True)
class CellOpened:
    """A cell was opened."""

    cell: int
    meta: VideoMeta


@dataclass(frozen=True, slots=True)
class CellRefused:
    """A cell cannot be shown."""

    cell: int
    sentence: str


@dataclass(frozen=True, slots=True)
class GridShown:
    """The frames of all cells at one moment."""

    step: int
    """Of the request."""
    frames: tuple[int, ...]
    """Frames of the request."""
    images: tuple[Image | None, ...]
    """(H, W, 3) each; None where a cell shows what it did before, or nothing."""


GridEvent = CellOpened | CellRefused | GridShown


@dataclass(frozen=True, slots=True)
class _Request:
    step: int
    frames: tuple[int, ...]
    is_quick: bool


class _Opened:
    def __init__(self, source: GridSource) -> None:
        self.source: GridSource | None = source
        """None after a frame could not be read."""
        self.shown = (-1, False)
        """The frame that was read last, and whether at its full size."""


class GridReader:
    """Reads in its own threads; `on_event` is called in one of them, and never after `close` has returned.

    Videos that are not read any more are let go: while they are held, the frame store cannot make room.
    """

    def __init__(self, on_event: Callable[[int, GridEvent], None]) -> None:
        """
        Args:
            on_event: gets the number that `set_cells` gave, and the event.
        """
        self._on_event: Callable[[int, GridEvent], None] | None = on_event
        self._condition = threading.Condition()
        self._cells: tuple[GridCell, ...] = ()
        self._generation = self._opened_generation = 0
        self._newest_request: _Request | None = None
        self._opened: list[_Opened | None] = []
        self._keys: tuple[Hashable, ...] = ()
        self._thread: threading.Thread | None = None

    def set_cells(self, cells: Sequence[GridCell]) -> int:
        """Read these from now on; what was asked for before is forgotten. Returns the number of this set."""
        with self._condition:
            self._cells, self._newest_request = tuple(cells), None
            self._generation += 1
            self._condition.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="grid", daemon=True)
                self._thread.start()
            return self._generation

    def request(self, step: int, frames: Sequence[int], *, is_quick: bool = False) -> None:
        """Ask for a frame of each cell (-1: none); it takes the place of a request that still waits.

        `is_quick`: at half its width and height.
        """
        with self._condition:
            self._newest_request = _Request(step, tuple(frames), is_quick)
            self._condition.notify()

    def close(self) -> None:
        """Emit nothing more, and end after the reads that are going on; returns at once."""
        with self._condition:
            self._on_event = None
            self._condition.notify()

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the threads after `close`; False where it took longer."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def _run(self) -> None:
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="grid") as pool:
            while (work := self._wait_for_work()) is not None:
                cells, generation, request = work
                if generation != self._opened_generation:
                    self._open_cells(pool, cells, generation)
                elif request is not None:
                    self._read_cells(pool, generation, request)

    def _wait_for_work(self) -> tuple[tuple[GridCell, ...], int, _Request | None] | None:
        with self._condition:
            self._condition.wait_for(
                lambda: (
                    self._on_event is None
                    or self._newest_request is not None
                    or self._generation != self._opened_generation
                )
            )
            if self._on_event is None:
                return None
            request = None
            if self._generation == self._opened_generation:
                request, self._newest_request = self._newest_request, None
            return self._cells, self._generation, request

    def _open_cells(self, pool: ThreadPoolExecutor, cells: tuple[GridCell, ...], generation: int) -> None:
        """Open these cells; those that are open already stay so."""
        before = dict(zip(self._keys, self._opened, strict=True))
        self._keys = tuple(cell.key for cell in cells)

        def opened(cell: GridCell) -> GridSource | str:
            known = before.get(cell.key)
            if known is not None and known.source is not None:
                return known.source
            try:
                return cell.open()
            except CarlError as error:
                return str(error)

        self._opened = []
        for step, results in enumerate(pool.map(opened, cells)):
            if isinstance(results, str):
                self._opened.append(None)
                self._notify(generation, CellRefused(step, results))
            else:
                self._opened.append(_Opened(results))
                self._notify(generation, CellOpened(step, results.meta))
        self._opened_generation = generation

    def _read_cells(self, pool: ThreadPoolExecutor, generation: int, request: _Request) -> None:
        results = list(pool.map(_image, self._opened, request.frames, itertools.repeat(request.is_quick)))
        images = tuple(None if isinstance(one, str) else one for one in results)
        for cell, one in enumerate(results):
            if isinstance(one, str):
                self._notify(generation, CellRefused(cell, one))
        self._notify(generation, GridShown(request.step, request.frames, images))

    def _notify(self, generation: int, event: GridEvent) -> None:
        with self._condition:
            if self._on_event is not None:
                self._on_event(generation, event)


def _image(opened: _Opened | None, frame: int, is_quick: bool) -> Image | str | None:
    """Return None where there is nothing new; a sentence where the frame cannot be read."""
    if opened is None or opened.source is None or frame < 0:
        return None
    if frame == opened.shown[0] and (is_quick or opened.shown[1]):
        return None
    try:
        image = opened.source.half(frame) if is_quick else opened.source[frame].image
    except IndexError:
        opened.source = None
        return f"Frame {frame} is not in the stored video: embed the videos again."
    except CarlError as error:
        opened.source = None
        return str(error)
    opened.shown = frame, not is_quick
    return image
