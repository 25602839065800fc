"""Alignment of videos frame by frame: dynamic time warping, and what follows from its path.

The commands' side, `python -m core.align`, is `__main__.py`; this package needs no torch.
"""

from core.align.partial import align_partial
from core.align.path import align_embeddings, dtw, similarity
from core.align.warp import NONE, confidences, partners, swap, warp_frames, warp_labels

__all__ = [
    "NONE",
    "align_embeddings",
    "align_partial",
    "confidences",
    "dtw",
    "partners",
    "similarity",
    "swap",
    "warp_frames",
    "warp_labels",
]
