"""`python -m core.report`: its tables, its pictures, whose files it touches, and what it refuses."""

from __future__ import annotations

import contextlib
import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.base.files import content_digest
from core.cli import report as command
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import write_embedded
from core.project.phase_edits import AddPhase, ColourPhase
from core.project.store import Project
from tests.conftest import VideoWriter, numbered_image
from tests.core.report.made import looks

Report = Callable[..., int]
TABLES = ["departures.csv", "departures_top.csv", "durations.csv", "summary.csv", "tempo.csv", "unmatched.csv"]
PICTURES = ["departures.png", "phases.png", "tempo.png"]
PHASES = """video,phase,start_frame,end_frame_exclusive
a.mp4,down,0,10
a.mp4,up,10,30
b.mp4,down,0,20
b.mp4,up,20,60
c.mp4,up,5,30
"""


@pytest.fixture
def folder(tmp_path: Path, write_video: VideoWriter) -> Path:
    """An embedded folder, as core.embed writes it: a.mp4; b.mp4, twice as slow; c.mp4, which differs at 0.5 s."""
    (tmp_path / "encoder.safetensors").write_bytes(b"an encoder")
    rows = looks((np.arange(30) + 0.5) / 30)
    turned = rows.copy()
    turned[13:18] = np.array([0, 0, 1])
    videos = []
    for name, embeddings in (("a.mp4", rows), ("b.mp4", np.repeat(rows, 2, axis=0)), ("c.mp4", turned)):
        path = write_video(name, len(embeddings), image=lambda i, *size: numbered_image(i, *size))
        edges = np.arange(len(embeddings) + 1) / 30
        videos.append(EmbeddedVideo(path, content_digest(path), edges, embeddings))
    write_embedded(tmp_path / "emb", videos, content_digest(tmp_path / "encoder.safetensors"))
    (tmp_path / "phases.csv").write_text(PHASES, encoding="utf-8")
    return tmp_path


