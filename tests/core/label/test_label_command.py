"""`python -m core.label`: its tables, its sentences, and what it refuses."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.base.files import content_digest
from core.cli import label as command
from core.embedding.folder import write_embedded
from core.label.tables import NEXT_COLUMNS
from core.labels.segments import COLUMNS
from tests.core.label.clips import clip, spans

Label = Callable[..., int]
A, B, C = (12, 20, 10), (20, 9, 15), (7, 14, 25)
HEAD = "video,phase,start_frame,end_frame_exclusive\n"
LABELS = HEAD + "".join(f"a.mp4,{s.phase},{s.start_frame},{s.end_frame_exclusive}\n" for s in spans(A))


@pytest.fixture
def label(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Label:
    """Runs the command on the embeddings of three clips, with `labels` as the text of labels.csv."""
    monkeypatch.chdir(tmp_path)
    Path("encoder.safetensors").write_bytes(b"an encoder")
    clips = [clip("a.mp4", A, seed=1), clip("b.mp4", B, seed=2), clip("c.mp4", C, seed=3)]
    write_embedded(tmp_path / "embedded", clips, content_digest(Path("encoder.safetensors")))

    def run(*options: str, labels: str | bytes = LABELS, out: str = "phases.csv") -> int:
        Path("labels.csv").write_bytes(labels.encode() if isinstance(labels, str) else labels)
        given = ["--labels", "labels.csv", "--library", "embedded", "--encoder", "encoder.safetensors", "--out", out]
        return command.main(["--events", *given, *options])

    return run


def table(name: str) -> list[dict[str, str]]:
    with Path(name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def said(capsys: pytest.CaptureFixture[str], kind: str) -> list[str]:
    """The messages of these events."""
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [event["message"] for event in events if event["event"] == kind]


def test_phases_frames_and_what_to_label_next(label: Label, capsys: pytest.CaptureFixture[str]) -> None:
    assert label("--frames", "frames.csv", "--suggestions", "next.csv") == 0
    phases, frames, suggested = table("phases.csv"), table("frames.csv"), table("next.csv")
    assert list(phases[0]) == list(COLUMNS)
    of_a = [row for row in phases if row["video"] == "a.mp4"]
    assert [(row["phase"], row["start_frame"], row["source"], float(row["confidence"])) for row in of_a] == [
        ("rest", "0", "label", 1.0),
        ("lift", "12", "label", 1.0),
        ("lower", "32", "label", 1.0),
    ]
    assert {row["source"] for row in phases if row["video"] != "a.mp4"} == {"both"}
    for name, lengths in (("a.mp4", A), ("b.mp4", B), ("c.mp4", C)):
        covered = [(int(r["start_frame"]), int(r["end_frame_exclusive"])) for r in phases if r["video"] == name]
        assert [start for start, _ in covered] == [0, *(stop for _, stop in covered[:-1])]
        assert covered[-1][1] == sum(lengths)
    assert list(frames[0]) == ["video", "frame", "seconds", "rest", "lift", "lower", "digest"]
    assert [(row["video"], int(row["frame"])) for row in frames] == [
        (name, frame) for name, lengths in (("a.mp4", A), ("b.mp4", B), ("c.mp4", C)) for frame in range(sum(lengths))
    ]
    shares = np.array([[float(row[phase]) for phase in ("rest", "lift", "lower")] for row in frames])
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-5)
    assert [float(row["seconds"]) for row in frames[:42]] == pytest.approx([i / 10 for i in range(42)])
    assert list(suggested[0]) == list(NEXT_COLUMNS)
    assert {row["video"] for row in suggested if row["reason"] == "covering"} == {"b.mp4", "c.mp4"}
    first = suggested[0]
    assert first["reason"] == "unsure"
    assert float(first["start_seconds"]) == pytest.approx(int(first["start_frame"]) / 10)
    sentence = said(capsys, "notice")[-1]
    assert f"{first['video']} from {float(first['start_seconds']):.2f} to" in sentence
    assert "Unlabelled videos that are most similar to many others: " in sentence


def test_options_say_how_phases_are_predicted(label: Label) -> None:
    for method in ("probe", "transfer"):
        assert label("--method", method, "--no-order") == 0
        assert {row["source"] for row in table("phases.csv")} == {"label", method}


def test_its_own_phases_are_not_taken_for_labels(label: Label, capsys: pytest.CaptureFixture[str]) -> None:
    assert label() == 0
    first = Path("phases.csv").read_text(encoding="utf-8")
    num_predicted = sum(row["source"] == "both" for row in table("phases.csv"))
    capsys.readouterr()
    assert label(labels=first, out="again.csv") == 0
    assert Path("again.csv").read_text(encoding="utf-8") == first
    assert said(capsys, "notice")[0].startswith(f"labels.csv: {num_predicted} of {num_predicted + 3} segments are pred")


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf" + LABELS.encode(),
        LABELS.replace(",", ";").replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + LABELS.replace(",", "\t").encode(),
        b"Video;Phase;start_seconds;end_seconds\r\na.mp4;rest;0;1,2\r\na.mp4;lift;1,2;3,2\r\na.mp4;lower;3,2;4,2\r\n",
    ],
)
def test_spreadsheets_write_in_many_ways(label: Label, text: bytes) -> None:
    assert label() == 0
    plain = Path("phases.csv").read_bytes()
    assert label(labels=text) == 0
    assert Path("phases.csv").read_bytes() == plain


def test_every_video_may_be_labelled(label: Label, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        f"{name},{s.phase},{s.start_frame},{s.end_frame_exclusive}\n"
        for name, lengths in (("a.mp4", A), ("b.mp4", B), ("c.mp4", C))
        for s in spans(lengths)
    ]
    assert label("--suggestions", "next.csv", labels=HEAD + "".join(rows)) == 0
    assert {row["source"] for row in table("phases.csv")} == {"label"}
    assert len(table("phases.csv")) == 9
    assert table("next.csv") == []
    assert said(capsys, "notice") == ["Every video has labels, and no prediction is doubtful."]


def test_videos_of_one_name_are_told_apart_by_their_paths(label: Label, tmp_path: Path) -> None:
    twins = [clip("one/x.mp4", A, seed=1), clip("two/x.mp4", B, seed=2)]
    write_embedded(tmp_path / "embedded", twins, content_digest(Path("encoder.safetensors")))
    assert label("--frames", "f.csv", "--suggestions", "n.csv", labels=LABELS.replace("a.mp4", "one/x.mp4")) == 0
    names = ["one/x.mp4", "two/x.mp4"]
    for name in ("phases.csv", "f.csv"):
        assert list(dict.fromkeys(row["video"] for row in table(name))) == names
    assert {row["video"] for row in table("n.csv")} == {names[1]}


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("z.mp4,rest,0,9\n", "labels.csv, line 5: there is no video 'z.mp4': did you mean"),
        ("b.mp4,rest,0,9\nb.mp4,lift,8,12\n", "labels.csv, line 6: 'lift' overlaps 'rest' of line 5 in b.mp4"),
        ("b.mp4,rest,9,3\n", "labels.csv, line 5: 'rest' of b.mp4 begins at 9 and ends at 3"),
        ("b.mp4,rest,40,45\n", "labels.csv, line 5: 'rest' ends at 45, but b.mp4 has 44 frames"),
        ("b.mp4,Rest,0,9\n", "labels.csv, line 5: 'Rest' is 'rest' in line 2. Write a phase the same everywhere."),
        ("b.mp4,frame,0,9\n", "labels.csv, line 5: --frames has its own column 'frame'"),
    ],
)
def test_a_wrong_line_is_named(label: Label, capsys: pytest.CaptureFixture[str], lines: str, says: str) -> None:
    assert label("--frames", "frames.csv", labels=LABELS + lines) == 2
    (sentence,) = said(capsys, "failed")
    assert says in sentence
    assert not Path("phases.csv").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + "a.mp4,rest,0,9\nb.mp4,rest,0,9\n", "labels.csv, line 2: 'rest' is the only phase in labels.csv"),
        (HEAD, "labels.csv has no segments"),
        ("", "labels.csv is empty"),
        (
            "video,phases,start_frame,end_frame_exclusive\na.mp4,x,0,1\n",
            "labels.csv, line 1: there is no column 'phase'",
        ),
        ("video,phase,start_frame\na.mp4,x,0\n", "has no bounds. It needs the columns"),
        (HEAD.replace("\n", ",source\n") + "a.mp4,rest,0,9,probe\n", "labels.csv holds only predictions"),
        (b"video,phase\xff\n", "labels.csv cannot be read (it is not UTF-8 text)"),
    ],
)
def test_so_is_a_file_that_holds_too_little(
    label: Label, capsys: pytest.CaptureFixture[str], text: str | bytes, says: str
) -> None:
    assert label(labels=text) == 2
    (sentence,) = said(capsys, "failed")
    assert says in sentence


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--method", "guess"], "invalid choice: 'guess'"),
        (
            ["--frames", "frames.txt"],
            "--frames writes CSV or XLSX, but frames.txt does not end in .csv or .xlsx. Change its suffix.",
        ),
        (["--suggestions", "labels.csv"], "--suggestions labels.csv would overwrite an input"),
        (
            ["--suggestions", "n.csv", "--frames", "./n.csv"],
            "--frames and --suggestions are both n.csv. Give each its own name.",
        ),
        (["--suggestions", "phases.csv"], "--out and --suggestions are both phases.csv"),
        (["--encoder", "missing.safetensors"], "There is no encoder missing.safetensors"),
        (["--ordr"], "Unknown option --ordr: did you mean '--order'?"),
    ],
)
def test_what_is_refused_before_the_work(
    label: Label, capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    assert label(*options) == 2
    (sentence,) = said(capsys, "failed")
    assert says in sentence
    assert Path("labels.csv").read_text(encoding="utf-8") == LABELS
    assert not Path("phases.csv").exists()


def test_an_encoder_that_did_not_make_the_embeddings(label: Label, capsys: pytest.CaptureFixture[str]) -> None:
    Path("encoder.safetensors").write_bytes(b"another encoder")
    assert label() == 2
    (sentence,) = said(capsys, "failed")
    assert "embeddings.json: these embeddings were made with another encoder" in sentence


def test_embeddings_on_disk_are_labelled_without_torch(label: Label, tmp_path: Path) -> None:
    assert label() == 0
    given = [
        "--labels",
        "labels.csv",
        "--library",
        "embedded",
        "--encoder",
        "encoder.safetensors",
        "--out",
        "again.csv",
    ]
    program = (
        f"import sys; from core.cli import label\nassert label.main({given!r}) == 0; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, timeout=120)
    assert Path("again.csv").read_bytes() == Path("phases.csv").read_bytes()
