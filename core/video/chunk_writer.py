"""Decode one video into the frame store, chunk by chunk, so that a kill loses at most one chunk."""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from core.base.arrays import load_array
from core.base.checksums import Checksum, fits, format_checksums, parse_checksums
from core.base.disk_cache import CacheEntry
from core.base.errors import VideoError
from core.base.files import replacing
from core.base.types import Image
from core.video.cursor import Cursor
from core.video.decoding import Decoding
from core.video.frame_converter import FrameConverter
from core.video.grey import Levels
from core.video.image_decoding import open_decoding
from core.video.index import ENTRY, DamageError, FrameIndex, IndexBuilder, measured_levels, no_frames
from core.video.stored_video import ROW, are_whole, chunk_path, write_known

CHUNK_FRAMES = 256
CHUNK_BYTES = 16_000_000
"""A chunk ends at whichever comes first: with it, memory is bounded whatever the video."""
_JPEG_QUALITY = 95


@dataclass(frozen=True)
class DecodeRequest:
    """What to store, and how."""

    path: Path
    short_side: int
    image_rate: float
    """Of a folder of images."""
    threads: int
    """Decoding threads; 0 means one a processor core."""

    def decoding(self, *, careful: bool = False) -> Decoding:
        return open_decoding(self.path, threads=self.threads, careful=careful, image_rate=self.image_rate)


def store(
    wanted: DecodeRequest, entry: CacheEntry, *, skipped: Callable[[int], None], tick: Callable[[int], None]
) -> None:
    """Decode the video into the entry and publish it; go on after the last whole chunk that lies there.

    A grey video whose levels may have to be stretched is decoded twice: first to see which are there.

    Args:
        skipped: called with the number of frames that lay there already; negative where more come than were counted on.
        tick: called for every further frame, with its bytes. What it raises ends the work.

    Raises:
        VideoError: no frame decodes.
        StorageError: the frames do not fit into the cache or onto the disk.
    """
    rows = _whole_chunks(entry.path)
    careful = FrameIndex(_fields(rows, ENTRY)).needs_care
    levels = _levels(wanted, skipped, tick, careful=careful)
    done = 0

    def count(num_bytes: int) -> None:
        nonlocal done
        done += 1
        tick(num_bytes)

    if len(rows):
        with contextlib.suppress(VideoError, DamageError):  # not the frames of before: other software decoded them
            return _resume(wanted, entry, levels, rows, skipped, count, careful=careful)
        skipped(-len(rows) - done)
        done = 0
        entry.clear()
    if not careful:
        with contextlib.suppress(DamageError):
            return _resume(wanted, entry, levels, rows[:0], skipped, count, careful=False)
        skipped(-done)
        entry.clear()
        levels = _levels(wanted, skipped, tick, careful=True)
    return _resume(wanted, entry, levels, rows[:0], skipped, tick, careful=True)


def _levels(
    wanted: DecodeRequest, skipped: Callable[[int], None], tick: Callable[[int], None], *, careful: bool
) -> Levels | None:
    """Return how to stretch grey; every frame decoded for it counts as one more to do, and done."""

    def each() -> None:
        tick(0)
        skipped(-1)

    with contextlib.closing(wanted.decoding(careful=careful)) as decoding:
        return measured_levels(decoding, each)


def _resume(
    wanted: DecodeRequest,
    entry: CacheEntry,
    levels: Levels | None,
    rows: NDArray[np.void],
    skipped: Callable[[int], None],
    tick: Callable[[int], None],
    *,
    careful: bool,
) -> None:
    known = FrameIndex(_fields(rows, ENTRY))
    with contextlib.closing(wanted.decoding(careful=careful)) as decoding:
        skipped(len(rows))
        first, frames = _first_and_frames(decoding, known)
        upright = FrameConverter(first, decoding, codec_name=decoding.codec_name, levels=levels)
        builder = IndexBuilder(decoding, is_damaged=known.is_damaged, is_careful=careful)
        chunks = _Chunks(entry, builder, rows)
        for frame in frames:
            builder.add(frame)
            tick(chunks.add(upright.image(frame, wanted.short_side)))
        rows = chunks.finish()
        index, meta = builder.finish(_fields(rows, ENTRY), upright, levels)
    for name in ENTRY.names or ():
        rows[name] = index.entries[name]
    write_known(entry.path, rows, meta, upright.size(wanted.short_side))
    numbers = [int(chunk) for chunk in np.unique(rows["chunk"])]
    entry.publish([*(chunk_path(entry.path, chunk).name for chunk in numbers), "frames.npy", "meta.json"])
    for chunk in numbers:
        _rows_path(entry.path, chunk).unlink()


