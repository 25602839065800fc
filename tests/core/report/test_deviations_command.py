"""`python -m core.report --right`: its tables, its sentences, and what it refuses."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.align.deviation_files import read_deviations, scores_of
from core.base.errors import LabelError
from core.base.files import content_digest
from core.cli import report as command
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import write_embedded
from tests.conftest import VideoWriter, numbered_image
from tests.core.report.made import changing

Report = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path, write_video: VideoWriter) -> Path:
    """Three right videos and one with ten frames of something else, at 1 s; one of another action, and a short one."""
    (tmp_path / "encoder.safetensors").write_bytes(b"an encoder")
    course, foreign = changing(90, 1), changing(10, 2)
    noise = [0.05 * np.random.default_rng(seed).normal(size=course.shape).astype(np.float32) for seed in range(4)]
    rows = [course + one for one in noise]
    rows[3][30:40] = foreign
    rows += [changing(90, 7), course[:3]]
    videos = []
    for number, (name, made) in enumerate(zip(("a", "b", "c", "odd", "other", "short"), rows, strict=True)):
        unit = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
        path = write_video(f"{name}.mp4", len(unit), image=lambda i, *size, n=number: numbered_image(i + n, *size))
        videos.append(EmbeddedVideo(path, content_digest(path), np.arange(len(unit) + 1) / 30, unit))
    write_embedded(tmp_path / "emb", videos, content_digest(tmp_path / "encoder.safetensors"))
    write_embedded(tmp_path / "two", [*videos[:4]], content_digest(tmp_path / "encoder.safetensors"))
    (tmp_path / "true.csv").write_text("video,phase,start_frame,end_frame_exclusive\nodd.mp4,wrong,30,40\n")
    (tmp_path / "groups.csv").write_text("video,group\na.mp4,anna\nb.mp4,anna\n")
    (tmp_path / "wrong.csv").write_text("video,group\na.mp4,anna\na.mp4,x\n")
    (tmp_path / "empty.csv").write_text("video,group\na.mp4,\n")
    (tmp_path / "false.csv").write_text("video,phase,start_frame,end_frame_exclusive\nodd.mp4,wrong,30,400\n")
    return tmp_path


@pytest.fixture
def report(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.chdir(folder)

    def run(*arguments: str, inputs: str = "two") -> int:
        given = [inputs, "--encoder", "encoder.safetensors", "--reference", "a.mp4", "--out", "out"]
        return command.main([*given, *arguments])

    return run


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_planted_stretch_is_told_with_its_rating(
    report: Report, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report("--right", "a.mp4", "b.mp4", "c.mp4", "--deviations", "true.csv") == 0
    (video,) = _rows(folder / "out" / "deviations_videos.csv")
    assert video["video"] == "odd.mp4"
    assert float(video["precision"]) > 0.4
    assert float(video["recall"]) > 0.9
    assert video["right_videos"] == "3"
    told = capsys.readouterr()
    assert "Against 3 right videos" in told.out + told.err
    assert "compared with the labels: precision" in told.out + told.err


def test_the_tables_agree_and_are_read_back(report: Report, folder: Path) -> None:
    assert report("--right", "a.mp4", "b.mp4", "c.mp4") == 0
    stretches = read_deviations(folder / "out" / "deviations.csv")
    flagged = [one for one in stretches if one.kind != "missing"]
    frames = _rows(folder / "out" / "deviations_frames.csv")
    assert len(frames) == 90
    deviating = [int(row["frame"]) for row in frames if row["deviates"] == "1"]
    assert deviating == [i for one in flagged for i in range(one.start_frame, one.end_frame_exclusive)]
    for one in flagged:
        scores = [float(row["score"]) for row in frames[one.start_frame : one.end_frame_exclusive]]
        assert one.score == max(scores) > 1
    assert [(one.start_frame, one.end_frame_exclusive) for one in flagged if one.score > 2] == [(30, 40)]


def test_a_film_marks_the_frames_of_its_videos_alone(report: Report, folder: Path) -> None:
    assert report("--right", "a.mp4", "b.mp4", "c.mp4") == 0
    stretches = read_deviations(folder / "out" / "deviations.csv")
    odd, a = scores_of(stretches, [(folder / "odd.mp4", 90, ""), (folder / "a.mp4", 90, "")])
    assert (odd[30:40] > 2).all()
    assert not a.any()
    with pytest.raises(LabelError, match=r"the deviations are of .*, not of .*a\.mp4"):
        scores_of(stretches, [(folder / "a.mp4", 90, "")])
    with pytest.raises(LabelError, match=r"line 2: .* has 5 frames"):
        scores_of(stretches, [(folder / "odd.mp4", 5, "")])


def test_marks_follow_the_content_of_a_video_and_not_its_name(report: Report, folder: Path) -> None:
    assert report("--right", "a.mp4", "b.mp4", "c.mp4") == 0
    stretches = read_deviations(folder / "out" / "deviations.csv")
    digest = content_digest(folder / "odd.mp4")
    renamed, named = scores_of(stretches, [(folder / "other.mp4", 90, digest), (folder / "odd.mp4", 90, "0" * 32)])
    assert (renamed[30:40] > 2).all()
    assert not named.any()
    with pytest.raises(LabelError, match=r"line 2: deviations were found in another file than .*odd\.mp4 \(digest"):
        scores_of(stretches, [(folder / "odd.mp4", 90, "0" * 32)])


def test_without_right_videos_there_is_no_such_table_and_an_old_one_goes(report: Report, folder: Path) -> None:
    assert report("--right", "a.mp4", "b.mp4") == 0
    assert (folder / "out" / "deviations.csv").exists()
    assert report() == 0
    assert not (folder / "out" / "deviations.csv").exists()


@pytest.mark.parametrize("right", [("a.mp4",), ("a.mp4", "b.mp4")])
def test_few_right_videos_are_said_to_be_less_sure(
    right: tuple[str, ...], report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report("--right", *right) == 0
    told = capsys.readouterr()
    assert "Name three or more" in told.out + told.err or "Name more right videos" in told.out + told.err


@pytest.mark.parametrize(
    ("arguments", "inputs", "sentence"),
    [
        (("--right", "d.mp4"), "two", "--right d.mp4 is not among the inputs"),
        (("--right", "a.mp4", "b.mp4", "c.mp4", "odd.mp4"), "two", "none to judge"),
        (("--right", "a.mp4", "--flagged-fraction", "2"), "two", "--flagged-fraction must be above 0 and below 1"),
        (("--right", "a.mp4", "--min-seconds", "0"), "two", "--min-seconds must be a number above 0"),
        (("--deviations", "true.csv"), "two", "Name the right videos too"),
        (("--right-groups", "groups.csv"), "two", "--right-groups groups the videos of --right"),
        (
            ("--right", "a.mp4", "b.mp4", "--right-groups", "wrong.csv"),
            "two",
            "line 3: a.mp4 is in group 'x'",
        ),
        (("--right", "a.mp4", "b.mp4", "--right-groups", "empty.csv"), "two", "empty.csv, line 2: a.mp4 has no group"),
        (("--right", "a.mp4", "--deviations", "false.csv"), "two", "400"),
        (("--right", "short.mp4"), "emb", "short.mp4 has 3 frames, but at least 6 are needed"),
        (("--right", "a.mp4", "b.mp4", "c.mp4", "odd.mp4", "short.mp4"), "emb", "3 frames"),
    ],
)
def test_what_is_refused_in_one_sentence(
    arguments: tuple[str, ...], inputs: str, sentence: str, report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(*arguments, inputs=inputs) != 0
    told = capsys.readouterr()
    assert sentence in told.out + told.err
    assert "Traceback" not in told.err


def test_a_video_that_aligns_with_no_right_one_is_told(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    assert report("--right", "a.mp4", "b.mp4", "c.mp4", inputs="emb") == 0
    told = capsys.readouterr()
    assert "Not judged: other.mp4 aligns with no right video" in told.out + told.err
    assert "Not judged: The video short.mp4 has 3 frames" in told.out + told.err


def test_groups_are_read_and_what_they_lack_is_told(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    assert report("--right", "a.mp4", "b.mp4", "c.mp4", "--right-groups", "groups.csv") == 0
    told = capsys.readouterr()
    assert "groups.csv has no group for c.mp4; each counts as its own group." in told.out + told.err
    assert report("--right", "a.mp4", "b.mp4", "--right-groups", "groups.csv") == 0
    told = capsys.readouterr()
    assert "All right videos are of group 'anna'" in told.out + told.err


def test_it_is_told_where_the_right_videos_that_align_are_all_of_one_group(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--right", "a.mp4", "b.mp4", "other.mp4", "--right-groups", "groups.csv"]
    assert report(*words, inputs="emb") == 0
    told = capsys.readouterr()
    assert "The right videos used for c.mp4 are all of group 'anna'" in told.out + told.err
