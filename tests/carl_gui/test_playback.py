"""Playing: the newest request wins, the clock decides which frame is due, and threads end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from carl_gui.frames.latest_frame_reader import FrameReady, LatestFrameReader, ReaderEvent
from carl_gui.player.frame_readers import FrameReaders
from carl_gui.player.playback import PlaybackController
from carl_gui.player.player import PlayerPanel
from carl_gui.player.seek_bar import SeekBar, SeekPreview
from core.base.errors import StorageError
from core.base.types import Frame, VideoMeta
from core.video.frame_store import FrameStore
from tests.conftest import VideoWriter, number_of, numbered_image

_WAIT_SECONDS = 10.0


class Source:
    """Frames that show their number; every read waits while `gate` is shut."""

    def __init__(self, times: list[float], size: tuple[int, int] = (64, 48)) -> None:
        self.pts_seconds = np.array(times)
        self.meta = VideoMeta(64, 48, len(times), 0, 10.0, times[0], times[-1] - times[0] + 0.1, 0, "fake")
        self.size = size
        self.read: list[int] = []
        self.gate = threading.Event()
        self.gate.set()
        self.reading = threading.Event()
        self.broken: set[int] = set()

    def __getitem__(self, index: int) -> Frame:
        self.reading.set()
        assert self.gate.wait(_WAIT_SECONDS)
        self.read.append(index)
        if index in self.broken:
            raise StorageError(f"Frame {index} is damaged.")
        return Frame(numbered_image(index, *self.size), index, float(self.pts_seconds[index]))

    def open(self) -> AbstractContextManager[Source]:
        return nullcontext(self)


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Stage:
    """A shown player with a controller whose clock stands still unless it is told."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.panel = PlayerPanel()
        qtbot.addWidget(self.panel)
        self.panel.resize(640, 480)
        self.panel.show()
        self.clock = Clock()
        self.controller = PlaybackController(self.panel, self.clock)

    def shown(self) -> tuple[int, int] | None:
        """Number and width of the image on the screen."""
        image = self.panel.view.image
        return None if image is None else (number_of(image), image.shape[1])

    def wait(self, number: int, width: int = 64) -> None:
        self.qtbot.waitUntil(lambda: self.shown() == (number, width))

    def wait_place(self, number: int) -> None:
        self.qtbot.waitUntil(lambda: (self.shown() or (-1,))[0] == number)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(self.panel.view, key, modifier)

    def pass_time(self, seconds: float) -> None:
        self.clock.seconds += seconds
        self.controller.advance()


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    made = Stage(qtbot)
    yield made
    made.controller.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "frames"]


def _regular(num_frames: int = 40) -> list[float]:
    return [5.0 + number / 10 for number in range(num_frames)]


def test_of_the_waiting_requests_only_the_newest_is_read() -> None:
    source, news = Source(_regular()), list[ReaderEvent]()
    source.gate.clear()
    done = threading.Event()

    def tell(one: ReaderEvent) -> None:
        news.append(one)
        if isinstance(one, FrameReady) and one.ticket == 30:
            done.set()

    reader = LatestFrameReader(source.open, tell)
    reader.request(0, 0)
    assert source.reading.wait(_WAIT_SECONDS)
    for place in range(1, 31):
        reader.request(place, place)
    source.gate.set()
    assert done.wait(_WAIT_SECONDS)
    assert source.read == [0, 30]
    assert [one.frame.index for one in news if isinstance(one, FrameReady)] == [0, 30]
    reader.close()
    assert reader.wait(_WAIT_SECONDS)


def test_a_closed_reader_says_nothing_and_its_thread_ends() -> None:
    source, news = Source(_regular()), list[ReaderEvent]()
    source.gate.clear()
    reader = LatestFrameReader(source.open, news.append)
    reader.request(0, 0)
    assert source.reading.wait(_WAIT_SECONDS)
    reader.close()
    heard = len(news)
    assert not reader.wait(0)
    source.gate.set()
    assert reader.wait(_WAIT_SECONDS)
    assert len(news) == heard


