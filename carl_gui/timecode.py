"""Format and parse moments of a video: frame numbers from 0, and m:ss.cc as in any player."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

_NUMBER = re.compile(r"\d+")
_CLOCK = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?|[.,]\d+)\s*s?")


def clock(seconds: float) -> str:
    """Return `0:04.25`, and `1:00:04.25` from an hour on."""
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    start = f"{minutes // 60}:{minutes % 60:02d}" if minutes >= 60 else str(minutes)
    return f"{start}:{rest // 100:02d}.{rest % 100:02d}"


def parse_frame(text: str, seconds: NDArray[np.float64]) -> int | None:
    """Parse the frame that somebody typed: a whole number is a frame; `1:02.5`, `4.2` and `4 s` are times.

    Args:
        seconds: (S,) times of the frames by the medium's clock. The nearest frame counts, so that a time that `clock`
            has rounded leads back to its frame.

    Returns:
        A place from 0 to S - 1, the ends standing for what lies beyond them; None where the text is neither.
    """
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return int(min(int(text), len(seconds) - 1))
    match = _CLOCK.fullmatch(text)
    if not match:
        return None
    hours, minutes, rest = (float((part or "0").replace(",", ".")) for part in match.groups())
    return int(np.argmin(np.abs(seconds - (hours * 3600 + minutes * 60 + rest))))
