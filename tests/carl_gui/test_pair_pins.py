"""The pins of a pair in the window: pulled with the mouse, pinned by key, undone bit for bit, kept and shared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from carl_gui.explore.pair.controller import PairView
from carl_gui.explore.pair.model import Pair
from core.base.types import Alignment
from core.project.anchor_edits import SetAnchors
from core.project.rows import Found
from core.project.video_edits import RemoveVideos
from tests.carl_gui.pairs import A_FRAMES, B_FRAMES, numbers, paired_project, staged
from tests.carl_gui.projects import Stand, standing

PIN = (5, 15)


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return paired_project(tmp_path)


@pytest.fixture
def view(stand: Stand, project: Path) -> PairView:
    return _opened(stand, project)


def _opened(stand: Stand, project: Path) -> PairView:
    made = staged(stand, project)
    stand.qtbot.waitUntil(lambda: made.comparison.is_settled and None not in numbers(made))
    made.panel.heatmap.grab()
    return made


def path_of(pair: Pair) -> list[tuple[int, int]]:
    return list(zip(pair.alignment.a_frames.tolist(), pair.alignment.b_frames.tolist(), strict=True))


def assert_same(one: Alignment, other: Alignment) -> None:
    np.testing.assert_array_equal(one.a_frames, other.a_frames)
    np.testing.assert_array_equal(one.b_frames, other.b_frames)
    assert one.cost == other.cost


def pull(stand: Stand, view: PairView, start: tuple[int, int], to: tuple[int, int]) -> None:
    """Drag the path, or a pin, with the mouse."""
    heatmap, left = view.panel.heatmap, Qt.MouseButton.LeftButton
    first, last = (heatmap.spot(*frames).toPoint() for frames in (start, to))
    stand.qtbot.mousePress(heatmap, left, pos=first)
    for share in (0.3, 0.6, 1.0):
        stand.qtbot.mouseMove(heatmap, first + QPoint(*(round(share * d) for d in ((last - first).toTuple()))))
    stand.qtbot.mouseRelease(heatmap, left, pos=last)


def settled(stand: Stand, view: PairView, *pins: tuple[int, int]) -> None:
    stand.qtbot.waitUntil(lambda: view.comparison.is_settled and view.pair.anchors == pins)
    assert view.panel.strip._pair is view.pair


def test_the_path_is_pulled_and_undone_bit_for_bit(stand: Stand, view: PairView) -> None:
    before = view.pair.alignment
    assert PIN not in path_of(view.pair)
    pull(stand, view, (5, 11), PIN)
    settled(stand, view, PIN)
    assert stand.session.project.anchors(1, 2) == [PIN]
    assert PIN in path_of(view.pair)
    assert view.players.frames == PIN, "both show what was pinned"
    assert view.panel.heatmap._pins == (PIN,)
    stand.session.undo()
    settled(stand, view)
    assert_same(view.pair.alignment, before)
    stand.session.redo()
    settled(stand, view, PIN)


def test_a_pin_is_moved_and_removed_by_the_heatmap(stand: Stand, view: PairView) -> None:
    stand.session.do(SetAnchors(1, 2, (PIN, (9, 20))))
    settled(stand, view, PIN, (9, 20))
    view.panel.heatmap.grab()
    pull(stand, view, PIN, (6, 8))
    settled(stand, view, (6, 8), (9, 20))
    view.panel.heatmap.anchor_removed.emit(0)
    settled(stand, view, (9, 20))
    assert stand.session.project.anchors(1, 2) == [(9, 20)]


def test_pins_by_key(stand: Stand, view: PairView, qtbot: QtBot) -> None:
    commands = view.panel.commands
    assert not commands["unpin"].isEnabled()
    stand.activateWindow()
    view.panel.a_player.setFocus()
    stand.qtbot.waitUntil(view.panel.a_player.view.hasFocus)
    view.players.seek(*PIN)
    qtbot.keyClick(view.panel.a_player.view, Qt.Key.Key_P)
    settled(stand, view, PIN)
    view.players.seek(9, 20)
    qtbot.keyClick(view.panel.a_player.view, Qt.Key.Key_P)
    settled(stand, view, PIN, (9, 20))
    facts = " ".join(label.text() for label in view.panel.choice.findChildren(QLabel))
    assert "Pins" in facts
    qtbot.keyClick(view.panel.a_player.view, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    settled(stand, view, PIN)
    commands["pin"].trigger()
    settled(stand, view, PIN, (9, 20))
    commands["unpin_all"].trigger()
    settled(stand, view)
    assert not commands["unpin_all"].isEnabled()
    stand.session.undo()
    settled(stand, view, PIN, (9, 20))


def test_a_pin_that_would_cross_another_is_refused_with_a_sentence(stand: Stand, view: PairView) -> None:
    stand.session.do(SetAnchors(1, 2, (PIN,)))
    settled(stand, view, PIN)
    view.players.seek(8, 3)
    view.panel.commands["pin"].trigger()
    assert len(stand.warned) == 1
    assert "crosses the pin of A 5 and B 15" in stand.warned[0]
    assert view.pair.anchors == (PIN,)


def test_swapping_and_opening_again_keep_them(stand: Stand, view: PairView, project: Path) -> None:
    pull(stand, view, (5, 11), PIN)
    settled(stand, view, PIN)
    view.swap()
    settled(stand, view, PIN[::-1])
    assert PIN[::-1] in path_of(view.pair)
    assert view.players.frames == PIN[::-1]
    stand.session.close()
    stand.session.open(project)
    stand.qtbot.waitUntil(lambda: view.pair is not None)
    settled(stand, view, PIN)
    stand.session.undo()
    settled(stand, view)


def test_pins_that_fit_no_more_are_left_out_with_a_word(stand: Stand, view: PairView) -> None:
    session = stand.session
    session.keep_facts({1: Found(500, 30.0, 16.0, 64, 48), 2: Found(500, 30.0, 16.0, 64, 48)})
    session.do(SetAnchors(1, 2, (PIN, (400, 401))))
    settled(stand, view, PIN)
    assert "1 pin ignored" in view.panel.choice._note.text()
    view.panel.heatmap.anchor_moved.emit(0, 6, 14)
    settled(stand, view, (6, 14))
    assert session.project.anchors(1, 2) == [(6, 14), (400, 401)]
    view.panel.commands["unpin_all"].trigger()
    settled(stand, view)
    assert "left out" not in view.panel.choice._note.text()


def test_a_video_with_itself_has_no_pins(stand: Stand, view: PairView) -> None:
    view.choose(1, 1)
    stand.qtbot.waitUntil(lambda: view.comparison.is_settled)
    assert not view.panel.commands["pin"].isEnabled()
    assert path_of(view.pair) == [(frame, frame) for frame in range(A_FRAMES)]


def test_a_video_that_is_removed_takes_its_pins_along_and_brings_them_back(stand: Stand, view: PairView) -> None:
    stand.session.do(SetAnchors(1, 2, (PIN,)))
    settled(stand, view, PIN)
    stand.session.do(RemoveVideos((2,)))
    stand.qtbot.waitUntil(lambda: view.chosen == (1, 1) and view.comparison.is_settled)
    stand.session.undo()
    view.choose(1, 2)
    settled(stand, view, PIN)


def test_pins_set_while_the_page_is_hidden_are_there_when_it_is_seen(stand: Stand, view: PairView) -> None:
    stand.hide()
    stand.session.do(SetAnchors(2, 1, ((15, 5),)))
    assert view.pair.anchors == ()
    stand.show()
    settled(stand, view, PIN)


def test_a_path_that_is_found_too_late_is_not_shown(stand: Stand, view: PairView) -> None:
    stand.session.do(SetAnchors(1, 2, (PIN,)))
    settled(stand, view, PIN)
    stand.session.do(SetAnchors(1, 2, (PIN, (9, 20))))
    stand.session.undo()
    stand.qtbot.waitUntil(lambda: not view.comparison._tasks.is_running("compare"))
    assert view.comparison.is_settled
    assert view.pair.anchors == (PIN,)
    assert view.panel.heatmap._pins == (PIN,)


def test_who_wandered_stays_when_the_path_changes(stand: Stand, view: PairView) -> None:
    view.drive.choose_mode("a", "a")
    view.players.a.seek(4)
    view.players.b.seek(1)
    stand.session.do(SetAnchors(1, 2, (PIN,)))
    settled(stand, view, PIN)
    assert view.players.frames == (4, 1)
    view.players.a.seek(4)
    assert view.players.frames in path_of(view.pair)
    stand.session.do(SetAnchors(1, 2, ((4, 3), (5, 4))))
    settled(stand, view, (4, 3), (5, 4))
    assert view.players.frames == (4, 3), "who followed still does"


def test_many_undone_quickly_end_at_the_last(stand: Stand, view: PairView) -> None:
    for b_frame in range(12, 22):
        view.pins.add(5, b_frame)
    for _ in range(4):
        stand.session.undo()
    settled(stand, view, (5, 17))
    assert view.players.frames == (5, 21), "undoing moves neither"
    assert view.pair.b.edges_seconds.shape == (B_FRAMES + 1,)
