"""Nothing is dropped, cut or guessed in silence: each thing that a reader cannot place is named, with line and value.

A row is a file with one such thing in it, beside a span that is in order. What is found must name every needle in one
sentence, and the good span must be imported all the same where the row says so. A new reader adds its rows and its
control, without anything wrong, to one of the modules `silent_rows_*`; without them, a test here fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import get_type_hints

import pytest

from core.base.errors import LabelError
from core.labels.formats import table
from core.labels.formats.read_labels import ReadLabels
from core.labels.formats.table import FORMATS, READABLE, read_labels
from core.project.label_plan import ImportPlan, plan_import
from core.project.label_videos import KnownVideo
from core.project.rows import Found
from core.project.store import Project
from tests.core.labels.formats import silent_rows_boris, silent_rows_elan, silent_rows_json, silent_rows_tables
from tests.core.labels.formats.silent_rows import Row
from tests.core.project.projects import filled, with_times

_OF_FAMILIES = (silent_rows_tables, silent_rows_boris, silent_rows_elan, silent_rows_json)
ROWS: tuple[Row, ...] = tuple(row for family in _OF_FAMILIES for row in family.ROWS)
GOOD: tuple[Row, ...] = tuple(row for family in _OF_FAMILIES for row in family.GOOD)
WRITTEN_ONLY = {"statistics"}
"""Formats that nobody reads back."""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """One video, v.mp4: 100 frames, 25 a second."""
    with filled(tmp_path / "p", 1) as made:
        made.keep_facts({1: Found(100, 25.0, 4.0, 64, 48)})
        yield made


def _planned(project: Project, folder: Path, row: Row) -> ImportPlan:
    (video,) = with_times(project.videos())
    known = KnownVideo(replace(video, name="v.mp4", absolute="/v/v.mp4"), project.folder)
    return plan_import(read_labels([row.write(folder)]), [known], ())


def _told(plan: ImportPlan) -> list[str]:
    return [f"{problem.where}: {problem.sentence}" for problem in plan.problems]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.reader}: {row.thing}")
def test_what_cannot_be_placed_is_named(row: Row, project: Project, tmp_path: Path) -> None:
    plan = _planned(project, tmp_path, row)
    told = _told(plan)
    assert any(all(needle in one for needle in row.needles) for one in told), told
    assert plan.num_spans == row.num_spans
    assert all(one.rstrip().endswith((".", "!")) for one in told), "a whole sentence"


@pytest.mark.parametrize("row", GOOD, ids=lambda row: f"{row.reader}: {row.thing}")
def test_what_is_in_order_is_not_complained_of(row: Row, project: Project, tmp_path: Path) -> None:
    plan = _planned(project, tmp_path, row)
    assert (_told(plan), plan.num_spans) == ([], row.num_spans)
    ((span,),) = [video.spans for video in plan.videos]
    assert (span.phase, span.start_frame, span.end_frame_exclusive) == ("up", 0, 20)


def _readers() -> set[table.Reader]:
    """Every function `read...` of a module that the table of formats knows, which turns a file into labels."""
    modules = [one for one in vars(table).values() if isinstance(one, ModuleType)]
    return {
        value
        for module in modules
        for name, value in vars(module).items()
        if name.startswith("read") and callable(value)
        if get_type_hints(value).get("return") is ReadLabels
    }


def test_every_reader_has_rows_and_a_control(tmp_path: Path) -> None:
    assert len(_readers()) > len(FORMATS) - len(WRITTEN_ONLY), "BORIS has several tables"
    for rows in (ROWS, GOOD):
        assert {row.reader for row in rows} == set(FORMATS) - WRITTEN_ONLY
        used = set()
        for number, row in enumerate(rows):
            with suppress(LabelError):  # it is no file that any reader takes
                used.add(table._reader(row.write(tmp_path / str(number))))
        assert used == _readers()
    names = [(row.reader, row.thing) for row in ROWS]
    assert len(set(names)) == len(names)


def test_every_suffix_that_is_read_has_a_control() -> None:
    assert {Path(row.file).suffix for row in GOOD} == set(READABLE)


@pytest.mark.parametrize("name", ["labels.docx", "labels.json", "labels", "labels.pdf"])
def test_a_file_in_no_format_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("{}", encoding="utf-8")
    (problem,) = read_labels([tmp_path / name]).problems
    assert problem.where == name
    assert name in problem.sentence
