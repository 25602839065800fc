"""Add videos to a project without a window: decoded first, so that nothing changes if one cannot be read."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

from core.base.control import Control
from core.base.errors import StorageError, VideoError
from core.base.events import Event, Notice, Progress, Sink, VideoRefused
from core.base.files import explain_errors
from core.project.edits import count_of
from core.project.exports import readable
from core.project.intake import Intake
from core.project.places import find_file
from core.project.store import Project
from core.settings.config import FramesConfig
from core.video.frame_store import FrameStore


def new_project(
    folder: Path, paths: Sequence[Path], frames: FramesConfig, sink: Sink, control: Control, *, action: str = ""
) -> None:
    """Make a project of these videos.

    Args:
        folder: that is not there, or is empty.
        frames: bounds of the frame store.
        action: what they show; empty: unknown.

    Raises:
        StorageError: the folder holds something or cannot be written; nothing is made.
        VideoError: a video cannot be read; nothing is made.
        Stopped: asked to; nothing is made, and what was decoded is kept.
    """
    was_there = _check_free(folder)
    intake = _decode(Intake(folder.absolute(), action), paths, frames, sink, control)
    with explain_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    project = Project.create(folder)
    try:
        with project:
            _on_in(project, intake, sink)
    except BaseException:
        for entry in folder.iterdir() if was_there else ():
            shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink(missing_ok=True)
        if not was_there:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def add_videos(
    project: Project, paths: Sequence[Path], frames: FramesConfig, sink: Sink, control: Control, *, action: str = ""
) -> None:
    """Add these videos as one step; of those that it has, it learns where they lie now, if that was not known.

    Raises: as `new_project`; the project is as it was.
    """
    if project.read_only:
        raise StorageError(project.read_only)
    _on_in(project, _decode(Intake(project.folder, action), paths, frames, sink, control), sink)


def _check_free(folder: Path) -> bool:
    """Return whether it exists. StorageError: it is not empty, or not a folder."""
    with explain_errors(folder):
        if Project.is_project(folder):
            raise StorageError(f"{folder} already holds a project. Add videos to it (add), or choose another folder.")
        if folder.is_dir():
            if any(folder.iterdir()):
                raise StorageError(f"The folder {folder} is not empty. Choose another one for the project.")
            return True
        if folder.exists():
            raise StorageError(f"{folder} is a file. Choose a folder for the project.")
    return False


def _decode(intake: Intake, paths: Sequence[Path], frames: FramesConfig, sink: Sink, control: Control) -> Intake:
    """Decode all of the videos into the frame store, as the window does. VideoError: one cannot be read."""

    def hear(event: Event) -> None:
        intake.hear(event)
        if isinstance(event, VideoRefused):
            sink(Notice(event.message))
            return
        if isinstance(event, Progress) and event.stage == "decode":
            _refuse(intake, len(paths))  # before the long work
        sink(event)

    store = FrameStore(
        short_side=frames.short_side,
        max_bytes=int(frames.cache_size_gb * 1e9),
        workers=frames.decode_workers,
        image_rate=frames.image_rate,
    )
    paths = [path.absolute() for path in paths]
    try:
        store.add(paths, hear, control, watch=hear)
    except VideoError:
        _refuse(intake, len(paths))
        raise
    _refuse(intake, len(paths))
    _sort(intake, [str(path) for path in paths])
    return intake


def _sort(intake: Intake, paths: Sequence[str]) -> None:
    """Sort the received events by path, because threads finish in any order; the first of two copies is kept."""
    order = {path: index for index, path in enumerate(paths)}
    intake.new = deque(sorted(intake.new, key=lambda one: order[one.path]))
    intake.digests = {path: intake.digests[path] for path in sorted(intake.digests, key=order.__getitem__)}


def _refuse(intake: Intake, num_videos: int) -> None:
    if not intake.refused:
        return
    first = next(iter(intake.refused.values()))
    if num_videos == 1:
        raise VideoError(first)
    raise VideoError(
        f"{len(intake.refused)} of {count_of(num_videos, 'video')} cannot be read, so nothing was changed. Leave "
        f"them out, or replace them with intact files. {'The first: ' if len(intake.refused) > 1 else ''}{first}"
    )


def _on_in(project: Project, intake: Intake, sink: Sink) -> None:
    known = {video.digest: video for video in project.videos()}
    heard = set(intake.digests.values())
    gone = {digest for digest in heard & known.keys() if find_file(known[digest], project.folder) is None}
    for notice in _doubles(intake, {digest: video.name for digest, video in known.items()}, gone):
        sink(Notice(notice))
    num_new = len({one.digest for one in intake.new} - known.keys())
    if intake.new:
        project.do(intake.edit(intake.new, num_new))
    ids = {video.digest: video.id for video in project.videos()}
    lost = {
        known[one.digest].id: Path(one.path)
        for one in reversed(intake.new)  # of two alike the first given stays
        if one.digest in known and find_file(project.video(known[one.digest].id), project.folder) is None
    }
    if lost:  # another file has the place of the one that was added
        project.move_videos(lost)
    project.keep_facts({ids[digest]: fact for digest, fact in intake.facts.items() if digest in ids})
    sink(Notice(f"Added {count_of(num_new, 'video')}."))


def _doubles(intake: Intake, known: Mapping[str, str], gone: Set[str]) -> list[str]:
    """Return which files bring in no new video, and why.

    Args:
        known: names of the project's videos by digest.
        gone: digests of those that lay nowhere until now.
    """
    sentences, first = [], dict[str, str]()
    for path, digest in intake.digests.items():
        if digest in gone and digest not in first:
            sentences.append(f"Found {readable(known[digest])} again at {path}.")
        elif digest in known:
            sentences.append(f"{path} is already in the project, as {known[digest]!r}.")
        elif digest in first:
            sentences.append(f"{path} has the same content as {first[digest]}; it was added once.")
        first.setdefault(digest, path)
    return sentences
