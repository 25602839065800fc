"""A range that playing repeats: marked in the player, or in the step Label by I and O or a selected label."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from carl_gui.explore.many.controller import ManyView
from carl_gui.explore.page import ExploreController
from carl_gui.explore.pair.controller import PairView
from carl_gui.label.controller import LabelController
from carl_gui.main_window import MainWindow
from carl_gui.models.scene import VideoRange
from carl_gui.player.playback_clock import PlaybackClock
from carl_gui.player.player import PlayerPanel
from carl_gui.player.seek_bar import SeekBar
from core.base.types import Span
from core.project.phase_edits import AddPhase
from core.project.span_edits import ReplaceSpans
from tests.carl_gui.pairs import numbers, paired_project
from tests.carl_gui.projects import new_project, tiny_videos
from tests.carl_gui.windows import open_project

Key, SHIFT = Qt.Key, Qt.KeyboardModifier.ShiftModifier
FRAMES = 30


class Clock:
    def __init__(self) -> None:
        self.seconds = 10.0

    def __call__(self) -> float:
        return self.seconds


def _played(metronome: PlaybackClock, clock: Clock, ticks: int, step: float = 0.1) -> list[int]:
    """Where it is after each of so many steps of the clock."""
    seen = []
    for _ in range(ticks):
        clock.seconds += step
        metronome.advance()
        seen.append(metronome.index)
    return seen


@pytest.fixture
def ticking(qtbot: QtBot) -> Iterator[tuple[PlaybackClock, Clock]]:
    """Ten places a second, twenty in all."""
    clock, owner = Clock(), QObject()
    made = PlaybackClock(owner, clock)
    made.set_times(np.arange(20) / 10)
    yield made, clock
    made.pause()


def test_playing_goes_round_and_every_place_has_its_time(ticking: tuple[PlaybackClock, Clock]) -> None:
    metronome, clock = ticking
    metronome.set_loop((5, 8))
    metronome.seek(6)
    metronome.toggle()
    assert _played(metronome, clock, 7) == [7, 5, 6, 7, 5, 6, 7]
    assert metronome.rate == 1
    metronome.set_loop((17, 20))
    assert _played(metronome, clock, 1)[0] in range(8, 20)
    metronome.seek(18)
    assert _played(metronome, clock, 3) == [19, 17, 18], "at the end of the video too"


def test_backwards_it_goes_round_as_well(ticking: tuple[PlaybackClock, Clock]) -> None:
    metronome, clock = ticking
    metronome.set_loop((5, 8))
    metronome.seek(7)
    metronome.shuttle(-1)
    seen = _played(metronome, clock, 12, 0.05)
    assert set(seen) == {5, 6, 7}
    assert [a for a, b in itertools.pairwise(seen) if b > a] != [], "it begins again"
    assert metronome.rate == -1


def test_what_begins_outside_of_the_range_begins_in_it(ticking: tuple[PlaybackClock, Clock]) -> None:
    metronome, clock = ticking
    metronome.set_loop((5, 8))
    metronome.seek(15)
    metronome.toggle()
    assert metronome.index == 5
    metronome.toggle()
    metronome.set_loop(None)
    metronome.seek(18)
    metronome.toggle()
    assert _played(metronome, clock, 3) == [19, 19, 19]
    assert metronome.rate == 0, "without a range it ends"
    metronome.set_loop((3, 4))
    metronome.toggle()
    assert set(_played(metronome, clock, 5)) == {3}, "a range of one frame holds it"
    metronome.set_loop((100, 200))
    assert _played(metronome, clock, 30)[-5:] == [19] * 5, "what lies beyond the end means the last one"


@pytest.fixture
def page(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> LabelController:
    films = tiny_videos(tmp_path / "films", 2, FRAMES)
    open_project(window, new_project(tmp_path / "project", films, decodes=True))
    window.session.do(AddPhase("reach"))
    window.session.do(ReplaceSpans(1, (Span("reach", 4, 9),)))
    window.resize(1400, 860)
    window.show_page("label")
    made = window.page("label")
    assert isinstance(made, LabelController)
    qtbot.waitUntil(lambda: made.panel.player.view.image is not None)
    return made


def test_a_marked_span_is_repeated_by_key_and_button(page: LabelController, qtbot: QtBot) -> None:
    player = page.panel.player
    (bar,) = player.findChildren(SeekBar)
    button = _loop_button(player)
    page.playback.seek(10)
    qtbot.keyClick(player.view, Key.Key_BracketLeft)
    page.playback.seek(14)
    qtbot.keyClick(player.view, Key.Key_BracketRight)
    assert player.loop is None
    qtbot.keyClick(player.view, Key.Key_L, SHIFT)
    assert (player.loop, bar.loop) == ((10, 15), (10, 15))
    assert button.isChecked()
    player.grab()
    seen: list[int] = []
    page.playback.frame_changed.connect(seen.append)
    qtbot.keyClick(player.view, Key.Key_Space)
    qtbot.waitUntil(lambda: seen.count(10) >= 2)
    assert set(seen) <= set(range(10, 15))
    qtbot.keyClick(player.view, Key.Key_Space)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert (player.loop, bar.loop) == (None, None)


def test_in_the_step_label_the_selected_label_is_repeated(page: LabelController, qtbot: QtBot) -> None:
    player, timeline = page.panel.player, page.panel.timeline
    qtbot.keyClick(player.view, Key.Key_L, SHIFT)
    assert player.loop == (0, FRAMES), "with nothing chosen the whole video is"
    at = QPoint(round(timeline.x_of(6)), round(timeline.current_layout.rows["manual"].center().y()))
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=at)
    assert player.loop == (4, 9)
    qtbot.keyClick(player.view, Key.Key_Escape)
    for frame, key in ((12, Key.Key_I), (18, Key.Key_O)):
        page.playback.seek(frame)
        qtbot.keyClick(player.view, key)
    assert player.loop == (12, 19)
    qtbot.keyClick(player.view, Key.Key_PageDown)
    assert page.chosen == 2
    qtbot.waitUntil(lambda: player.loop == (0, FRAMES))


def _explore(window: MainWindow, qtbot: QtBot, project: Path, view: str) -> ExploreController:
    open_project(window, project)
    window.resize(1400, 860)
    window.show_page("explore")
    page = window.page("explore")
    assert isinstance(page, ExploreController)
    page.choose_view(view)
    return page


@pytest.fixture
def pair(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> PairView:
    made = _explore(window, qtbot, paired_project(tmp_path), "pair").views["pair"]
    assert isinstance(made, PairView)
    qtbot.waitUntil(lambda: None not in numbers(made) and made.panel._pair is not None)
    return made


def _mark(qtbot: QtBot, player: PlayerPanel, first: int, last: int) -> None:
    player.view.setFocus()
    for frame, key in ((first, Key.Key_BracketLeft), (last, Key.Key_BracketRight)):
        player.frame_selected.emit(frame)
        qtbot.keyClick(player.view, key)


def _loop_button(panel: QWidget) -> QToolButton:
    (button,) = [one for one in panel.findChildren(QToolButton) if one.accessibleName() == "Loop marked span"]
    assert button.isVisible()
    return button


def test_a_pair_repeats_what_corresponds(pair: PairView, qtbot: QtBot) -> None:
    player = pair.panel.a_player
    _mark(qtbot, player, 3, 6)
    qtbot.keyClick(player.view, Key.Key_L, SHIFT)
    seen: list[tuple[int, int]] = []
    pair.players.moved.connect(lambda side, frame: seen.append((side, frame)))
    player.frame_selected.emit(3)
    seen.clear()
    qtbot.keyClick(player.view, Key.Key_Space)
    qtbot.waitUntil(lambda: seen.count((0, 3)) >= 2)
    assert {frame for side, frame in seen if side == 0} <= {3, 4, 5, 6}
    assert {frame for side, frame in seen if side == 1} <= set(range(5, 15))
    assert pair.players.rate == 1
    qtbot.keyClick(player.view, Key.Key_Space)


def test_both_players_of_a_pair_have_a_button_and_what_moves_together_repeats_one_range(
    pair: PairView, qtbot: QtBot, window: MainWindow
) -> None:
    a, b = pair.panel.a_player, pair.panel.b_player
    for size in ((900, 600), (1400, 860)):
        window.resize(*size)
        for player in (a, b):
            button = _loop_button(player)
            assert button.visibleRegion().boundingRect() == button.rect(), size
    _mark(qtbot, a, 3, 6)
    _mark(qtbot, b, 14, 19)
    qtbot.mouseClick(_loop_button(a), Qt.MouseButton.LeftButton)
    assert (a.loop, b.loop) == ((3, 7), None)
    qtbot.mouseClick(_loop_button(b), Qt.MouseButton.LeftButton)
    assert (a.loop, b.loop) == (None, (14, 20)), "the button of A says so"
    assert not _loop_button(a).isChecked()
    seen: list[tuple[int, int]] = []
    pair.players.moved.connect(lambda side, frame: seen.append((side, frame)))
    b.frame_selected.emit(14)
    seen.clear()
    qtbot.keyClick(b.view, Key.Key_Space)
    qtbot.waitUntil(lambda: seen.count((1, 14)) >= 2)
    assert {frame for side, frame in seen if side == 1} <= set(range(14, 20))
    qtbot.keyClick(b.view, Key.Key_Space)
    pair.players.set_mode("free", "a")
    qtbot.mouseClick(_loop_button(a), Qt.MouseButton.LeftButton)
    assert (a.loop, b.loop) == ((3, 7), (14, 20)), "each alone repeats its own"
    pair.players.set_mode("path", "a")
    assert (a.loop, b.loop) == ((3, 7), None), "the newest stays"


def test_many_repeats_a_range_of_the_reference(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = _explore(window, qtbot, paired_project(tmp_path), "many")
    many = page.views["many"]
    assert isinstance(many, ManyView)
    qtbot.waitUntil(
        lambda: bool(many.visible) and bool(many.playing.metronome.seconds.size) and not many.alignments.missing
    )
    player, view = many.panel.player, many.panel.cells[0].view
    view.setFocus()
    for frame, key in ((3, Key.Key_BracketLeft), (6, Key.Key_BracketRight)):
        player.frame_selected.emit(frame)
        qtbot.keyClick(view, key)
    assert player.bar.span == (3, 7)
    qtbot.keyClick(view, Key.Key_L, SHIFT)
    button = _loop_button(player)
    assert (player.spans.loop, player.bar.loop, button.isChecked()) == ((3, 7), (3, 7), True)
    seen: list[int] = []
    many.playing.moved.connect(seen.append)
    player.frame_selected.emit(4)
    qtbot.keyClick(view, Key.Key_Space)
    qtbot.waitUntil(lambda: seen.count(3) >= 2)
    assert set(seen) <= {3, 4, 5, 6}
    qtbot.keyClick(view, Key.Key_Space)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert (player.spans.loop, player.bar.loop) == (None, None)
    seen.clear()
    qtbot.keyClick(view, Key.Key_Space)
    qtbot.waitUntil(lambda: 11 in seen)


def test_spans_like_the_marked_one_are_searched_for_from_many(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = _explore(window, qtbot, paired_project(tmp_path), "many")
    many = page.views["many"]
    assert isinstance(many, ManyView)
    page.context.sureness.choose(0.0)
    qtbot.waitUntil(lambda: len(many.visible) == 2 and bool(many.playing.metronome.seconds.size))
    qtbot.waitUntil(lambda: not many.alignments.missing)
    player, view = many.panel.player, many.panel.cells[1].view
    view.setFocus()
    for frame, key in ((3, Key.Key_BracketLeft), (6, Key.Key_BracketRight)):
        player.frame_selected.emit(frame)
        qtbot.keyClick(view, key)
    wanted: list[VideoRange] = []
    page.context.search_requested.connect(wanted.append)
    qtbot.keyClick(view, Key.Key_F, SHIFT)
    ends = many.frame_of(2, 3), many.frame_of(2, 6)
    assert wanted == [VideoRange(2, ends[0], ends[1] + 1)]
    assert ends[0] in (6, 7)
    assert ends[1] in (12, 13)
