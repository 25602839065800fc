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
    """What is opened for one key is kept for the same key."""
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

    place: int
    """As the request said."""
    frames: tuple[int, ...]
    """As the request said."""
    images: tuple[Image | None, ...]
    """(H, W, 3) each; None where a cell shows what it did before, or nothing."""


GridNews = CellOpened | CellRefused | GridShown


@dataclass(frozen=True, slots=True)
class _Wanted:
    place: int
    frames: tuple[int, ...]
    is_quick: bool


class _Opened:
    def __init__(self, source: GridSource) -> None:
        self.source: GridSource | None = source
        """None after a frame could not be read."""
        self.shown = (-1, False)
        """The frame that was read last, and whether at its full size."""


class GridReader:
    """Reads in its own threads; `tell` is called in one of them, and never after `close` has returned.

    Videos that are not read any more are let go: while they are held, the frame store cannot make room.
    """

    def __init__(self, tell: Callable[[int, GridNews], None]) -> None:
        """
        Args:
            tell: gets the number that `set_cells` gave, and the news.
        """
        self._tell: Callable[[int, GridNews], None] | None = tell
        self._waking = threading.Condition()
        self._cells: tuple[GridCell, ...] = ()
        self._number = self._known = 0
        self._wanted: _Wanted | None = None
        self._opened: list[_Opened | None] = []
        self._keys: tuple[Hashable, ...] = ()
        self._thread: threading.Thread | None = None

    def set_cells(self, cells: Sequence[GridCell]) -> int:
        """Read these from now on; what was asked for before is forgotten. Returns the number of this set."""
        with self._waking:
            self._cells, self._wanted = tuple(cells), None
            self._number += 1
            self._waking.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="grid", daemon=True)
                self._thread.start()
            return self._number

    def request(self, place: int, frames: Sequence[int], *, is_quick: bool = False) -> None:
        """Ask for a frame of each cell (-1: none); it takes the place of a request that still waits.

        `is_quick`: at half its width and height.
        """
        with self._waking:
            self._wanted = _Wanted(place, tuple(frames), is_quick)
            self._waking.notify()

    def close(self) -> None:
        """Say nothing more, and end after the reads that are going on; returns at once."""
        with self._waking:
            self._tell = None
            self._waking.notify()

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the threads after `close`; False where it took longer."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def _run(self) -> None:
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="grid") as pool:
            while (work := self._next()) is not None:
                cells, number, wanted = work
                if number != self._known:
                    self._open(pool, cells, number)
                elif wanted is not None:
                    self._read(pool, number, wanted)

    def _next(self) -> tuple[tuple[GridCell, ...], int, _Wanted | None] | None:
        with self._waking:
            self._waking.wait_for(lambda: self._tell is None or self._wanted is not None or self._number != self._known)
            if self._tell is None:
                return None
            wanted = None
            if self._number == self._known:
                wanted, self._wanted = self._wanted, None
            return self._cells, self._number, wanted

    def _open(self, pool: ThreadPoolExecutor, cells: tuple[GridCell, ...], number: int) -> None:
        """What is open already stays so."""
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
        for place, found in enumerate(pool.map(opened, cells)):
            if isinstance(found, str):
                self._opened.append(None)
                self._say(number, CellRefused(place, found))
            else:
                self._opened.append(_Opened(found))
                self._say(number, CellOpened(place, found.meta))
        self._known = number

    def _read(self, pool: ThreadPoolExecutor, number: int, wanted: _Wanted) -> None:
        found = list(pool.map(_image, self._opened, wanted.frames, itertools.repeat(wanted.is_quick)))
        images = tuple(None if isinstance(one, str) else one for one in found)
        for cell, one in enumerate(found):
            if isinstance(one, str):
                self._say(number, CellRefused(cell, one))
        self._say(number, GridShown(wanted.place, wanted.frames, images))

    def _say(self, number: int, news: GridNews) -> None:
        with self._waking:
            if self._tell is not None:
                self._tell(number, news)


def _image(opened: _Opened | None, frame: int, is_quick: bool) -> Image | str | None:
    """None where there is nothing new; a sentence where the frame cannot be read."""
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
