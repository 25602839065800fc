"""What videos are called in tables: one name means one video, however letters are composed and wherever it lay."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.base.errors import LabelError
from core.base.types import Span
from core.labels.segments import (
    Segment,
    check_videos,
    of_other_contents,
    of_videos,
    read_segments,
    spans_of,
    write_segments,
)
from core.video.names import DIGEST, VideoNames, distinct_names

_NFC, _NFD = unicodedata.normalize("NFC", "Rückhand.mp4"), unicodedata.normalize("NFD", "Rückhand.mp4")


@dataclass(frozen=True)
class Video:
    path: Path
    digest: str = ""
    edges_seconds: NDArray[np.float64] = field(default_factory=lambda: np.arange(21) / 10.0)


def segment(video: str, digest: str = "") -> Segment:
    return Segment("labels.csv, line 2", video, "lift", 2, 5, True, digest=digest)


_PARTS = st.lists(st.sampled_from(["a", "b", "ü", "u\u0308", "c.mp4"]), min_size=1, max_size=4)


@given(st.lists(_PARTS, min_size=1, max_size=6, unique_by=tuple))
def test_a_distinct_name_means_its_video_alone(parts: list[list[str]]) -> None:
    paths = [Path("/", *of_path) for of_path in parts]
    names = VideoNames(list(zip(paths, range(len(paths)), strict=True)))
    for place, name in enumerate(distinct_names(paths)):
        assert names.ending_in(name) == [place]


def test_names_are_one_whether_letters_are_composed_or_not() -> None:
    videos = [Video(Path("/data", _NFD)), Video(Path("/data/other.mp4"))]
    assert spans_of([segment(_NFC)], videos)[0] == spans_of([segment(_NFD)], videos)[0] == [Span("lift", 2, 5)]
    assert distinct_names([videos[0].path]) == [_NFD], "written as it is on disk"
    assert distinct_names([Path("/x/a", _NFC), Path("/x/b", _NFD)]) == [f"a/{_NFC}", f"b/{_NFD}"], "they look the same"
    both = [Video(Path("/data", _NFC)), Video(Path("/data", _NFD))]
    assert spans_of([segment(_NFD)], both) == [[], [Span("lift", 2, 5)]], "letter by letter where both are there"


def test_the_digest_decides_which_video_is_meant() -> None:
    videos = [Video(Path("/data/a.mp4"), "0b"), Video(Path("/data/b.mp4"), "0a"), Video(Path("/copy/b.mp4"), "0c")]
    assert [len(spans) for spans in spans_of([segment("a.mp4", "0a")], videos)] == [0, 1, 0]
    assert [len(spans) for spans in spans_of([segment("gone.mp4", "0c")], videos)] == [0, 0, 1]
    paths = [video.path for video in videos]
    assert of_videos([segment("gone.mp4", "0c")], paths, {paths[2]: "0c"})[0][1] == paths[2]
    check_videos([segment("gone.mp4", "0c")], paths, lambda path: {one.path: one.digest for one in videos}[path])
    with pytest.raises(LabelError, match=r"no video 'gone\.mp4'"):
        check_videos([segment("gone.mp4", "0d")], paths, lambda path: "0c")


def test_of_copies_the_name_decides() -> None:
    copies = [Video(Path("/data/a.mp4"), "0a"), Video(Path("/data/b.mp4"), "0a")]
    assert [len(spans) for spans in spans_of([segment("b.mp4", "0a")], copies)] == [0, 1]
    with pytest.raises(LabelError, match="may be"):
        spans_of([segment("c.mp4", "0a")], copies)


def test_labels_of_a_replaced_video_are_taken_and_told() -> None:
    videos = [Video(Path("/data/a.mp4"), "0b" * 16)]
    old = segment("a.mp4", "0a" * 16)
    assert spans_of([old], videos) == [[Span("lift", 2, 5)]]
    (sentence,) = of_other_contents([old, old], videos)
    assert sentence.startswith("labels.csv, line 2: these labels were made for another file than /data/a.mp4")
    assert of_other_contents([segment("a.mp4", "0b" * 16), segment("a.mp4")], videos) == []


def test_a_whole_path_from_elsewhere_means_the_video_that_shares_its_end() -> None:
    videos = [Video(Path("/data/monday/clip.mp4")), Video(Path("/data/friday/clip.mp4"))]
    old = segment(r"C:\Users\me\friday\clip.mp4")
    assert [len(spans) for spans in spans_of([old], videos)] == [0, 1]
    assert [len(spans) for spans in spans_of([segment("/mnt/old/clip.mp4")], videos[:1])] == [1]
    with pytest.raises(LabelError, match="may be"):
        spans_of([segment("/mnt/old/clip.mp4")], videos)


def test_two_paths_from_elsewhere_never_become_one_video() -> None:
    paths = [Path("/data/monday/clip.mp4")]
    monday, friday = segment("/old/monday/clip.mp4"), segment("/old/friday/clip.mp4")
    assert of_videos([monday, friday], paths) == [(monday, paths[0])]
    with pytest.raises(LabelError, match=r"no video '/old/1/clip\.mp4'"):
        of_videos([segment("/old/1/clip.mp4"), segment("/old/2/clip.mp4")], paths)
    assert of_videos([segment("clip.mp4"), friday], paths) == [(segment("clip.mp4"), paths[0])]


def test_a_file_that_is_there_is_no_other_video_of_that_name(tmp_path: Path) -> None:
    there = tmp_path / "clip.mp4"
    there.touch()
    with pytest.raises(LabelError, match="no video"):
        spans_of([segment(str(there))], [Video(Path("/data/clip.mp4"))])


def test_a_table_of_spans_carries_the_digests_and_is_read_without_them(tmp_path: Path) -> None:
    videos = [Video(Path("/data/a.mp4"), "0a" * 16), Video(Path("/more/a.mp4"), "0b" * 16)]
    spans = [[Span("lift", 2, 5)], [Span("lower", 1, 3)]]
    write_segments(tmp_path / "phases.csv", spans, videos)
    lines = (tmp_path / "phases.csv").read_text().splitlines()
    assert lines[0].endswith(f",source,{DIGEST}")
    assert lines[2].startswith("more/a.mp4,")
    assert lines[2].endswith("," + "0b" * 16)
    moved = [Video(Path("/new/x.mp4"), "0b" * 16), Video(Path("/new/y.mp4"), "0a" * 16)]
    assert spans_of(read_segments(tmp_path / "phases.csv"), moved) == [spans[1], spans[0]]
    bare = [line.rpartition(",")[0] for line in lines]
    (tmp_path / "phases.csv").write_text("\n".join(bare))
    assert spans_of(read_segments(tmp_path / "phases.csv"), videos) == spans