def test_scrubbing_a_slow_video_shows_the_newest_request_and_no_stale_one(stage: Stage) -> None:
    source = Source(_regular())
    stage.controller.open_sources("slow", None, source.open)
    stage.wait(0)
    source.gate.clear()
    source.reading.clear()
    stage.controller.seek(3)
    assert source.reading.wait(_WAIT_SECONDS)
    seen: list[int] = []
    stage.controller.findChild(FrameReaders).arrived.connect(lambda image: seen.append(number_of(image)))
    for place in range(4, 30):
        stage.controller.seek(place)
    source.gate.set()
    stage.wait(29)
    assert source.read == [0, 3, 29]
    assert seen == [29]


def test_who_has_waited_long_sees_an_overtaken_frame_meanwhile(stage: Stage) -> None:
    source = Source(_regular())
    stage.controller.open_sources("slow", None, source.open)
    stage.wait(0)
    source.gate.clear()
    source.reading.clear()
    stage.controller.seek(3)
    assert source.reading.wait(_WAIT_SECONDS)
    stage.clock.seconds += 1
    seen: list[int] = []
    stage.controller.findChild(FrameReaders).arrived.connect(lambda image: seen.append(number_of(image)))
    stage.controller.seek(29)
    source.gate.set()
    stage.wait(29)
    assert source.read == [0, 3, 29]
    assert seen == [3, 29]


def test_a_small_frame_at_once_and_the_full_one_after_a_rest(stage: Stage) -> None:
    small, full = Source(_regular(), (32, 24)), Source(_regular())
    full.gate.clear()
    stage.controller.open_sources("film", small.open, full.open)
    stage.wait(0, 32)
    stage.controller.seek(17)
    stage.wait(17, 32)
    full.gate.set()
    stage.wait(17, 64)
    assert full.read[-1] == 17


def test_a_full_frame_that_comes_late_never_covers_a_newer_one(stage: Stage, qtbot: QtBot) -> None:
    small, full = Source(_regular(), (32, 24)), Source(_regular())
    full.gate.clear()
    stage.controller.open_sources("film", small.open, full.open)
    stage.wait(0, 32)
    assert qtbot.waitUntil(full.reading.is_set) is None
    stage.controller.seek(5)
    stage.wait(5, 32)
    numbers: list[int] = []
    stage.panel.view.painted.connect(lambda: numbers.append((stage.shown() or (-1,))[0]))
    full.gate.set()
    stage.wait(5, 64)
    qtbot.waitUntil(lambda: bool(numbers))  # what is set is painted a moment later
    assert full.read == [0, 5]
    assert set(numbers) == {5}


def test_every_key_shows_the_frame_that_it_asks_for(stage: Stage) -> None:
    times = [1.0, 1.1, 1.15, 1.2, 1.9, 2.0, 2.6, 3.0, 3.1, 9.0]
    stage.controller.open_sources("film", Source(times, (32, 24)).open, Source(times).open)
    stage.wait_place(0)
    plain, shift = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
    for key, modifier, place in (
        (Qt.Key.Key_Right, plain, 1),
        (Qt.Key.Key_Right, plain, 2),
        (Qt.Key.Key_Left, plain, 1),
        (Qt.Key.Key_Right, shift, 5),
        (Qt.Key.Key_Right, shift, 7),
        (Qt.Key.Key_Left, shift, 5),
        (Qt.Key.Key_End, plain, 9),
        (Qt.Key.Key_Right, plain, 9),
        (Qt.Key.Key_Left, shift, 8),
        (Qt.Key.Key_Home, plain, 0),
        (Qt.Key.Key_Left, plain, 0),
    ):
        stage.press(key, modifier)
        assert stage.controller.frame_index == place
        stage.wait_place(place)


