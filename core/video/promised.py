"""Size or duration promised by a file's header, to detect truncated files."""

from __future__ import annotations

import contextlib
import math
import re

from core.video.decoding import Decoding
from core.video.pyav import as_fraction

_MICRO = 1_000_000
_MOST_TIMES = 1000
"""As many frames as decode may be missing by the times of a file: more is a damaged time."""
_DURATION = re.compile(r"(\d{1,9}):(\d\d):(\d\d(?:\.\d+)?)")


def num_frames_cut(decoding: Decoding, end_seconds: float, period_seconds: float) -> int:
    """Return how many frames are missing at the end, by the header; 0 where it says nothing or can be wrong.

    Matroska and FLV promise a duration, AVI a number of ticks. Elsewhere the header is complete by construction (MP4
    lists every packet), or there is none.

    Args:
        end_seconds: when the last frame that came ends.
        period_seconds: how long a frame usually lasts.
    """
    promised = _promised_seconds(decoding)
    num_frames = believed((promised - end_seconds) / period_seconds, end_seconds / period_seconds)
    if num_frames < 1:
        return 0
    if decoding.format_name == "avi":
        return num_frames
    # What is promised is the longest of all streams, not the picture's: it counts where every stream ends before it.
    missing = promised - max(end_seconds, _read_seconds(decoding))
    return num_frames if missing > max(period_seconds, 0.1) else 0


def believed(missing: float, num_frames: float) -> int:
    """Return how many frames are missing by the times of a file with so many; 0 where that cannot be."""
    return round(missing) if math.isfinite(missing) and missing <= _MOST_TIMES * max(num_frames, 1) else 0


def _promised_seconds(decoding: Decoding) -> float:
    names = set(decoding.format_name.split(","))
    if "avi" in names:
        return float(decoding.stream.frames * decoding.time_base)
    if names & {"matroska", "flv"}:
        promised = decoding.micros_from_header / _MICRO
        found = _DURATION.match(decoding.stream.metadata.get("DURATION", ""))
        if found is None:
            return promised
        return min(promised, int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])) or promised
    return 0.0


def _read_seconds(decoding: Decoding) -> float:
    """Return when the last packet of any stream ends."""
    with contextlib.closing(Decoding(decoding.path)) as other:
        return max(
            (
                float((packet.pts + (packet.duration or 0)) * (as_fraction(packet.time_base) or 0))
                for packet in other.all_packets()
                if packet.pts is not None
            ),
            default=0.0,
        )
