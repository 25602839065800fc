"""The timeline alone: what a drag says it would do, what is in sight, and what is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from carl_gui.label.timeline import PhaseTimeline, cursor_at
from core.base.types import Span
from tests.carl_gui.timelines import ALT, CTRL, SHIFT, click, double_click, drag, move, press, release, spot, turn

COLOURS = {"a": "#4477aa", "b": "#ee6677"}
TRACK = (Span("a", 10, 30), Span("b", 30, 50), Span("a", 60, 80))


@pytest.fixture
def timeline(qtbot: QtBot) -> PhaseTimeline:
    """100 frames, 8 pixels each; two labels touch, a third is alone; the phase b is chosen."""
    made = PhaseTimeline()
    qtbot.addWidget(made)
    made.resize(round(made.current_layout.rows["ruler"].left()) + 806, made.sizeHint().height())
    made.show()
    made.set_num_frames(100)
    made.set_spans(TRACK, COLOURS)
    made.set_brush("b")
    return made


def drawn(timeline: PhaseTimeline, qtbot: QtBot, start: QPointF, end: QPointF, **keys: object) -> list[object]:
    """What a drag says."""
    with qtbot.waitSignal(timeline.span_drawn, timeout=1000) as told:
        drag(timeline, start, end, **keys)  # type: ignore[arg-type]
    return list(told.args)


def moved(timeline: PhaseTimeline, qtbot: QtBot, start: QPointF, end: QPointF, **keys: object) -> list[object]:
    with qtbot.waitSignal(timeline.boundary_moved, timeout=1000) as told:
        drag(timeline, start, end, **keys)  # type: ignore[arg-type]
    return list(told.args)


def test_a_drag_covers_the_frames_from_the_press_to_the_release(timeline: PhaseTimeline, qtbot: QtBot) -> None:
    assert timeline.state.axis.frame_width == pytest.approx(8, abs=0.1)
    for row in ("ruler", "manual"):
        assert drawn(timeline, qtbot, spot(timeline, 85.5, row), spot(timeline, 90.5, row), keys=ALT) == [85, 91]
        assert drawn(timeline, qtbot, spot(timeline, 90.5, row), spot(timeline, 85.5, row), keys=ALT) == [85, 91]
    assert drawn(timeline, qtbot, spot(timeline, 20.5, "ruler"), spot(timeline, 44.5, "ruler"), keys=ALT) == [20, 45]
    assert drawn(timeline, qtbot, spot(timeline, 95.5, "ruler"), spot(timeline, 300, "ruler"), keys=ALT) == [95, 100]
    assert drawn(timeline, qtbot, spot(timeline, 4.5, "ruler"), spot(timeline, -300, "ruler"), keys=ALT) == [0, 5]


def test_ends_hold_on_to_edges_the_cursor_and_predictions_but_not_with_alt(
    timeline: PhaseTimeline, qtbot: QtBot
) -> None:
    timeline.set_frame_index(53)
    near = spot(timeline, 49.5, "ruler"), spot(timeline, 60.4, "ruler")
    assert drawn(timeline, qtbot, *near) == [50, 60], "edges of labels"
    assert drawn(timeline, qtbot, *near, keys=ALT) == [49, 61], "the frames themselves"
    assert drawn(timeline, qtbot, spot(timeline, 84.5), spot(timeline, 90.5), keys=ALT) == [84, 91]
    timeline.set_predicted([Span("a", 0, 90, 0.5, "probe")])
    assert drawn(timeline, qtbot, spot(timeline, 84.5), spot(timeline, 90.6)) == [84, 90]
    timeline.set_frame_index(87)
    assert drawn(timeline, qtbot, spot(timeline, 84.5), spot(timeline, 88.6)) == [84, 88], "the cursor's frame is in"
    assert moved(timeline, qtbot, spot(timeline, 80, pixels=-1), spot(timeline, 86.3)) == [80, 87]
    assert moved(timeline, qtbot, spot(timeline, 80, pixels=-1), spot(timeline, 86.3), keys=ALT) == [80, 86]
    timeline.set_proposed([Span("a", 4, 8, 0.5, "transfer")])
    assert moved(timeline, qtbot, spot(timeline, 10, pixels=1), spot(timeline, 4.6)) == [10, 4]
    assert moved(timeline, qtbot, spot(timeline, 10, pixels=1), spot(timeline, 4.6), keys=ALT) == [10, 5]


def test_edges_stop_at_what_lies_beside_them(timeline: PhaseTimeline, qtbot: QtBot) -> None:
    assert moved(timeline, qtbot, spot(timeline, 50, pixels=-1), spot(timeline, 95)) == [50, 60], "at the next label"
    assert moved(timeline, qtbot, spot(timeline, 50, pixels=-1), spot(timeline, 2)) == [50, 31], "a frame is left"
    assert moved(timeline, qtbot, spot(timeline, 30, pixels=1), spot(timeline, 99)) == [30, 49], "both are left"
    assert moved(timeline, qtbot, spot(timeline, 30, pixels=-1), spot(timeline, 0)) == [30, 11]
    assert moved(timeline, qtbot, spot(timeline, 10, pixels=1), spot(timeline, -50)) == [10, 0]
    assert moved(timeline, qtbot, spot(timeline, 80, pixels=-1), spot(timeline, 200)) == [80, 100]


def test_a_drag_is_seen_while_it_goes_on_and_escape_forgets_it(timeline: PhaseTimeline, qtbot: QtBot) -> None:
    timeline.set_frame_index(5)
    shown: list[int] = []
    timeline.frame_selected.connect(shown.append)
    with qtbot.assertNotEmitted(timeline.boundary_moved):
        press(timeline, spot(timeline, 30, pixels=1))
        move(timeline, spot(timeline, 40), keys=ALT)
        assert [(s.start_frame, s.end_frame_exclusive) for s in timeline.state.track.spans[:2]] == [(10, 40), (40, 50)]
        assert shown == [40], "the player shows the frame at the edge"
        timeline.set_frame_index(40)
        assert timeline.state.frame_index == 5, "the cursor waits where it was"
        timeline.grab()
        assert timeline.cancel()
        release(timeline, spot(timeline, 40))
    assert shown == [40, 5]
    assert timeline.state.track.spans == TRACK
    assert not timeline.cancel()


def test_labels_that_change_meanwhile_end_a_drag(timeline: PhaseTimeline, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(timeline.boundary_moved):
        press(timeline, spot(timeline, 30, pixels=1))
        move(timeline, spot(timeline, 40))
        timeline.set_spans(TRACK[2:], COLOURS)
        move(timeline, spot(timeline, 42))
        release(timeline, spot(timeline, 42))
    assert timeline.state.track.spans == TRACK[2:]


def test_clicks_select(timeline: PhaseTimeline, qtbot: QtBot) -> None:
    shown: list[int] = []
    timeline.frame_selected.connect(shown.append)
    click(qtbot, timeline, spot(timeline, 40.5))
    assert (timeline.selected, shown) == ([TRACK[1]], [40])
    click(qtbot, timeline, spot(timeline, 70.5), CTRL)
    assert timeline.selected == [TRACK[1], TRACK[2]]
    click(qtbot, timeline, spot(timeline, 40.5), CTRL)
    assert timeline.selected == [TRACK[2]]
    click(qtbot, timeline, spot(timeline, 70.5))
    click(qtbot, timeline, spot(timeline, 20.5), SHIFT)
    assert timeline.selected == list(TRACK)
    assert shown == [40, 70], "with Ctrl or Shift the frame stays"
    click(qtbot, timeline, spot(timeline, 90.5))
    assert (timeline.selected, shown) == ([], [40, 70, 90])


def test_a_rubber_band_selects_what_it_touches(timeline: PhaseTimeline, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(timeline.span_drawn):
        drag(timeline, spot(timeline, 40.5), spot(timeline, 62.5))
        assert timeline.selected == list(TRACK[1:])
        drag(timeline, spot(timeline, 5.5), spot(timeline, 12.5), keys=SHIFT)
        assert timeline.selected == list(TRACK), "added"
        drag(timeline, spot(timeline, 55.5), spot(timeline, 58.5), keys=CTRL)
        assert timeline.selected == list(TRACK)
    timeline.set_spans(TRACK[:1], COLOURS)
    assert timeline.selected == list(TRACK[:1])


def test_short_labels_can_be_hit_between_their_edges(timeline: PhaseTimeline, qtbot: QtBot) -> None:
    timeline.set_spans([Span("a", frame, frame + 1) for frame in range(40, 50)], COLOURS)
    for frame in range(40, 50):
        click(qtbot, timeline, spot(timeline, frame + 0.5))
        assert [span.start_frame for span in timeline.selected] == [frame]


def test_a_double_click_splits_and_accepts(timeline: PhaseTimeline, qtbot: QtBot) -> None:
    with qtbot.waitSignal(timeline.split_requested, timeout=1000) as told:
        double_click(qtbot, timeline, spot(timeline, 40.5))
    assert told.args == [40]
    proposed = Span("a", 50, 60, 0.8, "transfer")
    timeline.set_proposed([proposed])
    with qtbot.waitSignal(timeline.accept_requested, timeout=1000) as told:
        double_click(qtbot, timeline, spot(timeline, 55.5, "proposed"))
    assert told.args == ["proposed", proposed]


def test_the_wheel_zooms_at_the_mouse_and_pans_with_shift(timeline: PhaseTimeline, qtbot: QtBot) -> None:
    at = spot(timeline, 40)
    turn(timeline, at, 3)
    assert timeline.state.axis.position_at(at.x()) == pytest.approx(40)
    assert timeline.state.axis.shown == pytest.approx(100 / 1.25**3)
    first = timeline.state.axis.first
    turn(timeline, at, -1, SHIFT)
    assert timeline.state.axis.first == pytest.approx(first + timeline.state.axis.shown / 10)
    held = timeline.state.axis.position_at(300)
    drag(timeline, QPointF(300, 40), QPointF(340, 40), button=Qt.MouseButton.MiddleButton)
    assert timeline.state.axis.position_at(340) == pytest.approx(held)
    turn(timeline, at, -9)
    assert timeline.state.axis.shows_all


def test_the_overview_leads_anywhere(timeline: PhaseTimeline, qtbot: QtBot) -> None:
    timeline.zoom(3)
    row = timeline.current_layout.rows["overview"]
    with qtbot.assertNotEmitted(timeline.frame_selected):
        for share in (0.9, 0.5):
            at = QPointF(row.left() + share * row.width(), row.center().y())
            press(timeline, at)
            release(timeline, at)
            axis = timeline.state.axis
            assert axis.first + axis.shown / 2 == pytest.approx(min(100 * share, 100 - axis.shown / 2))
        before = timeline.state.axis.first
        drag(timeline, at, at + QPointF(80, 0))
    assert timeline.state.axis.first == pytest.approx(before + 80 / row.width() * 100)
    qtbot.mouseDClick(timeline, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert timeline.state.axis.shows_all


def test_the_frame_that_is_shown_stays_in_sight(timeline: PhaseTimeline) -> None:
    timeline.zoom(4)
    for place in (90, 3, 50):
        timeline.set_frame_index(place)
        axis = timeline.state.axis
        assert axis.first <= place < axis.first + axis.shown
    turn(timeline, spot(timeline, 50), -3, SHIFT)
    first = timeline.state.axis.first
    timeline.set_frame_index(50)
    assert timeline.state.axis.first == first, "what a person has moved away from is not brought back"


def test_nothing_can_be_changed_where_all_is_read_only(timeline: PhaseTimeline, qtbot: QtBot) -> None:
    timeline.set_read_only(True)
    with (
        qtbot.assertNotEmitted(timeline.span_drawn),
        qtbot.assertNotEmitted(timeline.boundary_moved),
        qtbot.assertNotEmitted(timeline.split_requested),
    ):
        drag(timeline, spot(timeline, 30), spot(timeline, 40))
        drag(timeline, spot(timeline, 85), spot(timeline, 95))
        drag(timeline, spot(timeline, 85, "ruler"), spot(timeline, 95, "ruler"))
        double_click(qtbot, timeline, spot(timeline, 40.5))
    assert timeline.state.track.spans == TRACK


def test_the_mouse_looks_like_what_it_would_do(timeline: PhaseTimeline) -> None:
    shapes = Qt.CursorShape
    timeline.set_frame_index(90)
    for at, shape in (
        (spot(timeline, 30), shapes.SplitHCursor),
        (spot(timeline, 40), shapes.ArrowCursor),
        (spot(timeline, 55), shapes.CrossCursor),
        (spot(timeline, 40, "ruler"), shapes.CrossCursor),
        (spot(timeline, 90.5, "ruler"), shapes.SizeHorCursor),
        (spot(timeline, 40, "overview"), shapes.ArrowCursor),
        (QPointF(3, 40), shapes.ArrowCursor),
    ):
        assert cursor_at(timeline, at) == shape


def test_doubtful_predictions_are_paler_and_tips_say_how_sure(timeline: PhaseTimeline) -> None:
    height = timeline.sizeHint().height()
    empty = timeline.grab().toImage()
    timeline.set_predicted([Span("b", 0, 40, 1.0, "probe"), Span("b", 40, 90, 0.25, "probe")])
    timeline.set_confidence(np.repeat([1.0, 0.25], 50))
    assert timeline.sizeHint().height() == height, "its rows were there, empty"
    assert timeline.grab().toImage() != empty
    timeline.resize(timeline.width(), timeline.sizeHint().height())
    picture, row = timeline.grab().toImage(), timeline.current_layout.rows["predicted"]
    sure, doubtful, none = (
        picture.pixelColor(round(timeline.x_of(frame)), round(row.top()) + 4) for frame in (5.5, 45.5, 95.5)
    )
    assert sure.name() == COLOURS["b"]
    assert sure.saturation() > doubtful.saturation() > none.saturation()
    y = timeline.current_layout.rows["predicted"].center().y()
    assert timeline.tooltip_at(timeline.x_of(45.5), y) == "b: frames 40 to 89 (probe, 25 %)"
    y = timeline.current_layout.rows["confidence"].center().y()
    assert timeline.tooltip_at(timeline.x_of(10.5), y) == "Frame 10: confidence 100 %"
    timeline.set_predicted(None)
    timeline.set_confidence(None)
    assert timeline.sizeHint().height() == height


def test_the_handle_scrubs(timeline: PhaseTimeline, qtbot: QtBot) -> None:
    shown: list[int] = []
    timeline.frame_selected.connect(lambda frame: (shown.append(frame), timeline.set_frame_index(frame)))
    with qtbot.assertNotEmitted(timeline.span_drawn), qtbot.waitSignals([timeline.scrub_began, timeline.scrub_ended]):
        drag(timeline, spot(timeline, 0.5, "ruler"), spot(timeline, 20.5, "ruler"))
    assert shown[-1] == 20


def test_every_look_is_drawn(timeline: PhaseTimeline) -> None:
    """No warning of Qt's: nothing is drawn outside of its rows, or with colours that are none."""
    timeline.set_edges(np.arange(101) / 25)
    timeline.set_marked_range((3, 9))
    timeline.set_stroke((80, 90, "b"))
    timeline.select([10, 60])
    for _ in range(2):
        timeline.grab()
        timeline.toggle_unit()
        timeline.zoom(5)
    timeline.set_spans([Span("gone", frame, frame + 1) for frame in range(100)], {})
    timeline.select(range(100))
    timeline.grab()
    timeline.set_num_frames(0)
    timeline.set_spans((), {})
    timeline.grab()
    for x in (0, 300):
        press(timeline, QPointF(x, 30))
        release(timeline, QPointF(x, 30))
    turn(timeline, QPointF(100, 30), 1)
