"""Identify a video by its content, wherever it is, as a file, a folder of images or a span of a file."""

from __future__ import annotations

import contextlib
import errno
import functools
from collections.abc import Iterable
from pathlib import Path

from core.base.errors import VideoError
from core.base.files import content_digest
from core.settings.config import DEFAULT_IMAGE_RATE
from core.video.episode import Episode, episode_digest, episode_state, is_episode, read_episode
from core.video.image_folder import folder_digest, folder_state


def video_digest(path: Path, image_rate: float = DEFAULT_IMAGE_RATE) -> str:
    """Return `core.base.files.content_digest` of a file; of a folder, that of its images in their order and of their
    rate; of an episode, that of its video and its span.

    Raises:
        OSError: it cannot be read.
    """
    if is_episode(path):
        return episode_digest(_episode(path))
    return folder_digest(path, image_rate) if path.is_dir() else content_digest(path)


def video_state(path: Path) -> tuple[int, int]:
    """Return bytes of the file, or of the folder's images; and a number that changes when they are written anew.

    Raises:
        OSError: it is not there.
    """
    if is_episode(path):
        return episode_state(_episode(path))
    if path.is_dir():
        return folder_state(path)
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def video_num_bytes(path: Path) -> int:
    """Return bytes of the file, or of the folder's images. OSError: it is not there."""
    return video_state(path)[0]


def current_digest(path: Path, image_rate: float = DEFAULT_IMAGE_RATE) -> str:
    """Return `video_digest`, read again only where sizes or times of change are others than the last time.

    Raises:
        OSError: it cannot be read.
    """
    return _digest_of(path, image_rate, *video_state(path))


def known_digests(paths: Iterable[Path], image_rate: float = DEFAULT_IMAGE_RATE) -> dict[Path, str]:
    """Return `current_digest` of those that can be read."""
    found = {}
    for path in paths:
        with contextlib.suppress(OSError):
            found[path] = current_digest(path, image_rate)
    return found


def _episode(path: Path) -> Episode:
    try:
        return read_episode(path)
    except VideoError as error:
        raise OSError(errno.EINVAL, str(error), str(path)) from error


@functools.lru_cache(maxsize=1_000_000)
def _digest_of(path: Path, image_rate: float, num_bytes: int, state: int) -> str:
    return video_digest(path, image_rate)
