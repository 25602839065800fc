"""Undo after do is the identity, whatever is done, undone, redone and reopened in between."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core.base.errors import CarlError
from core.base.types import Span
from core.project import history
from core.project.anchor_edits import AddAnchor, MoveAnchor, RemoveAnchor, SetAnchors
from core.project.changes import NOTHING, Changes
from core.project.edits import Edit, Together
from core.project.phase_edits import AddPhase, ColourPhase, MergePhases, OrderPhases, RemovePhases, RenamePhase
from core.project.right_edits import SayRight
from core.project.rows import SPLITS
from core.project.span_edits import EraseSpans, MergeSpans, MoveBoundary, PaintSpan, ReplaceSpans, SetNote, SplitSpan
from core.project.store import Project
from core.project.video_edits import AddVideos, RemoveVideos, RenameVideo, SetAction, SetNotes, SetSplit
from tests.core.project.projects import authored, filled, new_video

NAMES = ("up", "down", "hold", "läuft 🏃", "\udcff", "o'clock\x00")


def random_edit(project: Project, generator: random.Random) -> Edit:
    """Any edit that fits the project; some of them refuse, or change nothing."""
    videos = [video.id for video in project.videos()]
    phases = [phase.id for phase in project.phases()]
    names = [phase.name for phase in project.phases()]
    name, frame = generator.choice(NAMES), generator.randrange(12)
    span = Span(generator.choice(names or ["up"]), frame, frame + generator.randrange(1, 6), generator.random())
    some = tuple(generator.sample(videos, generator.randrange(len(videos) + 1)))
    edits: list[Edit] = [
        AddVideos(tuple(new_video(generator.randrange(6)) for _ in range(generator.randrange(3)))),
        RemoveVideos(some),
        SetAction(some, name),
        SetSplit(some, generator.choice(SPLITS)),
        SayRight(tuple((number, generator.choice((*NAMES, "", None))) for number in some)),
        SetNotes(name),
        AddPhase(name),
        OrderPhases(tuple(generator.sample(phases, len(phases)))),
        RemovePhases(tuple(phases[:1])),
        Together("Two at once", (AddPhase(name), SetNotes("two"), SetNotes(name))),
    ]
    if phases:
        first, *others = generator.sample(phases, len(phases))
        edits += [RenamePhase(first, name), ColourPhase(first, "#12ab34"), MergePhases(first, tuple(others[:2]))]
    if videos:
        one = generator.choice(videos)
        edits += [RenameVideo(one, name), ReplaceSpans(one, (span,)), EraseSpans(one, frame, frame + 2)]
        edits += [SplitSpan(one, frame), MergeSpans(one, frame), MoveBoundary(one, frame, generator.randrange(15))]
        edits += [PaintSpan(one, span)] * 4
        edits += [SetNote(one, tuple(range(12)), name)] * 2
        other = generator.choice(videos)
        edits += [AddAnchor(one, other, frame, generator.randrange(12))] * 3
        edits += [MoveAnchor(one, other, 0, frame, frame), RemoveAnchor(one, other, 0)]
        edits += [SetAnchors(one, other, ((frame, 1), (frame + 2, 4)))]
    return generator.choice(edits)


@settings(max_examples=12, deadline=None, derandomize=True, phases=(Phase.generate,))
@given(seed=st.integers(0, 2**32), turns=st.lists(st.sampled_from("eeeeeuuro"), min_size=20, max_size=40))
def test_undo_and_redo_walk_through_the_same_states(seed: int, turns: list[str]) -> None:
    generator = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "project")
        project = Project.create(folder)
        states, at = [authored(folder)], 0
        for turn in turns:
            if turn == "e":
                try:
                    steps = len(project.steps())
                    project.do(random_edit(project, generator))
                except CarlError:
                    assert len(project.steps()) == steps
                    assert authored(folder) == states[at]
                    continue
                if authored(folder) != states[at]:
                    states[at + 1 :] = [authored(folder)]
                    at += 1
            elif turn == "u":
                assert bool(project.undo()) == (at > 0)
                at = max(at - 1, 0)
            elif turn == "r":
                assert bool(project.redo()) == (at + 1 < len(states))
                at = min(at + 1, len(states) - 1)
            else:
                project.close()
                project = Project.open(folder)
            assert authored(folder) == states[at]
        for state in reversed(states[:at]):
            assert project.undo()
            assert authored(folder) == state
        assert not project.undo()
        for state in states[1:]:
            assert project.redo()
            assert authored(folder) == state
        project.close()


def test_the_history_says_what_was_done_and_survives_a_restart(tmp_path: Path) -> None:
    filled(tmp_path / "p").close()
    with Project.open(tmp_path / "p") as project:
        assert [step.label for step in project.steps()] == ["Add 3 videos", "Add phase “up”", "Add phase “down”"]
        assert project.undo() == Changes(phases=frozenset({2}))
        undo, redo = project.next_undo(), project.next_redo()
        assert undo is not None
        assert redo is not None
        assert (undo.kind, undo.label, undo.undone) == ("AddPhase", "Add phase “up”", False)
        assert (redo.kind, redo.label, redo.undone) == ("AddPhase", "Add phase “down”", True)


def test_what_changes_nothing_is_no_step_and_leaves_what_can_be_redone(tmp_path: Path) -> None:
    with filled(tmp_path / "p") as project:
        project.undo()
        assert project.do(SetSplit((1, 2), "none")) == NOTHING
        assert project.next_redo()
        assert project.do(SetSplit((1, 2), "val")) == Changes(videos=frozenset({1, 2}))
        assert not project.next_redo()


def test_several_edits_as_one_step(tmp_path: Path) -> None:
    with filled(tmp_path / "p", phases=()) as project:
        before = authored(tmp_path / "p")
        spans = (Span("up", 3, 9),)
        changes = project.do(Together("Read labels", (AddPhase("up"), ReplaceSpans(1, spans), ReplaceSpans(2, spans))))
        assert changes == Changes(phases=frozenset({1}), spans=frozenset({1, 2}))
        assert project.undo() == changes
        assert authored(tmp_path / "p") == before
        with pytest.raises(CarlError, match="There is already a phase 'up'"):
            project.do(Together("Twice", (AddPhase("up"), AddPhase("up"))))
        assert authored(tmp_path / "p") == before


def test_what_comes_in_bit_by_bit_is_one_step(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p") as project:
        empty = authored(tmp_path / "p")
        project.do(AddVideos((new_video(1),)))
        step = project.next_undo()
        for number in (2, 3):
            project.do(Together(f"Add {number} videos", (AddVideos((new_video(number),)),)), joins=step)
        assert [one.label for one in project.steps()] == ["Add 3 videos"]
        full = authored(tmp_path / "p")
        project.undo()
        assert authored(tmp_path / "p") == empty
        project.redo()
        assert authored(tmp_path / "p") == full
        project.do(SetNotes("between"))
        project.do(AddVideos((new_video(4),)), joins=step)  # the step is not the last one any more
        assert [one.label for one in project.steps()] == ["Add 3 videos", "Edit notes", "Add 1 video"]
        last = project.next_undo()
        project.undo()
        project.do(AddVideos((new_video(5),)), joins=last)  # it was taken back: what comes now is another act
        assert [video.digest for video in project.videos()] == [new_video(n).digest for n in (1, 2, 3, 5)]
        project.undo()
        assert authored(tmp_path / "p")["video"] == full["video"]


def test_the_oldest_steps_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_STEPS", 4)
    with Project.create(tmp_path / "p") as project:
        for number in range(9):
            project.do(SetNotes(str(number)))
        while project.undo():
            pass
        assert project.notes() == "4"