@pytest.fixture
def report(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.chdir(folder)

    def run(*arguments: str, inputs: str = "emb", reference: str = "a.mp4", out: str = "out") -> int:
        given = [inputs, "--encoder", "encoder.safetensors", "--reference", reference, "--out", out, *arguments]
        return command.main(given)

    return run


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_report_has_its_tables_and_pictures(report: Report, folder: Path) -> None:
    assert report("--phases", "phases.csv") == 0
    assert sorted(path.name for path in (folder / "out").iterdir()) == [".carl-report", *sorted(TABLES + PICTURES)]
    for name in PICTURES:
        assert cv2.imread(str(folder / "out" / name)) is not None


def test_tempo_and_departures_hold_a_row_a_frame(report: Report, folder: Path) -> None:
    assert report("--min-confidence", "0") == 0
    tempo, departures = rows_of(folder / "out" / "tempo.csv"), rows_of(folder / "out" / "departures.csv")
    assert [row["video"] for row in tempo] == ["b.mp4"] * 60 + ["c.mp4"] * 30
    assert list(tempo[0]) == [
        "video",
        "frame",
        "seconds",
        "reference_frame",
        "reference_seconds",
        "tempo",
        "clear",
        "digest",
    ]
    assert {row["clear"] for row in tempo} <= {"0", "1"}
    assert {row["digest"] for row in tempo[60:]} == {row["digest"] for row in departures[60:]} != {""}
    slow = tempo[:60]
    assert [int(row["frame"]) for row in slow] == list(range(60))
    assert [int(row["reference_frame"]) for row in slow] == [frame // 2 for frame in range(60)]
    assert [row["seconds"] for row in slow[:3]] == ["0.000000", "0.033334", "0.066667"]
    assert [row["reference_seconds"] for row in slow[:3]] == ["0.000000", "0.000000", "0.033334"]
    assert {row["tempo"] for row in slow} == {"0.5000"}
    assert [row[name] for row in departures for name in ("video", "frame", "reference_seconds")] == [
        row[name] for row in tempo for name in ("video", "frame", "reference_seconds")
    ]
    assert {row["distance"] for row in departures[:60]} == {"0.000000"}
    (farthest,) = rows_of(folder / "out" / "departures_top.csv")
    assert (farthest["video"], farthest["rank"], farthest["phase"]) == ("c.mp4", "1", "")
    assert float(farthest["seconds"]) == pytest.approx(0.5, abs=0.07)


def test_the_summary_has_a_row_a_video(report: Report, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report("--phases", "phases.csv", "--min-confidence", "0") == 0
    slow, differs = rows_of(folder / "out" / "summary.csv")
    assert (slow["video"], slow["reference"]) == ("b.mp4", "a.mp4")
    assert (slow["seconds"], slow["reference_total_seconds"]) == ("2.000000", "1.000000")
    assert (slow["duration_ratio"], slow["mean_tempo"], slow["largest_phase"]) == ("2.0000", "0.5000", "")
    assert (differs["mean_tempo"], differs["largest_phase"]) == ("1.0000", "up")
    assert float(differs["mean_distance"]) == pytest.approx(5 / 30, abs=0.01)
    said = capsys.readouterr().err
    assert "b.mp4: 2.00 s (2.00 of its length), tempo 0.50, no deviation" in said
    assert "Missing phases count as 0 s in c.mp4 (down)." in said


def test_what_only_one_of_two_shows_has_a_row_of_its_own(
    report: Report, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report("--phases", "phases.csv") == 0
    rows = rows_of(folder / "out" / "unmatched.csv")
    added, missing = (next(row for row in rows if row["kind"] == kind) for kind in ("added", "missing"))
    assert {row["video"] for row in rows} == {"c.mp4"}
    assert (added["in_video"], added["start_frame"], added["end_frame_exclusive"]) == ("c.mp4", "13", "18")
    assert (added["start_seconds"], added["seconds"], added["phase"]) == ("0.433334", "0.166667", "up")
    assert (missing["in_video"], missing["phase"]) == ("a.mp4", "up")
    assert missing["in_digest"] == content_digest(folder / "a.mp4")
    assert added["in_digest"] == added["digest"] == missing["digest"] == content_digest(folder / "c.mp4")
    frame = int(missing["start_frame"])
    assert 12 <= frame < int(missing["end_frame_exclusive"]) <= 19
    _, summary = rows_of(folder / "out" / "summary.csv")
    assert (summary["added_seconds"], summary["missing_seconds"]) == (added["seconds"], missing["seconds"])
    for name in ("tempo", "departures"):
        gone = rows_of(folder / "out" / f"{name}.csv")[60 + 13 : 60 + 18]
        assert {row[column] for row in gone for column in ("reference_frame", "reference_seconds")} == {""}
        assert {row.get("tempo", "") + row.get("distance", "") for row in gone} == {""}
        assert {row.get("clear", "0") for row in gone} == {"0"}
    assert "tempo 1.08, 0.17 s added, 0.10 s missing" in capsys.readouterr().err


def test_of_a_video_with_nothing_in_common_cells_are_empty(
    report: Report, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edges = np.arange(31) / 30
    rows = looks((np.arange(30) + 0.5) / 30)
    for name, embeddings in (("a.mp4", rows), ("c.mp4", np.tile(np.array([0, 0, 1], np.float32), (30, 1)))):
        video = EmbeddedVideo(folder / name, content_digest(folder / name), edges, embeddings)
        write_embedded(folder / f"other_{name[0]}", [video], content_digest(folder / "encoder.safetensors"))
    arguments = ["other_c", "--encoder", "encoder.safetensors", "--reference", "a.mp4", "--out", "out"]
    assert command.main(["other_a", *arguments]) == 0
    (summary,) = rows_of(folder / "out" / "summary.csv")
    assert (summary["added_seconds"], summary["missing_seconds"]) == ("1.000000", "1.000000")
    empty = ("mean_tempo", "clear_share", "shared_start_seconds", "mean_distance", "largest_distance", "largest_phase")
    assert [summary[column] for column in empty] == [""] * len(empty)
    assert rows_of(folder / "out" / "departures_top.csv") == []
    assert "c.mp4: 1.00 s (1.00 of its length), nothing in common: no frame" in capsys.readouterr().err
    assert all(cv2.imread(str(folder / "out" / f"{name}.png")) is not None for name in ("tempo", "departures"))


def test_durations_hold_a_row_a_phase_and_the_reference_first(report: Report, folder: Path) -> None:
    assert report("--phases", "phases.csv") == 0
    rows = rows_of(folder / "out" / "durations.csv")
    assert [(row["video"], row["phase"], row["frames"], row["difference_seconds"]) for row in rows] == [
        ("a.mp4", "down", "10", "0.000000"),
        ("a.mp4", "up", "20", "0.000000"),
        ("b.mp4", "down", "20", "0.333333"),
        ("b.mp4", "up", "40", "0.666667"),
        ("c.mp4", "down", "0", "-0.333333"),
        ("c.mp4", "up", "25", "0.166667"),
        ("c.mp4", "(unlabelled)", "5", "0.166667"),
    ]
    assert [row["tempo"] for row in rows[2:4]] == ["0.5000", "0.5000"]
    assert rows[4]["start_seconds"] == rows[4]["tempo"] == ""


def test_videos_without_phases_are_left_out_of_the_durations(
    report: Report, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "phases.csv").write_text("video,phase,start_frame,end_frame_exclusive\nb.mp4,up,0,9\nb.mp4,up,12,20\n")
    assert report("--phases", "phases.csv") == 0
    rows = rows_of(folder / "out" / "durations.csv")
    assert [(row["video"], row["phase"], row["times"]) for row in rows] == [
        ("b.mp4", "up", "2"),
        ("b.mp4", "(unlabelled)", "2"),
    ]
    assert rows[0]["difference_seconds"] == ""
    said = capsys.readouterr().err
    assert "No phases for a.mp4, c.mp4; left out of the durations." in said
    assert "Phases that occur more than once are added up in b.mp4 (up)." in said


def test_only_what_a_report_wrote_is_replaced(report: Report, folder: Path) -> None:
    assert report("--phases", "phases.csv") == 0
    (folder / "out" / "notes.txt").write_text("mine")
    assert report() == 0  # without phases: what told of them goes
    left = [".carl-report", *sorted({*TABLES, *PICTURES, "notes.txt"} - {"durations.csv", "phases.png"})]
    assert sorted(path.name for path in (folder / "out").iterdir()) == left
    (folder / "other").mkdir()
    (folder / "other" / "tempo.csv").write_text("mine")
    assert report(out="other") == 2
    assert [path.read_text() for path in (folder / "other").iterdir()] == ["mine"]


def test_the_reference_may_be_known_by_its_embeddings_alone(report: Report, folder: Path) -> None:
    for name in ("a.mp4", "c.mp4"):
        (folder / name).unlink()
    assert report() == 0
    assert cv2.imread(str(folder / "out" / "departures.png")) is not None


@pytest.mark.parametrize(
    ("arguments", "paths", "says"),
    [
        ([], {"reference": "missing.mp4"}, "missing.mp4"),
        ([], {"reference": "broken.mp4"}, "broken.mp4 cannot be opened as a video"),
        ([], {"reference": "dark.mp4"}, "None of the frames of the reference dark.mp4 can be decoded."),
        ([], {"reference": "emb"}, "emb is a folder, not a video"),
        ([], {"inputs": "a.mp4"}, "There is nothing to compare with the reference a.mp4. Name other videos too."),
        ([], {"inputs": "nowhere"}, "There is no file or folder nowhere"),
        ([], {"out": "a.mp4"}, "a.mp4 cannot be created: something else has that name."),
        ([], {"out": "taken"}, "durations.csv is not from a report. Choose another folder for --out."),
        (["--phases", "unknown.csv"], {}, "unknown.csv, line 3: there is no video 'x.mp4'"),
        (["--phases", "late.csv"], {}, "late.csv, line 2: 'up' ends at 31, but a.mp4 has 30 frames"),
        (["--phases", "absent.csv"], {}, "There is no file absent.csv. Check its name."),
        (["--phases", "taken/durations.csv"], {"out": "taken"}, "The report would overwrite"),
        (["--window", "0"], {}, "--window must be a number above 0, not 0."),
        (["--window", "nan"], {}, "--window must be a number above 0, not nan."),
        (["--min-confidence", "1"], {}, "--min-confidence must be from 0 to below 1, such as 0.5, not 1.0."),
        (["--top-k", "0"], {}, "--top-k must be a number above 0, not 0."),
        (["--min-gap", "-1"], {}, "--min-gap must be a number above 0, not -1."),
        (["--encoder", "missing.safetensors"], {}, "There is no encoder missing.safetensors"),
        (["--encoder", "other.safetensors"], {}, "made with another encoder"),
    ],
)
def test_what_is_refused_in_one_sentence(
    report: Report,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    paths: dict[str, str],
    says: str,
) -> None:
    (folder / "broken.mp4").write_bytes(b"not a video")
    content = (folder / "a.mp4").read_bytes()
    start, end = (content.index(box) + 4 for box in (b"mdat", b"moov"))
    (folder / "dark.mp4").write_bytes(content[:start] + bytes(end - 8 - start) + content[end - 8 :])
    (folder / "other.safetensors").write_bytes(b"another encoder")
    (folder / "unknown.csv").write_text(PHASES.splitlines()[0] + "\na.mp4,up,0,1\nx.mp4,up,0,1\ny.mp4,up,0,1\n")
    (folder / "late.csv").write_text(PHASES.splitlines()[0] + "\na.mp4,up,0,31\n")
    (folder / "taken").mkdir()
    (folder / "taken" / "tempo.csv").write_text("mine")
    (folder / "taken" / "durations.csv").write_text(PHASES)
    assert report("--events", *arguments, **paths) == 2
    failed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert says in failed["message"]
    assert not failed["is_bug"]
    assert not list((folder / "out").glob("*.csv"))
    assert (folder / "taken" / "tempo.csv").read_text() == "mine"


def test_what_is_wrong_is_said_before_anything_is_embedded(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "open_embedded", lambda *_, **__: pytest.fail("the long work began"))
    assert report(reference="missing.mp4") == 2
    assert report("--phases", "phases.csv", inputs="c.mp4") == 2  # b.mp4 is in it


def test_a_report_on_embeddings_needs_no_torch(folder: Path) -> None:
    words = ["emb", "--encoder", "encoder.safetensors", "--reference", "a.mp4", "--out", "out"]
    code = f"from core.cli.report import main; import sys; sys.exit(main({words}) or 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("is_inside", [True, False])
def test_pictures_have_the_colours_of_the_project_that_the_labels_belong_to(
    report: Report, folder: Path, is_inside: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = "#7a3ff2"
    with Project.create(folder / ("." if is_inside else "elsewhere")) as project:
        for number, phase in enumerate(("down", "up"), 1):
            project.do(AddPhase(phase))
            project.do(ColourPhase(number, chosen if phase == "down" else "#0a8f5b"))
        assert report("--phases", "phases.csv") == 0, "a window may have it open"
    for name in PICTURES:
        image = cv2.imread(str(folder / "out" / name)).astype(int)
        is_chosen = np.abs(image - [0xF2, 0x3F, 0x7A]).max(axis=2) < 4
        assert (is_chosen.sum() > 200) == is_inside, name
    with contextlib.suppress(SystemExit):
        report("--help")
    assert "default colours outside of a project" in " ".join(capsys.readouterr().out.split())


def test_a_project_that_cannot_be_read_costs_the_colours_alone(
    report: Report, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "project.sqlite").write_bytes(b"no database" * 100)
    assert report("--phases", "phases.csv") == 0
    assert "Default colours are used in the pictures" in "".join(capsys.readouterr())
