"""Confidence that two frames show the same moment, from the cosine of their embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_CONFIDENCE = 0.5
"""A match is to be likelier than not."""


_BOUNDARIES = (0.3, 0.95)
"""What a boundary is at least and at most: in a still video every frame is like every other."""
_WIDTHS = 4
"""Widths between the boundary and a cosine of 1: of that, one is 98 % sure."""
_SAME = 0.05
"""Share of the way from 1 to the boundary within which two frames of a video show the same moment."""


@dataclass(frozen=True)
class Calibration:
    """A logistic function from cosine to confidence."""

    boundary: float
    """The cosine that is as likely of one moment as of two."""
    width: float
    """By how much the cosine grows where the odds grow by e."""

    def confidence(self, cosine: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return how sure frames of this cosine show the same moment, 0 to 1; any shape."""
        odds = np.clip((np.asarray(cosine, np.float64) - self.boundary) / self.width, -30, 30)
        return 1 / (1 + np.exp(-odds))

    def price(self, least_confidence: float) -> float:
        """Return the cost of a frame without a partner at which matches of this confidence are worth as much, >= 0."""
        odds = np.log(least_confidence / (1 - least_confidence))
        return float(np.clip(1 - self.boundary - self.width * odds, 0, 2))

    @property
    def least_own(self) -> float:
        """How alike two frames of one video are at least that show the same moment."""
        return 1 - _SAME * (1 - self.boundary)


def calibrate(unit_a: NDArray[np.float32], unit_b: NDArray[np.float32]) -> Calibration:
    """Return the calibration of two videos, from how alike the frames of each are among themselves.

    The boundary lies halfway between two frames of a video drawn at random and a frame and itself, in the video whose
    frames differ more. So what counts as alike depends on the encoder and the action, and not on how well the two
    videos go together.

    Args:
        unit_a, unit_b: (A, D) and (B, D) rows of norm 1.
    """
    by_chance = min(float(np.square(rows.mean(axis=0, dtype=np.float64)).sum()) for rows in (unit_a, unit_b))
    boundary = float(np.clip((1 + by_chance) / 2, *_BOUNDARIES))
    return Calibration(boundary, (1 - boundary) / _WIDTHS)