def _first_and_frames(decoding: Decoding, known: FrameIndex) -> tuple[VideoFrame, Iterator[VideoFrame]]:
    """Return the video's first frame, and an iterator over those that are not known yet."""
    if len(known):
        cursor = Cursor(decoding, known)
        first = cursor.read(0)
        cursor.read(len(known) - 1)
        return first, cursor.rest()
    frames = decoding.every_frame()
    for first in frames:
        return first, itertools.chain([first], frames)
    raise no_frames(decoding)


class _Chunks:
    """Collects frames as JPEG and writes them one chunk at a time: the JPEGs, then their rows, which complete it."""

    def __init__(self, entry: CacheEntry, builder: IndexBuilder, rows: NDArray[np.void]) -> None:
        self._entry = entry
        self._builder = builder
        self._written = [rows]
        self._chunk_number = int(rows["chunk"][-1]) + 1 if len(rows) else 0
        self._jpegs: list[bytes] = []
        self._num_bytes = 0

    def add(self, image: Image) -> int:
        """Add a frame and return the bytes of its JPEG."""
        bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()
        self._jpegs.append(jpeg)
        self._num_bytes += len(jpeg)
        if len(self._jpegs) >= CHUNK_FRAMES or self._num_bytes >= CHUNK_BYTES:
            self._write()
        return len(jpeg)

    def finish(self) -> NDArray[np.void]:
        """Return the rows of all frames, after the last are written."""
        if self._jpegs:
            self._write()
        return np.concatenate(self._written)

    def _write(self) -> None:
        sizes = [len(jpeg) for jpeg in self._jpegs]
        rows = _fields(self._builder.take(), ROW)
        rows["chunk"] = self._chunk_number
        rows["num_bytes"] = sizes
        rows["offset"] = np.cumsum(sizes) - sizes
        self._entry.cache.make_room(sum(sizes) + 2 * rows.nbytes)
        jpegs = b"".join(self._jpegs)
        with replacing(chunk_path(self._entry.path, self._chunk_number)) as partial:
            partial.write_bytes(jpegs)
        with replacing(_rows_path(self._entry.path, self._chunk_number)) as partial:
            partial.write_bytes(_with_checksums(rows, jpegs))
        self._written.append(rows)
        self._jpegs.clear()
        self._num_bytes = 0
        self._chunk_number += 1


def _rows_path(folder: Path, chunk: int) -> Path:
    return chunk_path(folder, chunk).with_suffix(".npy")


def _with_checksums(rows: NDArray[np.void], jpegs: bytes) -> bytes:
    """Return the bytes of a `.npy` file with the checksums of a chunk and of these bytes behind them."""
    file = io.BytesIO()
    np.save(file, rows)
    sums = {"jpegs": Checksum.of_bytes(jpegs), "rows": Checksum.of_bytes(file.getvalue())}
    return file.getvalue() + format_checksums(sums).encode("ascii")


def _fit_checksums(folder: Path, chunk: int, rows: NDArray[np.void]) -> bool:
    """Return whether a chunk holds what was written; true where an earlier version wrote it, without checksums."""
    data = _rows_path(folder, chunk).read_bytes()
    start = data.index(b"\n") + 1 + rows.nbytes
    if not data[start:]:
        return True
    sums = parse_checksums(data[start:].decode("ascii").splitlines())
    return sums["rows"] == Checksum.of_bytes(data[:start]) and fits(chunk_path(folder, chunk), sums["jpegs"])


def _whole_chunks(folder: Path) -> NDArray[np.void]:
    """Return the rows of the chunks that were written without a gap."""
    found = [np.empty(0, ROW)]
    for chunk in itertools.count():
        try:
            rows = load_array(_rows_path(folder, chunk))
            if rows.dtype != ROW or not are_whole(folder, rows) or not _fit_checksums(folder, chunk, rows):
                break
        except (OSError, ValueError, KeyError):
            break
        found.append(rows)
    return np.concatenate(found)


def _fields(rows: NDArray[np.void], dtype: np.dtype[np.void]) -> NDArray[np.void]:
    """Return the fields that both have, in the layout of `dtype`; the others are 0."""
    made = np.zeros(len(rows), dtype)
    for name in set(rows.dtype.names or ()) & set(dtype.names or ()):
        made[name] = rows[name]
    return made
