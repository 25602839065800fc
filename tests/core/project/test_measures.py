"""Lines and angles on frames: their values, and that edits of them come and go like any other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.errors import LabelError
from core.project.changes import Changes
from core.project.measure_edits import AddMeasure, RemoveMeasures, SetScale
from core.project.measures import Measure, decode, describe, encode, scale_of
from core.project.store import Project
from core.project.video_edits import RemoveVideos
from tests.core.project.projects import authored, filled

LINE, ANGLE = ((0.25, 0.5), (0.75, 0.5)), ((0.25, 0.5), (0.5, 0.5), (0.5, 0.0))
_SHARES = st.tuples(st.floats(0, 1), st.floats(0, 1))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with filled(tmp_path / "p") as made:
        yield made


@pytest.mark.parametrize(
    ("points", "text"),
    [
        (LINE, "200 px"),
        (((0.0, 0.0), (0.75, 1.0)), "361 px"),
        (ANGLE, "90.0°"),
        (((1.0, 0.5), (0.5, 0.5), (0.0, 0.5)), "180.0°"),
        (((0.5, 0.0), (0.5, 0.5), (0.5, 0.0)), "0.0°"),
        (((0.75, 0.5), (0.5, 0.5), (0.75, 0.0)), "45.0°"),
    ],
)
def test_values_are_those_of_the_picture_s_pixels(points: tuple[tuple[float, float], ...], text: str) -> None:
    """The last angle: 100 pixels to the right and 100 up, of 400 x 200."""
    assert describe(Measure(0, 0, points), 400, 200, None) == text


def test_a_known_length_gives_all_lines_a_scale_and_angles_none() -> None:
    known = Measure(3, 0, LINE, 1.8, "m")
    scale = scale_of([Measure(1, 0, LINE), known], 400, 200)
    assert describe(known, 400, 200, scale) == "1.8 m"
    assert describe(Measure(9, 0, ((0.0, 0.0), (0.0, 0.5))), 400, 200, scale) == "0.9 m"
    assert describe(Measure(9, 0, ANGLE), 400, 200, scale) == "90.0°"
    assert scale_of([Measure(1, 0, LINE)], 400, 200) is None


@given(st.lists(_SHARES, min_size=2, max_size=3).map(tuple))
def test_points_come_back(points: tuple[tuple[float, float], ...]) -> None:
    assert decode(encode(points)) == points


@pytest.mark.parametrize("text", ["", "[]", "[[0,0]]", "[[0,0],[1]]", "{}", "[[0,0],[NaN,1]]", '"ab"', "7"])
def test_damaged_points_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="points"):
        decode(text)


def test_they_stay_until_they_are_removed_and_come_back_by_undo(project: Project) -> None:
    before = authored(project.folder)
    assert project.do(AddMeasure(1, 4, LINE)) == Changes(videos=frozenset({1}))
    project.do(AddMeasure(1, 4, ANGLE))
    project.do(AddMeasure(1, 2, LINE))
    assert [(one.frame, one.number, one.points) for one in project.measures(1)] == [
        (2, 0, LINE),
        (4, 0, LINE),
        (4, 1, ANGLE),
    ]
    project.do(RemoveMeasures(1, 4, (0,)))
    assert [(one.frame, one.number) for one in project.measures(1)] == [(2, 0), (4, 1)]
    project.do(RemoveMeasures(1, 4))
    assert [(one.frame, one.number) for one in project.measures(1)] == [(2, 0)]
    for _ in range(5):
        project.undo()
    assert authored(project.folder) == before


def test_a_second_known_length_replaces_the_first(project: Project) -> None:
    for frame in (1, 2):
        project.do(AddMeasure(1, frame, LINE))
    project.do(SetScale(1, 1, 0, 2.0, "m"))
    project.do(SetScale(1, 2, 0, 30.0, " cm "))
    assert [(one.length, one.unit) for one in project.measures(1)] == [(0.0, ""), (30.0, "cm")]


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (SetScale(1, 4, 7, 1.0, "m"), "There is no longer such a line in frame 4"),
        (SetScale(1, 4, 0, 1.0, "m"), "There is no longer such a line"),
        (SetScale(1, 4, 0, 0.0, "m"), "A line cannot be 0 m long"),
        (SetScale(1, 4, 0, math.inf, "m"), "A line cannot be inf m long"),
        (AddMeasure(1, -1, LINE), "Nothing can be measured at frame -1"),
    ],
)
def test_what_cannot_be_measured_is_one_sentence(project: Project, edit: SetScale | AddMeasure, sentence: str) -> None:
    project.do(AddMeasure(1, 4, ANGLE))
    before = authored(project.folder)
    with pytest.raises(LabelError, match=sentence):
        project.do(edit)
    assert authored(project.folder) == before


def test_a_removed_video_takes_them_along_and_brings_them_back(project: Project) -> None:
    project.do(AddMeasure(2, 0, LINE))
    before = authored(project.folder)
    project.do(RemoveVideos((2,)))
    assert authored(project.folder)["measure"] == []
    project.undo()
    assert authored(project.folder) == before
