"""Cache of landmarks on disk, by video content: found once, then used for features and skeletons.

They lie in the user's cache folder under `poses`, an entry a video: `landmarks.npz` with the arrays of `Landmarks`.
Needs no torch.
"""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.base.arrays import load_arrays
from core.base.disk_cache import COMPLETE, CacheEntry, DiskCache
from core.base.errors import StorageError, VideoError
from core.base.files import cache_folder, replacing
from core.pose.landmarks import Landmarks
from core.pose.people import Point
from core.video.stored_video import StoredVideo

_FORMAT = 2
"""Part of every key: to be raised when the same video comes to have other landmarks."""
_FILE = "landmarks.npz"


class LandmarkCache:
    """Landmarks by video content, frame size, networks and followed person.

    Args:
        networks: names the networks' weights.
        folder: where they lie; None: the user's cache folder.
        max_bytes: the least recently used go first.
    """

    def __init__(self, networks: str, *, max_bytes: int, folder: Path | None = None) -> None:
        self._networks = networks
        self.cache = DiskCache(folder or cache_folder("poses"), max_bytes)

    def entry(self, video: StoredVideo, point: Point | None) -> CacheEntry:
        """Return the place of a video's landmarks, complete or not."""
        parts = [str(_FORMAT), self._networks[:16], f"{video.width}x{video.height}", video.meta.grey_key]
        return self.cache.entry("-".join([_stem(video.digest, point), *filter(None, parts)]))


def write_landmarks(entry: CacheEntry, landmarks: Landmarks) -> None:
    """Write and publish an entry; only inside `entry.making`. StorageError: the disk refuses."""
    arrays = {"picture": landmarks.picture, "space": landmarks.space, "scores": landmarks.scores}
    entry.cache.make_room(sum(array.nbytes for array in arrays.values()) + 1000)
    with replacing(entry.path / _FILE) as partial:
        size = np.array([landmarks.width, landmarks.height, landmarks.people])
        np.savez(partial, allow_pickle=False, size=size, **arrays)
    entry.publish()


def read_landmarks(entry: CacheEntry) -> Landmarks:
    """Return the landmarks of a complete entry. StorageError: they are damaged."""
    try:
        arrays = load_arrays(entry.path / _FILE)
        width, height, people = (int(number) for number in arrays["size"])
        return Landmarks(arrays["picture"], arrays["space"], arrays["scores"], width, height, people)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise StorageError(f"The landmarks in {entry.path} are damaged. Remove that folder and run again.") from error


def find_landmarks(
    digest: str,
    path: Path,
    point: Point | None = None,
    *,
    folder: Path | None = None,
    frames: Sequence[int] | None = None,
) -> Landmarks:
    """Return the landmarks of a video as they were found last, to draw them (`landmarks.EDGES` is the skeleton).

    Args:
        digest: `core.video.content.video_digest` of the video.
        path: where the file lies or lay; for the sentence alone.
        point: where the person who was followed is; None: whoever was followed last.
        frames: return these frames alone, in this order; None: all.
        folder: as of `LandmarkCache`.

    Raises:
        VideoError: no pose of this video was found yet; IndexError past its ends.
        StorageError: they are damaged.
    """
    cache = DiskCache(folder or cache_folder("poses"), max_bytes=0)  # nothing is added to it
    for key in _newest_first(cache.folder, _stem(digest, point) if point else digest):
        with contextlib.suppress(FileNotFoundError), cache.entry(key) as entry:
            if entry.is_complete and entry.fits():
                found = read_landmarks(entry)
                return found if frames is None else found.at(frames)
    if point is None:
        raise VideoError(
            f"The body pose in {path.name} is not known yet. Embed it with an encoder that uses body pose."
        )
    raise VideoError(
        f"The chosen person's pose is not known yet. Embed {path.name} again with an encoder that uses body pose."
    )


def _stem(digest: str, point: Point | None) -> str:
    return f"{digest}-{point.key}" if point else f"{digest}-largest"


def _newest_first(folder: Path, stem: str) -> list[str]:
    used = {path.name: _used_ns(path) for path in folder.glob(f"{stem}-*")} if stem else {}
    return sorted(used, key=lambda name: used[name], reverse=True)


def _used_ns(path: Path) -> int:
    """Return when an entry was created or last used; its folder may vanish meanwhile."""
    times = [0]
    for folder in (path, path / COMPLETE):
        with contextlib.suppress(OSError):
            times.append(folder.stat().st_mtime_ns)
    return times[-1]
