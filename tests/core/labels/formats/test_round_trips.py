"""What is written in a format and read again is the same on every frame, at whatever times frames come."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.errors import LabelError, StorageError
from core.base.types import Span
from core.labels.formats import ms_tcn
from core.labels.formats.table import FORMATS, read_labels
from core.labels.tracks import Labels, Track, boundaries
from tests.core.labels.formats.made import PHASES, frames_of, frames_read, labels


@contextmanager
def written(name: str, made: Labels) -> Iterator[Path]:
    one = FORMATS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"out{one.suffix}")
        one.write(path, made)
        yield path


@dataclass(frozen=True)
class Way:
    """How a format goes out and comes back."""

    files: str = ""
    """Which files of a folder are read; empty: the path itself."""
    shortest_seconds: float = 0.0011
    """Of a frame that it can hold."""
    has_sources: bool = False
    has_digests: bool = False


WAYS = {
    "segments": Way(shortest_seconds=1e-9, has_sources=True),
    "frames": Way(shortest_seconds=1e-9, has_sources=True),
    "ms-tcn": Way(shortest_seconds=1e-9, has_digests=True),
    "deepethogram": Way(shortest_seconds=1e-9, has_digests=True),
    "boris": Way(has_sources=True),
    "boris-project": Way(has_sources=True, has_digests=True),
    "boris-tabular": Way("*.csv", has_sources=True),
    "elan": Way("*.eaf", has_sources=True, has_digests=True),
    "label-studio": Way(shortest_seconds=0.0025, has_sources=True, has_digests=True),
    "activitynet": Way(shortest_seconds=2e-6, has_digests=True),
    "via": Way(shortest_seconds=2e-6),
}
ONE_WAY = {"statistics"}
"""What holds no spans."""


def test_every_format_has_its_way() -> None:
    assert set(WAYS) | ONE_WAY == set(FORMATS)


@pytest.mark.parametrize("name", sorted(WAYS))
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_goes_out_comes_back_to_the_same_frames(name: str, data: st.DataObject) -> None:
    way = WAYS[name]
    made = data.draw(labels(shortest_seconds=way.shortest_seconds))
    with written(name, made) as path:
        read = read_labels(sorted(path.rglob(way.files)) if way.files else [path])
    told = {"sources": way.has_sources}
    assert frames_read(read, made, **told) == frames_of(made, **told)
    if FORMATS[name].has_notes:
        came = sorted(segment.note for segment in read.segments)
        went = sorted(span.note for track in made.tracks for span in track.spans)
        assert came == went or (name == "frames" and set(came) == set(went)), "frames: like neighbours are one"
    sentences = " ".join(FORMATS[name].all_notes(Path("out"), made))
    assert ("left out, which this format cannot hold" in sentences) == (
        made.num_notes > 0 and not FORMATS[name].has_notes
    )
    if way.has_digests:
        assert {video.digest for video in read.videos.values()} == {track.digest for _, track in made.named()}


_CLOSE = Track(Path("/data/clip.mp4"), np.array([0.0, 1e-7, 2e-7, 1.0]), (Span(PHASES[0], 1, 2),))
"""Frames that no time with a unit tells apart."""


@pytest.mark.parametrize("name", sorted(set(WAYS)))
def test_frames_that_are_too_close_are_refused_or_come_back(name: str, tmp_path: Path) -> None:
    path, made = tmp_path / f"out{FORMATS[name].suffix}", Labels(PHASES, (_CLOSE,))
    if not (FORMATS[name].units_per_second or FORMATS[name].refusal(_CLOSE)):
        FORMATS[name].write(path, made)
        read = read_labels([path])
        assert frames_read(read, made) == frames_of(made)
    else:
        with pytest.raises(LabelError, match=r"clip\.mp4"):
            FORMATS[name].write(path, made)
        assert list(tmp_path.iterdir()) == []


@given(labels(shortest_seconds=1e-9))
@settings(max_examples=30, deadline=None)
def test_text_of_ms_tcn_is_read_file_by_file_too(made: Labels) -> None:
    with written("ms-tcn", made) as path:
        read = read_labels(sorted((path / "groundTruth").rglob("other.txt")))
    assert frames_read(read, made).items() <= frames_of(made).items()


@given(labels(shortest_seconds=0.0025))
@settings(max_examples=60, deadline=None)
def test_label_studio_shows_the_first_and_the_last_frame_of_a_range(made: Labels) -> None:
    """It goes to number N at (N - 1) / fps, and a browser shows the frame that has begun by then."""
    with written("label-studio", made) as path:
        tasks = json.loads(path.read_text(encoding="utf-8"))
    for task, (_, track) in zip(tasks, made.named(), strict=True):
        found = []
        for group in (*task["annotations"], *task.get("predictions", [])):
            for region in group["result"]:
                (bounds,), (phase,) = region["value"]["ranges"], region["value"]["timelinelabels"]
                before, first, last, after = (
                    _shown(track, (number - 1) / task["data"]["fps"])
                    for number in (bounds["start"] - 1, bounds["start"], bounds["end"], bounds["end"] + 1)
                )
                assert (before, after) == (first - 1, last + 1)
                note = "".join(region.get("meta", {}).get("text", []))
                found.append(Span(phase, first, last + 1, 1.0, group.get("model_version", "label"), note))
        assert sorted(found, key=lambda span: span.start_frame) == list(track.spans)


def _shown(track: Track, seconds: float) -> int:
    return int(np.searchsorted(track.edges_seconds, seconds + 2e-6, side="right")) - 1


def test_label_studio_counts_as_the_video_does_where_that_is_steady() -> None:
    spans = (Span("up", 0, 5), Span("down", 7, 10))
    for rate in (25.0, 30000 / 1001, 240.0, 1.0):
        (task,) = _tasks(Track(Path("a.mp4"), np.arange(11) / rate, spans))
        assert task["data"]["fps"] == round(rate, 9)
        ranges = [region["value"]["ranges"][0] for region in task["annotations"][0]["result"]]
        assert ranges == [{"start": 1, "end": 5}, {"start": 8, "end": 10}]
    late = Track(Path("a.mp4"), 0.72 + np.arange(11) / 25, spans)
    slow = Track(Path("a.mp4"), np.arange(11) * 3.0, spans)  # Label Studio takes 1/3 for 3
    slowed = Track(Path("a.mp4"), np.concatenate((np.arange(8) / 30, 7 / 30 + np.arange(1, 4) / 240)), spans)
    rounded = Track(Path("a.mp4"), np.round(np.arange(11) * 1001 / 30000, 3), spans)
    assert [_tasks(one)[0]["data"]["fps"] for one in (late, slow)] == [25.0, 1.0]
    assert _tasks(slowed)[0]["data"]["fps"] == 240
    assert _tasks(rounded)[0]["data"]["fps"] == pytest.approx(2 * 10 / 0.334)
    (region, _) = _tasks(late)[0]["annotations"][0]["result"]
    assert region["value"]["ranges"] == [{"start": 19, "end": 23}]


def test_label_studio_refuses_a_video_whose_times_nobody_knows() -> None:
    track = Track(Path("a.mp4"), np.full(11, np.nan), (Span("up", 0, 5),))
    assert FORMATS["label-studio"].refusal(track).startswith("its frame times are not known")
    with pytest.raises(LabelError, match=r"frame times of a\.mp4 are not known"):
        _tasks(track)


def _tasks(track: Track) -> list[dict[str, Any]]:
    with written("label-studio", Labels(("up", "down"), (track,))) as path:
        found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_milliseconds_are_the_first_that_come_back() -> None:
    edges = np.array([0.0, 0.0004, 0.0006, 0.0029, 0.04])
    track = Track(Path("a.mp4"), edges, tuple(Span("up", frame, frame + 1) for frame in range(1, 4)))
    with pytest.raises(LabelError, match=r"a\.mp4 are less than 1/1000 second apart"):
        boundaries(track, 1000)
    assert boundaries(track, 10_000) == {1: 4, 2: 6, 3: 29, 4: 400}
    even = Track(Path("a.mp4"), np.arange(6) * 1001 / 30000, (Span("up", 1, 5),))
    assert boundaries(even, 1000) == {1: 34, 5: 167}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_same_labels_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    track = Track(Path("/data/clip.mp4"), np.arange(11) / 10, (Span("reach out", 2, 5), Span("<pour>", 5, 9)))
    other = dataclasses.replace(track, path=Path("/data/other.mp4"), subset="val")
    made = Labels(PHASES, (track, other), address_prefix="https://example.org/videos/")
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
        with pytest.raises(StorageError, match="already exists"):
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
