"""The labels of a project are read back as they were; what cannot be written is named."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import LabelError
from core.base.types import Span
from core.labels.formats.table import FORMATS
from core.labels.segments import read_segments, spans_of
from core.project.label_files import write_phases
from core.project.rows import Broken, Found
from core.video.frame_store import FrameStore
from tests.conftest import VideoWriter
from tests.core.project.projects import filled, with_times

_TRACKS = {1: (Span("up", 0, 4), Span("down", 6, 12, 0.5, "probe")), 2: (Span("down", 2, 3),)}


class _Timed:
    def __init__(self, path: Path, edges: np.ndarray) -> None:
        self.path, self.edges_seconds = path, edges


def test_phases_are_read_back_frame_by_frame(tmp_path: Path, write_video: VideoWriter) -> None:
    """One video is in the frame store with frames of uneven length, of the other nobody knows when they are shown."""
    times = [i / 10 + (0.5 if i > 4 else 0) for i in range(12)]
    (stored,) = FrameStore(short_side=48, max_bytes=10**9).add([write_video("uneven.mp4", 12, times=times)])
    with filled(tmp_path / "p", 3) as project:
        project.keep_facts({2: Found(8, 4.0, 2.0, 64, 48)})
        rows = [
            replace(video, digest=stored.digest, absolute=str(stored.path)) if video.id == 1 else video
            for video in project.videos()
        ]
        written = write_phases(tmp_path / "phases.csv", rows, _TRACKS, project.folder)
        paths = [Path(row.absolute) for row in rows]
    assert (written.num_spans, written.num_videos, written.left_out) == (3, 2, ())
    (note,) = written.notes
    assert note.startswith("clip2.mp4 has no times in seconds: there is no file ")
    edges = [np.append(times, times[-1] + 0.1), np.arange(9) / 4, np.arange(9) / 4]
    videos = [_Timed(*pair) for pair in zip(paths, edges, strict=True)]
    segments = read_segments(tmp_path / "phases.csv")
    assert spans_of(segments, videos) == [list(_TRACKS[1]), list(_TRACKS[2]), []]
    with (tmp_path / "phases.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [(line["start_seconds"], line["end_seconds"]) for line in lines] == [
        ("0.000000", "0.400000"),
        ("1.100000", "1.700000"),
        ("", ""),
    ]


def test_a_video_that_cannot_be_written_is_named_with_the_reason(tmp_path: Path) -> None:
    with filled(tmp_path / "p", 4) as project:
        project.keep_facts({1: Found(12, 10.0, 1.2, 64, 48), 2: Found(2, 10.0, 0.2, 64, 48), 4: Broken("It is cut.")})
        rows = [
            replace(video, absolute="/nowhere/\udcff.mp4", num_frames=9, fps=1.0) if video.id == 3 else video
            for video in project.videos()
        ]
        spans = {number: (Span("up", 0, 3),) for number in (1, 2, 3, 4)}
        written = write_phases(tmp_path / "phases.csv", rows, spans, project.folder)
        assert (written.num_spans, written.num_videos) == (1, 1)
        reasons = {one.name: one.reason for one in written.left_out}
        assert set(reasons) == {"clip2.mp4", "clip3.mp4", "clip4.mp4"}
        assert "it has 2 frames" in reasons["clip2.mp4"]
        assert "rename the file" in reasons["clip3.mp4"]
        assert "not known" in reasons["clip4.mp4"]
        before = (tmp_path / "phases.csv").read_bytes()
        with pytest.raises(LabelError, match=r"clip2\.mp4 is left out.*1 more"):
            write_phases(tmp_path / "phases.csv", rows, {2: spans[2], 4: spans[4]}, project.folder)
        with pytest.raises(LabelError, match="Label some frames"):
            write_phases(tmp_path / "phases.csv", rows, {}, project.folder)
        assert (tmp_path / "phases.csv").read_bytes() == before, "a refusal leaves the file as it was"


def test_names_in_the_table_mean_one_video_of_the_project_alone(tmp_path: Path) -> None:
    """Also where the other one has no span."""
    with filled(tmp_path / "p", 2) as project:
        project.keep_facts({1: Found(12, 10.0, 1.2, 64, 48)})
        rows = [replace(v, absolute=f"/{day}/clip.mp4") for v, day in zip(project.videos(), "ab", strict=True)]
        write_phases(tmp_path / "phases.csv", rows, {1: (Span("up", 0, 3),)}, project.folder)
    assert [segment.video for segment in read_segments(tmp_path / "phases.csv")] == ["a/clip.mp4"]


@pytest.mark.parametrize(
    ("form", "player"),
    [
        ("boris-project", "BORIS"),
        ("elan", "ELAN"),
        ("via", "VIA"),
        ("label-studio", "Label Studio"),
        ("segments", ""),
        ("boris-tabular", ""),
    ],
)
def test_folders_of_images_are_told_where_the_program_plays_none(tmp_path: Path, form: str, player: str) -> None:
    for name in ("s1", "s2"):
        (tmp_path / name).mkdir()
    with filled(tmp_path / "p", 3) as project:
        project.keep_facts({number: Found(12, 10.0, 1.2, 64, 48) for number in (1, 2, 3)})
        rows = with_times(project.videos())
        for num_folders, says in (
            (1, f"s1 is a folder of images, which {player} cannot play; its times are correct."),
            (2, f"s1, s2 are folders of images, which {player} cannot play; their times are correct."),
        ):
            places = [str(tmp_path / f"s{row.id}") if row.id <= num_folders else row.absolute for row in rows]
            given = [replace(row, absolute=place) for row, place in zip(rows, places, strict=True)]
            spans = {row.id: (Span("up", 0, 3),) for row in rows}
            out = tmp_path / f"out {num_folders}{FORMATS[form].suffix}"
            notes = write_phases(out, given, spans, project.folder, form=form).notes
            assert [note for note in notes if "of images" in note] == ([says] if player else [])
