"""The frames of a video: every frame that decodes, in order, with its time and how to find it again."""

from __future__ import annotations

import bisect
import contextlib
import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from core.base.errors import VideoError
from core.base.types import VideoMeta
from core.video.clock import clock_start_seconds
from core.video.decoding import Decoding, count_frames_held
from core.video.frame_converter import FrameConverter
from core.video.grey import LevelCount, Levels
from core.video.promised import believed, num_frames_cut
from core.video.pyav import as_fraction

_UNKNOWN = np.iinfo(np.int64).min
"""Stands for a time that the file does not give."""
_MOST = 0.9
"""Of the times that a file gives: if so many are right, the others are wild."""

ENTRY = np.dtype(
    [
        ("pts", "<i8"),
        ("dts", "<i8"),
        ("duration", "<i8"),
        ("shift", "<i8"),
        ("seconds", "<f8"),
        ("check", "<u4"),
        ("is_key", "?"),
        ("is_after_error", "?"),
    ]
)
"""A frame: its presentation time, decoding time and duration (in the stream's time base), by how much both times are
shifted from what the file says so that its clock goes on (`core.video.continuity`), its `pts_seconds`, a checksum of
its pixels, whether decoding can start there, and whether an error was met by then."""


@dataclass(frozen=True)
class FrameIndex:
    """The frames found by a whole decode, in presentation order."""

    entries: NDArray[np.void]
    """(S,) of `ENTRY`."""

    @property
    def is_damaged(self) -> bool:
        """Errors were met."""
        return bool(len(self) and self.entries["is_after_error"][-1])

    @property
    def needs_care(self) -> bool:
        """It was decoded one frame after the other, and the same frames come out only so: `Decoding.every_frame`."""
        return len(self) > 0 and (self.is_damaged or not self.is_regular)

    @property
    def is_regular(self) -> bool:
        """Every frame has a time of its own, later than the one before: a frame is known by its time."""
        return len(_usable(self.entries["pts"])) == len(self) > 0

    def keys_before(self, index: int) -> NDArray[np.int64]:
        """Return the frames at or before `index` where decoding can start."""
        return np.flatnonzero(self.entries["is_key"][: index + 1])

    def key(self, index: int) -> tuple[int, int]:
        """Return presentation time and shift of a frame, as `Decoding.seek` takes them."""
        return int(self.entries["pts"][index]), int(self.entries["shift"][index])

    def __len__(self) -> int:
        return len(self.entries)


class IndexBuilder:
    """Builds the index and metadata of a video from every frame of a decode."""

    def __init__(self, decoding: Decoding, *, is_damaged: bool = False, is_careful: bool = True) -> None:
        """Nothing is added yet.

        Args:
            is_damaged: whether damage was met before.
            is_careful: whether one frame is decoded after the other; else `add` and `finish` raise `DamageError` at
                the first sign of damage.
        """
        self._decoding = decoding
        self._is_damaged, self._is_careful = is_damaged, is_careful
        self._rows: list[tuple[int, int, int, int, float, int, bool, bool]] = []
        self._first_size: tuple[int, int] | None = None
        self._num_scaled = 0

    def add(self, frame: VideoFrame) -> None:
        self.check_damage()
        self._first_size = self._first_size or (frame.width, frame.height)
        self._num_scaled += (frame.width, frame.height) != self._first_size
        pts, dts = (_UNKNOWN if ticks is None else ticks for ticks in (frame.pts, frame.dts))
        shift = self._decoding.shift_of(frame)
        self._rows.append((pts, dts, frame.duration, shift, 0.0, checksum(frame), frame.key_frame, self._is_damaged))

    def take(self) -> NDArray[np.void]:
        """Return the frames added since the last call; their `seconds` wait for `finished`."""
        entries = np.array(self._rows, ENTRY)
        self._rows.clear()
        return entries

    def finish(
        self, entries: NDArray[np.void], upright: FrameConverter, levels: Levels | None = None
    ) -> tuple[FrameIndex, VideoMeta]:
        """Return the index of all frames together, with their times in seconds; `levels` of a grey video that is
        stretched."""
        decoding = self._decoding
        self.check_damage()
        is_damaged = self._is_damaged
        time_base = float(decoding.time_base)
        index = FrameIndex(entries.copy())
        index.entries["is_after_error"][-1] = is_damaged
        seconds = index.entries["seconds"] = presentation_seconds(entries, time_base, float(decoding.rate))
        last_seconds = _last_seconds(entries["duration"] * time_base, seconds)
        span = float(seconds[-1] - seconds[0])
        fps = (len(entries) - 1) / span if len(entries) > 1 else _single_rate(decoding, last_seconds)
        if math.isclose(fps, decoding.rate, rel_tol=1e-9):
            fps = float(decoding.rate)
        meta = VideoMeta(
            width=upright.width,
            height=upright.height,
            num_frames=len(entries),
            num_frames_lost=max(
                _num_lost(decoding, index) if is_damaged else 0,
                0
                if decoding.is_span
                else num_frames_cut(decoding, float(seconds[-1]) + (last_seconds or 1 / fps), 1 / fps),
            ),
            fps=fps,
            start_seconds=float(seconds[0]),
            duration_seconds=span + (last_seconds or 1 / fps),
            rotation_degrees=upright.rotation_degrees,
            codec=decoding.codec_name,
            num_frames_scaled=self._num_scaled,
            clock_start_seconds=float(seconds[0]) if decoding.is_span else _clock_start(decoding, entries),
            **_grey(levels),
        )
        return index, meta

    def check_damage(self) -> None:
        """Raise `DamageError` where damage was met while several frames were decoded at once."""
        self._is_damaged |= self._decoding.num_errors > 0
        if self._is_damaged and not self._is_careful:
            raise DamageError


