"""Problems of a project that its owner can fix, each as a sentence with its remedy."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from core.base.control import Control
from core.base.errors import StorageError
from core.base.events import Sink
from core.base.files import content_digest
from core.base.progress import Meter
from core.base.types import Span
from core.embedding.folder import is_embedded, read_card
from core.project.backup_files import backups_of
from core.project.backups import BACKUPS
from core.project.badges import look_at
from core.project.exports import readable
from core.project.moved import find_moved
from core.project.places import candidates
from core.project.rows import VideoRow
from core.project.store import Project
from core.settings.config import DEFAULT_IMAGE_RATE
from core.video.content import video_digest, video_num_bytes
from core.video.image_folder import is_image_folder


def problems(project: Project, look_in: Sequence[Path], sink: Sink, control: Control) -> list[str]:
    """Return what is wrong: with the database, the videos' files, the spans, the embeddings. Reads all files.

    Args:
        look_in: folders in which videos that are gone are looked for too, with their subfolders.

    Raises:
        StorageError: one of `look_in` is not there.
        Stopped: asked to.
    """
    newest = next(iter(backups_of(project.folder / BACKUPS)), None)
    remedy = f"restore its newest backup, {newest}" if newest else "there is no backup, so export what is readable"
    found = [f"The database is damaged ({fault}): {remedy}." for fault in project.faults()]
    videos, spans = project.videos(), project.spans_by_video()
    gone: dict[int, str] = {}
    meter = Meter(sink, "check", len(videos), "video")
    for video in videos:
        control.obey()
        if problem := _file_error(video, project.folder):
            gone[video.id] = problem
        meter.add()
    paths = _elsewhere([video for video in videos if video.id in gone], project.folder, look_in, control)
    for video in videos:
        if video.id in gone:
            found.append(_gone(video, gone[video.id], paths.get(video.id), project.folder))
        found += _errors_within(video, spans.get(video.id, ()), project.folder)
    return found + list(_stale(project.folder))


def _add(folder: Path, file: str) -> str:
    return shlex.join(["python", "-m", "core.project", "add", readable(str(folder)), readable(file)])


def _file_error(video: VideoRow, folder: Path) -> str:
    """Return what is wrong with the file, as the start of a sentence; empty if it is the one that was added."""
    file, _ = look_at(video, folder)
    paths = candidates(video, folder)
    if file is None:
        other = next((path for path in paths if _is_there(path)), None)
        if other is None:
            return f"is missing: it was at {readable(str(paths[-1] if paths else video.name))}"
        return f"was replaced: {readable(str(other))} has changed since it was added"
    try:
        if _is_the_one(video, file):
            return ""
    except OSError as error:
        return f"cannot be read at {readable(str(file))} ({error.strerror})"
    return f"was replaced: {readable(str(file))} has changed since it was added"


def _is_the_one(video: VideoRow, file: Path) -> bool:
    """Return whether the file, or folder of images, has the video's content. OSError: it cannot be read."""
    return video_digest(file, video.fps or DEFAULT_IMAGE_RATE) == video.digest


def _is_there(path: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return path.is_file() or is_image_folder(path)
    return False


def _elsewhere(gone: Sequence[VideoRow], folder: Path, look_in: Sequence[Path], control: Control) -> Mapping[int, Path]:
    """Return the current paths by video id: in the project, next to the last path, or in one of the folders."""
    found: dict[int, Path] = {}
    for under in (folder, *look_in):
        if unresolved := [video for video in gone if video.id not in found]:
            found |= find_moved(unresolved, under, control=control)
    for video in gone:
        for path in candidates(video, folder) if video.id not in found else ():
            if beside := _beside(video, path.parent):
                found[video.id] = beside
                break
    control.obey()
    return found


def _beside(video: VideoRow, folder: Path) -> Path | None:
    with contextlib.suppress(OSError, ValueError):
        for file in sorted(folder.iterdir()):
            with contextlib.suppress(OSError):
                if video_num_bytes(file) == video.num_bytes and _is_the_one(video, file):
                    return file
    return None


def _gone(video: VideoRow, problem: str, path: Path | None, folder: Path) -> str:
    if path is not None:
        return f"{readable(video.name)} {problem}. It is now at {readable(str(path))}: {_add(folder, str(path))}"
    return f"{readable(video.name)} {problem}. Put the file back, or say where to look for it (check --look-in FOLDER)."


def _errors_within(video: VideoRow, spans: Sequence[Span], folder: Path) -> Iterator[str]:
    name = readable(video.name)
    if video.problem:
        yield f"{name} could not be read: {video.problem}"
    elif video.num_frames is None:
        yield f"{name} was never decoded: {_add(folder, video.absolute)}"
    if video.num_frames is None:
        return
    for span in spans:
        if span.end_frame_exclusive > video.num_frames:
            yield (
                f"{name}: its label {span.phase!r} {span.start_frame}..{span.end_frame_exclusive} ends after its "
                f"last frame, {video.num_frames - 1}. Correct it in the window, or import its labels again."
            )


def _stale(folder: Path) -> Iterator[str]:
    """Yield embeddings that cannot be opened, or that a run made before it learned on."""
    embeddings = folder / "embeddings"
    with contextlib.suppress(FileNotFoundError):
        for path in sorted(embeddings.iterdir()):
            if path.name.startswith(".") or not is_embedded(path):
                continue
            try:
                card = read_card(path)
            except StorageError as error:
                yield str(error)
                continue
            encoder = folder / "runs" / path.name / "encoder.safetensors"
            with contextlib.suppress(OSError):
                if content_digest(encoder) != card.encoder_digest:
                    yield (
                        f"The embeddings {path.name} are outdated: the run {path.name} was trained further after "
                        "they were made. Embed the videos again: python -m core.embed VIDEO... "
                        + shlex.join(["--encoder", str(encoder), "--out", str(path)])
                    )
