"""Searches are remembered beside the history: each once, the newest first, bounded."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from core.project.searches import MOST_SEARCHES, SearchRow
from core.project.store import Project
from core.project.video_edits import RemoveVideos
from tests.core.project.projects import filled


def _row(frame: int, filters: str = "{}", digest: str = "a" * 32) -> SearchRow:
    return SearchRow(digest, frame, frame + 1, filters)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with filled(tmp_path / "p") as project:
        return project.folder


def test_the_newest_comes_first_and_each_once(folder: Path) -> None:
    with Project.open(folder) as project:
        for frame in (1, 2, 3, 1):
            project.keep_search(_row(frame))
    with Project.open(folder) as project:
        assert project.searches() == [_row(1), _row(3), _row(2)]


def test_other_filters_change_no_order(folder: Path) -> None:
    with Project.open(folder) as project:
        project.keep_search(_row(1))
        project.keep_search(_row(2))
        project.keep_search(_row(1, '{"k": 7}'), is_new=False)
        assert project.searches() == [_row(2), _row(1, '{"k": 7}')]
        project.keep_search(_row(9), is_new=False)
        assert len(project.searches()) == 2, "what was never asked cannot change"


def test_there_are_never_too_many(folder: Path) -> None:
    with Project.open(folder) as project:
        for frame in range(MOST_SEARCHES + 5):
            project.keep_search(_row(frame))
        kept = [row.start_frame for row in project.searches()]
        assert kept == list(range(MOST_SEARCHES + 4, 4, -1))
        project.clear_searches()
        assert project.searches() == []


def test_they_are_no_step_and_outlive_their_video(folder: Path) -> None:
    with Project.open(folder) as project:
        digest = project.video(1).digest
        steps = project.steps()
        project.keep_search(_row(4, digest=digest))
        assert project.steps() == steps
        project.do(RemoveVideos((1,)))
        assert project.searches() == [_row(4, digest=digest)]
        project.undo()
        assert project.searches() == [_row(4, digest=digest)]


def test_a_span_is_another_search_than_its_first_frame(folder: Path) -> None:
    with Project.open(folder) as project:
        span = dataclasses.replace(_row(4), end_frame_exclusive=9)
        project.keep_search(_row(4))
        project.keep_search(span)
        assert project.searches() == [span, _row(4)]
