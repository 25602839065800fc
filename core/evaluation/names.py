"""The names of representations; without torch, so that tables can use them."""

from __future__ import annotations

TRAINED, UNTRAINED, RAW, DIAGONAL = "trained", "untrained", "raw features", "diagonal"
POSITIONS = ", positions only"
"""Follows the first two."""