def test_a_real_video_shows_its_frames_by_number(stage: Stage, write_video: VideoWriter, tmp_path: Path) -> None:
    times = np.cumsum(np.random.default_rng(3).integers(10, 90, 30) / 1000).tolist()
    path = write_video(frames=30, times=times, size=(640, 480))
    (stored,) = FrameStore(tmp_path / "store", short_side=48, max_bytes=10**8).add([path])
    stage.controller.open(path, stored)
    for place in (0, 29, 7, 8, 20):
        stage.controller.seek(place)
        stage.wait(place, 64)
        stage.wait(place, 640)


def test_it_plays_by_the_clock_and_the_presentation_times(stage: Stage) -> None:
    times = [0.5, 0.6, 0.65, 0.7, 1.4, 1.5, 3.0]
    stage.controller.open_sources("film", None, Source(times).open)
    stage.wait(0)
    stage.press(Qt.Key.Key_Space)
    assert stage.controller.rate == 1.0
    for passed, place in ((0.05, 0), (0.05, 1), (0.05, 2), (0.05, 3), (0.6, 3), (0.1, 4), (0.1, 5), (1.4, 5)):
        stage.pass_time(passed)
        assert stage.controller.frame_index == place
        stage.wait_place(place)
    stage.pass_time(0.2)
    assert (stage.controller.frame_index, stage.controller.rate) == (6, 0.0)
    stage.wait_place(6)
    stage.press(Qt.Key.Key_Space)
    assert (stage.controller.frame_index, stage.controller.rate) == (0, 1.0)


@pytest.mark.parametrize("speed", [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0])
def test_each_speed_is_kept(stage: Stage, speed: float) -> None:
    stage.controller.open_sources("film", None, Source(_regular()).open)
    stage.wait(0)
    stage.panel.speed_selected.emit(speed)
    stage.controller.toggle()
    stage.pass_time(2.05 / speed)
    assert stage.controller.frame_index == 20
    stage.pass_time(-1.0 / speed)  # choosing another speed goes on from where it is
    stage.panel.speed_selected.emit(1.0)
    stage.pass_time(0.5)
    assert stage.controller.frame_index == 15


def test_frames_are_dropped_rather_than_late(stage: Stage, qtbot: QtBot) -> None:
    small, full = Source(_regular(), (32, 24)), Source(_regular())
    stage.controller.open_sources("film", small.open, full.open)
    stage.wait_place(0)
    stage.panel.speed_selected.emit(8.0)
    stage.controller.toggle()
    small.gate.clear()
    small.reading.clear()
    stage.pass_time(0.025)
    assert small.reading.wait(_WAIT_SECONDS)
    for _ in range(10):
        stage.pass_time(0.025)
    small.gate.set()
    stage.wait(22, 32)
    assert stage.controller.frame_index == 22
    assert small.read[-2:] == [2, 22]


def test_shuttling_goes_faster_and_turns_round(stage: Stage) -> None:
    stage.controller.open_sources("film", None, Source(_regular()).open)
    stage.wait(0)
    stage.controller.seek(20)
    rates = []
    for key in "LLLLLJJJKJK":
        stage.press(Qt.Key[f"Key_{key}"])
        rates.append(stage.controller.rate)
    assert rates == [1, 2, 4, 8, 8, -1, -2, -4, 0, -1, 0]
    stage.press(Qt.Key.Key_J)
    stage.pass_time(0.55)
    assert stage.controller.frame_index == 14
    stage.pass_time(5.0)
    assert (stage.controller.frame_index, stage.controller.rate) == (0, 0.0)


def test_a_drag_holds_the_play_and_then_goes_on(stage: Stage) -> None:
    stage.controller.open_sources("film", None, Source(_regular()).open)
    stage.wait(0)
    bar = stage.panel.findChild(SeekBar)
    stage.controller.toggle()
    stage.qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(bar.x_of(30)), 10))
    stage.pass_time(0.5)
    assert (stage.controller.frame_index, stage.controller.rate) == (30, 0.0)
    stage.qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(bar.x_of(30)), 10))
    stage.pass_time(0.5)
    assert (stage.controller.frame_index, stage.controller.rate) == (35, 1.0)


