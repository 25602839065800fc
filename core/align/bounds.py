"""The band within which long videos are aligned, where comparing every pair of frames would take too long."""

from __future__ import annotations

MOST_CELLS = 400_000_000
"""Of the matrix that a path is looked for in: 100 MB, two or three seconds."""


def band_for(num_a: int, num_b: int, most_cells: int = MOST_CELLS) -> float | None:
    """Return the band, as `align_embeddings` takes it, that looks at no more than about `most_cells`; None: all of
    them."""
    cells = num_a * num_b
    return None if cells <= most_cells else most_cells / (2 * cells)
