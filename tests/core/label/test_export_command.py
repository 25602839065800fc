"""`python -m core.label.export` and `core.label --format`: the same labels give the same files, byte by byte."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from core.base.files import content_digest
from core.cli import label as label
from core.cli import label_export as export
from core.cli import label_import as importing
from core.embedding.folder import write_embedded
from core.labels.formats.table import FORMATS
from core.project.places import Place
from core.project.rows import Found
from core.project.span_edits import ReplaceSpans
from core.project.store import Project
from core.project.video_edits import AddVideos, NewVideo
from core.video.times import keep_times
from tests.core.label.clips import PHASES, clip, spans
from tests.core.project.projects import filled

_LENGTHS = {"a.mp4": (12, 20, 10), "b.mp4": (20, 9, 15)}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two videos, every frame labelled; the same two lie embedded in `embedded`, with labels.csv."""
    monkeypatch.chdir(tmp_path)
    clips = [clip(name, lengths) for name, lengths in _LENGTHS.items()]
    Path("encoder.safetensors").write_bytes(b"an encoder")
    write_embedded(tmp_path / "embedded", clips, content_digest(Path("encoder.safetensors")))
    with filled(tmp_path / "project", 0, phases=PHASES) as made:
        new = [NewVideo(one.path, one.digest, 100, Place("", str(one.path))) for one in clips]
        made.do(AddVideos(tuple(new)))
        made.keep_facts({n: Found(len(one), 10.0, len(one) / 10, 64, 48) for n, one in enumerate(clips, 1)})
        for number, lengths in enumerate(_LENGTHS.values(), 1):
            made.do(ReplaceSpans(number, tuple(spans(lengths))))
    for one in clips:
        keep_times(one.digest, one.edges_seconds)
    assert export.main(["--events", "project", "--out", "labels.csv"]) == 0
    return tmp_path / "project"


def files(path: Path) -> dict[str, bytes]:
    """Of a file or a folder, by what they are called in it."""
    if path.is_file():
        return {"": path.read_bytes()}
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_both_commands_write_the_same_bytes(form: str, project: Path) -> None:
    ends = FORMATS[form].suffix
    told = ["--features", "embedded", "--address-prefix", "https://example.org/"]
    assert export.main(["--events", "project", "--format", form, "--out", f"exported{ends}", *told]) == 0
    given = ["--labels", "labels.csv", "--library", "embedded", "--encoder", "encoder.safetensors", *told[2:]]
    assert label.main(["--events", *given, "--format", form, "--out", f"labelled{ends}"]) == 0
    exported, labelled = files(Path(f"exported{ends}")), files(Path(f"labelled{ends}"))
    assert exported
    assert exported == labelled


@pytest.mark.parametrize("form", sorted(set(FORMATS) - {"statistics"}))
def test_what_was_exported_comes_back_into_the_project(form: str, project: Path) -> None:
    ends = FORMATS[form].suffix
    told = ["--format", form, "--address-prefix", "https://example.org/my%20videos/"]
    assert export.main(["--events", "project", "--out", f"exported{ends}", *told]) == 0
    with Project.open(project) as made:
        wanted = made.spans_by_video()
        for number in wanted:
            made.do(ReplaceSpans(number, ()))
    assert importing.main(["--events", "project", f"exported{ends}", "--accept"]) == 0
    with Project.open(project) as made:
        assert made.spans_by_video() == wanted


@pytest.mark.parametrize("form", ["segments", "frames", "boris"])
def test_tables_are_sheets_where_the_name_says_so(form: str, project: Path) -> None:
    assert export.main(["--events", "project", "--format", form, "--out", "exported.xlsx"]) == 0
    with Project.open(project) as made:
        wanted = made.spans_by_video()
        for number in wanted:
            made.do(ReplaceSpans(number, ()))
    assert Path("exported.xlsx").read_bytes().startswith(b"PK")
    assert importing.main(["--events", "project", "exported.xlsx", "--accept"]) == 0
    with Project.open(project) as made:
        assert made.spans_by_video() == wanted


