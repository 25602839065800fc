"""Choices for the share of a right video's frames that may be flagged."""

from __future__ import annotations

from core.align.deviation import SHARE

SHARES = (0.01, SHARE, 0.05, 0.1, 0.2)


def share_of(kept: object) -> float:
    """Return what was remembered; the usual share where nothing was, or something that there is not."""
    try:
        found = float(str(kept))
    except ValueError:
        return SHARE
    return found if found in SHARES else SHARE
