"""Which videos are right is an edit as any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.project import schema
from core.project.changes import NOTHING
from core.project.listing import as_json, as_table
from core.project.right_edits import SayRight
from core.project.store import Project
from core.project.video_edits import RemoveVideos
from tests.core.project.projects import authored, filled


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with filled(tmp_path / "p") as made:
        yield made


def test_what_is_said_stays_until_something_else_is_and_is_undone(project: Project) -> None:
    assert [video.is_right for video in project.videos()] == [False] * 3
    assert project.do(SayRight(((1, ""), (3, " anna ")))).videos == {1, 3}
    assert [video.performer for video in project.videos()] == ["", None, "anna"]
    assert project.do(SayRight(((1, None), (2, "")))).videos == {1, 2}
    assert [video.performer for video in project.videos()] == [None, "", "anna"]
    assert project.video(3).is_right
    assert project.do(SayRight(((2, ""),))) == NOTHING
    project.undo()
    assert [video.performer for video in project.videos([1, 3])] == ["", "anna"]
    project.undo()
    assert not any(video.is_right for video in project.videos())


def test_it_goes_and_comes_back_with_its_video(project: Project) -> None:
    project.do(SayRight(((2, "anna"),)))
    before = authored(project.folder)
    project.do(RemoveVideos((2,)))
    assert not authored(project.folder)["right_video"]
    project.undo()
    assert authored(project.folder) == before


def test_a_video_that_is_not_there_is_refused(project: Project) -> None:
    with pytest.raises(KeyError):
        project.do(SayRight(((9, ""),)))


def test_in_a_project_of_the_version_before_none_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        before = {number: sql for number, sql in schema.migrations().items() if number < 5}
        patched.setattr(schema, "migrations", lambda: before)
        Project.create(tmp_path / "p").close()
    with Project.open(tmp_path / "p") as project:
        assert project.videos() == []
        assert authored(tmp_path / "p")["right_video"] == []


def test_what_a_project_holds_says_which_videos_are_right(project: Project) -> None:
    project.do(SayRight(((1, "anna"), (3, ""))))
    listed = as_json(project)
    assert [video.get("right") for video in listed["videos"]] == ["anna", None, ""]
    assert [line.partition("  right")[1:] for line in as_table(listed).splitlines()[1:]] == [
        ("  right", " (anna)"),
        ("", ""),
        ("  right", ""),
    ]