class DamageError(Exception):
    """Several frames were decoded at once when damage was met: begin again with one after the other.

    What is around the damage depends on the number of threads else.
    """


def scan(decoding: Decoding) -> tuple[FrameIndex, VideoMeta]:
    """Decode all of it once, a damaged one again, one frame after the other; it is closed then.

    Raises:
        VideoError: no frame of it decodes.
    """
    with contextlib.closing(decoding):
        try:
            return _scan(decoding, careful=False)
        except DamageError:
            decoding.reopen(careful=True)
            decoding.num_errors = 0
            return _scan(decoding, careful=True)


def _scan(decoding: Decoding, *, careful: bool) -> tuple[FrameIndex, VideoMeta]:
    builder = IndexBuilder(decoding, is_careful=careful)
    upright: FrameConverter | None = None
    count: LevelCount | None = None
    for frame in decoding.every_frame():
        upright = upright or FrameConverter(frame, decoding)
        count = count or LevelCount(frame, decoding.codec_name)
        count.add(frame)
        builder.add(frame)
    if upright is None or count is None:
        raise no_frames(decoding)
    return builder.finish(builder.take(), upright, count.stretched())


def measured_levels(decoding: Decoding, each: Callable[[], None]) -> Levels | None:
    """Return how to stretch the grey of a video; None if not at all, which is usually known after one frame.

    Args:
        decoding: at its start; it is somewhere else afterwards.
        each: called for every frame that had to be decoded. What it raises ends the work.
    """
    count: LevelCount | None = None
    for frame in decoding.every_frame():
        count = count or LevelCount(frame, decoding.codec_name)
        count.add(frame)
        if count.is_decided:
            return None
        each()
    return count.stretched() if count else None


def levels_of(meta: VideoMeta) -> Levels | None:
    """Return the levels passed to `IndexBuilder.finished`."""
    return Levels(meta.grey_black, meta.grey_white, meta.grey_full) if meta.grey_full else None


def _grey(levels: Levels | None) -> dict[str, int]:
    if levels is None:
        return {}
    return {"grey_black": levels.black, "grey_white": levels.white, "grey_full": levels.full}


def no_frames(decoding: Decoding) -> VideoError:
    """Return the sentence on a file of which no frame decodes."""
    if is_animated_webp(decoding.path):
        return VideoError(f"{decoding.path} is an animated WebP, which cannot be decoded. Convert it to MP4 (H.264).")
    return VideoError(
        f"No frame of {decoding.path} can be decoded: it is damaged, or its {decoding.codec_name or 'codec'} is of an "
        "unsupported kind. Copy it again, or convert it to MP4 (H.264)."
    )


def is_animated_webp(path: Path) -> bool:
    """Return whether a file is a WebP with several images: FFmpeg recognises it, and decodes single ones alone."""
    try:
        with path.open("rb") as file:
            start = file.read(21)
    except OSError:
        return False
    return start[:4] == b"RIFF" and start[8:16] == b"WEBPVP8X" and len(start) == 21 and bool(start[20] & 2)


def checksum(frame: VideoFrame) -> int:
    """Return CRC-32 of every eighth row of the first plane: it tells a frame from one decoded out of broken
    references."""
    plane = frame.planes[0]
    row_bytes = min(plane.line_size, plane.width * (2 if frame.format.components[0].bits > 8 else 1))
    rows = np.frombuffer(memoryview(plane), np.uint8)[: plane.line_size * plane.height]
    rows = rows.reshape(plane.height, plane.line_size)[::8, :row_bytes]
    return zlib.crc32(rows.tobytes())