def test_full_size_frames_are_played_while_they_keep_up(stage: Stage) -> None:
    small, full = Source(_regular(), (32, 24)), Source(_regular())
    stage.controller.open_sources("film", small.open, full.open)
    stage.wait(0, 64)
    stage.controller.toggle()
    for place in range(1, 6):
        stage.pass_time(0.1 if place > 1 else 0.101)
        stage.wait(place, 64)
    assert small.read == [0]
    full.gate.clear()
    for _ in range(4):
        stage.pass_time(0.1)
    stage.wait(9, 32)
    full.gate.set()
    stage.wait(9, 64)


def test_the_preview_shows_the_hovered_frame(stage: Stage) -> None:
    stage.controller.open_sources("film", Source(_regular(), (32, 24)).open, Source(_regular()).open)
    stage.wait_place(0)
    bar, preview = stage.panel.findChild(SeekBar), stage.panel.findChild(SeekPreview)

    def previewed() -> int | None:
        image = preview.pixmap.toImage().convertToFormat(QImage.Format.Format_RGB888)
        if image.isNull():
            return None
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return number_of(rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3))

    for place in (11, 30):
        stage.qtbot.mouseMove(bar, QPoint(round(bar.x_of(place)), 10))
        stage.qtbot.waitUntil(lambda place=place: previewed() == place)
    assert stage.controller.frame_index == 0


def test_closing_while_a_read_goes_on_leaves_no_thread_behind(qtbot: QtBot) -> None:
    source = Source(_regular())
    source.gate.clear()
    panel = PlayerPanel()
    controller = PlaybackController(panel)
    controller.open_sources("slow", source.open, source.open)
    qtbot.waitUntil(source.reading.is_set)
    threading.Timer(0.05, source.gate.set).start()
    controller.close()
    panel.close()
    panel.deleteLater()
    qtbot.waitUntil(lambda: not [thread for thread in threading.enumerate() if thread.name == "frames"])


def test_another_video_takes_over_and_the_first_is_heard_no_more(stage: Stage) -> None:
    first, second = Source(_regular()), Source(_regular(), (128, 96))
    stage.controller.open_sources("first", None, first.open)
    stage.wait(0)
    first.gate.clear()
    stage.controller.seek(12)
    stage.controller.open_sources("second", None, second.open)
    first.gate.set()
    stage.wait(0, 128)
    assert stage.controller.frame_index == 0


@pytest.mark.parametrize("content", [b"", b"no video at all" * 100])
def test_a_broken_video_shows_its_sentence(stage: Stage, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    stage.controller.open(path)
    stage.qtbot.waitUntil(lambda: str(path) in stage.panel.view.sentence)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Right, Qt.Key.Key_End):
        stage.press(key)
    assert stage.controller.rate == 0.0


def test_damaged_small_frames_give_way_to_the_full_ones(stage: Stage) -> None:
    small, full = Source(_regular(), (32, 24)), Source(_regular())
    small.broken = {8}
    stage.controller.open_sources("film", small.open, full.open)
    stage.wait_place(0)
    stage.controller.seek(8)
    stage.wait(8, 64)
    stage.controller.seek(9)
    stage.wait(9, 64)


def test_a_video_without_full_frames_plays_from_the_store(stage: Stage) -> None:
    def refuse() -> AbstractContextManager[Source]:
        raise StorageError("The file is gone.")

    stage.controller.open_sources("film", Source(_regular(), (32, 24)).open, refuse)
    stage.wait(0, 32)
    labels: Callable[[], list[str]] = lambda: [child.toolTip() for child in stage.panel.findChildren(QWidget)]  # noqa: E731
    stage.qtbot.waitUntil(lambda: any("The file is gone." in text for text in labels()))
    stage.controller.seek(8)
    stage.wait(8, 32)
