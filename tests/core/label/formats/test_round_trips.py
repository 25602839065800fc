"""What is written in a format and read again is the same on every frame, at whatever times frames come."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from core.errors import LabelError, StorageError
from core.label.formats import frames_csv, ms_tcn
from core.label.formats.labels import Labels, Track, boundaries, frame_of
from core.label.formats.table import FORMATS, read_labels
from core.types import Span
from tests.core.label.formats.made import PHASES, frames_of, frames_read, labels, sources_of, sources_read


@contextmanager
def written(name: str, made: Labels) -> Iterator[Path]:
    one = FORMATS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"out{one.suffix}")
        one.write(path, made)
        yield path


@given(labels())
@settings(max_examples=60, deadline=None)
def test_tables_of_spans(made: Labels) -> None:
    with written("segments", made) as path:
        read = read_labels([path])
    assert frames_read(read, made) == frames_of(made)
    assert sources_read(read) == sources_of(made)


@given(labels())
@settings(max_examples=60, deadline=None)
def test_boris(made: Labels) -> None:
    with written("boris", made) as path:
        read = read_labels([path])
    assert frames_read(read, made) == frames_of(made)
    assert sources_read(read) == sources_of(made)


@given(labels())
@settings(max_examples=60, deadline=None)
def test_elan(made: Labels) -> None:
    with written("elan", made) as path:
        read = read_labels(sorted(path.rglob("*.eaf")))
    assert frames_read(read, made) == frames_of(made)
    assert sources_read(read) == sources_of(made)
    digests = {track.digest for track in made.tracks if track.spans and track.digest}
    assert {video.digest for video in read.videos.values() if video.digest} == digests


@given(labels(shortest_seconds=1e-9))
@settings(max_examples=60, deadline=None)
def test_ms_tcn_counts_frames_however_short_they_are(made: Labels) -> None:
    with written("ms-tcn", made) as path:
        read = read_labels([path / "mapping.txt"])
        one_by_one = read_labels(sorted((path / "groundTruth").rglob("other.txt")))
    assert frames_read(read, made, underscores=True) == frames_of(made)
    assert frames_read(one_by_one, made, underscores=True).items() <= frames_of(made).items()


@given(labels(shortest_seconds=1e-9))
@settings(max_examples=30, deadline=None)
def test_tables_of_frames(made: Labels) -> None:
    with written("frames", made) as path, path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == frames_csv.COLUMNS
    for name, track in made.named():
        of_video = [row for row in rows if row["video"] == name]
        assert [row["phase"] for row in of_video] == frames_of(made)[track.path]
        assert [int(row["frame"]) for row in of_video] == list(range(track.num_frames))


@given(labels())
@settings(max_examples=30, deadline=None)
def test_seconds_in_json_come_back_to_the_frame(made: Labels) -> None:
    with written("activitynet", made) as path:
        database = json.loads(path.read_text(encoding="utf-8"))["database"]
    with written("via", made) as path:
        project = json.loads(path.read_text(encoding="utf-8"))
    names = project["attribute"]["1"]["options"]
    views = {number: project["file"][view["fid_list"][0]]["fname"] for number, view in project["view"].items()}
    for (name, track), (stem, _) in zip(made.named(), made.stems(), strict=True):
        wanted = [(span.phase, span.start_frame, span.end_frame_exclusive) for span in track.spans]
        entries = [(one["label"], *one["segment"]) for one in database[str(stem)]["annotations"]]
        assert [(phase, *_frames(track, *bounds)) for phase, *bounds in entries] == wanted
        of_view = [one for one in project["metadata"].values() if views[one["vid"]] == name]
        assert [(names[one["av"]["1"]], *_frames(track, *one["z"])) for one in of_view] == wanted


def _frames(track: Track, *seconds: float) -> list[int]:
    return [int(frame) for frame in frame_of(track.edges_seconds, np.array(seconds))]


@given(labels(shortest_seconds=1e-9))
@settings(max_examples=30, deadline=None)
def test_label_studio_counts_frames_from_1_and_ranges_hold_both_ends(made: Labels) -> None:
    with written("label-studio", made) as path:
        tasks = json.loads(path.read_text(encoding="utf-8"))
    assert [task["data"]["video"] for task in tasks] == [name for name, _ in made.named()]
    for task, (_, track) in zip(tasks, made.named(), strict=True):
        found = []
        for group in (*task["annotations"], *task.get("predictions", [])):
            source = group.get("model_version", "label")
            for region in group["result"]:
                (bounds,), (phase,) = region["value"]["ranges"], region["value"]["timelinelabels"]
                found.append(Span(phase, bounds["start"] - 1, bounds["end"], 1.0, source))
        assert sorted(found, key=lambda span: span.start_frame) == list(track.spans)


def test_milliseconds_are_the_nearest_that_come_back() -> None:
    edges = np.array([0.0, 0.0004, 0.0006, 0.0029, 0.04])
    track = Track(Path("a.mp4"), edges, tuple(Span("up", frame, frame + 1) for frame in range(1, 4)))
    with pytest.raises(LabelError, match=r"a\.mp4 come less than 1/1000 second apart"):
        boundaries(track, 1000)
    assert boundaries(track, 10_000) == {1: 4, 2: 6, 3: 29, 4: 400}
    even = Track(Path("a.mp4"), np.arange(6) * 1001 / 30000, (Span("up", 1, 5),))
    assert boundaries(even, 1000) == {1: 33, 5: 167}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_same_labels_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    track = Track(Path("/data/clip.mp4"), np.arange(11) / 10, (Span("reach out", 2, 5), Span("<pour>", 5, 9)))
    made = Labels(PHASES, (track,))
    contents = []
    for turn in ("one", "two"):
        path = tmp_path / turn / f"out{FORMATS[name].suffix}"
        path.parent.mkdir()
        FORMATS[name].write(path, made)
        files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
        contents.append([(file.name, file.read_bytes()) for file in files])
    assert contents[0] == contents[1]
    assert all(data for _, data in contents[0])
    if not FORMATS[name].suffix:
        with pytest.raises(StorageError, match="is there already"):
            FORMATS[name].write(tmp_path / "one" / "out", made)
        assert [place.name for place in (tmp_path / "one").iterdir()] == ["out"]


def test_names_that_a_format_cannot_hold_are_refused(tmp_path: Path) -> None:
    track = Track(Path("/data/clip.mp4"), np.arange(3) / 10, (Span("a b", 0, 1),))
    with pytest.raises(LabelError, match=r"'a b' and 'a_b' are both 'a_b'"):
        ms_tcn.write(tmp_path / "out", Labels(("a b", "a_b"), (track,)))
    with pytest.raises(LabelError, match="frames without a label"):
        ms_tcn.write(tmp_path / "out", Labels(("a b", "(unlabelled)"), (track,)))
    with pytest.raises(LabelError, match="control characters"):
        FORMATS["elan"].write(tmp_path / "out", Labels(("a b", "a\x07b"), (track,)))
    assert list(tmp_path.iterdir()) == []


def test_videos_that_differ_in_suffix_alone_keep_it(tmp_path: Path) -> None:
    spans = (Span("up", 0, 1),)
    made = Labels(
        ("up",), tuple(Track(Path("/d", name), np.arange(3) / 10, spans) for name in ("a.mp4", "A.avi", "b.mp4"))
    )
    FORMATS["ms-tcn"].write(tmp_path / "out", made)
    files = (tmp_path / "out" / "groundTruth").iterdir()
    assert sorted(file.name for file in files) == ["A.avi.txt", "a.mp4.txt", "b.txt"]
