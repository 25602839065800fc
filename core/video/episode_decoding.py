"""Decode the frames of an episode alone, as decoding the whole file would give them."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from core.base.errors import VideoError
from core.video.clock import clock_start_seconds, edges_seconds
from core.video.decoding import Decoding
from core.video.episode import Episode, read_episode
from core.video.index import scan

EARLY_SECONDS = 0.0005
"""A frame that starts so little before a bound counts as starting at it: times in tables are rounded."""
_LATE_SECONDS = 0.1
"""By how much a span may go on after the last frame's end: headers and tables round durations."""
_SEEKABLE = {"mov", "mp4", "matroska", "webm"}
"""Formats, as parts of FFmpeg's names, whose index leads to the keyframe before a time, on a clock that never starts
over. Others are decoded from the start, once more to know their times."""


class EpisodeDecoding(Decoding):
    """The frames of a file that start within a span, decoded from the second last keyframe before it.

    One keyframe would do but for streams that are refreshed bit by bit: those are right one such period later.
    Presentation times stay the file's; the index takes them off (`IndexBuilder.finish`).
    """

    is_span = True

    def __init__(self, path: Path, *, threads: int = 0, careful: bool = False) -> None:
        """Open the file that the episode is of. VideoError: it or the episode is missing or unreadable."""
        self._episode = read_episode(path)
        self._whole: _Whole | None = None
        self._is_at_start = True
        self._number = 0
        """Frames since the file's start, where they are counted."""
        super().__init__(self._episode.file, threads=threads, careful=careful)
        if not set(self.format_name.split(",")) & _SEEKABLE:
            try:
                self._whole = _of_whole(self.path, self.path.stat().st_mtime_ns, self._episode)
            except BaseException:
                self.close()
                raise
            if self._whole.needs_care and not careful:
                self.reopen(careful=True)

    @property
    def num_frames_from_header(self) -> int:
        """Return about how many frames the span has; 0 where that is not known."""
        whole = super().num_frames_from_header
        if self._whole is not None:
            return self._whole.stop - self._whole.start
        left = whole - round(self._episode.start_seconds * self.rate) if whole else 0
        if math.isinf(self._episode.end_seconds):
            return max(0, left)
        span = round((self._episode.end_seconds - self._episode.start_seconds) * self.rate)
        return max(0, min(span, left) if whole else span)

    def seek(self, pts: int, shift: int = 0) -> bool:
        if self._whole is not None and not self._whole.is_regular:
            return False
        self._is_at_start = False
        return super().seek(pts, shift)

    def reopen(self, *, careful: bool = False) -> None:
        self._is_at_start = True
        super().reopen(careful=careful)

    def frames(self) -> Iterator[VideoFrame]:
        """Yield the span's frames from the position on. VideoError: it has none, or goes on after the file's end."""
        if self._whole is not None and not self._whole.is_regular:
            yield from self._counted(self._whole)
            return
        first, end = self._bounds()
        is_new, self._is_at_start = self._is_at_start, False
        if is_new and self._whole is None:
            self._go_before(first)
        last: VideoFrame | None = None
        for frame in super().frames():
            if frame.pts is None:
                raise VideoError(f"{self.path} has frames without times. Convert it to MP4 (H.264) for episodes.")
            if frame.pts >= end:
                self._sent = self._given  # nothing is missing that was asked for
                break
            last = frame
            if frame.pts >= first:
                yield frame
            else:
                self.num_errors -= frame.is_corrupt  # what refers to frames before the keyframe
        else:
            self._check_end(last)
        if is_new and (last is None or last.pts is None or last.pts < first):
            raise no_frames_in(self.path, self._episode)

    def _bounds(self) -> tuple[float, float]:
        """Return the first tick of the span, and the first after it."""
        if self._whole is not None:
            return self._whole.first_pts, self._whole.end_pts
        early = float(clock_start_seconds(self.format_name, self.start_micros)) - EARLY_SECONDS
        base = float(self.time_base)
        return (self._episode.start_seconds + early) / base, (self._episode.end_seconds + early) / base

    def _go_before(self, first: float) -> None:
        """Seek to the second last keyframe at or before a tick; stay at the start where there is none."""
        num_errors, target = self.num_errors, math.floor(first)
        for _ in range(2):
            key = next(super().frames(), None) if target > 0 and super().seek(target) else None
            if key is None or key.pts is None or key.pts > first:
                super().reopen()
                break
            target = key.pts - 1
        else:
            super().seek(target + 1)
        self.num_errors = num_errors

    def _counted(self, whole: _Whole) -> Iterator[VideoFrame]:
        """Yield the frames by their number in the file: their times do not tell them."""
        if self._is_at_start:
            self._is_at_start, self._number = False, 0
        for frame in super().frames():
            self._number += 1
            if self._number > whole.stop:
                self._sent = self._given
                return
            if self._number > whole.start:
                yield frame

    def _check_end(self, last: VideoFrame | None) -> None:
        if last is None or last.pts is None or math.isinf(self._episode.end_seconds):
            return
        start = float(clock_start_seconds(self.format_name, self.start_micros))
        ends = (last.pts + (last.duration or 0)) * float(self.time_base) - start
        check_end(self.path, self._episode, ends + 1 / float(self.rate))


@dataclass(frozen=True)
class _Whole:
    """Which frames of a whole file an episode has."""

    start: int
    stop: int
    first_pts: float
    end_pts: float
    is_regular: bool
    needs_care: bool


@functools.lru_cache(maxsize=10_000)
def _of_whole(file: Path, modified_ns: int, episode: Episode) -> _Whole:
    edges, pts, is_regular, needs_care = _scanned(file, modified_ns)
    start, stop = (
        int(np.searchsorted(edges[:-1], seconds - EARLY_SECONDS))
        for seconds in (episode.start_seconds, episode.end_seconds)
    )
    check_end(file, episode, float(edges[-1]))
    if stop <= start:
        raise no_frames_in(file, episode)
    end_pts = float(pts[stop]) if stop < len(pts) else math.inf
    return _Whole(start, stop, float(pts[start]), end_pts, is_regular, needs_care)


@functools.lru_cache(maxsize=16)
def _scanned(file: Path, _modified_ns: int) -> tuple[NDArray[np.float64], NDArray[np.int64], bool, bool]:
    """Return (S + 1,) edges and (S,) presentation ticks of a whole file, whether these tell frames apart, and whether
    it must be decoded with care."""
    index, meta = scan(Decoding(file))
    edges = edges_seconds(index.entries["seconds"], meta)
    return edges, index.entries["pts"], index.is_regular, index.needs_care


def check_end(file: Path, episode: Episode, end_seconds: float) -> None:
    """Refuse a span that goes on after the file's end. VideoError says so."""
    if not math.isinf(episode.end_seconds) and episode.end_seconds > end_seconds + _LATE_SECONDS:
        raise VideoError(
            f"{file} ends at {end_seconds:.3f} s, before the end of its episode ({episode.words}). Correct end_seconds."
        )


def no_frames_in(file: Path, episode: Episode) -> VideoError:
    """Return the error that no frame starts within a span."""
    return VideoError(f"No frame of {file} starts within {episode.words}. Correct start_seconds and end_seconds.")
