"""Whom body pose follows in a video is an edit as any other, and a table that body pose reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.base.errors import LabelError
from core.pose.people import People, Point
from core.project import schema
from core.project.backups import DATABASE
from core.project.changes import NOTHING
from core.project.person_edits import FollowLargest, FollowPerson
from core.project.rows import Found
from core.project.store import Project
from core.project.tables import write_people
from core.project.video_edits import RemoveVideos
from tests.core.project.projects import authored, filled

HERE, THERE = Point(3, 0.25, 0.5), Point(9, 0.75, 0.125)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with filled(tmp_path / "p") as made:
        yield made


def test_one_person_is_followed_in_a_video(project: Project) -> None:
    assert project.video(2).person is None
    assert project.do(FollowPerson(2, HERE)).videos == {2}
    project.do(FollowPerson(2, THERE))
    assert [video.person for video in project.videos()] == [None, THERE, None]
    assert project.videos([2])[0].person == project.video(2).person == THERE
    project.undo()
    assert project.video(2).person == HERE
    assert project.do(FollowLargest(2)).videos == {2}
    assert project.video(2).person is None
    assert project.do(FollowLargest(2)) == NOTHING
    project.undo()
    assert project.video(2).person == HERE


def test_it_goes_and_comes_back_with_its_video(project: Project) -> None:
    project.do(FollowPerson(2, HERE))
    before = authored(project.folder)
    project.do(RemoveVideos((2,)))
    assert not authored(project.folder)["person"]
    project.undo()
    assert authored(project.folder) == before


def test_past_the_videos_end_nobody_is(project: Project) -> None:
    project.keep_facts({2: Found(9, 30.0, 0.3, 64, 48)})
    with pytest.raises(LabelError, match="cannot be at frame 9: the video has 9 frames, from 0"):
        project.do(FollowPerson(2, THERE))
    assert project.video(2).person is None


def test_a_project_of_the_version_before_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        before = {number: sql for number, sql in schema.migrations().items() if number < 4}
        patched.setattr(schema, "migrations", lambda: before)
        Project.create(tmp_path / "p").close()
    with Project.open(tmp_path / "p") as project:
        assert project.videos() == []
    with closing(sqlite3.connect(tmp_path / "p" / DATABASE)) as db:
        assert db.execute("SELECT count(*) FROM person").fetchone() == (0,)


def test_the_table_is_what_body_pose_reads(tmp_path: Path) -> None:
    files = {1: tmp_path / "a.mp4", 2: tmp_path / "b, c.mp4", 3: tmp_path / "a" / "a.mp4"}
    digests = {number: f"{number}" * 32 for number in (1, 2, 3, 4)}
    table = write_people({2: HERE, 3: THERE, 4: HERE}, files, tmp_path / "people.csv", digests)
    people = People.read(table)
    assert [people.of(files[number], digests[number]) for number in (1, 2, 3)] == [None, HERE, THERE]
    people.check(list(files.values()))
    assert write_people({4: HERE}, files, tmp_path / "none.csv", digests) is None
    assert not (tmp_path / "none.csv").exists()
