"""What is taken out of a project is read back as it was, and a project is never changed by it."""

from __future__ import annotations

import csv
import errno
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.control import Control
from core.errors import LabelError, StorageError
from core.project.badges import badges
from core.project.exports import LIBRARY_COLUMNS, check_target, copy_encoder, copy_folder, write_library, write_phases
from core.project.rows import Broken, Found
from core.project.span_edits import ReplaceSpans
from core.segments import read_segments, spans_of
from core.types import Span
from core.video.frame_store import FrameStore
from tests.conftest import VideoWriter
from tests.core.project.projects import filled

_TRACKS = {1: (Span("up", 0, 4), Span("down", 6, 12, 0.5, "probe")), 2: (Span("down", 2, 3),)}


class _Timed:
    def __init__(self, path: Path, edges: np.ndarray) -> None:
        self.path, self.edges_seconds = path, edges


def test_phases_are_read_back_frame_by_frame(tmp_path: Path, write_video: VideoWriter) -> None:
    """One video is in the frame store with frames of uneven length, of the other its rate alone is known."""
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
    edges = [np.append(times, times[-1] + 0.1), np.arange(9) / 4, np.arange(9) / 4]
    videos = [_Timed(*pair) for pair in zip(paths, edges, strict=True)]
    segments = read_segments(tmp_path / "phases.csv")
    assert spans_of(segments, videos) == [list(_TRACKS[1]), list(_TRACKS[2]), []]
    with (tmp_path / "phases.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [(line["start_seconds"], line["end_seconds"]) for line in lines] == [
        ("0.000000", "0.400000"),
        ("1.100000", "1.700000"),
        ("0.500000", "0.750000"),
    ]


def test_spans_of_all_videos_come_at_once(tmp_path: Path) -> None:
    with filled(tmp_path / "p") as project:
        for number, track in _TRACKS.items():
            project.do(ReplaceSpans(number, track))
        found = project.spans_by_video()
        assert found == {number: list(track) for number, track in _TRACKS.items()}
        assert found == {number: project.spans(number) for number in found}
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(project.spans_reader()).result() == found


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
        with pytest.raises(LabelError, match="label some frames"):
            write_phases(tmp_path / "phases.csv", rows, {}, project.folder)
        assert (tmp_path / "phases.csv").read_bytes() == before, "a refusal leaves the file as it was"


def test_names_in_the_table_mean_one_video_of_the_project_alone(tmp_path: Path) -> None:
    """Also where the other one has no span."""
    with filled(tmp_path / "p", 2) as project:
        project.keep_facts({1: Found(12, 10.0, 1.2, 64, 48)})
        rows = [replace(v, absolute=f"/{day}/clip.mp4") for v, day in zip(project.videos(), "ab", strict=True)]
        write_phases(tmp_path / "phases.csv", rows, {1: (Span("up", 0, 3),)}, project.folder)
    assert [segment.video for segment in read_segments(tmp_path / "phases.csv")] == ["a/clip.mp4"]


def test_the_library_as_a_table(tmp_path: Path) -> None:
    with filled(tmp_path / "p", 2) as project:
        project.keep_facts({1: Found(12, 29.97, 0.4004, 64, 48)})
        rows = project.videos()
        assert write_library(tmp_path / "library.csv", rows, badges(rows, project.folder)) == 2
    with (tmp_path / "library.csv").open(encoding="utf-8") as file:
        lines = list(csv.reader(file))
    assert lines == [
        list(LIBRARY_COLUMNS),
        ["clip1.mp4", str(Path("/nowhere/clip1.mp4")), "", "", "12", "29.97", "0.400400", "missing"],
        ["clip2.mp4", str(Path("/nowhere/clip2.mp4")), "", "", "", "", "", "missing"],
    ]


def test_an_encoder_is_copied_with_its_card(tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    run.mkdir()
    encoder = run / "encoder.safetensors"
    with pytest.raises(StorageError, match="is gone"):
        copy_encoder(encoder, out / "a.safetensors")
    encoder.write_bytes(b"weights")
    (run / "encoder.json").write_text("{}", encoding="utf-8")
    for _ in range(2):  # over the first copy too
        copy_encoder(encoder, out / "a.safetensors")
        assert {path.name: path.read_bytes() for path in out.iterdir()} == {
            "a.safetensors": b"weights",
            "a.json": b"{}",
        }
    (out / "b.json").write_text("mine", encoding="utf-8")
    with pytest.raises(StorageError, match="another name"):
        copy_encoder(encoder, out / "b.safetensors")
    assert (out / "b.json").read_text(encoding="utf-8") == "mine"
    with pytest.raises(StorageError, match="own encoder"):
        copy_encoder(encoder, run / ".." / "run" / "encoder.safetensors")


def test_a_folder_is_copied_as_a_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "from"
    source.mkdir()
    for name in ("a.npy", "b.npy", ".b.part.npy"):
        (source / name).write_bytes(name.encode())
    assert copy_folder(source, tmp_path / "out" / "copy", Control()) == 2
    assert sorted(path.name for path in (tmp_path / "out" / "copy").iterdir()) == ["a.npy", "b.npy"]
    with pytest.raises(StorageError, match="there already"):
        copy_folder(source, tmp_path / "out" / "copy", Control())
    with pytest.raises(StorageError, match="is gone"):
        copy_folder(tmp_path / "nowhere", tmp_path / "out" / "other", Control())
    stopped = Control()
    stopped.stop()
    assert copy_folder(source, tmp_path / "out" / "other", stopped) == 0

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(StorageError, match="disk is full"):
        copy_folder(source, tmp_path / "out" / "other", Control())
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["copy"]


def test_nothing_that_the_project_made_is_written_over(tmp_path: Path) -> None:
    for good in ("phases.csv", "exports/PHASES.CSV", "../elsewhere/runs/phases.csv"):
        check_target(tmp_path / good, ".csv", tmp_path)
    check_target(tmp_path / "a folder", "", tmp_path)
    for bad in ("project.sqlite", "film.mp4", "phases"):
        with pytest.raises(StorageError, match=r"does not end in \.csv"):
            check_target(tmp_path / bad, ".csv", tmp_path)
    for bad in ("runs/a/encoder.safetensors", "x/../embeddings/a.safetensors"):
        with pytest.raises(StorageError, match="of the project itself"):
            check_target(tmp_path / bad, ".safetensors", tmp_path)
