"""Lay out pictures of equal size in rows and columns."""

from __future__ import annotations

import math


def columns_for(count: int, width: float, height: float, aspect: float, below: float = 0.0) -> int:
    """Return the number of columns with which `count` pictures are largest in an area of this size.

    Args:
        aspect: width of a picture by its height.
        below: height that each row needs besides, for captions.
    """

    count = max(count, 1)

    def size(columns: int) -> float:
        rows = math.ceil(count / columns)
        return min(width / columns, max(height / rows - below, 0.0) * aspect)

    return max(range(1, count + 1), key=lambda columns: (round(size(columns), 6), -columns))
