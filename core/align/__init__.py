"""Which frame of one video belongs to which frame of another: dynamic time warping and what follows from its path.

The commands' side, `python -m core.align`, is `__main__.py`; this package needs no torch.
"""

from core.align.path import align_embeddings, dtw, similarity
from core.align.warp import swapped, warp_frames, warp_labels

__all__ = ["align_embeddings", "dtw", "similarity", "swapped", "warp_frames", "warp_labels"]
