"""A project's folder stands for its videos, its labels and its people, while a window has it open too."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import core as carl
from core.base.control import Control
from core.base.errors import ConfigError, LabelError
from core.base.events import Event, Notice, ignore
from core.base.types import Span
from core.cli import train as command
from core.labels.segments import read_segments
from core.learning.run_folder import RunFolder
from core.notebook.inputs import given
from core.notebook.training import _of_project
from core.pose.people import People, Point
from core.project.adding import new_project
from core.project.person_edits import FollowPerson
from core.project.phase_edits import AddPhase
from core.project.reading import read_contents
from core.project.span_edits import ReplaceSpans
from core.project.store import Project
from core.project.video_edits import SetSplit
from core.settings.config import Config
from tests.conftest import VideoWriter
from tests.core.notebook.test_functions import clips, encoder, moving
from tests.core.small import SMALL

pytestmark = pytest.mark.usefixtures("narrow")

__all__ = ["clips", "encoder"]


@pytest.fixture
def project(clips: Path, tmp_path: Path) -> Iterator[Project]:
    """A project of three videos that a window has open: a.mp4 is labelled, c.mp4 kept for validation."""
    folder = tmp_path / "project"
    paths = [clips / f"{name}.mp4" for name in "abc"]
    new_project(folder, paths, Config().frames, ignore, Control())
    with Project.open(folder) as opened:
        for phase in ("left", "right"):
            opened.do(AddPhase(phase))
        opened.do(ReplaceSpans(1, (Span("left", 0, 10), Span("right", 10, 24))))
        opened.do(SetSplit((3,), "val"))
        yield opened


def test_a_project_is_read_as_it_is_now_while_it_is_open(project: Project) -> None:
    contents = read_contents(project.folder)
    assert list(contents.videos) == project.videos()
    assert contents.spans == project.spans_by_video()
    project.do(SetSplit((2,), "val"))
    assert [video.split for video in read_contents(project.folder).videos] == ["none", "val", "val"]


def test_its_videos_are_embedded_and_labelled_by_its_labels(project: Project, encoder: Path) -> None:
    videos = carl.embed_videos(project.folder, encoder, progress=False)
    assert [video.path.name for video in videos] == ["a.mp4", "b.mp4", "c.mp4"]
    labelled = carl.label_videos(project.folder, encoder, progress=False)
    assert labelled.phases == ("left", "right")
    assert labelled[0].spans == tuple(project.spans(1))
    assert [len(one.video) for one in labelled] == [24, 31, 12]
    found = carl.search_frames("a.mp4", project.folder, encoder, frame=3, progress=False)
    assert found.query.video.path.name == "a.mp4"


def test_labels_of_one_phase_are_too_few(project: Project, encoder: Path) -> None:
    project.do(ReplaceSpans(1, (Span("left", 0, 10),)))
    with pytest.raises(LabelError, match="labels of fewer than two phases"):
        carl.label_videos(project.folder, encoder, progress=False)


def test_a_missing_video_is_named_and_left_out(project: Project, encoder: Path, clips: Path) -> None:
    (clips / "b.mp4").unlink()
    videos = carl.embed_videos(project.folder, encoder, progress=False)
    assert [video.path.name for video in videos] == ["a.mp4", "c.mp4"]
    assert any("left out: b" in sentence for sentence in videos.notices)
    shutil.rmtree(clips)
    with pytest.raises(ConfigError, match="has no usable videos"):
        carl.embed_videos(project.folder, encoder, progress=False)


def test_a_run_of_it_keeps_validation_videos_apart_and_has_its_labels(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "run"
    trained = carl.train_encoder(project.folder, out=out, settings=SMALL, device="cpu", progress=False)
    assert trained.reason == "done"
    run = RunFolder.open(out)
    assert [path.name for path in run.videos()] == ["a.mp4", "b.mp4"]
    assert [path.name for path in run.validation()] == ["c.mp4"]
    table = run.labels()
    assert table == project.folder / "labels" / "run.csv"
    assert [(one.phase, one.start, one.end) for one in read_segments(table)] == [("left", 0, 10), ("right", 10, 24)]
    again = carl.train_encoder(project.folder, out=out, resume=True, device="cpu", progress=False)
    assert again.steps == trained.steps
    assert [path.name for path in (project.folder / "labels").iterdir()] == ["run.csv"]


def test_tables_of_another_run_of_that_name_stay(project: Project, tmp_path: Path) -> None:
    (project.folder / "labels").mkdir()
    (project.folder / "labels" / "run.csv").write_text("another run's", encoding="utf-8")
    opened = given(project.folder, ignore).project
    assert opened is not None
    order = _of_project(command.Order((), tmp_path / "run", {}), opened)
    assert order.labels == project.folder / "labels" / "run-2.csv"
    assert (project.folder / "labels" / "run.csv").read_text(encoding="utf-8") == "another run's"


def test_whom_body_pose_follows_goes_along_where_it_is_asked(project: Project, tmp_path: Path) -> None:
    project.do(FollowPerson(1, Point(3, 0.25, 0.5)))
    opened = given(project.folder, ignore).project
    assert opened is not None
    order = command.Order((), tmp_path / "run", {})
    followed = _of_project(order, opened).values["backbone.person_table"]
    people = People.read(Path(str(followed)))
    video = project.videos()[0]
    assert people.of(Path(video.absolute), video.digest) == Point(3, 0.25, 0.5)
    assert "backbone.person_table" not in _of_project(dataclasses.replace(order, recipe="quick"), opened).values


def test_only_a_project_alone_brings_its_labels(project: Project, write_video: VideoWriter, encoder: Path) -> None:
    other = write_video("other.mp4", 14, image=moving)
    heard: list[Event] = []
    both = given([project.folder, other], heard.append)
    assert both.project is None
    assert [path.name for path in both.paths] == ["a.mp4", "b.mp4", "c.mp4", "other.mp4"]
    with pytest.raises(ConfigError, match="No labels were given"):
        carl.label_videos([project.folder, other], encoder, progress=False)
    assert not [event for event in heard if isinstance(event, Notice)]
