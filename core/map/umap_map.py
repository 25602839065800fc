"""UMAP of some tens of thousands of landmark frames; every other frame is placed among its most similar landmarks.

McInnes, Healy and Melville 2018, "UMAP: Uniform Manifold Approximation and Projection", by umap-learn. Its neighbours
are given to it: exact ones take seconds, where its own search spends a minute on compiling itself. The result
is turned to lie as the principal components do, so that both maps are seen the same way up.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from core.base.control import Control
from core.base.errors import ConfigError
from core.base.events import Notice, Sink, ignore
from core.base.progress import Meter
from core.embedding.embedded_video import EmbeddedVideo
from core.map.frame_map import FrameMap, keys_of
from core.map.nearest import BLOCK_ROWS, nearest
from core.map.pca import fit_pca
from core.map.rows import blocks, finite_places, is_finite, rows_at, spread, width_of

LANDMARKS, NEIGHBOURS, FEWEST_FRAMES = 20_000, 15, 20
_PLACED_BY = 5
"""Landmarks among which a frame is placed: more pull it to the middle."""
_SAMPLE = 2000
"""Frames of which the map's trustworthiness is taken."""

Item = TypeVar("Item")


def umap_map(
    videos: Sequence[EmbeddedVideo],
    encoder_digest: str,
    *,
    landmarks: int = LANDMARKS,
    neighbours: int = NEIGHBOURS,
    seed: int = 0,
    sink: Sink = ignore,
    control: Control | None = None,
) -> FrameMap:
    """Return the map of all frames by UMAP; the same for the same frames and seed on the same computer.

    Args:
        landmarks: at most so many frames, evenly spread, are laid out by UMAP.
        neighbours: of each; more show the whole, fewer the details.

    Raises:
        ConfigError: there are fewer than FEWEST_FRAMES frames, or what `fit_pca` says.
        Stopped: `control` asked for it.
    """
    control = control or Control()
    width_of(videos)
    places = finite_places(videos)
    if len(places) < FEWEST_FRAMES:
        raise ConfigError(f"UMAP needs at least {FEWEST_FRAMES} frames, not {len(places)}. Use --method pca.")
    marks = places[spread(len(places), max(landmarks, FEWEST_FRAMES))]
    rows = rows_at(videos, marks)
    upright = fit_pca(videos, control=control).place(rows)
    near = _neighbours(rows, min(neighbours, len(rows) - 1), sink, control)
    laid = _turn(_lay_out(rows, near, seed, sink, control), upright)
    digests, num_frames = keys_of(videos)
    positions = np.full((sum(num_frames), 2), np.nan, np.float32)
    if len(marks) < len(places):
        _place_all(videos, rows, laid, positions, sink, control)
    positions[marks] = laid
    trust = _trustworthiness(videos, places, positions)
    sink(Notice(f"Neighbour trustworthiness of the map: {trust:.3f} of 1 (on a sample)."))
    return FrameMap(
        "umap", encoder_digest, digests, num_frames, positions, num_landmarks=len(marks), trustworthiness=trust
    )


def _neighbours(
    rows: NDArray[np.float32], k: int, sink: Sink, control: Control
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return (L, k) of each landmark, itself the first."""
    meter = Meter(sink, "neighbours", len(rows), "frame")
    found, distances = np.empty((len(rows), k), np.int32), np.empty((len(rows), k), np.float32)
    for start in range(0, len(rows), BLOCK_ROWS):
        control.obey()
        some = slice(start, start + BLOCK_ROWS)
        found[some], distances[some] = nearest(rows[some], rows, k)
        meter.add(len(rows[some]))
    return found, distances


def _lay_out(
    rows: NDArray[np.float32],
    near: tuple[NDArray[np.int32], NDArray[np.float32]],
    seed: int,
    sink: Sink,
    control: Control,
) -> NDArray[np.float32]:
    """Yield (L, 2) by UMAP, epoch by epoch."""

    def counted(epochs: Iterable[Item], **_: object) -> Iterator[Item]:
        """Replace umap-learn's progress bar, the only way to follow or stop its epochs."""
        listed, meter = list(epochs), None
        for epoch in listed:
            control.obey()
            yield epoch
            if meter is None:  # the first one compiles: it says nothing of the others
                meter = Meter(sink, "layout", len(listed), "epoch", already=1)
            else:
                meter.add()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of umap-learn and numba: nobody who reads them could do anything
        import umap
        import umap.layouts

        with mock.patch.object(umap.layouts, "tqdm", counted):
            layout = umap.UMAP(
                n_neighbors=near[0].shape[1],
                precomputed_knn=(*near, None),
                random_state=seed,
                n_jobs=1,
            )
            return np.asarray(layout.fit_transform(rows), np.float32)


def _turn(laid: NDArray[np.float32], upright: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (L, 2) turned and mirrored, around its middle, to lie as near to (L, 2) others as can be (Schoenemann
    1966)."""
    centred = laid.astype(np.float64) - laid.mean(axis=0)
    left, _, right = np.linalg.svd(centred.T @ (upright - upright.mean(axis=0)))
    turned: NDArray[np.float64] = centred @ left @ right
    return turned.astype(np.float32)


def _place_all(
    videos: Sequence[EmbeddedVideo],
    marks: NDArray[np.float32],
    laid: NDArray[np.float32],
    positions: NDArray[np.float32],
    sink: Sink,
    control: Control,
) -> None:
    """Place every frame in the middle of the landmarks that are nearest to it, the nearer ones counting more."""
    meter = Meter(sink, "placing", len(positions), "frame")
    for first_row, rows in blocks(videos, BLOCK_ROWS):
        control.obey()
        finite = np.flatnonzero(is_finite(rows))
        if len(finite):
            found, distances = nearest(rows[finite], marks, _PLACED_BY)
            beyond = distances - distances[:, :1]  # as UMAP's memberships: 1 for the nearest, less the farther
            weights = np.exp(-beyond / np.maximum(beyond.mean(axis=1, keepdims=True), 1e-9))
            weights /= weights.sum(axis=1, keepdims=True)
            positions[first_row + finite] = np.einsum("bk,bkc->bc", weights, laid[found])
        meter.add(len(rows))


def _trustworthiness(
    videos: Sequence[EmbeddedVideo], places: NDArray[np.int64], positions: NDArray[np.float32]
) -> float:
    from sklearn.manifold import trustworthiness

    sample = places[spread(len(places), _SAMPLE)]
    rows = rows_at(videos, sample)
    return float(trustworthiness(rows, positions[sample], n_neighbors=min(NEIGHBOURS, (len(sample) - 1) // 2)))
