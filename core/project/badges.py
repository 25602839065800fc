"""Badges of a video's row: missing, broken, decoded, embedded, labelled."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.base.errors import StorageError
from core.base.files import cache_folder
from core.project.places import candidates, find_file
from core.project.rows import VideoRow
from core.video.image_folder import is_image_folder


@dataclass(frozen=True, slots=True)
class Badges:
    """The states of one video."""

    file: Path | None
    """Where it lies now; None where it is missing or another file has its place."""
    missing: bool
    broken: str
    """Why it cannot be used, as a sentence; empty where it can."""
    decoded: bool
    """Its small frames lie in the frame store."""
    embedded: bool
    """The video has embeddings in the project."""
    labelled: bool
    """It has a span."""
    predicted: bool = False
    """It has spans, and all of them are accepted predictions: nobody said or confirmed one."""


def badges(videos: Sequence[VideoRow], folder: Path, frames_folder: Path | None = None) -> dict[int, Badges]:
    """Return badges by video id; reads the disk, and needs no open project, so any thread may call it.

    Args:
        folder: of the project.
        frames_folder: of the frame store; None: the user's.
    """
    decoded = _decoded(frames_folder or cache_folder("frames"))
    embedded = _embedded(folder / "embeddings")
    return {video.id: _badges(video, folder, decoded, embedded) for video in videos}


def look_at(video: VideoRow, folder: Path) -> tuple[Path | None, str]:
    """Return a video's current path (None: unknown), and why it cannot be used (empty: it can, or is missing).

    Cheap: no file is read; any thread may ask.
    """
    file = find_file(video, folder)
    if file is not None:
        return file, video.problem
    other = next((path for path in candidates(video, folder) if _is_there(path)), None)
    if other is None:
        return None, ""
    return None, f"{other} is not the file that was added: its size differs. Find the video again, or add this one."


def with_labels(badge: Badges, video: VideoRow) -> Badges:
    """Return the same badges, with what is known of labels without the disk."""
    return replace(badge, labelled=video.num_spans > 0, predicted=_is_predicted(video))


def _is_predicted(video: VideoRow) -> bool:
    return video.num_spans > 0 and not video.num_frames_by_hand


def _badges(video: VideoRow, folder: Path, decoded: set[str], embedded: set[str]) -> Badges:
    file, broken = look_at(video, folder)
    return Badges(
        file,
        missing=file is None and not broken,
        broken=broken,
        decoded=video.digest in decoded,
        embedded=video.digest in embedded,
        labelled=video.num_spans > 0,
        predicted=_is_predicted(video),
    )


def _is_there(path: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return path.is_file() or is_image_folder(path)
    return False


def _decoded(frames: Path) -> set[str]:
    """Return digests of the videos that are whole in the frame store, at whatever size."""
    with contextlib.suppress(OSError), os.scandir(frames) as entries:
        return {
            entry.name.partition("-")[0] for entry in entries if os.path.exists(os.path.join(entry.path, "complete"))
        }
    return set()


def _embedded(embeddings: Path) -> set[str]:
    """Return digests of the videos in the folders that `core.embed` wrote there; a folder that cannot be read has
    none."""
    found = set[str]()
    with contextlib.suppress(OSError):
        folders = [folder for folder in embeddings.iterdir() if folder.is_dir()]
        if not folders:
            return found
        from core.embedding.folder import read_card  # OpenCV, which the start page does without

        for folder in folders:
            with contextlib.suppress(StorageError):
                found.update(read_card(folder).digests)
    return found
