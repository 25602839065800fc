"""The names of representations and metrics; without torch, so that tables can use them."""

from __future__ import annotations

TRAINED, UNTRAINED, RAW, DIAGONAL = "trained", "untrained", "raw features", "diagonal"
POSITIONS = ", positions only"
"""Follows the first two."""
LOWER_IS_BETTER = frozenset({"event error", "cut", "by DTW", "cut, by DTW"})
"""Of the figures; of all others the highest is the best."""
