"""`python -m core.label.importing`: it tells, and changes the project where it is told to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.label import importing
from core.project.rows import Found
from core.project.store import Project
from core.types import Span
from tests.core.project.projects import authored, filled


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
        "labels.csv, line 3: the project has no video 'x.mp4', so add it first: 1 span is left out.",
        "1 span for 1 video; new phases: hold.",
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
    assert "Nothing can be imported" in capsys.readouterr().out
