"""Times in files of labels are those of the medium as a player shows it, whether or not the video is in the store."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import LabelError
from core.base.files import content_digest
from core.base.types import Span
from core.labels.formats.table import FORMATS, read_labels
from core.labels.tracks import Track, boundaries, frame_of
from core.project.label_files import write_phases
from core.project.label_plan import ImportPlan, plan_import
from core.project.label_videos import KnownVideo
from core.project.rows import Found, VideoRow
from core.project.store import Project
from core.video.frame_store import FrameStore
from core.video.image_decoding import open_decoding
from core.video.index import scan
from tests.conftest import VideoWriter
from tests.core.project.projects import filled

CASES = Path(__file__).parents[2] / "data" / "cases"


def rows_of(project: Project, *paths: Path) -> list[VideoRow]:
    """Of the project's videos, as if they were these files and had been decoded."""
    rows = []
    for row, path in zip(project.videos(), paths, strict=True):
        meta = scan(open_decoding(path))[1]
        rows.append(
            replace(
                row,
                name=path.name,
                digest=content_digest(path),
                num_bytes=path.stat().st_size,
                relative="",
                absolute=str(path),
                num_frames=meta.num_frames,
                fps=meta.fps,
                duration_seconds=meta.duration_seconds,
            )
        )
    return rows


def planned(project: Project, rows: Sequence[VideoRow], *files: Path) -> ImportPlan:
    known = [KnownVideo(row, project.folder) for row in rows]
    return plan_import(read_labels(files), known, project.phases())


@pytest.mark.parametrize("is_stored", [False, True])
def test_a_variable_rate_is_read_from_the_file(tmp_path: Path, is_stored: bool) -> None:
    slow, labels = CASES / "vfr_without_cache" / "slomo.mov", CASES / "vfr_without_cache" / "slomo.csv"
    if is_stored:
        FrameStore(short_side=48, max_bytes=10**9).add([slow])
    with filled(tmp_path / "p", 1) as project:
        rows = rows_of(project, slow)
        plan = planned(project, rows, labels)
        assert plan.problems == ()
        assert plan.videos[0].spans == (Span("jump", 60, 300), Span("land", 300, 330))
        write_phases(tmp_path / "out.tsv", rows, {1: plan.videos[0].spans}, project.folder, form="boris")
    with (tmp_path / "out.tsv").open(encoding="utf-8", newline="") as file:
        jump, _ = csv.DictReader(file, delimiter="\t")
    assert (jump["Start (s)"], jump["Stop (s)"]) == ("2.000", "3.000")


def test_a_late_picture_is_late_in_every_file(tmp_path: Path, write_video: VideoWriter) -> None:
    film = write_video("late.mp4", 30, times=list(0.7 + np.arange(30) / 25), fps=25, options={"bf": "0"})
    spans = (Span("up", 0, 10), Span("down", 20, 30))
    with filled(tmp_path / "p", 1) as project:
        rows = rows_of(project, film)
        for form in ("segments", "frames", "boris", "elan", "activitynet", "via"):
            out = tmp_path / f"{form}{FORMATS[form].suffix}"
            written = write_phases(out, rows, {1: spans}, project.folder, form=form)
            assert written.num_spans == 2
            files = sorted(out.rglob("*.eaf")) if form == "elan" else [out]
            if form in ("segments", "boris", "elan"):
                plan = planned(project, rows, *files)
                assert plan.problems == ()
                assert plan.videos[0].spans == spans
    (entry,) = json.loads((tmp_path / "activitynet.json").read_text(encoding="utf-8"))["database"].values()
    assert [one["segment"] for one in entry["annotations"]] == [[0.7, 1.1], [1.5, 1.9]]
    assert entry["duration"] == 1.9
    project_of_via = json.loads((tmp_path / "via.json").read_text(encoding="utf-8"))
    assert [one["z"] for one in project_of_via["metadata"].values()] == [[0.7, 1.1], [1.5, 1.9]]
    for name, column in (("segments.csv", "start_seconds"), ("frames.csv", "seconds")):
        with (tmp_path / name).open(encoding="utf-8", newline="") as file:
            assert next(csv.DictReader(file))[column] == "0.700000"
    assert 'TIME_VALUE="700"' in next((tmp_path / "elan").rglob("*.eaf")).read_text(encoding="utf-8")


