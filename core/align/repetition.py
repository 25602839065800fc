"""Periodicity of a video: similarity as a function of the time between frames, and the period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.align.area import over_time

_MOST_SAMPLES = 16_384
"""Of a video: an hour at 4.5 a second."""
_LEAST_SAMPLES = 8
_COLUMNS = 16
"""Of embeddings that are transformed at once: bounds memory."""
_LEAST_LIKENESS = 0.2
"""Of neighbouring frames, as a share of the video's variance: below that nothing is known of what lies between."""
_LEAST_RISE = 0.4
"""How much of the fall from neighbouring frames to the least alike ones is made good a period apart."""
_LEAST_ERRORS = 4.0
"""Standard errors by which likeness a period apart exceeds what unrelated moments would show by chance."""
_MULTIPLE = 0.6
"""Of two such times the shorter one is the period, where it makes good this share of what the longer one does."""


@dataclass(frozen=True, eq=False)
class Repetition:
    """Similarity by the time between frames."""

    lags_seconds: NDArray[np.float64]
    """(L,) evenly from 0 to half the video's length: of longer lags too few pairs of frames are seen."""
    cosine: NDArray[np.float32]
    """(L,) mean cosine of all pairs of moments so far apart."""
    period_seconds: float | None
    """After which time it repeats; None: no repetition is seen."""


def repetition(embeddings: NDArray[np.float32], edges_seconds: NDArray[np.float64]) -> Repetition:
    """Return the similarity of a video's moments by the time between them.

    A period is the first lag beyond the first zero of the embeddings' autocorrelation at which it peaks, so high that
    moments which are no longer related would hardly show it: by Bartlett's formula (1946) the variance of an estimate
    is then the sum of the squared autocorrelations up to that zero, over the number of pairs and of independent
    directions.

    Args:
        embeddings: (S, D) rows of norm 1.
        edges_seconds: (S + 1,) when each frame begins and the last one ends.
    """
    samples = min(len(embeddings), _MOST_SAMPLES)
    rows = over_time(embeddings, edges_seconds, samples)
    step = float(edges_seconds[-1] - edges_seconds[0]) / samples
    lags: NDArray[np.float64] = np.arange(samples // 2 + 1, dtype=np.float64) * step
    if samples < _LEAST_SAMPLES:
        return Repetition(lags, _by_lag(rows)[: len(lags)].astype(np.float32), None)
    mean = rows.mean(axis=0)
    cosine = np.clip(_by_lag(rows)[: len(lags)], -1, 1).astype(np.float32)
    lag = _period(_by_lag(rows - mean), _directions(rows - mean))
    return Repetition(lags, cosine, None if lag is None else float(lags[lag]))


def _by_lag(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (S,) mean product of rows so far apart."""
    from scipy.fft import irfft, next_fast_len, rfft

    count = len(rows)
    size = next_fast_len(2 * count, real=True)
    power = np.zeros(size // 2 + 1)
    for start in range(0, rows.shape[1], _COLUMNS):
        power += (np.abs(rfft(rows[:, start : start + _COLUMNS], size, axis=0)) ** 2).sum(axis=1)
    means: NDArray[np.float64] = irfft(power, size)[:count] / (count - np.arange(count))
    return means


def _directions(centred: NDArray[np.float32]) -> float:
    """Return the number of independent directions in which the rows vary: 1 if all are on a line (participation
    ratio)."""
    covariance = centred.T.astype(np.float64) @ centred
    spread = float((covariance**2).sum())
    return float(np.trace(covariance) ** 2 / spread) if spread > 0 else 0.0


def _period(autocovariance: NDArray[np.float64], directions: float) -> int | None:
    """Return the period in samples."""
    from scipy.signal import find_peaks

    count, near = len(autocovariance), autocovariance[1]
    if not near > _LEAST_LIKENESS * autocovariance[0] or near < 1e-9:
        return None
    shares = autocovariance / near  # of what neighbours share: noise of single frames is no part of it
    apart = np.flatnonzero(shares <= 0)
    if not len(apart):
        return None
    zero = int(apart[0])
    peaks = find_peaks(shares[: count // 2 + 3])[0]
    peaks = peaks[(peaks > zero) & (peaks <= count // 2 + 1)]
    valleys = np.minimum.accumulate(shares)[peaks]
    rises = (shares[peaks] - valleys) / (1 - valleys)
    related = 1 + 2 * (shares[1:zero] ** 2).sum()
    errors = shares[peaks] * np.sqrt((count - peaks) * directions / related)
    seen = (rises >= _LEAST_RISE) & (errors >= _LEAST_ERRORS)
    if not seen.any():
        return None
    return int(peaks[np.flatnonzero(seen & (rises >= _MULTIPLE * rises[seen].max()))[0]])
