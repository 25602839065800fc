"""Spans of phases: what is written is read, and what is wrong is said with its line."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.base.errors import LabelError
from core.base.types import Span
from core.labels.segments import (
    UNLABELLED,
    frame_labels,
    of_videos,
    phase_names,
    read_segments,
    runs_of,
    spans_of,
    write_segments,
)


@dataclass(frozen=True)
class Video:
    path: Path
    edges_seconds: NDArray[np.float64]


def video(name: str, frames: int, fps: float = 10.0) -> Video:
    return Video(Path("/data", name), np.arange(frames + 1) / fps)


VIDEOS = [video("a.mp4", 20), video("sub/b.mp4", 30), video("sub/c.mp4", 5), video("other/c.mp4", 5)]
HEAD = "video,phase,start_frame,end_frame_exclusive\n"


def read(tmp_path: Path, text: str) -> list[list[Span]]:
    file = tmp_path / "labels.csv"
    file.write_text(text, encoding="utf-8")
    return spans_of(read_segments(file), VIDEOS)


def test_frames_and_seconds_mean_the_same(tmp_path: Path) -> None:
    in_frames = read(tmp_path, HEAD + "a.mp4,lift,3,7\nsub/b.mp4,lower,0,30\n")
    in_seconds = read(tmp_path, "phase,video,end_seconds,start_seconds\nlift,a.mp4,0.7,0.3\nlower,b.mp4,3.0,0\n")
    assert in_frames == in_seconds == [[Span("lift", 3, 7)], [Span("lower", 0, 30)], [], []]


def test_where_a_line_has_both_its_frames_count(tmp_path: Path) -> None:
    text = "video,phase,start_frame,end_frame_exclusive,start_seconds,end_seconds\n"
    assert read(tmp_path, text + "a.mp4,x,1,2,1.0,1.5\na.mp4,y,,,1.0,1.5\n")[0] == [Span("x", 1, 2), Span("y", 10, 15)]


def test_a_path_s_end_names_a_video(tmp_path: Path) -> None:
    spans = read(tmp_path, HEAD + "other\\c.mp4,x,0,1\n/data/sub/c.mp4,x,1,2\n")
    assert spans == [[], [], [Span("x", 1, 2)], [Span("x", 0, 1)]]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("z.mp4,x,0,1\n", "labels.csv, line 2: there is no video 'z.mp4'"),
        ("a.mp3,x,0,1\n", "no video 'a.mp3': did you mean 'a.mp4'"),
        ("c.mp4,x,0,1\n", "'c.mp4' may be /data/sub/c.mp4 or /data/other/c.mp4. Write more of its path"),
        ("a.mp4,x,0,21\n", "line 2: 'x' ends at 21, but a.mp4 has 20 frames"),
        ("a.mp4,x,5,5\n", "line 2: 'x' of a.mp4 begins at 5 and ends at 5. The end must come after the start"),
        ("a.mp4,x,7,5\n", "begins at 7 and ends at 5"),
        ("a.mp4,x,-1,5\n", "start_frame must be a whole number from 0, not '-1'"),
        ("a.mp4,,0,5\n", "the phase is empty"),
        (",x,0,5\n", "the video is empty"),
        ("a.mp4,x,5,9\na.mp4,y,0,6\n", "line 2: 'x' overlaps 'y' of line 3 in a.mp4. A frame has one phase"),
        ("", "has no segments"),
    ],
)
def test_a_wrong_line_is_one_sentence_with_its_number(tmp_path: Path, lines: str, sentence: str) -> None:
    with pytest.raises(LabelError, match=sentence.replace("(", r"\(")):
        read(tmp_path, HEAD + lines)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("1.0,2.2,1\n", "'x' ends at 2.2 s, but a.mp4 has 2.000 s. Fix the end of the segment"),
        ("nan,1.5,1\n", "start_seconds must be a number, not 'nan'"),
        ("0,inf,1\n", "end_seconds must be a number, not 'inf'"),
        ('"1,5",2,1\n', "start_seconds must be a number, not '1,5'; write 1.5"),
        ('"one,5",2,1\n', "start_seconds must be a number, not 'one,5'.$"),
        ("0.51,0.53,1\n", "no frame of a.mp4 is between 0.51 and 0.53 seconds"),
        ("-0.5,0.5,1\n", "neither may be negative"),
        ("0,0.5,1.5\n", "confidence must be from 0 to 1, not 1.5"),
    ],
)
def test_so_is_one_in_seconds(tmp_path: Path, lines: str, sentence: str) -> None:
    with pytest.raises(LabelError, match=sentence):
        read(tmp_path, "video,phase,start_seconds,end_seconds,confidence\na.mp4,x," + lines)


def test_bounds_of_either_kind_are_needed(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"has no bounds\. It needs the columns start_frame and end_frame"):
        read(tmp_path, "video,phase,start_frame\na.mp4,x,1\n")


PHASES = ["up", "down", "rest"]


@given(st.lists(st.integers(UNLABELLED, 2), min_size=1, max_size=60))
def test_labels_become_spans_and_labels_again(labels: list[int]) -> None:
    spans = [Span(PHASES[label], start, stop) for label, start, stop in runs_of(np.array(labels))]
    assert frame_labels(spans, len(labels), PHASES).tolist() == labels
    for one, other in itertools.pairwise(spans):
        assert one.phase != other.phase or one.end_frame_exclusive < other.start_frame


def test_what_is_written_is_read(tmp_path: Path) -> None:
    spans = [
        [Span("up, or so", 0, 4, 0.25, "probe"), Span("down", 4, 20)],
        [Span("down", 3, 30, 0.5)],
        [Span("up", 0, 5)],
        [Span("rest", 1, 2)],
    ]
    write_segments(tmp_path / "phases.csv", spans, VIDEOS)
    assert spans_of(read_segments(tmp_path / "phases.csv"), VIDEOS) == spans
    assert phase_names(spans) == ["up, or so", "down", "up", "rest"]


def test_segments_of_some_of_the_videos(tmp_path: Path) -> None:
    paths = [one.path for one in VIDEOS]
    file = tmp_path / "labels.csv"
    file.write_text(f"{HEAD}b.mp4,x,0,5\nelsewhere.mp4,x,0,5\nb.mp4,y,5,9\na.mp4,x,0,5\n", encoding="utf-8")
    segments = read_segments(file)
    assert of_videos(segments, paths) == [(segments[0], paths[1]), (segments[2], paths[1]), (segments[3], paths[0])]
    assert of_videos([], paths) == []
    with pytest.raises(LabelError, match=r"line 3: there is no video 'elsewhere\.mp4'"):
        of_videos([segments[1]], paths)
    file.write_text(f"{HEAD}c.mp4,x,0,5\n", encoding="utf-8")
    with pytest.raises(LabelError, match="Write more of its path"):
        of_videos(read_segments(file), paths)