def test_without_the_file_nothing_is_placed_by_seconds_and_frames_still_are(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    with filled(tmp_path / "p", 1) as project:
        project.keep_facts({1: Found(20, 10.0, 2.0, 64, 48)})
        table.write_text("video,phase,start_seconds,end_seconds\nclip1.mp4,up,0,1\nclip1.mp4,down,1,2\n", "utf-8")
        plan = planned(project, project.videos(), table)
        assert plan.videos == ()
        ((where, sentence),) = [(problem.where, problem.sentence) for problem in plan.problems]
        assert where == "labels.csv, line 2"
        assert "There is no file" in sentence
        assert sentence.endswith("can be read; 2 labels in seconds are left out.")
        table.write_text("video,phase,start_frame,end_frame_exclusive\nclip1.mp4,up,0,10\n", "utf-8")
        plan = planned(project, project.videos(), table)
        assert (plan.problems, plan.videos[0].spans) == ((), (Span("up", 0, 10),))
        spans = {1: (Span("up", 0, 10),)}
        for form in sorted(FORMATS):
            out = tmp_path / f"{form}{FORMATS[form].suffix}"
            if form in ("segments", "frames", "ms-tcn", "deepethogram"):
                written = write_phases(out, project.videos(), spans, project.folder, form=form)
                assert written.num_spans == 1
                is_told = any("has no times in seconds: there is no file" in note for note in written.notes)
                assert is_told == (form in ("segments", "frames"))
            else:
                with pytest.raises(LabelError, match=r"clip1\.mp4 is left out, because .*"):
                    write_phases(out, project.videos(), spans, project.folder, form=form)


def test_a_file_that_is_another_one_by_now_gives_no_times(tmp_path: Path, write_video: VideoWriter) -> None:
    film = write_video("film.mp4", 20, fps=10)
    table = tmp_path / "labels.csv"
    table.write_text("video,phase,start_seconds,end_seconds\nfilm.mp4,up,0,1\n", "utf-8")
    with filled(tmp_path / "p", 1) as project:
        rows = [replace(rows_of(project, film)[0], digest="0" * 32)]
        ((sentence,),) = [[problem.sentence for problem in planned(project, rows, table).problems]]
    assert "has changed since it was added" in sentence


@pytest.mark.parametrize(("numerator", "denominator"), [(30000, 1001), (25, 1), (24000, 1001), (60, 1), (50, 1)])
@pytest.mark.parametrize("per_second", [1000, 1_000_000])
@pytest.mark.parametrize("is_rounded", [False, True])
def test_rounding_time_times_rate_down_finds_the_frame(
    numerator: int, denominator: int, per_second: int, is_rounded: bool
) -> None:
    """Two hours, as other programs read them; in Matroska times are rounded to milliseconds."""
    num_frames = 7200 * numerator // denominator
    edges = np.arange(num_frames + 1) * denominator / numerator
    if is_rounded:
        edges = np.round(edges, 3)
    cuts = np.unique(np.random.default_rng(0).integers(0, num_frames, 4000)).tolist()
    spans = tuple(Span("up", start, stop) for start, stop in zip(cuts[::2], cuts[1::2], strict=False))
    track = Track(Path("a.mp4"), edges, spans)
    times = boundaries(track, per_second)
    assert len(times) > 3000
    for frame, units in times.items():
        assert math.floor(units / per_second * (numerator / denominator)) == frame
    frames, seconds = np.array(list(times)), np.array(list(times.values())) / per_second
    assert frame_of(edges, seconds).tolist() == frames.tolist()
    assert (edges[frames] - 1e-9 <= seconds).all()
    assert (seconds < edges[frames] + 0.0021).all()


def test_what_lasts_is_counted_without_the_late_start() -> None:
    late = Track(Path("a.mp4"), 0.7 + np.arange(101) / 25, (Span("up", 0, 50),))
    assert (late.seconds, late.end_seconds, late.fps) == pytest.approx((4.0, 4.7, 25.0))
    assert boundaries(late, 1000) == {0: 700, 50: 2700}
