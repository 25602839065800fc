"""Overlap of time ranges, and soft non-maximum suppression."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SIGMA = 0.5
"""Of the Gaussian by which soft-NMS lowers scores: ActionFormer's released setting."""
_NEGLIGIBLE = 1e-4


def overlaps(ones: Tensor, others: Tensor) -> Tensor:
    """Map (N, 2), (M, 2) starts and ends -> (N, M) intersection over union; 0 where they do not meet."""
    start = torch.maximum(ones[:, None, 0], others[None, :, 0])
    end = torch.minimum(ones[:, None, 1], others[None, :, 1])
    shared = (end - start).clamp(min=0)
    lengths = (ones[:, 1] - ones[:, 0])[:, None] + (others[:, 1] - others[:, 0])[None]
    return shared / (lengths - shared).clamp(min=1e-9)


def soft_nms(
    bounds: NDArray[np.number], scores: NDArray[np.floating], *, most: int, sigma: float = SIGMA
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Choose by falling score; each choice lowers the others' scores by exp(-IoU^2 / sigma) (Bodla et al., 2017).

    Args:
        bounds: (N, 2) starts and ends.
        scores: (N,) not negative.
        most: so many are chosen at most, and none whose score fell below 0.0001.

    Returns:
        (K,) places of the chosen ones, and their scores as they were when they were chosen, which never rise.
    """
    decayed = scores.astype(np.float64).copy()
    starts, ends = bounds[:, 0].astype(np.float64), bounds[:, 1].astype(np.float64)
    places: list[int] = []
    kept: list[float] = []
    while len(places) < min(most, len(decayed)):
        best = int(decayed.argmax())
        if decayed[best] < _NEGLIGIBLE:
            break
        places.append(best)
        kept.append(float(decayed[best]))
        shared = np.clip(np.minimum(ends, ends[best]) - np.maximum(starts, starts[best]), 0, None)
        union = (ends - starts) + (ends[best] - starts[best]) - shared
        decayed *= np.exp(-((shared / union) ** 2) / sigma)
        decayed[best] = -1.0
    return np.array(places, np.int64), np.array(kept, np.float64)
