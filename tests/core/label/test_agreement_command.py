"""`python -m core.label.agreement`: two annotators of a project's videos, from the project and files of any format."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from core.base.types import Span
from core.cli import label_agreement as command
from core.cli import label_export as export
from core.project.rows import Found
from core.project.span_edits import ReplaceSpans
from core.project.store import Project
from tests.core.project.projects import filled, with_times


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two videos of 50 frames, labelled by A; the labels of B lie beside as `b.csv` and `b.eaf`."""
    folder = tmp_path / "project"
    with filled(folder, 2) as project:
        project.keep_facts({number: Found(50, 25.0, 2.0, 64, 48) for number in (1, 2)})
        with_times(project.videos())
        project.do(ReplaceSpans(1, (Span("up", 0, 23), Span("down", 23, 50))))
    for form, name in (("segments", "b.csv"), ("elan", "b")):
        assert export.main([str(folder), "--format", form, "--out", str(tmp_path / name)]) == 0
    with Project.open(folder) as project:
        project.do(ReplaceSpans(1, (Span("up", 0, 20), Span("down", 20, 50))))
        project.do(ReplaceSpans(2, (Span("up", 0, 20),)))
    return folder


def test_the_table_says_how_far_they_agree(folder: Path) -> None:
    for name in ("b.csv", "b"):
        out = folder.parent / f"{name}.out.csv"
        assert command.main([str(folder), str(folder.parent / name), "--out", str(out)]) == 0
        with out.open(encoding="utf-8") as file:
            everything, up, down, clip = csv.DictReader(file)
        # observed 47/50; expected (20 * 23 + 30 * 27) / 2500
        assert float(everything["kappa"]) == pytest.approx((0.94 - 0.508) / (1 - 0.508), abs=1e-5)
        assert (everything["num_frames"], everything["num_frames_same"]) == ("50", "47")
        assert (everything["num_boundaries_a"], everything["num_matched"]) == ("2", "2")
        assert (everything["distance_frames_q50"], everything["mean_offset_frames"]) == ("3", "3")
        assert [up["phase"], down["phase"], clip["video"]] == ["up", "down", "clip1.mp4"]


def test_two_files_and_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    b, out = str(folder.parent / "b.csv"), folder.parent / "agreement.json"
    assert command.main([str(folder), b, b, "--tolerance", "0", "--out", str(out)]) == 0
    loaded = json.loads(out.read_text(encoding="utf-8"))
    assert loaded["tolerance_frames"] == 0
    assert {row["kappa"] for row in loaded["rows"]} == {1.0}
    assert command.main([str(folder), b, "--tolerance", "2", "--out", str(out)]) == 0
    first = json.loads(out.read_text(encoding="utf-8"))["rows"][0]
    assert (first["num_unmatched_a"], first["num_unmatched_b"], first["distance_frames_q50"]) == (2, 2, None)
    capsys.readouterr()


def test_what_cannot_be_compared_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = folder.parent / "other.csv"
    other.write_text("video,phase,start_frame,end_frame_exclusive\nx.mp4,up,0,5\n", encoding="utf-8")
    out = str(folder.parent / "out.csv")
    assert command.main([str(folder), str(other), "--out", out]) == 2
    assert "no labels of the project's videos" in capsys.readouterr().err
    b = str(folder.parent / "b.csv")
    assert command.main([str(folder), b, "--tolerance", "-1", "--out", out]) == 2
    assert command.main([str(folder), b, b, b, "--out", out]) == 2
