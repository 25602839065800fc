"""The pins of a pair: shared by both orders, strictly monotone, gone and back with their videos."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.base.errors import LabelError
from core.project import schema
from core.project.anchor_edits import AddAnchor, MoveAnchor, RemoveAnchor, SetAnchors
from core.project.backups import DATABASE
from core.project.changes import NOTHING, Changes
from core.project.edits import Edit
from core.project.rows import Found
from core.project.store import Project
from core.project.video_edits import RemoveVideos
from tests.core.project.projects import authored, filled

PINS = ((10, 4), (20, 30), (25, 31))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Three videos; videos 2 and 1 are pinned together."""
    with filled(tmp_path / "p") as made:
        made.do(SetAnchors(2, 1, PINS))
        yield made


def test_both_orders_share_them(project: Project) -> None:
    assert project.anchors(2, 1) == list(PINS)
    assert project.anchors(1, 2) == [(b, a) for a, b in PINS]
    assert project.do(AddAnchor(1, 2, 40, 50)) == Changes(anchors=frozenset({(1, 2)}))
    assert project.anchors(2, 1) == [*PINS, (50, 40)]
    assert project.anchors(1, 3) == []


def test_a_restart_forgets_neither_them_nor_what_undoes_them(project: Project) -> None:
    project.do(RemoveAnchor(2, 1, 0))
    project.close()
    with Project.open(project.folder) as again:
        assert again.anchors(2, 1) == list(PINS[1:])
        assert again.undo() == Changes(anchors=frozenset({(1, 2)}))
        assert again.anchors(2, 1) == list(PINS)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (AddAnchor(2, 1, 15, 20), [PINS[0], (15, 20), *PINS[1:]]),
        (AddAnchor(2, 1, 10, 5), [(10, 5), *PINS[1:]]),
        (AddAnchor(2, 1, 24, 31), [*PINS[:2], (24, 31)]),
        (MoveAnchor(2, 1, 1, 12, 6), [PINS[0], (12, 6), PINS[2]]),
        (MoveAnchor(2, 1, 0, 30, 40), [*PINS[1:], (30, 40)]),
        (RemoveAnchor(2, 1, 2), list(PINS[:2])),
        (SetAnchors(2, 1, ()), []),
    ],
)
def test_each_edit_is_one_step(project: Project, edit: Edit, expected: list[tuple[int, int]]) -> None:
    steps = len(project.steps())
    assert project.do(edit) == Changes(anchors=frozenset({(1, 2)}))
    assert project.anchors(2, 1) == expected
    assert len(project.steps()) == steps + 1
    project.undo()
    assert project.anchors(2, 1) == list(PINS)


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda: AddAnchor(2, 1, 12, 40), "pin of A 20 and B 30 crosses the pin of A 12 and B 40. Choose other frames"),
        (lambda: MoveAnchor(2, 1, 0, 20, 29), "shares a frame with"),
        (lambda: SetAnchors(2, 1, ((1, 2), (2, 1))), "crosses"),
        (lambda: MoveAnchor(2, 1, 3, 1, 1), "There is no longer a pin 4: this pair has 3"),
        (lambda: RemoveAnchor(2, 1, -1), "There is no longer a pin 0"),
        (lambda: AddAnchor(1, 2, 50, 60), r"cannot be at frame 50, .* \(its frames are 0 to 49\)"),
        (lambda: AddAnchor(1, 3, -1, 0), "cannot be at frame -1"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(
    project: Project, edit: Callable[[], Edit], sentence: str
) -> None:
    project.keep_facts({1: Found(50, 25.0, 2.0, 64, 48)})
    before = authored(project.folder)
    with pytest.raises(LabelError, match=sentence):
        project.do(edit())
    assert authored(project.folder) == before


def test_the_same_pin_again_is_no_step(project: Project) -> None:
    steps = project.steps()
    assert project.do(AddAnchor(1, 2, 4, 10)) == NOTHING
    assert project.steps() == steps


def test_they_go_and_come_back_with_their_videos(project: Project) -> None:
    project.do(AddAnchor(3, 2, 1, 1))
    project.do(AddAnchor(1, 3, 2, 2))
    before = authored(project.folder)
    changes = project.do(RemoveVideos((2,)))
    assert changes.anchors == frozenset({(1, 2), (2, 3)})
    assert len(authored(project.folder)["anchor"]) == 1
    assert project.undo() == changes
    assert authored(project.folder) == before


def test_a_video_may_be_pinned_to_itself(project: Project) -> None:
    project.do(SetAnchors(3, 3, ((1, 5), (6, 9))))
    assert project.anchors(3, 3) == [(1, 5), (6, 9)]


def test_a_project_of_the_version_before_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        first = {1: schema.migrations()[1]}
        patched.setattr(schema, "migrations", lambda: first)
        Project.create(tmp_path / "p").close()
    with Project.open(tmp_path / "p") as project:
        assert project.anchors(1, 2) == []
    with closing(sqlite3.connect(tmp_path / "p" / DATABASE)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (schema.newest_version(),)
