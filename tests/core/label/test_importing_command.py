"""`python -m core.label.importing`: it tells, and changes the project where it is told to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.base.types import Span
from core.cli import label_import as importing
from core.project.places import Place
from core.project.rows import Found
from core.project.store import Project
from core.project.video_edits import AddVideos, NewVideo
from tests.core.project.projects import authored, filled, with_times


def test_it_tells_first_and_does_it_when_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with filled(tmp_path / "p") as project:
        project.keep_facts({1: Found(20, 10.0, 2.0, 64, 48)})
    before = authored(tmp_path / "p")
    table = tmp_path / "labels.csv"
    head = "video,phase,start_frame,end_frame_exclusive\n"
    table.write_text(f"{head}clip1.mp4,hold,0,5\nx.mp4,up,0,5\n", encoding="utf-8")
    words = ["--events", str(tmp_path / "p"), str(table)]
    assert importing.main(words) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event.get("message") for event in events[:-1]] == [
        "labels.csv, line 3: the project has no video 'x.mp4' (add it first); 1 label is left out.",
        "1 label for 1 video; new phases: hold.",
    ]
    assert authored(tmp_path / "p") == before
    assert importing.main([*words, "--accept", "--mode", "fill"]) == 0
    with Project.open(tmp_path / "p") as project:
        assert project.spans(1) == [Span("hold", 0, 5)]
        project.undo()
        assert project.spans(1) == []
    table.write_text(f"{head}x.mp4,up,0,5\n", encoding="utf-8")
    capsys.readouterr()
    assert importing.main([*words, "--accept"]) == 2
    assert "Nothing was imported" in capsys.readouterr().out


_CASES = Path(__file__).parents[2] / "data" / "cases"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of the two videos that the documents name, of 250 frames, 25 a second."""
    with Project.create(tmp_path / "p") as project:
        names = ("v1.mp4", "pour_01.mp4")
        project.do(
            AddVideos(
                tuple(
                    NewVideo(Path("/nowhere", name), f"{number:032x}", 1000, Place("", f"/nowhere/{name}"))
                    for number, name in enumerate(names, 1)
                )
            )
        )
        project.keep_facts({number: Found(250, 25.0, 10.0, 64, 48) for number in (1, 2)})
        with_times(project.videos())
    return tmp_path / "p"


def _said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [str(json.loads(line).get("message")) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("path", "tracks", "chosen", "spans"),
    [
        (
            "eaf_child_tiers/tiers.eaf",
            "'subject 1 phase' (1), 'subject 2 phase' (2), 'Notes' (1)",
            "subject 2 phase",
            [Span("eat", 25, 100), Span("sit", 125, 225)],
        ),
        (
            "interop/elan_two_subjects.eaf",
            "'Subject A' (2), 'Subject B' (2)",
            "subject a",
            [Span("walk", 0, 25), Span("run", 25, 50)],
        ),
    ],
)
def test_of_several_tracks_one_is_chosen(
    path: str, tracks: str, chosen: str, spans: list[Span], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--events", str(folder), str(_CASES / path)]
    before = authored(folder)
    assert importing.main([*words, "--accept"]) == 2
    said = _said(capsys)
    assert any(f"tracks ({tracks}), but a video has one. Choose one" in one for one in said)
    assert f"Choose a track: {tracks}." in said
    assert any("Choose one of the tracks with --track NAME" in one for one in said)
    assert importing.main([*words, "--accept", "--track", "nobody"]) == 2
    assert any(f"no track 'nobody', but {tracks}" in one for one in _said(capsys))
    assert authored(folder) == before
    assert importing.main([*words, "--accept", "--track", chosen]) == 0
    assert any(f"Track {chosen!r} is used. Left out: " in one for one in _said(capsys))
    with Project.open(folder) as project:
        assert project.spans(2 if "two_subjects" in path else 1) == spans


def test_where_there_is_no_choice_none_is_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert importing.main(["--events", str(folder), str(_CASES / "eaf_time_origin" / "origin.eaf"), "--accept"]) == 0
    assert "2 labels for 1 video; new phases: walk, eat." in _said(capsys)
    with Project.open(folder) as project:
        assert project.spans(1) == [Span("walk", 75, 125), Span("eat", 125, 175)]


@pytest.mark.parametrize(("chosen", "phase"), [([], "walk"), (["--track", "Utt"], "u1")])
def test_a_tier_of_words_for_another_one_is_taken_unless_that_is_chosen(
    chosen: list[str], phase: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _CASES / "eaf_child_tiers" / "symbolic.eaf"
    assert importing.main(["--events", str(folder), str(path), "--accept", *chosen]) == 0
    assert any("is used. Left out: " in one for one in _said(capsys))
    with Project.open(folder) as project:
        assert project.spans(1) == [Span(phase, 25, 100)]
