"""What several videos show at one moment is read together, the newest moment only."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from carl_gui.frames.grid_reader import CellOpened, CellRefused, GridCell, GridEvent, GridReader, GridShown
from core.base.errors import StorageError, VideoError
from core.base.types import Frame, Image, VideoMeta
from tests.conftest import reached


class Numbers:
    """A video whose frame i is all i; frame 9 cannot be read."""

    def __init__(self, frames: int = 20) -> None:
        self.meta = VideoMeta(8, 6, frames, 0, 30.0, 0.0, frames / 30, 0, "none")
        self.pts_seconds = np.arange(frames) / 30
        self.read: list[int] = []
        self.gate = threading.Event()
        self.gate.set()

    def __getitem__(self, index: int) -> Frame:
        self.gate.wait()
        self.read.append(index)
        if index >= len(self.pts_seconds):
            raise IndexError(index)
        if index == 9:
            raise StorageError("frame 9 is damaged")
        return Frame(np.full((6, 8, 3), index, np.uint8), index, index / 30)

    def half(self, index: int) -> Image:
        return self[index].image[::2, ::2]


def _missing() -> Numbers:
    raise VideoError("it is gone")


class Listener:
    def __init__(self) -> None:
        self.news: list[tuple[int, GridEvent]] = []
        self.reader = GridReader(lambda number, news: self.news.append((number, news)))

    def shown(self) -> list[GridShown]:
        return [news for _, news in self.news if isinstance(news, GridShown)]

    def until_shown(self, count: int) -> GridShown:
        assert reached(lambda: len(self.shown()) >= count)
        return self.shown()[count - 1]


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.reader.close()
    assert made.reader.wait(10)


def _values(shown: GridShown) -> list[int | None]:
    return [None if image is None else int(image[0, 0, 0]) for image in shown.images]


def test_all_cells_come_together_and_what_is_the_same_is_not_read_again(listener: Listener) -> None:
    a, b = Numbers(), Numbers()
    number = listener.reader.set_cells([GridCell("a", lambda: a), GridCell("none", _missing), GridCell("b", lambda: b)])
    listener.reader.request(3, [3, 5, 7])
    first = listener.until_shown(1)
    assert (first.step, first.frames, _values(first)) == (3, (3, 5, 7), [3, None, 7])
    listener.reader.request(4, [4, 5, 7])
    assert _values(listener.until_shown(2)) == [4, None, None]
    listener.reader.request(5, [-1, -1, 8])
    assert _values(listener.until_shown(3)) == [None, None, 8]
    assert (a.read, b.read) == ([3, 4], [7, 8])
    assert [news for _, news in listener.news[:3]] == [
        CellOpened(0, a.meta),
        CellRefused(1, "it is gone"),
        CellOpened(2, b.meta),
    ]
    assert {one for one, _ in listener.news} == {number}


def test_of_the_moments_that_wait_the_newest_is_read(listener: Listener) -> None:
    video = Numbers()
    video.gate.clear()
    listener.reader.set_cells([GridCell("a", lambda: video)])
    listener.reader.request(0, [0])
    assert reached(lambda: len(listener.news) == 1)
    for place in range(1, 8):
        listener.reader.request(place, [place])
    video.gate.set()
    assert reached(lambda: bool(listener.shown()) and listener.shown()[-1].step == 7)
    assert len(video.read) <= 2


def test_a_quick_frame_is_half_as_large_and_gives_way_to_the_whole_one(listener: Listener) -> None:
    video = Numbers()
    listener.reader.set_cells([GridCell("a", lambda: video)])
    shapes = []
    for count, is_quick in enumerate((True, True, False, True, False), 1):
        listener.reader.request(2, [2], is_quick=is_quick)
        (image,) = listener.until_shown(count).images
        shapes.append(None if image is None else image.shape)
    assert shapes == [(3, 4, 3), None, (6, 8, 3), None, None]


def test_a_frame_that_cannot_be_read_ends_its_cell_alone(listener: Listener) -> None:
    a, b = Numbers(), Numbers(4)
    listener.reader.set_cells([GridCell("a", lambda: a), GridCell("b", lambda: b)])
    listener.reader.request(0, [9, 1])
    assert _values(listener.until_shown(1)) == [None, 1]
    listener.reader.request(1, [2, 4])
    assert _values(listener.until_shown(2)) == [None, None]
    refused = [news for _, news in listener.news if isinstance(news, CellRefused)]
    assert refused[0] == CellRefused(0, "frame 9 is damaged")
    assert refused[1].sentence.startswith("Frame 4 is not in the stored video")


def test_other_cells_keep_what_is_open_and_let_go_of_the_rest(listener: Listener) -> None:
    opened: list[str] = []

    def cell(name: str) -> GridCell:
        return GridCell(name, lambda: (opened.append(name), Numbers())[1])

    listener.reader.set_cells([cell("a"), cell("b")])
    listener.reader.request(0, [1, 1])
    listener.until_shown(1)
    number = listener.reader.set_cells([cell("b"), cell("c")])
    listener.reader.request(0, [1, 1])
    assert _values(listener.until_shown(2)) == [1, 1], "a cell that others had is read anew"
    assert sorted(opened) == ["a", "b", "c"]
    assert listener.news[-1][0] == number


def test_nothing_is_said_after_the_end() -> None:
    video = Numbers()
    video.gate.clear()
    listener = Listener()
    listener.reader.set_cells([GridCell("a", lambda: video)])
    listener.reader.request(0, [0])
    assert reached(lambda: len(listener.news) == 1)
    listener.reader.close()
    video.gate.set()
    assert listener.reader.wait(10)
    assert len(listener.news) == 1
