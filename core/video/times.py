"""Times of the frames of a video: from the frame store, or from the file, which is then decoded once."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import load_array
from core.base.disk_cache import CacheEntry, DiskCache
from core.base.errors import StorageError, VideoError
from core.base.files import cache_folder, replacing, write_text
from core.settings.config import DEFAULT_IMAGE_RATE
from core.video.clock import edges_seconds
from core.video.content import current_digest
from core.video.frame_store import find_stored
from core.video.image_decoding import open_decoding
from core.video.index import scan
from core.video.stored_video import FORMAT

_MOST_BYTES = 200_000_000
"""Of what is kept: 8 bytes a frame."""
_EDGES, _FRAMES = "edges.npy", "frames.json"


def edges_of_video(digest: str, file: Path, image_rate: float = DEFAULT_IMAGE_RATE) -> NDArray[np.float64]:
    """Return (S + 1,) start of every frame and end of the last, by the medium's clock.

    Quick where the video is in the frame store, or was asked for before; else the file is decoded, and its times kept.

    Args:
        digest: `core.video.content.video_digest` of the video.
        file: where it lies, or lay last; a folder of images too.
        image_rate: of a folder of images, in images a second.

    Raises:
        VideoError: it is not in the frame store, and the file is missing, is another one by now or cannot be read.
    """
    if (known := known_edges(digest, file)) is not None:
        return known
    if not file.exists():
        raise VideoError(f"There is no file {file}. Find it again, so that its frame times can be read.")
    try:
        is_same = current_digest(file, image_rate) == digest
    except OSError as error:
        raise VideoError(f"{file} cannot be read ({error.strerror}). Check the disk, or copy it again.") from None
    if not is_same:
        raise VideoError(f"{file} has changed since it was added. Restore the old file, or add this one.")
    index, meta = scan(open_decoding(file, image_rate=image_rate))
    found = edges_seconds(index.entries["seconds"], meta)
    with contextlib.suppress(StorageError):  # it is found again the next time
        keep_times(digest, found)
    return found


def known_edges(digest: str, file: Path) -> NDArray[np.float64] | None:
    """Return `edges_of_video` if that is quick; otherwise None."""
    stored = find_stored(digest, file)
    if stored is not None:
        return stored.edges_seconds
    cache = _cache()
    if digest and cache.holds(_key(digest)):
        with contextlib.suppress(StorageError), cache.entry(_key(digest)) as entry:
            return _read_kept(entry) if entry.fits() else None
    return None


def _cache() -> DiskCache:
    return DiskCache(cache_folder("times"), _MOST_BYTES)


def _key(digest: str) -> str:
    return f"{digest}-{FORMAT}"


def _read_kept(entry: CacheEntry) -> NDArray[np.float64] | None:
    """Return the kept times, None where it is damaged."""
    try:
        edges: NDArray[np.float64] = load_array(entry.path / _EDGES)
        count = json.loads((entry.path / _FRAMES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return edges if edges.dtype == np.float64 and edges.shape == (count + 1,) else None


def keep_times(digest: str, edges: NDArray[np.float64]) -> None:
    """Keep the times of a video's frames for `edges_of_video`. StorageError: the disk refuses."""
    with _cache().entry(_key(digest)) as entry, entry.making():
        entry.cache.make_room(edges.nbytes)
        with replacing(entry.path / _EDGES) as partial:
            np.save(partial, edges)
        write_text(entry.path / _FRAMES, json.dumps(len(edges) - 1))
        entry.publish()
