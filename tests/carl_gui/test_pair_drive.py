"""Moving both players of a pair: each mode does what it promises, and nothing moves that nobody moved."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from carl_gui.explore.pair import controller as comparison
from carl_gui.explore.pair import players as linked_players
from carl_gui.explore.pair.controller import PairView
from carl_gui.explore.pair.drive import MODES, Mode
from carl_gui.explore.pair.model import Pair, PairSide, pair_of
from carl_gui.explore.pair.panel import PairPanel
from carl_gui.explore.pair.players import LinkedPlayers
from carl_gui.explore.pair.strip import PathStrip
from carl_gui.models.scene import FrameRef
from carl_gui.player import video_opener as opening
from carl_gui.theme import DARK, LIGHT, palette_of
from core.project.rows import VideoRow
from tests.carl_gui.embedded import course, edges, embed_by_hand
from tests.carl_gui.pairs import A_FRAMES, B_FRAMES, numbers, paired_project, staged, wait_for
from tests.carl_gui.projects import CHILD_MS, Stand, new_project, standing, tiny_video


class Clock:
    """Stands still unless it is told."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """By which both players play."""
    made = Clock()
    monkeypatch.setattr(linked_players.LinkedPlayers.__init__, "__defaults__", (made,))
    return made


@pytest.fixture
def view(stand: Stand, tmp_path: Path, clock: Clock) -> PairView:
    """Both players open and the pair known; B shows every moment twice."""
    made = staged(stand, paired_project(tmp_path))
    stand.qtbot.waitUntil(lambda: made.pair is not None and None not in numbers(made))
    return made


def choose(view: PairView, name: str, text: str) -> None:
    """As a person chooses in a box of the row."""
    box = next(one for one in view.panel.drive.findChildren(QComboBox) if one.accessibleName() == name)
    row = box.findText(text)
    box.setCurrentIndex(row)
    box.activated.emit(row)


def press(stand: Stand, widget: QWidget, key: Qt.Key) -> None:
    """As a person does who has clicked there."""
    stand.activateWindow()
    widget.setFocus()
    stand.qtbot.waitUntil(widget.hasFocus)
    stand.qtbot.keyClick(widget, key)


def set_mode(view: PairView, mode: Mode) -> None:
    view.panel.commands[f"move_{mode}"].trigger()
    assert view.players.mode == mode


def steps(view: PairView) -> set[tuple[int, int]]:
    assert view.pair is not None
    return set(zip(view.pair.alignment.a_frames.tolist(), view.pair.alignment.b_frames.tolist(), strict=True))


def test_along_the_path_both_are_always_matched(stand: Stand, view: PairView) -> None:
    for move in (lambda: view.players.a.seek(7), lambda: view.players.b.seek(3), lambda: view.players.b.seek(23)):
        move()
        assert view.players.frames in steps(view)
        wait_for(stand, view, *view.players.frames)
    view.players.go_step(0)
    seen = [view.players.frames]
    for _ in range(len(view.pair.alignment) - 1):
        press(stand, view.panel.b_player.view, Qt.Key.Key_Right)
        seen.append(view.players.frames)
    assert seen == sorted(steps(view)), "one key goes through all of the path"
    press(stand, view.panel.a_player.view, Qt.Key.Key_Home)
    assert view.players.frames[0] == 0


@pytest.mark.parametrize(("mode", "leader"), [("a", 0), ("b", 1)])
def test_the_leader_leads_and_the_other_wanders(stand: Stand, view: PairView, mode: Mode, leader: int) -> None:
    reins = (view.players.a, view.players.b)
    set_mode(view, mode)
    reins[leader].seek(6)
    assert view.players.frames[leader] == 6
    assert view.players.frames in steps(view)
    before = view.players.frames[leader]
    reins[1 - leader].seek(1)
    assert view.players.frames[leader] == before
    assert view.players.frames[1 - leader] == 1
    reins[leader].step_frames(1)
    assert view.players.frames[leader] == 7
    assert view.players.frames in steps(view)
    wait_for(stand, view, *view.players.frames)


def test_each_alone(stand: Stand, view: PairView) -> None:
    set_mode(view, "free")
    view.players.a.seek(9)
    assert view.players.frames == (9, 0)
    view.players.b.step_frames(5)
    assert view.players.frames == (9, 5)
    wait_for(stand, view, 9, 5)


def test_a_fixed_offset_is_that_of_the_moment_when_it_was_chosen(stand: Stand, view: PairView) -> None:
    set_mode(view, "free")
    view.players.a.seek(3)
    view.players.b.seek(8)
    choose(view, "How both videos move", "Fixed offset")
    assert view.players.frames == (3, 8), "choosing it moves nothing"
    for move, frames in (
        (lambda: view.players.a.seek(6), (6, 11)),
        (lambda: view.players.b.seek(6), (1, 6)),
        (lambda: view.players.b.seek(2), (0, 2)),
        (lambda: view.players.a.seek(11), (11, 16)),
        (lambda: view.players.b.seek(23), (11, 23)),
        (lambda: view.players.a.step_frames(-1), (10, 15)),
    ):
        move()
        assert view.players.frames == frames
    wait_for(stand, view, 10, 15)
    view.panel.heatmap.frames_selected.emit(5, 5)
    assert view.players.frames == (5, 5)
    view.players.a.seek(7)
    assert view.players.frames == (7, 7), "two frames that were chosen have an offset of their own"


def test_modes_are_chosen_by_box_and_key_and_both_say_the_same(view: PairView) -> None:
    box = next(
        one for one in view.panel.drive.findChildren(QComboBox) if one.accessibleName() == "How both videos move"
    )
    words = ["Along the path", "A leads", "B leads", "Fixed offset", "Each alone"]
    for mode, text in zip(MODES, words, strict=True):
        set_mode(view, mode)
        assert box.currentText() == text
        choose(view, "How both videos move", text)
        assert view.players.mode == mode
    choose(view, "How both videos move", "Along the path")
    choose(view, "Tempo along the path", "at B's tempo")
    assert (view.players.mode, view.players.pace) == ("path", "b")
    view.panel.commands["next_pace"].trigger()
    assert view.players.pace == "even"
    view.panel.commands["next_mode"].trigger()
    assert (view.players.mode, view.players.pace) == ("a", "even")


def test_choosing_the_path_brings_both_to_it(view: PairView) -> None:
    set_mode(view, "free")
    view.players.a.seek(4)
    view.players.b.seek(20)
    set_mode(view, "path")
    assert view.players.frames[0] == 4
    assert view.players.frames in steps(view)
    set_mode(view, "free")
    view.players.b.seek(20)
    set_mode(view, "b")
    assert view.players.frames == (10, 20)


def _play(view: PairView, clock: Clock, seconds: float) -> tuple[int, int]:
    clock.seconds += seconds
    view.players._metronome.advance()
    return view.players.frames


@pytest.mark.parametrize("pace", ["a", "b", "even"])
def test_playing_along_the_path_keeps_the_time_of_one(view: PairView, clock: Clock, pace: str) -> None:
    view.drive.choose_mode("path", pace)
    view.players.go_step(0)
    view.panel.setFocus()
    view.players.toggle()
    assert view.players.rate == view.players.a.rate == view.players.b.rate == 1.0
    pair = view.pair
    for place in range(1, 11):
        frames = _play(view, clock, 0.033)
        seconds = place * 0.033
        assert frames in steps(view)
        if pace == "a":
            assert frames[0] == pair.a.frame_at(seconds)
        elif pace == "b":
            assert frames[1] == pair.b.frame_at(seconds)
    _play(view, clock, 10)
    assert view.players.frames == (A_FRAMES - 1, B_FRAMES - 1)
    assert view.players.rate == 0


def test_slower_faster_backwards(stand: Stand, view: PairView, clock: Clock) -> None:
    view.drive.choose_mode("path", "b")
    view.players.b.seek(12)
    view.panel.a_player.speed_selected.emit(0.5)
    press(stand, view.panel.b_player.view, Qt.Key.Key_L)
    assert view.players.rate == 0.5
    assert _play(view, clock, 4 / 30)[1] == 14
    press(stand, view.panel.b_player.view, Qt.Key.Key_L)
    assert view.players.rate == 1.0
    press(stand, view.panel.a_player.view, Qt.Key.Key_J)
    assert view.players.rate == -0.5
    assert _play(view, clock, 8 / 30)[1] == 10
    press(stand, view.panel.strip, Qt.Key.Key_K)
    assert view.players.rate == 0
    press(stand, view.panel.heatmap, Qt.Key.Key_Space)
    assert view.players.rate == 0.5
    press(stand, view.panel.a_player.view, Qt.Key.Key_Space)
    assert view.players.rate == 0


def test_the_leader_plays_at_its_own_tempo(view: PairView, clock: Clock) -> None:
    set_mode(view, "b")
    view.players.b.seek(0)
    view.players.b.toggle()
    assert _play(view, clock, 7.5 / 30)[1] == 7
    assert view.players.frames in steps(view)
    view.players.a.toggle()
    assert view.players.rate == 0, "whoever is told to pause pauses both"


def test_alone_both_play_by_one_key_and_each_by_its_own(stand: Stand, view: PairView) -> None:
    set_mode(view, "free")
    view.players.a.toggle()
    assert (view.players.a.rate, view.players.b.rate) == (1.0, 0.0)
    press(stand, view.panel.strip, Qt.Key.Key_Space)
    assert (view.players.a.rate, view.players.b.rate) == (0.0, 0.0)
    press(stand, view.panel.strip, Qt.Key.Key_Space)
    assert (view.players.a.rate, view.players.b.rate) == (1.0, 1.0)
    set_mode(view, "path")
    view.players.toggle()
    assert view.players.rate == 1.0
    assert not view.players.alone.is_playing, "nobody plays against the other"


def test_the_strip_is_clicked_dragged_and_stepped_through(stand: Stand, view: PairView, qtbot: QtBot) -> None:
    strip, last = view.panel.strip, len(view.pair.alignment) - 1

    def spot(step: int) -> QPoint:
        return QPoint(round(strip.x_of(step)), strip.height() // 2)

    for mode in MODES:
        set_mode(view, mode)
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=spot(last // 2))
        assert view.players.frames == sorted(steps(view))[last // 2]
        assert strip.places == (last // 2, last // 2)
    view.players.toggle()
    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=spot(1))
    for step in (3, 9, 5):
        qtbot.mouseMove(strip, spot(step))
        assert view.players.frames == sorted(steps(view))[step]
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=spot(5))
    set_mode(view, "path")
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert strip.places == (4, 4)
    qtbot.keyClick(strip, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert strip.places == (14, 14)
    qtbot.keyClick(strip, Qt.Key.Key_End)
    assert view.players.frames == (A_FRAMES - 1, B_FRAMES - 1)
    qtbot.keyClick(strip, Qt.Key.Key_Home)
    assert view.players.frames == (0, 0)
    view.panel.heatmap.frames_selected.emit(2, 20)
    assert strip.places[0] < strip.places[1], "off the path each has a cursor"


def test_hovering_the_strip_reads_out_its_curves(view: PairView, qtbot: QtBot) -> None:
    strip, before = view.panel.strip, view.panel.read_out
    qtbot.mouseMove(strip, QPoint(round(strip.x_of(12)), strip.height() // 2))
    a_frame, b_frame = sorted(steps(view))[12]
    tempo = view.pair.curves.tempo[12]
    assert view.panel.read_out.startswith(
        f"A 0:00.20 · {a_frame}   B 0:00.40 · {b_frame}   distance 0.00   B's tempo {tempo:.2f}×   confidence "
    )
    assert tempo == pytest.approx(0.5, abs=0.1)
    qtbot.mouseMove(view.panel.a_player.view, QPoint(5, 5))
    strip.hovered.emit(-1)
    assert view.panel.read_out == before


def _differing(stand: Stand, folder: Path) -> PairView:
    """Two films of 60 frames that are alike but for two moments."""
    films = [tiny_video(folder, f"film{n}.mp4", n, 60) for n in (1, 2)]
    project = new_project(folder / "p", films, decodes=True)
    a = course(np.linspace(0, 1, 60))
    b = a.copy()
    for frame in (15, 45):
        b[frame - 1 : frame + 2] = a[[59 - frame]]
    embed_by_hand(project, "run-1", [(films[0], a), (films[1], b)])
    view = staged(stand, project)
    view.context.sureness.choose(0.0)  # else what differs has no partner, and no distance
    stand.qtbot.waitUntil(lambda: view.comparison.is_settled)
    return view


def test_from_peak_to_peak(stand: Stand, tmp_path: Path, qtbot: QtBot) -> None:
    view = _differing(stand, tmp_path)
    peaks, commands = view.pair.curves.peaks.tolist(), view.panel.commands
    assert len(peaks) == 2
    path = list(zip(view.pair.alignment.a_frames.tolist(), view.pair.alignment.b_frames.tolist(), strict=True))
    for name, place in (("next_peak", 0), ("next_peak", 1), ("next_peak", 1), ("previous_peak", 0)):
        commands[name].trigger()
        assert view.players.frames == path[peaks[place]]
    strip = view.panel.strip
    mark = QPoint(round(strip.x_of(peaks[1])) + 4, 4)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=mark)
    assert view.players.frames == path[peaks[1]], "near a mark is on it"


def test_a_pair_without_a_peak_has_none_to_go_to(view: PairView) -> None:
    assert len(view.pair.curves.peaks) == 0
    assert not view.panel.commands["next_peak"].isEnabled()


def test_scrubbing_moves_each_player_once_a_move(view: PairView, qtbot: QtBot) -> None:
    told: list[tuple[int, int]] = []
    view.players.moved.connect(lambda side, frame: told.append((side, frame)))
    view.players.a.seek(5)
    assert sorted(told) == [(0, 5), (1, view.players.frames[1])]
    told.clear()
    view.players.b.seek(view.players.frames[1])
    assert told == []


def test_what_plays_is_told_of_both(stand: Stand, view: PairView) -> None:
    told: list[tuple[int, int]] = []
    view.context.playing.connect(lambda video_id, frame: told.append((video_id, frame)))
    view.players.a.seek(5)
    assert sorted(told) == [(1, 5), (2, view.players.frames[1])]
    told.clear()
    view.players.seek(2, 20)
    assert set(told) == {(1, 2), (2, 20)}
    told.clear()
    view.swap()
    assert set(told) == {(2, 20), (1, 2)}, "each by its own number"


@pytest.mark.parametrize("mode", MODES)
def test_files_that_open_late_move_nothing(
    stand: Stand, view: PairView, monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:
    set_mode(view, mode)
    is_free, look = threading.Event(), opening.look_at

    def look_late(video: VideoRow, folder: Path) -> tuple[Path | None, str]:
        assert is_free.wait(CHILD_MS / 1000)
        return look(video, folder)

    monkeypatch.setattr(opening, "look_at", look_late)
    view.players.seek(3, 20)
    view.swap()
    stand.qtbot.waitUntil(lambda: view.pair is not None)
    assert view.players.frames == (20, 3)
    view.panel.heatmap.frames_selected.emit(8, 9)
    is_free.set()
    stand.qtbot.waitUntil(lambda: numbers(view) == (26 + 8, 13 + 9))
    assert view.players.frames == (8, 9)


@pytest.mark.parametrize("mode", ["free", "offset"])
def test_a_comparison_that_comes_late_moves_nothing(
    stand: Stand, view: PairView, monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:
    set_mode(view, mode)
    is_free, find = threading.Event(), comparison.compare

    def find_late(*arguments: object) -> Pair:
        assert is_free.wait(CHILD_MS / 1000)
        return find(*arguments)

    monkeypatch.setattr(comparison, "compare", find_late)
    view.swap()
    stand.qtbot.waitUntil(lambda: None not in numbers(view))
    view.players.a.seek(9)
    view.players.b.seek(1)
    is_free.set()
    stand.qtbot.waitUntil(lambda: view.pair is not None)
    assert view.players.frames == (9, 1)
    stand.qtbot.waitUntil(lambda: numbers(view) == (26 + 9, 13 + 1))


def test_opened_at_a_hit_both_stay_there(stand: Stand, view: PairView) -> None:
    view.context.pair_requested.emit(FrameRef(2, 17), FrameRef(1, 2))
    assert view.chosen == (2, 1)
    stand.qtbot.waitUntil(lambda: view.pair is not None)
    assert view.players.frames == (17, 2)
    stand.qtbot.waitUntil(lambda: numbers(view) == (26 + 17, 13 + 2))
    view.context.pair_requested.emit(FrameRef(2, 500), FrameRef(1, 500))
    assert view.players.frames == (B_FRAMES - 1, A_FRAMES - 1), "what lies beyond an end means it"
    view.context.pair_requested.emit(FrameRef(1, 500), FrameRef(2, 500))
    stand.qtbot.waitUntil(lambda: view.pair is not None)
    assert view.players.frames == (A_FRAMES - 1, B_FRAMES - 1)


def test_a_missing_file_keeps_no_mode_from_working(stand: Stand, tmp_path: Path) -> None:
    project = paired_project(tmp_path)
    (tmp_path / "films" / "film1.mp4").unlink()
    view = staged(stand, project)
    stand.qtbot.waitUntil(lambda: view.pair is not None and numbers(view)[1] is not None)
    for mode in MODES:
        set_mode(view, mode)
        view.players.go_step(9)
        assert view.players.frames == sorted(steps(view))[9]
        view.players.b.seek(14)
        assert view.players.frames[1] == 14
        press(stand, view.panel.strip, Qt.Key.Key_Space)
        press(stand, view.panel.strip, Qt.Key.Key_Space)
    assert view.players.rate == 0
    stand.qtbot.waitUntil(lambda: view.panel.a_player.is_file_missing)
    view.context.pair_requested.emit(FrameRef(2, 500), FrameRef(1, 500))
    stand.qtbot.waitUntil(lambda: view.pair is not None)
    assert view.players.frames == (B_FRAMES - 1, A_FRAMES - 1), "what lies beyond an end means it"


@pytest.mark.parametrize("sizes", [(1, 1), (1, 9), (9, 1)])
def test_one_frame_works_in_every_mode(stand: Stand, tmp_path: Path, sizes: tuple[int, int]) -> None:
    films = [tiny_video(tmp_path, f"film{n}.mp4", n, frames) for n, frames in enumerate(sizes, 1)]
    project = new_project(tmp_path / "p", films, decodes=True)
    rows = [course(np.linspace(0.3, 0.6, frames)) for frames in sizes]
    embed_by_hand(project, "run-1", list(zip(films, rows, strict=True)))
    view = staged(stand, project)
    stand.qtbot.waitUntil(lambda: view.pair is not None and None not in numbers(view))
    for mode in MODES:
        for pace in ("a", "b", "even"):
            view.drive.choose_mode(mode, pace)
            view.players.a.seek(sizes[0] - 1)
            view.players.b.seek(sizes[1] - 1)
            view.players.toggle()
            view.players.shuttle(-1)
            view.players.pause()
            assert all(0 <= frame < size for frame, size in zip(view.players.frames, sizes, strict=True))
    view.panel.grab()


def test_one_frame_and_fifty_thousand(qtbot: QtBot) -> None:
    panel = PairPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 500)
    panel.show()
    players = LinkedPlayers(panel)
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(50_000, 4)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    pair = pair_of(PairSide(edges(1), rows[:1]), PairSide(edges(50_000), rows))
    panel.set_pair(pair, "one", "many")
    players.set_pair(pair)
    for mode in MODES:
        players.set_mode(mode, "b")
        players.go_step(31_000)
        assert players.frames == (0, 31_000)
        players.lead(1, 49_999)
        players.step_by(-1)
        panel.grab()
    players.close()


@pytest.fixture
def strip(qtbot: QtBot) -> PathStrip:
    made = PathStrip()
    qtbot.addWidget(made)
    made.resize(600, 140)
    made.show()
    return made


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("size", [(160, 84), (1800, 500)])
def test_the_strip_draws_at_every_size(strip: PathStrip, colours: object, size: tuple[int, int]) -> None:
    generator = np.random.default_rng(0)
    strip.setPalette(palette_of(colours))
    strip.resize(*size)
    for frames in ((1, 1), (1, 300), (400, 5000)):
        rows = [generator.normal(size=(count, 4)).astype(np.float32) for count in frames]
        sides = [PairSide(edges(len(r)), r / np.linalg.norm(r, axis=1, keepdims=True)) for r in rows]
        pair = pair_of(*sides)
        strip.set_pair(pair)
        strip.set_places(0, len(pair.alignment) - 1)
        strip.grab()
        for step in (0, len(pair.alignment) // 2, len(pair.alignment) - 1):
            assert abs(strip._lanes.step_at(strip.x_of(step)) - step) <= len(pair.alignment) / strip.width() + 1


def test_looks_and_mirror(stand: Stand, view: PairView) -> None:
    panel = view.panel
    view.players.seek(3, 7)
    wait_for(stand, view, 3, 7)
    plain = np.array(panel.b_player.view.image)
    panel.commands["mirror"].trigger()
    np.testing.assert_array_equal(panel.b_player.view.image, plain[:, ::-1])
    panel.commands["mirror"].trigger()
    np.testing.assert_array_equal(panel.b_player.view.image, plain)
    assert not panel.both.isVisible()
    for name, look in (("Overlay", "blend"), ("Onion skin", "onion"), ("Difference", "difference")):
        choose(view, "How both videos are shown", name)
        assert view.drive.look == look
        assert panel.both.isVisible()
        assert not panel.a_player.isVisible()
        assert panel.both.view.image is not None
    assert not np.array_equal(panel.both.view.image, panel.a_player.view.image)
    panel.both.setFocus()
    before = view.players.step
    press(stand, panel.both.view, Qt.Key.Key_Right)
    assert view.players.step == before + 1, "keys go on moving both"
    press(stand, panel.both.view, Qt.Key.Key_Space)
    assert view.players.rate == 1.0
    press(stand, panel.both.view, Qt.Key.Key_V)
    assert view.drive.look == "side"
    assert panel.a_player.isVisible()
