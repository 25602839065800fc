"""Exact principal components of all frames, in two passes over the embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.control import Control
from core.base.events import Sink, ignore
from core.base.progress import Meter
from core.embedding.embedded_video import EmbeddedVideo
from core.map.frame_map import FrameMap, keys_of
from core.map.rows import blocks, is_finite, width_of

_AXES = 2


@dataclass(frozen=True, eq=False)
class Pca:
    """A centre and two directions."""

    mean: NDArray[np.float64]
    """(D,)"""
    axes: NDArray[np.float64]
    """(D, 2) of norm 1, orthogonal; zeros where there is no such direction."""
    shares: tuple[float, float]
    """Of the variance, along each axis."""

    def place(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map (B, D) -> (B, 2)"""
        with np.errstate(invalid="ignore"):  # rows that are not finite are placed nowhere
            return ((rows - self.mean) @ self.axes).astype(np.float32)


def fit_pca(videos: Sequence[EmbeddedVideo], meter: Meter | None = None, control: Control | None = None) -> Pca:
    """Return the two directions along which the frames differ most; frames that are not finite are left out.

    Sums and products are taken in float64 around the first block's mean: no difference of large numbers. Each axis
    points to where its largest entry is positive, so that the same frames always give the same map.

    Raises:
        ConfigError: there is no frame, or the widths differ.
        Stopped: `control` asked for it.
    """
    width = width_of(videos)
    count, origin = 0, np.zeros(width)
    sums, products = np.zeros(width), np.zeros((width, width))
    for _, rows in blocks(videos):
        if control is not None:
            control.obey()
        exact = rows[is_finite(rows)].astype(np.float64)
        if len(exact):
            if not count:
                origin = exact.mean(axis=0)
            exact -= origin
            sums += exact.sum(axis=0)
            products += exact.T @ exact
            count += len(exact)
        if meter is not None:
            meter.add(len(rows))
    mean = sums / max(count, 1)
    values, vectors = np.linalg.eigh(products - count * np.outer(mean, mean))
    values, vectors = values[::-1].clip(0), vectors[:, ::-1]
    if values.sum() <= np.finfo(np.float64).eps * count:  # all frames are the same: there is no direction
        return Pca(origin + mean, np.zeros((width, _AXES)), (0.0, 0.0))
    axes = np.zeros((width, _AXES))
    axes[:, : min(width, _AXES)] = vectors[:, :_AXES]
    axes *= np.where(np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0) < 0, -1, 1)
    shares = np.append(values, 0.0)[:_AXES] / values.sum()
    return Pca(origin + mean, axes, (float(shares[0]), float(shares[1])))


def pca_map(
    videos: Sequence[EmbeddedVideo], encoder_digest: str, *, sink: Sink = ignore, control: Control | None = None
) -> FrameMap:
    """Return the map of all frames by their two principal components. Raises what `fit_pca` says."""
    from threadpoolctl import threadpool_limits

    digests, num_frames = keys_of(videos)
    meter = Meter(sink, "principal components", 2 * sum(num_frames), "frame")
    positions = np.empty((sum(num_frames), _AXES), np.float32)
    with threadpool_limits(1, user_api="blas"):  # products are small: threads would mostly wait for one another
        pca = fit_pca(videos, meter, control)
        for first_row, rows in blocks(videos):
            if control is not None:
                control.obey()
            positions[first_row : first_row + len(rows)] = pca.place(rows)
            meter.add(len(rows))
    positions[~is_finite(positions)] = np.nan
    return FrameMap("pca", encoder_digest, digests, num_frames, positions, shares=pca.shares)
