"""Pictures from the frame store: the newest request first, what is out of sight dropped, the file let go at once."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from carl_gui.frames.thumbnails import Thumbnails
from core.base.errors import StorageError
from core.base.types import Frame

_PATH = Path("/p/a.mp4")


class _Stored:
    """As a stored video: each frame has its number as its grey."""

    def __init__(self, num_frames: int, height: int, width: int) -> None:
        self._size = (height, width, 3)
        self._num_frames = num_frames

    def __len__(self) -> int:
        return self._num_frames

    def __getitem__(self, index: int) -> Frame:
        return Frame(np.full(self._size, index, np.uint8), index, index / 25)


class _Store:
    """Finds what it was given; waits at a gate before each answer where that is shut."""

    def __init__(self) -> None:
        self.gate = threading.Semaphore(0)
        self.asked: list[str] = []
        self.given: list[weakref.ref[_Stored]] = []

    def find(self, digest: str, path: Path) -> _Stored | None:
        self.asked.append(digest)
        assert self.gate.acquire(timeout=10)
        if digest == "damaged":
            raise StorageError("The stored frames are damaged.")
        if digest == "absent":
            return None
        made = _Stored(101, 252, 448)
        self.given.append(weakref.ref(made))
        return made


@pytest.fixture
def store() -> _Store:
    return _Store()


@pytest.fixture
def thumbnails(qapp: object, store: _Store) -> Iterator[Thumbnails]:
    made = Thumbnails(find=store.find, kept=3)  # type: ignore[arg-type]
    yield made
    made.close()
    store.gate.release(100)
    assert made.wait(10)


def _wanted(*numbers: int) -> list[tuple[int, str, Path]]:
    return [(number, f"{number}", _PATH) for number in numbers]


def test_the_middle_frame_arrives_small(qtbot: QtBot, thumbnails: Thumbnails, store: _Store) -> None:
    store.gate.release()
    with qtbot.waitSignal(thumbnails.arrived) as arrived:
        thumbnails.request(_wanted(7))
    video_id, picture = arrived.args
    assert (video_id, picture.width(), picture.height()) == (7, 160, 90)
    assert picture.pixelColor(80, 45) == QColor(50, 50, 50)


def test_what_is_out_of_sight_is_dropped(qtbot: QtBot, thumbnails: Thumbnails, store: _Store) -> None:
    arrived: list[int] = []
    thumbnails.arrived.connect(lambda video_id, _: arrived.append(video_id))
    thumbnails.request(_wanted(1, 2, 3, 4))
    qtbot.waitUntil(lambda: store.asked == ["1"])
    thumbnails.request(_wanted(8, 9))
    store.gate.release(3)
    qtbot.waitUntil(lambda: len(arrived) == 3)
    assert store.asked == ["1", "8", "9"]
    assert arrived == [1, 8, 9]


def test_what_is_known_arrives_again_and_only_the_last_stay(
    qtbot: QtBot, thumbnails: Thumbnails, store: _Store
) -> None:
    arrived: list[int] = []
    thumbnails.arrived.connect(lambda video_id, _: arrived.append(video_id))
    store.gate.release(100)
    thumbnails.request(_wanted(1, 2, 3))
    qtbot.waitUntil(lambda: arrived == [1, 2, 3])
    thumbnails.request([(55, "1", _PATH)])
    assert arrived == [1, 2, 3, 55], "the same file under another id"
    thumbnails.request(_wanted(4))
    qtbot.waitUntil(lambda: arrived[-1] == 4)
    thumbnails.request(_wanted(1))
    assert arrived[-1] == 1
    thumbnails.request(_wanted(2))
    qtbot.waitUntil(lambda: arrived[-1] == 2)
    assert store.asked == ["1", "2", "3", "4", "2"], "2 was the one used longest ago"


def test_videos_without_pictures_are_passed_over(qtbot: QtBot, thumbnails: Thumbnails, store: _Store) -> None:
    store.gate.release(100)
    with qtbot.waitSignal(thumbnails.arrived) as arrived:
        thumbnails.request([(1, "absent", _PATH), (2, "damaged", _PATH), (3, "3", _PATH)])
    assert arrived.args[0] == 3


def test_a_stored_video_is_let_go_after_reading(qtbot: QtBot, thumbnails: Thumbnails, store: _Store) -> None:
    store.gate.release(1)
    gc.disable()
    try:
        with qtbot.waitSignal(thumbnails.arrived):
            thumbnails.request(_wanted(1))
        assert [given() for given in store.given] == [None]
    finally:
        gc.enable()


def test_a_closed_one_says_nothing_more(qtbot: QtBot, store: _Store) -> None:
    thumbnails = Thumbnails(find=store.find)  # type: ignore[arg-type]
    thumbnails.request(_wanted(1, 2))
    qtbot.waitUntil(lambda: store.asked == ["1"])
    with qtbot.assertNotEmitted(thumbnails.arrived):
        thumbnails.close()
        store.gate.release(2)
        assert thumbnails.wait(10)
        thumbnails.request(_wanted(3))
    assert store.asked == ["1"]
