"""The card of a folder of embeddings, `embeddings.json`: which encoder made them, and in which format they lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CARD, KIND = "embeddings.json", "carl embeddings"
PACKED = "packed"
"""The `format` of a card."""
PACKED_VERSION = 3
"""Former versions know no packed folders, and refuse them by this number."""

FRAMES, VIDEOS = PACKED_FOLDERS = ("frames", "videos")
"""What lies in a packed folder."""
INDEX = "index"
"""And its search index (`core.search.index`), if it has one."""


def damaged_in_words(folder: Path, error: Exception) -> str:
    """Return the sentence on embeddings that cannot be read."""
    return (
        f"The embeddings in {folder} cannot be opened ({error}). Run core.embed again, or name the videos themselves."
    )


def replaced_in_words(path: Path, folder: Path, num_more: int = 0) -> str:
    """Return the sentence on videos that are no longer what was embedded."""
    more = f" (and {num_more} more videos)" if num_more else ""
    return (
        f"{path}{more} has changed since it was embedded in {folder}. Embed it again (python -m core.embed), or "
        "name the videos themselves."
    )


def not_finite_in_words(video: Path, rows: NDArray[np.floating]) -> str:
    """Return the sentence on embeddings of a video, (N, D), of which some are not finite."""
    finite = np.isfinite(rows).all(axis=1)
    return (
        f"The embeddings of {video} are not finite in frame {int(finite.argmin())} ({int((~finite).sum())} frames in "
        "all). Run core.embed again."
    )
