"""BORIS's tables in the columns of its versions, MS-TCN's text as others write it, and JSON as its readers want it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from core.base.types import Span
from core.datasets.layouts import read_dataset
from core.labels.formats import boris
from core.labels.formats.table import FORMATS, read_labels
from core.labels.tracks import Labels, Track

_V7 = (
    "Observation id\tObservation date\tDescription\tMedia file\tTotal length\tFPS\tsex\tSubject\tBehavior\t"
    "Behavioral category\tModifiers\tBehavior type\tStart (s)\tStop (s)\tDuration (s)\tComment start\tComment stop\n"
)
"""As BORIS 7 writes it, with an independent variable."""
_V8 = "\t".join(boris.COLUMNS) + "\n"


def _v7(media: str, behavior: str, kind: str, start: str, stop: str, observation: str = "obs 1") -> str:
    cells = [
        observation,
        "2024-05-01 10:00:00",
        "",
        media,
        "180.000",
        "25.0",
        "f",
        "No focal subject",
        behavior,
        "",
        "",
    ]
    return "\t".join([*cells, kind, start, stop, "NA", "", ""]) + "\n"


def _v8(media: str, behavior: str, start: str, stop: str, offset: str = "0.000", source: str = "") -> str:
    cells = ["obs 2", "2024-05-01 10:00:00", "", "Media file", source, offset, "180.000", "180.000", "25.000"]
    cells += ["No focal subject", "180.000", behavior, "", "STATE", start, stop, "1.000", media]
    return "\t".join([*cells, "12", "37", "", "", "", ""]) + "\n"


def test_events_of_boris_7(tmp_path: Path) -> None:
    path = tmp_path / "events.tsv"
    lines = [
        _v7("a.mp4", "sniff", "STATE", "1.800", "8.125"),
        _v7("a.mp4", "peck", "POINT", "9.000", "9.000"),
        _v7("b.mp4", "sniff", "STATE", "190.000", "195.000"),  # queued behind the first
        _v7("c.mp4", "rest", "STATE", "0.000", "2.000", "obs 9"),
        _v7("a.mp4", "sniff", "STATE", "NA", "NA"),
    ]
    path.write_text(_V7 + "".join(lines), encoding="utf-8")
    read = read_labels([path])
    assert [(s.video, s.phase, s.start, s.end, s.in_frames) for s in read.segments] == [
        ("a.mp4", "sniff", 1.8, 8.125, False),
        ("c.mp4", "rest", 0.0, 2.0, False),
    ]
    assert read.videos["a.mp4"].fps == 25.0
    assert [(problem.where, problem.sentence.split(";")[0]) for problem in read.problems] == [
        ("events.tsv, line 3", "'peck' is a point event without a duration"),
        ("events.tsv, line 6", "start (s) must be a number, not 'NA'."),
        (
            "events.tsv, line 4",
            "times of an observation count from its first video, 'a.mp4', but this is another",
        ),
    ]


def test_events_of_boris_8_with_an_offset(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    rows = _V8 + _v8("", "sniff", "11.800", "18.125", "10.000", "player #1:/films/a b.mp4")
    path.write_bytes(rows.replace("\t", ",").replace("\n", "\r\n").encode("utf-16"))
    (segment,) = read_labels([path]).segments
    assert (segment.video, segment.start, segment.end) == ("/films/a b.mp4", pytest.approx(1.8), pytest.approx(8.125))


def test_what_is_written_for_boris(tmp_path: Path) -> None:
    track = Track(Path("/films/a.mp4"), np.arange(101) / 25, (Span("sniff", 5, 25), Span("rest", 25, 30, 0.5, "probe")))
    FORMATS["boris"].write(tmp_path / "out.tsv", Labels(("sniff", "rest"), (track,)))
    with (tmp_path / "out.tsv").open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file, delimiter="\t")
    assert tuple(first) == boris.COLUMNS
    told = ("Behavior", "Behavior type", "Start (s)", "Stop (s)", "Duration (s)", "FPS (frame/s)", "Image index start")
    assert [first[column] for column in told] == ["sniff", "STATE", "0.200", "1.000", "0.800", "25.000", "5"]
    assert (first["Comment start"], second["Comment start"]) == ("", "probe")


def test_labels_of_others_in_the_text_of_ms_tcn(tmp_path: Path) -> None:
    folder = tmp_path / "groundTruth"
    folder.mkdir()
    (tmp_path / "mapping.txt").write_text("0 SIL\n1 pour\n", encoding="utf-8")
    (folder / "rgb-01-1.txt").write_bytes(b"\xef\xbb\xbfSIL\r\nSIL\r\npour\r\npour\r\nSIL\r\n\r\n")
    (folder / "empty.txt").write_text("\n", encoding="utf-8")
    (folder / "gap.txt").write_text("SIL\n\npour\n", encoding="utf-8")
    read = read_labels([tmp_path / "mapping.txt"])
    assert [(s.video, s.phase, s.start, s.end) for s in read.segments] == [
        ("rgb-01-1", "SIL", 0, 2),
        ("rgb-01-1", "pour", 2, 4),
        ("rgb-01-1", "SIL", 4, 5),
    ]
    assert read.segments[1].where == "rgb-01-1.txt, line 3"
    assert [problem.where for problem in read.problems] == ["empty.txt", "gap.txt"]
    assert "line 2: the class is empty" in read.problems[1].sentence
    (alone,) = read_labels([tmp_path / "mapping.csv"]).problems
    assert (alone.where, alone.sentence) == ("", f"There is no file {tmp_path / 'mapping.csv'}. Check its name.")


def _labels(folder: Path) -> Labels:
    """Of two videos that are there, one to train on and one to validate on; some frames are not labelled."""
    spans = (Span("pour", 2, 5), Span("raise arm", 7, 9))
    tracks = []
    for name, subset in (("a.mp4", "train"), ("b.mp4", "val")):
        (folder / name).write_bytes(b"frames")
        tracks.append(Track(folder / name, np.arange(11) * 1001 / 30000, spans, subset=subset))
    return Labels(("raise arm", "pour"), tuple(tracks))


def test_activitynet_is_read_as_a_data_set(tmp_path: Path) -> None:
    made = _labels(tmp_path)
    FORMATS["activitynet"].write(tmp_path / "labels.json", made)
    entry = json.loads((tmp_path / "labels.json").read_text(encoding="utf-8"))["database"]["b"]
    assert set(entry) == {"duration", "subset", "url", "annotations"}
    assert entry["annotations"][0] == {"segment": [0.066734, 0.166834], "label": "pour"}
    found = read_dataset(tmp_path / "labels.json", layout="activitynet")
    assert [(video.path.name, video.split) for video in found.videos] == [("a.mp4", "train"), ("b.mp4", "val")]
    for video in found.videos:
        labels = video.labels.on(video.path.name, made.tracks[0].edges_seconds, lambda event: None)
        names = found.actions[0].classes
        assert [names[label] if label >= 0 else "" for label in labels] == _frames(made)


def test_ms_tcn_is_read_as_a_data_set_without_the_frames_that_have_no_label(tmp_path: Path) -> None:
    made = _labels(tmp_path)
    FORMATS["ms-tcn"].write(tmp_path / "out", made)
    found = read_dataset(tmp_path / "out", layout="ms_tcn", videos=tmp_path)
    assert found.actions[0].classes == ("raise_arm", "pour")
    for video in found.videos:
        labels = video.labels.on(video.path.name, made.tracks[0].edges_seconds, lambda event: None)
        names = ("raise arm", "pour")
        assert [names[label] if label >= 0 else "" for label in labels] == _frames(made)


def test_what_is_wrong_in_activitynet_is_named_and_the_rest_counts(tmp_path: Path) -> None:
    good = {"segment": [1.5, 4], "label": "jump"}
    wrong = [{"segment": [3, 1], "label": "bow"}, {"segment": [1, 2]}, [1, 2]]
    entries = {"Ab-1": {"annotations": [good, *wrong]}, "c": {"annotations": 5}, "d": {"subset": "testing"}}
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"database": entries}), encoding="utf-8")
    read = read_labels([path])
    assert [(s.video, s.phase, s.start, s.end, s.in_frames) for s in read.segments] == [("Ab-1", "jump", 1.5, 4, False)]
    assert read.videos["Ab-1"].others == ("v_Ab-1",)
    assert [(problem.where, problem.sentence.partition(",")[0]) for problem in read.problems] == [
        ("a.json, Ab-1, annotation 1", "'bow' begins at 3 and ends at 1 seconds. The end must come after the start"),
        ("a.json, Ab-1, annotation 2", 'must be like {"segment": [1.5'),
        ("a.json, Ab-1, annotation 3", 'must be like {"segment": [1.5'),
        ("a.json, c", "annotations must be a list"),
    ]
    assert all(problem.sentence.endswith(" left out.") for problem in read.problems)
    path.write_text(json.dumps({"database": [1]}), encoding="utf-8")
    assert 'no "database" with an entry for each video' in read_labels([path]).problems[0].sentence


def _frames(made: Labels) -> list[str]:
    found = [""] * 10
    for span in made.tracks[0].spans:
        found[span.start_frame : span.end_frame_exclusive] = [span.phase] * len(span)
    return found


def test_via_has_what_its_documentation_asks_for(tmp_path: Path) -> None:
    FORMATS["via"].write(tmp_path / "out.json", _labels(tmp_path))
    project = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert set(project) == {"project", "config", "attribute", "file", "metadata", "view"}
    assert project["project"]["vid_list"] == ["1", "2"]
    assert project["attribute"]["1"]["anchor_id"] == "FILE1_Z2_XY0"
    assert project["attribute"]["1"]["options"] == {"1": "raise arm", "2": "pour"}
    assert project["file"]["1"] == {
        "fid": "1",
        "fname": "a.mp4",
        "type": 4,
        "loc": 3,
        "src": (tmp_path / "a.mp4").as_uri(),
    }
    assert project["metadata"]["2_1"] == {
        "vid": "2",
        "flg": 0,
        "z": [0.066734, 0.166834],
        "xy": [],
        "av": {"1": "2"},
    }


def test_label_studio_has_what_its_documentation_asks_for(tmp_path: Path) -> None:
    FORMATS["label-studio"].write(tmp_path / "out.json", _labels(tmp_path))
    task, _ = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert task["data"]["video"] == "a.mp4"
    assert task["annotations"][0]["result"][0] == {
        "id": "frames-3-5",
        "from_name": "videoLabels",
        "to_name": "video",
        "type": "timelinelabels",
        "origin": "manual",
        "value": {"ranges": [{"start": 3, "end": 5}], "timelinelabels": ["pour"]},
    }
