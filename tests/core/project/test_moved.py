"""From files to videos of a project, what their rows show, and moved ones found again."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from core.base.control import Control
from core.base.errors import StorageError
from core.base.events import Event, Progress
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import write_embedded
from core.embedding.packing import PackedWriter
from core.project.badges import badges
from core.project.moved import find_moved
from core.project.phase_edits import AddPhase
from core.project.places import Place
from core.project.rows import Broken, Found
from core.project.span_edits import PaintSpan
from core.project.store import Project
from core.project.video_edits import AddVideos, NewVideo
from core.video.content import video_num_bytes
from core.video.frame_store import FrameStore
from tests.conftest import VideoWriter
from tests.core.video.test_image_folder import write_images


@pytest.fixture
def folder(tmp_path: Path, write_video: VideoWriter) -> Path:
    """A closed project of two videos below it and one beside it."""
    home = tmp_path / "project"
    with Project.create(home) as project:
        paths = [write_video(f"project/videos/it's {i} 🏃.mp4", frames=4 + i) for i in range(2)]
        paths.append(write_video("beside/far.mp4", frames=9))
        project.do(AddVideos(tuple(NewVideo.of(path, home) for path in paths)))
    return home


@pytest.mark.skipif(sys.platform != "linux", reason="file names are Unicode there")
def test_a_name_that_is_no_unicode(tmp_path: Path, write_video: VideoWriter) -> None:
    path = tmp_path / os.fsdecode(b"gr\xfc\xdfe.mp4")
    shutil.move(write_video("good.mp4", frames=5), path)
    with Project.create(tmp_path / "p") as project:
        project.do(AddVideos((NewVideo.of(path, project.folder),)))
        assert badges(project.videos(), project.folder)[1].file == path
        project.undo()
        project.redo()
    with Project.open(tmp_path / "p") as project:
        assert project.videos()[0].name == path.name


def test_a_project_moves_with_the_videos_below_it(folder: Path, tmp_path: Path) -> None:
    shutil.move(folder, tmp_path / "moved")
    with Project.open(tmp_path / "moved") as project:
        shown = badges(project.videos(), project.folder)
        assert [shown[number].file for number in (1, 2, 3)] == [
            tmp_path / "moved" / "videos" / "it's 0 🏃.mp4",
            tmp_path / "moved" / "videos" / "it's 1 🏃.mp4",
            tmp_path / "beside" / "far.mp4",
        ]


def test_missing_and_broken_videos_are_badges(folder: Path) -> None:
    (folder / "videos" / "it's 0 🏃.mp4").unlink()
    (folder / "videos" / "it's 1 🏃.mp4").write_bytes(b"")
    with Project.open(folder) as project:
        project.keep_facts({3: Broken("It holds no frame.")})
        shown = badges(project.videos(), folder)
    assert (shown[1].file, shown[1].missing, shown[1].broken) == (None, True, "")
    assert (shown[2].file, shown[2].missing) == (None, False)
    assert "it's 1 🏃.mp4 is not the file that was added: its size differs" in shown[2].broken
    assert (shown[3].missing, shown[3].broken) == (False, "It holds no frame.")


@pytest.mark.parametrize("is_packed", [False, True])
def test_decoded_embedded_and_labelled(folder: Path, is_packed: bool) -> None:
    with Project.open(folder) as project:
        first, second, _ = project.videos()
        paths = [Path(first.absolute)]
        stored = FrameStore(short_side=32, max_bytes=10**9).add(paths)
        embedded = EmbeddedVideo(Path(second.absolute), second.digest, np.arange(3.0), np.eye(2, dtype=np.float32))
        if is_packed:
            with PackedWriter(project.embeddings / "run1", "encoder") as writer:
                writer.add(embedded)
        else:
            write_embedded(project.embeddings / "run1", [embedded], "encoder")
        for name, text in (("broken", "{"), ("other", "[]")):
            (project.embeddings / name).mkdir(parents=True)
            (project.embeddings / name / "embeddings.json").write_text(text, encoding="utf-8")
        project.do(AddPhase("up"))
        project.do(PaintSpan(3, Span("up", 0, 2)))
        shown = badges(project.videos(), folder)
    assert [(b.decoded, b.embedded, b.labelled) for b in shown.values()] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    assert len(stored) == 1


def test_moved_videos_are_found_by_content_whatever_their_name(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "disk" / "deep"
    shutil.move(folder / "videos", target)
    (target / "it's 0 🏃.mp4").rename(target / "renamed.mp4")
    decoy = bytearray((target / "renamed.mp4").read_bytes())
    decoy[-1] ^= 1
    (target / "it's 0 🏃.mp4").write_bytes(decoy)
    told: list[Event] = []
    with Project.open(folder) as project:
        lost = [video for video in project.videos() if badges([video], folder)[video.id].missing]
        found = find_moved(lost, tmp_path / "disk", told.append)
        assert found == {1: target / "renamed.mp4", 2: target / "it's 1 🏃.mp4"}
        steps = project.steps()
        assert project.move_videos(found).videos == {1, 2}
        assert project.steps() == steps
    assert isinstance(told[-1], Progress)
    with Project.open(folder) as project:
        project.undo()
        project.redo()
        assert badges(project.videos(), folder)[1].file == target / "renamed.mp4", "an undo forgets no place"


def test_the_search_stops_when_asked_and_names_a_missing_folder(folder: Path, tmp_path: Path) -> None:
    control = Control()
    control.stop()
    with Project.open(folder) as project:
        assert find_moved(project.videos(), tmp_path, control=control) == {}
        with pytest.raises(StorageError, match="There is no folder"):
            find_moved(project.videos(), tmp_path / "none")


@pytest.mark.parametrize("fps", [25.0, 30000 / 1001])
def test_a_folder_of_images_is_a_video_of_a_project(tmp_path: Path, fps: float) -> None:
    """Its badges, and how it is found again under another name, whatever its rate."""
    images = write_images(tmp_path / "take", ["1.png", "2.png", "10.png"])
    (stored,) = FrameStore(max_bytes=10**9, image_rate=fps).add([images])
    with Project.create(tmp_path / "p") as project:
        place = Place.of(images, project.folder)
        project.do(AddVideos((NewVideo(images, stored.digest, video_num_bytes(images), place),)))
        project.keep_facts({1: Found(3, stored.meta.fps, stored.meta.duration_seconds, 64, 48)})
        shown = badges(project.videos(), project.folder)[1]
        assert (shown.file, shown.decoded, shown.broken) == (images, True, "")
        if fps == 25:
            assert NewVideo.of(images, project.folder).digest == stored.digest
        elsewhere = tmp_path / "disk" / "a" / "renamed"
        elsewhere.parent.mkdir(parents=True)
        shutil.move(images, elsewhere)
        write_images(tmp_path / "disk" / "b", ["1.png", "2.png", "10.png"], first=3)
        assert badges(project.videos(), project.folder)[1].missing
        assert find_moved(project.videos(), tmp_path / "disk") == {1: elsewhere}
        write_images(tmp_path / "take", ["1.png"])
        assert "is not the file that was added" in badges(project.videos(), project.folder)[1].broken
