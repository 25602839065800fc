"""The step Label by mouse and keys: which frames change, and that each deed is one step that can be undone."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt

from carl_gui.label.controller import LabelController
from core.base.types import Span
from core.project.phase_edits import AddPhase, RemovePhases
from core.project.span_edits import PaintSpan, ReplaceSpans
from core.project.video_edits import RemoveVideos
from tests.carl_gui.projects import Stand, new_project, standing, tiny_videos
from tests.carl_gui.timelines import ALT, CTRL, SHIFT, click, double_click, drag, move, press, release, spot
from tests.core.project.projects import authored

FRAMES = 60
TRACK = (Span("reach", 5, 20), Span("pour", 20, 30), Span("reach", 40, 50, 0.5, "probe"))
Key = Qt.Key


class Clock:
    """Time goes on when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three videos in the frame store."""
    return new_project(tmp_path / "project", tiny_videos(tmp_path / "films", 3, FRAMES), decodes=True)


@pytest.fixture
def page(qtbot, project: Path) -> Iterator[LabelController]:
    """With two phases, some labels in the first video, the player open and the keys at it."""
    with standing(qtbot) as stand:
        stand.session.open(project)
        for name in ("reach", "pour"):
            stand.session.do(AddPhase(name))
        stand.session.do(ReplaceSpans(1, TRACK))
        made = stand.stage(LabelController)
        stand.activateWindow()
        qtbot.waitUntil(lambda: made.panel.player.view.image is not None)
        made.first.setFocus()
        qtbot.waitUntil(made.panel.player.view.hasFocus)
        yield made


def _stand(page: LabelController) -> Stand:
    return page._app_context.window


def _key(page: LabelController, key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    _stand(page).qtbot.keyClick(page.panel.player.view, key, keys)


def _labels(page: LabelController, video_id: int = 1) -> list[str]:
    """The phase of each frame, as the project has it."""
    made = [""] * FRAMES
    for span in page._app_context.session.require().spans(video_id):
        made[span.start_frame : span.end_frame_exclusive] = [span.phase] * len(span)
    return made


def _spans(page: LabelController, video_id: int = 1) -> list[tuple[str, int, int]]:
    found = page._app_context.session.require().spans(video_id)
    return [(span.phase, span.start_frame, span.end_frame_exclusive) for span in found]


def _is_one_step(page: LabelController, action: Callable[[], object]) -> list[str]:
    """Do it; undo gives all back bit for bit, redo what it did. Returns the labels that it made."""
    session = page._app_context.session
    project = session.require()
    before, steps, video_id = authored(project.folder), _num_steps(page), page.chosen
    action()
    after = authored(project.folder)
    assert after != before, "it did something"
    assert _num_steps(page) == steps + 1
    session.undo()
    assert authored(project.folder) == before
    assert page.panel.timeline.state.manual.spans == tuple(project.spans(video_id)), "what is drawn follows"
    session.redo()
    assert authored(project.folder) == after
    assert page.panel.timeline.state.manual.spans == tuple(project.spans(video_id))
    return _labels(page, video_id)


def _num_steps(page: LabelController) -> int:
    """That can be undone."""
    return sum(not step.undone for step in page._app_context.session.require().steps())


@pytest.mark.parametrize("row", ["ruler", "manual"])
def test_a_drag_labels_exactly_the_frames_it_covers(page: LabelController, row: str) -> None:
    timeline, expected = page.panel.timeline, _labels(page)
    page.panel.phases.choose(2)
    draw = lambda: drag(timeline, spot(timeline, 33.5, row), spot(timeline, 44.5, row), keys=ALT)  # noqa: E731
    expected[33:45] = ["pour"] * 12
    assert _is_one_step(page, draw) == expected
    page._app_context.session.undo()
    draw()
    assert [span.start_frame for span in timeline.selected] == [33], "it can be nudged, or merged, at once"


def test_an_edge_that_is_dragged_changes_the_frames_between(page: LabelController) -> None:
    timeline, expected = page.panel.timeline, _labels(page)
    timeline.select({20})
    page.playback.seek(3)
    drag_it = lambda: drag(timeline, spot(timeline, 20, pixels=1), spot(timeline, 12), keys=ALT)  # noqa: E731
    assert _is_one_step(page, drag_it) == [*expected[:12], *["pour"] * 18, *expected[30:]]
    assert page.playback.frame_index == 3, "the player shows again what it showed"
    assert [span.start_frame for span in timeline.selected] == [12]
    drag(timeline, spot(timeline, 30, pixels=-1), spot(timeline, 55), keys=ALT)
    assert _spans(page)[1:] == [("pour", 12, 40), ("reach", 40, 50)], "it stops at the next label"


def test_without_phases_a_drag_marks(page: LabelController) -> None:
    page._app_context.session.do(RemovePhases((1, 2)))
    timeline = page.panel.timeline
    drag(timeline, spot(timeline, 33.5, "ruler"), spot(timeline, 44.5, "ruler"), keys=ALT)
    assert page.marked_range == (33, 45)
    assert "No phases yet" in page.panel.line


def test_i_and_o_then_enter_label_with_the_chosen_phase(page: LabelController) -> None:
    page.panel.phases.choose(2)
    for key, frame in ((Key.Key_I, 51), (Key.Key_O, 56)):
        page.playback.seek(frame)
        _key(page, key)
    for key in (Key.Key_Return, Key.Key_Enter):
        _is_one_step(page, lambda key=key: _key(page, key))
        assert _spans(page)[-1] == ("pour", 51, 57)
        page._app_context.session.undo()
        page.edits._marks = [51, 56]


def test_splitting_by_key_and_by_double_click(page: LabelController, qtbot) -> None:
    expected = _labels(page)
    page.playback.seek(25)
    assert _is_one_step(page, lambda: _key(page, Key.Key_S)) == expected
    assert _spans(page)[1:3] == [("pour", 20, 25), ("pour", 25, 30)]
    timeline = page.panel.timeline
    _is_one_step(page, lambda: double_click(qtbot, timeline, spot(timeline, 10.5)))
    assert _spans(page)[:2] == [("reach", 5, 10), ("reach", 10, 20)]
    assert page.playback.frame_index == 10
    for frame in (10, 33):
        page.playback.seek(frame)
        _key(page, Key.Key_S)
        assert "No label to split" in page.panel.line


def test_merging(page: LabelController, qtbot) -> None:
    timeline = page.panel.timeline
    timeline.select({5, 20})
    _is_one_step(page, lambda: _key(page, Key.Key_M))
    assert _spans(page)[0] == ("reach", 5, 30)
    timeline.select({5})
    _is_one_step(page, lambda: _key(page, Key.Key_M))
    assert _spans(page) == [("reach", 5, 50)], "with the next one, and over what lay between"
    _key(page, Key.Key_M)
    assert "one that is followed by another" in page.panel.line
    page._app_context.session.do(ReplaceSpans(1, TRACK))
    timeline.select({5, 40})
    _key(page, Key.Key_M)
    assert "another is between" in page.panel.line
    assert len(_spans(page)) == 3


def test_ends_are_nudged_by_a_frame_and_again_and_again_is_one_step(page: LabelController) -> None:
    timeline, session = page.panel.timeline, page._app_context.session
    timeline.select({40})
    before = _num_steps(page)
    for _ in range(3):
        _key(page, Key.Key_Left, CTRL)
    assert _spans(page)[2] == ("reach", 37, 50)
    assert page.playback.frame_index == 37, "the player shows the first frame"
    for _ in range(2):
        _key(page, Key.Key_Right, CTRL | SHIFT)
    assert _spans(page)[2] == ("reach", 37, 52)
    assert page.playback.frame_index == 51, "the last frame"
    assert _num_steps(page) == before + 2
    session.undo()
    assert _spans(page)[2] == ("reach", 37, 50)
    session.undo()
    assert _spans(page)[2] == ("reach", 40, 50)
    _key(page, Key.Key_Right, CTRL)
    session.do(PaintSpan(2, Span("pour", 0, 4)))
    _key(page, Key.Key_Right, CTRL)
    session.undo()
    assert _spans(page)[2] == ("reach", 41, 50), "what is done between parts them"
    assert _spans(page, 2) == [("pour", 0, 4)]


def test_nudging_stops_where_there_is_no_room(page: LabelController) -> None:
    timeline = page.panel.timeline
    page._app_context.session.do(ReplaceSpans(1, (Span("reach", 0, 1), Span("pour", 1, 2))))
    page.playback.seek(0)
    timeline.select({0})
    for key, keys in ((Key.Key_Left, CTRL), (Key.Key_Right, CTRL), (Key.Key_Right, CTRL | SHIFT)):
        _key(page, key, keys)
        assert "cannot move further" in page.panel.line
    timeline.select({0, 1})
    _key(page, Key.Key_Right, CTRL)
    assert "Select one label" in page.panel.line
    assert _spans(page) == [("reach", 0, 1), ("pour", 1, 2)]


def test_full_stop_and_comma_go_from_label_to_label(page: LabelController) -> None:
    timeline = page.panel.timeline
    seen = []
    for _ in range(3):
        _key(page, Key.Key_Period)
        seen.append((page.playback.frame_index, [span.start_frame for span in timeline.selected]))
    assert seen == [(5, [5]), (20, [20]), (40, [40])]
    _key(page, Key.Key_Period)
    assert "No label comes after this." in page.panel.line
    for frame in (20, 5):
        _key(page, Key.Key_Comma)
        assert (page.playback.frame_index, [span.start_frame for span in timeline.selected]) == (frame, [frame])
    _key(page, Key.Key_Comma)
    assert "No label comes before this." in page.panel.line


def test_erasing_takes_what_is_selected_or_marked_or_shown(page: LabelController) -> None:
    timeline, expected = page.panel.timeline, _labels(page)
    timeline.select({5, 40})
    assert _is_one_step(page, lambda: _key(page, Key.Key_Delete)) == [*[""] * 20, *["pour"] * 10, *[""] * 30]
    page._app_context.session.undo()
    page.playback.seek(18)
    _key(page, Key.Key_I)
    page.playback.seek(22)
    labels = _is_one_step(page, lambda: _key(page, Key.Key_Backspace))
    assert labels == [*expected[:18], *[""] * 5, *expected[23:]]
    assert page.marked_range is None
    page.playback.seek(45)
    assert _is_one_step(page, lambda: _key(page, Key.Key_Delete))[40:50] == [""] * 10


def test_a_number_key_gives_what_is_selected_another_phase(page: LabelController) -> None:
    page.panel.timeline.select({5, 40})
    labels = _is_one_step(page, lambda: _key(page, Key.Key_2))
    assert labels == ["pour" if label else "" for label in _labels(page)]
    again = page._app_context.session.require().spans(1)[2]
    assert (again.source, again.confidence) == ("label", 1.0), "a person says so now"


def test_a_number_key_renames_what_was_just_drawn_and_not_once_one_is_elsewhere(page: LabelController) -> None:
    page.playback.seek(33)
    page.edits.draw(31, 38)
    renamed = _is_one_step(page, lambda: _key(page, Key.Key_2))
    assert renamed[31:38] == ["pour"] * 7
    page.playback.seek(20)
    before = _labels(page)
    _key(page, Key.Key_1)
    assert _labels(page) == before
    page.panel.timeline.select({31})
    page.playback.seek(21)
    _key(page, Key.Key_1)
    assert _labels(page)[31:38] != before[31:38], "what the person selected stays so, wherever they look"


def test_labels_are_pasted_in_another_video_by_time(page: LabelController, qtbot) -> None:
    _key(page, Key.Key_V, CTRL)
    assert "Nothing copied yet" in page.panel.line
    _key(page, Key.Key_A, CTRL)
    assert len(page.panel.timeline.selected) == 3
    _key(page, Key.Key_C, CTRL)
    page.choose(2)
    qtbot.waitUntil(lambda: len(page.playback.seconds) > 0)
    page.playback.seek(10)
    _is_one_step(page, lambda: _key(page, Key.Key_V, CTRL))
    assert _spans(page, 2) == [("reach", 10, 25), ("pour", 25, 35), ("reach", 45, 55)]
    page.playback.seek(58)
    _key(page, Key.Key_V, CTRL)
    assert _spans(page, 2)[-1] == ("reach", 58, 60), "what lies past the end is cut"
    assert "2 labels left out: past the end or of a deleted phase." in page.panel.line


@pytest.fixture
def clock(page: LabelController) -> Clock:
    """Of the player: frames come at 30 a second."""
    made = Clock()
    page.playback._clock._clock = made
    return made


def _play(page: LabelController, clock: Clock, seconds: float) -> list[int]:
    """Let it play so long, in uneven steps; returns the frames that were shown on the way."""
    shown = [page.playback.frame_index]
    page.playback.frame_changed.connect(shown.append)
    generator, end = random.Random(7), clock.now + seconds
    while clock.now < end:
        clock.now = min(clock.now + generator.choice((0.01, 0.05, 0.1)), end)
        page.playback.advance()
    page.playback.frame_changed.disconnect(shown.append)
    return shown


def test_painting_while_it_plays_labels_exactly_what_was_shown(page: LabelController, clock: Clock) -> None:
    page.playback.seek(6)
    _key(page, Key.Key_Space)
    _play(page, clock, 0.2)
    first = page.playback.frame_index
    _key(page, Key.Key_2)
    shown = _play(page, clock, 0.5)
    assert page.panel.timeline.state.stroke == (first, page.playback.frame_index + 1, "pour")
    assert "Painting “pour”" in page.panel.line
    expected = _labels(page)
    expected[shown[0] : shown[-1] + 1] = ["pour"] * (shown[-1] + 1 - shown[0])
    assert _is_one_step(page, lambda: _key(page, Key.Key_Space)) == expected
    assert first == shown[0]
    assert page.panel.timeline.state.stroke is None


def test_one_phase_follows_the_other_and_the_same_key_ends_it(page: LabelController, clock: Clock) -> None:
    page._app_context.session.do(ReplaceSpans(1, ()))
    _key(page, Key.Key_Space)
    _key(page, Key.Key_1)
    _play(page, clock, 0.5)
    change = page.playback.frame_index
    _key(page, Key.Key_2)
    _play(page, clock, 0.4)
    end = page.playback.frame_index
    _key(page, Key.Key_2)
    _play(page, clock, 0.3)
    assert page.playback.frame_index > end
    page.playback.shuttle(0)
    assert _spans(page) == [("reach", 0, change), ("pour", change, end + 1)]


def test_painting_backwards_and_to_the_end(page: LabelController, clock: Clock) -> None:
    page._app_context.session.do(ReplaceSpans(1, ()))
    page.playback.seek(30)
    _key(page, Key.Key_J)
    _key(page, Key.Key_1)
    _play(page, clock, 0.5)
    change = page.playback.frame_index
    _key(page, Key.Key_2)
    _play(page, clock, 9.0)
    assert page.playback.rate == 0, "it has reached the first frame"
    assert _spans(page) == [("pour", 0, change + 1), ("reach", change + 1, 31)]


def test_a_jump_ends_a_stroke_before_it(page: LabelController, clock: Clock) -> None:
    page._app_context.session.do(ReplaceSpans(1, ()))
    for jump in (lambda: page.playback.seek(50), lambda: _key(page, Key.Key_Home), lambda: page.choose(2)):
        page._app_context.session.do(ReplaceSpans(1, ()))
        page.playback.seek(2)
        page.playback.shuttle(1)
        _key(page, Key.Key_1)
        shown = _play(page, clock, 0.3)
        jump()
        assert _spans(page) == [("reach", 2, shown[-1] + 1)]
        page.playback.shuttle(0)
    assert _spans(page, 2) == []


def test_escape_forgets_a_stroke_and_so_does_a_video_that_goes(page: LabelController, clock: Clock) -> None:
    before = _spans(page)
    page.playback.shuttle(1)
    _key(page, Key.Key_1)
    _play(page, clock, 0.3)
    _key(page, Key.Key_Escape)
    page.playback.shuttle(0)
    assert _spans(page) == before
    page.playback.shuttle(1)
    _key(page, Key.Key_1)
    page._app_context.session.do(RemoveVideos((1,)))
    assert page.chosen == 2
    page.playback.shuttle(0)
    page._app_context.session.undo()
    assert _spans(page) == before


def test_escape_lets_go_of_one_thing_after_the_other(page: LabelController) -> None:
    timeline = page.panel.timeline
    timeline.select({5})
    _key(page, Key.Key_I)
    press(timeline, spot(timeline, 20, pixels=1))
    move(timeline, spot(timeline, 25))
    _key(page, Key.Key_Escape)
    release(timeline, spot(timeline, 25))
    assert (page.marked_range, len(timeline.selected), _spans(page)[0]) == ((0, 1), 1, ("reach", 5, 20))
    _key(page, Key.Key_Escape)
    assert (page.marked_range, len(timeline.selected)) == (None, 1)
    _key(page, Key.Key_Escape)
    assert timeline.selected == []


def test_a_click_in_the_timeline_leaves_the_keys_to_the_player(page: LabelController, qtbot) -> None:
    page.panel.phases.view.setFocus()
    click(qtbot, page.panel.timeline, spot(page.panel.timeline, 33.5))
    assert page.panel.player.view.hasFocus()
    _key(page, Key.Key_Right)
    assert page.playback.frame_index == 34


def test_a_hundred_random_deeds_are_all_undone_and_redone(page: LabelController, qtbot) -> None:
    """By mouse and keys, in two videos; two thousand edits without a window are in tests/core."""
    generator, session, timeline = random.Random(20261101), page._app_context.session, page.panel.timeline
    folder = session.require().folder
    states, undoable = [authored(folder)], len(session.require().steps())

    def at(row: str) -> QPointF:
        return spot(timeline, generator.uniform(0, FRAMES), row)

    def by_key(key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> Callable[[], None]:
        return lambda: _key(page, key, keys)

    actions: list[Callable[[], object]] = [
        lambda: drag(timeline, at("ruler"), at("ruler")),
        lambda: drag(timeline, at("manual"), at("manual"), keys=generator.choice((ALT, CTRL))),
        lambda: double_click(qtbot, timeline, at("manual")),
        lambda: page.choose(generator.choice((1, 2))),
        lambda: timeline.select({span.start_frame for span in page.spans if generator.random() < 0.4}),
        lambda: page.panel.phases.choose(generator.choice((1, 2))),
        *(
            by_key(key)
            for key in (Key.Key_S, Key.Key_M, Key.Key_1, Key.Key_2, Key.Key_Delete, Key.Key_I, Key.Key_Return)
        ),
        *(by_key(key, CTRL) for key in (Key.Key_C, Key.Key_V, Key.Key_Left, Key.Key_Right)),
        by_key(Key.Key_Right, CTRL | SHIFT),
    ]
    while len(states) < 100:
        steps = len(session.require().steps())
        generator.choice(actions)()
        page.playback.seek(generator.randrange(FRAMES))
        now = authored(folder)
        if len(session.require().steps()) > steps:
            states.append(now)
        elif now != states[-1]:
            states[-1] = now  # a nudge joined the one before it
        assert timeline.state.manual.spans == tuple(session.require().spans(page.chosen))
    assert len(session.require().steps()) == undoable + len(states) - 1
    for state in reversed(states[:-1]):
        session.undo()
        assert authored(folder) == state
    for state in states[1:]:
        session.redo()
        assert authored(folder) == state
