"""The sound of a video as a picture: its lowest and highest samples, at any zoom, kept on disk."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import load_array
from core.base.control import Control, Stopped
from core.base.disk_cache import CacheEntry, DiskCache
from core.base.errors import StorageError
from core.base.files import cache_folder, replacing
from core.sound.decoding import RATE, sound_blocks

_MOST_BYTES = 500_000_000
"""Of what is kept: 14 MB an hour."""
_COARSER = 4
_MOST_BINS = 48 * 3600 * 1000
"""Sound later than two days is none: a wrong time stamp would fill the memory."""
_FULL = 32767
_FILE = "peaks.npy"
_FORMAT = 1


class Peaks:
    """Lowest and highest samples from 0 s on; each level has a quarter of the bins of the one before."""

    def __init__(self, bins: NDArray[np.int16]) -> None:
        """`bins`: (N, 2) lowest and highest sample of each millisecond, -32767 to 32767."""
        self.levels = [bins]
        while len(self.levels[-1]) > _COARSER:
            last = self.levels[-1]
            starts = np.arange(0, len(last), _COARSER)
            low, high = np.minimum.reduceat(last[:, 0], starts), np.maximum.reduceat(last[:, 1], starts)
            self.levels.append(np.stack([low, high], axis=1))

    @property
    def loudest(self) -> float:
        """Of all samples, 0 to 1."""
        return float(np.abs(self.levels[0].astype(np.int32)).max(initial=0)) / _FULL

    def between(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (W, 2) lowest and highest sample, -1 to 1, between each two of W + 1 rising times.

        A bin counts where it begins or ends between them, so that no click is too short to be seen; 0 where there is no
        sound.
        """
        widths = np.diff(seconds) * 1000
        typical = float(np.median(widths)) if len(widths) else 1.0
        level = 0
        while level + 1 < len(self.levels) and _COARSER ** (level + 1) <= typical:
            level += 1
        bins, per_second = self.levels[level], 1000 / _COARSER**level
        first = np.clip(np.floor(seconds[:-1] * per_second + 1e-6), 0, len(bins)).astype(np.int64)
        end = np.clip(np.ceil(seconds[1:] * per_second - 1e-6), 0, len(bins)).astype(np.int64)
        found = np.zeros((len(widths), 2))
        filled = np.concatenate([bins, np.zeros((1, 2), np.int16)])  # an index past the end is one of `reduceat`
        pairs = np.stack([first, np.maximum(end, first)], axis=1).ravel()
        has_any = end > first
        if has_any.any():
            found[:, 0] = np.minimum.reduceat(filled[:, 0], pairs)[::2]
            found[:, 1] = np.maximum.reduceat(filled[:, 1], pairs)[::2]
        found[~has_any] = 0
        return found / _FULL


def peaks_of_video(digest: str, file: Path, control: Control | None = None) -> Peaks:
    """Return the peaks of a video's sound: kept ones, or those of its file, which is then decoded once.

    Args:
        digest: `core.video.content.video_digest` of the video.

    Raises:
        VideoError: they are not known, and the file cannot be opened or has no sound.
        Stopped: `control` was asked to stop.
    """
    if (known := known_peaks(digest)) is not None:
        return known
    bins = _bins_of(file, control or Control())
    with contextlib.suppress(StorageError):  # they are found again the next time
        _keep(digest, bins)
    return Peaks(bins)


def known_peaks(digest: str) -> Peaks | None:
    """Return the kept peaks of a video; None where there are none, or they are damaged."""
    cache = _cache()
    if not digest or not cache.holds(_key(digest)):
        return None
    with contextlib.suppress(StorageError, OSError, ValueError), cache.entry(_key(digest)) as entry:
        bins = load_array(entry.path / _FILE)
        if bins.dtype == np.int16 and bins.ndim == 2 and bins.shape[1] == 2:
            return Peaks(bins)
    return None


def _cache() -> DiskCache:
    return DiskCache(cache_folder("sound"), _MOST_BYTES)


def _key(digest: str) -> str:
    return f"{digest}-{_FORMAT}"


def _keep(digest: str, bins: NDArray[np.int16]) -> None:
    with _cache().entry(_key(digest)) as entry, entry.making():
        entry.cache.make_room(bins.nbytes)
        _write(entry, bins)


def _write(entry: CacheEntry, bins: NDArray[np.int16]) -> None:
    with replacing(entry.path / _FILE) as partial:
        np.save(partial, bins)
    entry.publish()


def _bins_of(file: Path, control: Control) -> NDArray[np.int16]:
    """Return (N, 2) lowest and highest sample of each millisecond from 0 s on."""
    bins = np.zeros((60_000, 2), np.int16)
    used = 0
    with contextlib.closing(sound_blocks(file)) as blocks:
        for block in blocks:
            if control.stop_requested:
                raise Stopped
            # Loud is what is loud in either channel: a mean of both would lose what is opposite in them.
            low, high = block.samples.min(axis=1), block.samples.max(axis=1)
            at = np.floor((block.start_seconds + np.arange(len(low)) / RATE) * 1000 + 1e-6).astype(np.int64)
            inside = (at >= 0) & (at < _MOST_BINS)
            if not inside.any():
                continue
            at, low, high = at[inside], low[inside], high[inside]
            if at[-1] >= len(bins):
                bins = np.concatenate([bins, np.zeros((max(len(bins), at[-1] + 1 - len(bins)), 2), np.int16)])
            starts = np.flatnonzero(np.diff(at, prepend=-1))
            where = at[starts]
            lowest = np.floor(np.minimum.reduceat(low, starts) * _FULL).clip(-_FULL, 0).astype(np.int16)
            highest = np.ceil(np.maximum.reduceat(high, starts) * _FULL).clip(0, _FULL).astype(np.int16)
            bins[where, 0] = np.minimum(bins[where, 0], lowest)
            bins[where, 1] = np.maximum(bins[where, 1], highest)
            used = max(used, int(where[-1]) + 1)
    return bins[:used].copy()
