"""Videos decoded once, into small frames on disk with random access."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from core.base.control import Control
from core.base.cores import num_cores
from core.base.disk_cache import CacheEntry, DiskCache
from core.base.errors import StorageError
from core.base.events import Sink, ignore
from core.base.files import cache_folder
from core.settings.config import DEFAULT_IMAGE_RATE
from core.video.ingest import Ingest
from core.video.store_sizes import short_sides
from core.video.stored_video import FORMAT, StoredVideo

__all__ = ["FrameStore", "StoredVideo", "find_stored"]


class FrameStore:
    """A folder of stored videos with a size limit; a `StoredVideo` pins its entry as long as it exists.

    A video is known by its content: moved, renamed or copied it is not decoded again. What a killed `add` has decoded
    stays, and the next one goes on from there. Any number of processes may use one folder.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        short_side: int = 256,
        max_bytes: int,
        workers: int = 0,
        image_rate: float = DEFAULT_IMAGE_RATE,
    ) -> None:
        """Nothing is read or written yet.

        Args:
            folder: where the frames lie; None is `frames` in the user's cache folder.
            short_side: of the stored frames, in pixels; a smaller video keeps its size.
            max_bytes: bound of the folder; the least recently used videos go first.
            workers: videos decoded at once; 0 means one a processor core.
            image_rate: of folders of images, in images a second; part of their digests.
        """
        self.short_side = short_side
        self.cache = DiskCache(folder or cache_folder("frames"), max_bytes)
        self.workers = workers or num_cores()
        self.image_rate = image_rate

    def add(
        self,
        paths: Sequence[Path],
        sink: Sink = ignore,
        control: Control | None = None,
        watch: Sink | None = None,
    ) -> list[StoredVideo]:
        """Return the videos, in order, after decoding those that are not there yet.

        `sink` is called in this thread: with the progress (stages "check" and "decode"), and with a sentence for every
        video that is damaged, for every one that cannot be read, which is left out, and for each kind of thing that was
        made of videos (a rate of images, stretched grey, scaled frames). `watch` is too, with the
        `VideoEvent`s of every single file; what is left out is then told to it alone.

        Raises:
            VideoError: no video is left.
            StorageError: they do not fit into the bound together, or the disk refuses.
            Stopped: `control` asked to stop; what was decoded is kept.
        """
        return Ingest(self, sink, control or Control(), watch).run(paths)

    def ingest(self, sink: Sink, control: Control, workers: Control) -> Ingest:
        """Return what checks videos and decodes them one by one, where not all are wanted at once.

        Args:
            workers: obeyed by the threads that call its `decode`.
        """
        return Ingest(self, sink, control, workers=workers)

    def entry(self, digest: str) -> CacheEntry:
        """Return the place of a video of that content."""
        return self.cache.entry(_key(digest, self.short_side))


def find_stored(digest: str, path: Path, folder: Path | None = None) -> StoredVideo | None:
    """Return the stored video of that content, at the largest size that is whole; None where there is none.

    Quick, however many are stored: it lists the folder only after another video was begun. It creates no folder.

    Args:
        digest: `core.video.content.video_digest` of the video.
        path: where the file lies now, or lay last; it is not touched.
        folder: as of `FrameStore`.
    """
    cache = DiskCache(folder or cache_folder("frames"), max_bytes=0)  # nothing is added to it
    for short_side in short_sides(cache.folder):
        key = _key(digest, short_side)
        if cache.holds(key):
            with contextlib.suppress(StorageError):  # damaged, or no right to pin it
                entry = cache.entry(key)
                if entry.is_complete:  # not dropped just before
                    return StoredVideo(path, digest, entry)
    return None


def _key(digest: str, short_side: int) -> str:
    return f"{digest}-{short_side}-{FORMAT}"