def test_one_span_of_one_video_is_said_so(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Project.open(project) as made:
        made.do(ReplaceSpans(1, ()))
        made.do(ReplaceSpans(2, tuple(spans((20, 0, 0))[:1])))
    capsys.readouterr()
    assert export.main(["--events", "project", "--out", "one.csv"]) == 0
    assert '"1 label of 1 video."' in capsys.readouterr().out


def test_what_label_studio_needs_lies_beside_and_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--events", "project", "--format", "label-studio", "--out", "tasks.json"]
    capsys.readouterr()
    assert export.main(given) == 0
    told = [json.loads(line).get("message", "") for line in capsys.readouterr().out.splitlines()]
    assert any("tasks.config.xml is the labelling configuration" in sentence for sentence in told)
    assert any("--address-prefix" in sentence for sentence in told)
    config = ElementTree.parse("tasks.config.xml").getroot()
    assert [label.get("value") for label in config.iter("Label")] == list(PHASES)
    assert config.find("Video").attrib == {"name": "video", "value": "$video", "frameRate": "$fps"}  # type: ignore[union-attr]
    assert export.main([*given, "--address-prefix", "/data/local-files/?d=my videos/"]) == 0
    assert not any("--address-prefix" in line for line in capsys.readouterr().out.splitlines())
    tasks = json.loads(Path("tasks.json").read_text(encoding="utf-8"))
    assert [task["data"]["video"] for task in tasks] == [f"/data/local-files/?d=my videos/{name}" for name in _LENGTHS]


def test_statistics_add_up(project: Path) -> None:
    with Project.open(project) as made:
        made.do(ReplaceSpans(2, tuple(spans(_LENGTHS["b.mp4"])[:2])))
    assert export.main(["--events", "project", "--format", "statistics", "--out", "out/statistics"]) == 0
    tables = {}
    for name in ("phases", "groups", "videos"):
        with Path("out/statistics", f"{name}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.DictReader(file))
    assert [(row["video"], row["phase"], row["times"], row["seconds"]) for row in tables["videos"]] == [
        ("a.mp4", "rest", "1", "1.200000"),
        ("a.mp4", "lift", "1", "2.000000"),
        ("a.mp4", "lower", "1", "1.000000"),
        ("b.mp4", "rest", "1", "2.000000"),
        ("b.mp4", "lift", "1", "0.900000"),
        ("b.mp4", "(unlabelled)", "1", "1.500000"),
    ]
    assert [(row["phase"], row["videos"], row["times_per_video"], row["mean_seconds"]) for row in tables["phases"]] == [
        ("rest", "2", "1.0000", "1.600000"),
        ("lift", "2", "1.0000", "1.450000"),
        ("lower", "1", "0.5000", "1.000000"),
        ("(unlabelled)", "1", "0.5000", "1.500000"),
    ]
    for rows in tables.values():
        shares: dict[str, float] = {}
        for row in rows:
            whole = row.get("video", row.get("group", ""))
            shares[whole] = shares.get(whole, 0.0) + float(row["share"])
        assert list(shares.values()) == pytest.approx([1.0] * len(shares), abs=1e-3)
    assert {file.name for file in Path("out/statistics").glob("*.png")} == {"durations.png", "videos.png"}


def test_what_cannot_be_written_is_one_sentence(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    Path("there").mkdir()
    given = ["--labels", "labels.csv", "--library", "embedded", "--encoder", "encoder.safetensors"]
    refused = {
        "already exists": (export.main, ["project", "--format", "elan", "--out", "there"]),
        "does not end in .json": (export.main, ["project", "--format", "via", "--out", "a.csv"]),
        "folder of the project itself": (export.main, ["project", "--out", "project/labels/a.csv"]),
        "already exists, but --format elan": (label.main, [*given, "--format", "elan", "--out", "there"]),
        "does not end in .tsv or .xlsx": (label.main, [*given, "--format", "boris", "--out", "a.csv"]),
        "is not a project": (export.main, ["there", "--out", "a.csv"]),
    }
    for sentence, (command, words) in refused.items():
        assert command(["--events", *words]) == 2
        (event,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert sentence in event["message"]
    assert list(Path("there").iterdir()) == []