def presentation_seconds(entries: NDArray[np.void], time_base: float, rate: float) -> NDArray[np.float64]:
    """Return (S,) strictly increasing times, the file's wherever they can be right.

    Where presentation times are missing or out of order, decoding times take their place if more of them are usable
    (H.264 in AVI). A time that is missing, or not later than all before it, lies evenly between its neighbours; after
    the last good one the frames are counted on, at their duration or else at the header's rate.
    """
    name, indices = max(((name, _usable(entries[name])) for name in ("pts", "dts")), key=lambda it: len(it[1]))
    ticks = entries[name]
    period = float(np.median(entries["duration"])) * time_base or 1 / rate
    if name == "dts":  # AVI, whose durations may be those of fields
        period = _period(ticks[indices]) * time_base or period
    positions = np.arange(len(ticks), dtype=np.float64)
    if not len(indices):
        return positions * period
    seconds: NDArray[np.float64] = np.interp(positions, indices, ticks[indices] * time_base)
    first, last = int(indices[0]), int(indices[-1])
    seconds[:first] = seconds[first] - (first - positions[:first]) * period
    seconds[last + 1 :] = seconds[last] + (positions[last + 1 :] - last) * period
    return seconds


def _usable(ticks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return places of the ticks that are known and later than all before them; but for a few wild ones, if that is
    more."""
    known = ticks != _UNKNOWN
    latest = np.maximum.accumulate(np.where(known, ticks, _UNKNOWN))
    growing = np.flatnonzero(known & (np.r_[_UNKNOWN, latest[:-1]] < ticks))
    if len(growing) < _MOST * known.sum():
        longest = _longest_growing(ticks, np.flatnonzero(known))
        if len(longest) >= _MOST * known.sum():
            return longest
    return growing


def _longest_growing(ticks: NDArray[np.int64], indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the longest sequence of indices, in order, with increasing ticks (patience sorting)."""
    lasts: list[int] = []
    ends: list[int] = []
    before = np.full(len(ticks), -1, np.int64)
    for index in indices.tolist():
        tick = int(ticks[index])
        pile = bisect.bisect_left(lasts, tick)
        before[index] = ends[pile - 1] if pile else -1
        lasts[pile : pile + 1], ends[pile : pile + 1] = [tick], [index]
    found = ends[-1:]
    while found and before[found[-1]] >= 0:
        found.append(int(before[found[-1]]))
    return np.array(found[::-1], np.int64)


def _period(ticks: NDArray[np.int64]) -> float:
    """Return ticks from one to the next, as most are; 0 where there are no two."""
    return float(np.median(np.diff(ticks))) if len(ticks) > 1 else 0.0


def _last_seconds(durations: NDArray[np.float64], seconds: NDArray[np.float64]) -> float:
    """Return the duration of the last frame: from the file, if it is right for most frames; otherwise the usual one."""
    if len(seconds) < 2:
        return float(durations[-1])
    steps = np.diff(seconds)
    is_right = np.abs(steps - durations[:-1]) < 0.02 * steps + 0.001  # Matroska rounds to milliseconds
    return float(durations[-1]) if durations[-1] > 0 and is_right.mean() > 0.5 else float(np.median(steps))


def _clock_start(decoding: Decoding, entries: NDArray[np.void]) -> float:
    start = clock_start_seconds(decoding.format_name, decoding.start_micros)
    if decoding.format_name == "avi" and (rate := as_fraction(decoding.stream.average_rate)):
        # AVI knows decoding times alone. Players take off for how many packets the decoder keeps a frame.
        start += sum(dts < entries["dts"][0] for dts in decoding.first_dts) / rate
    return float(start)


def _num_lost(decoding: Decoding, index: FrameIndex) -> int:
    """Count the frames of a damaged file that did not decode: packets without a frame, or gaps in the times if more."""
    pts, duration = index.entries["pts"], index.entries["duration"]
    holes = 0
    if index.is_regular and (usual := np.median(duration)):
        missing = np.maximum(np.round((np.diff(pts.astype(np.float64)) - duration[:-1]) / usual), 0).sum()
        holes = believed(float(missing), len(index))
    held = 0 if decoding.is_span else count_frames_held(decoding.path)
    return max(0, held - len(index), holes)


def _single_rate(decoding: Decoding, frame_seconds: float) -> float:
    if rate := decoding.rate_from_header:
        return float(rate)
    return 1 / frame_seconds if frame_seconds else float(decoding.rate)
