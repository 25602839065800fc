"""Detect frames of another scene than the rest of a video: a title, an advertisement, part of another film.

Embeddings hardly tell, since an encoder that sees context makes every frame one of its course; the features of a fixed
backbone do. Within a scene, however much moves, every frame resembles some other one: linked each to its nearest, the
frames hang together by short links. Another scene hangs on by a link that is far longer than all of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STRANGE = 1.0
"""A frame with a strangeness above this shows another scene."""
_SAMPLE = 1000
"""Frames that are compared each with each; of a longer video as many, evenly spread."""
_LEAST_FRAMES = 8
_LEAST_RUN = 3
"""Fewer compared frames in a row are a flash or a defect, not a scene."""
_MOST_RUNS = 4
"""With more stretches of other scenes a video is edited film, whose shots may all belong to what it shows."""
_MAIN_SHARE = 0.55
"""The video's own scene has at least this share of its frames: of two halves none is the stranger."""
_LINK_RATIO = 1.5
"""How many times longer the links between scenes are than the longest within one."""
_SPREAD_RATIO = 1.8
"""How many times longer they are than the deviation within the main scene."""
_SCALE_SHARE = 0.9
"""They are at least this share of the deviation of the training videos' features ..."""
_NORM_SHARE = 0.6
"""... or, where that is not known, of the features themselves."""
_MOST_LINKS = 16
"""Long links that are looked at."""


@dataclass(frozen=True, eq=False)
class MainScene:
    """The main scene of a video."""

    rows: NDArray[np.float32]
    """(M, F) features of frames that belong to it."""
    tolerance: float
    """How far from the nearest of them a frame of the scene may be, as a root mean square; infinite: any."""

    def strangeness(self, rows: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return how far each frame is from the scene, as a multiple of the tolerance; above `STRANGE`: not in it.

        Args:
            rows: (N, F) features.

        Returns:
            (N,) float32, 0 or more.
        """
        if not np.isfinite(self.tolerance):
            return np.zeros(len(rows), np.float32)
        nearest = _distances(rows.astype(np.float32), self.rows).min(axis=1)
        found: NDArray[np.float32] = (nearest / self.tolerance).astype(np.float32)
        return found


def sample_frames(num_frames: int) -> NDArray[np.int64]:
    """Return which frames of a video `main_scene` is to see, in order."""
    return np.unique(np.linspace(0, num_frames - 1, min(num_frames, _SAMPLE)).round().astype(np.int64))


def main_scene(rows: NDArray[np.floating], scale: float | None = None) -> MainScene:
    """Return the scene to which most of a video belongs; when in doubt the whole video.

    Args:
        rows: (S, F) features of frames in order, see `sample_frames`; not standardised.
        scale: the mean standard deviation of the features over the training videos; None: not known.
    """
    single = rows.astype(np.float32)
    single_scene = MainScene(single, np.inf)
    if len(single) < _LEAST_FRAMES or not np.isfinite(single).all():
        return single_scene
    least = _SCALE_SHARE * scale if scale else _NORM_SHARE * float(np.sqrt((single**2).mean()))
    return next(_scenes(single, least), single_scene)


def strangeness(
    sample: NDArray[np.floating], chunks: Iterable[NDArray[np.floating]], scale: float | None = None
) -> NDArray[np.float32]:
    """Return how strange each frame of a video is there (`MainScene.strangeness`).

    Args:
        sample: the features of its `sample_frames` frames.
        chunks: the features of all of them in order, some at a time.
        scale: see `main_scene`.

    Returns:
        (S,) float32.
    """
    scene = main_scene(sample, scale)
    return np.concatenate([scene.strangeness(rows) for rows in chunks])


def strange_frames(strangeness: NDArray[np.float32] | None, num_frames: int) -> NDArray[np.bool_]:
    """Return which frames show another scene, (S,); none where that is not known."""
    if strangeness is None:
        return np.zeros(num_frames, np.bool_)
    found: NDArray[np.bool_] = strangeness > STRANGE
    return found


def _scenes(rows: NDArray[np.float32], least: float) -> Iterator[MainScene]:
    """Yield main scenes that stand apart from the rest by links of at least this length, the smallest scene first."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    merges = linkage(squareform(_distances(rows, rows), checks=False), "single")
    links = merges[::-1, 2]  # the longest first
    for count in range(min(_MOST_LINKS, len(links) - 1), 0, -1):
        gap, inner = float(links[count - 1]), float(links[count])
        if gap < least or gap < _LINK_RATIO * inner:
            continue
        parts = fcluster(merges, (gap + inner) / 2, "distance")
        is_main = _with_flashes(parts == np.bincount(parts).argmax())
        if _is_apart(rows, is_main, gap):
            yield MainScene(rows[is_main], max(np.sqrt(gap * inner), gap / 3))


def _is_apart(rows: NDArray[np.float32], is_main: NDArray[np.bool_], gap: float) -> bool:
    starts = np.flatnonzero(np.diff(is_main.astype(np.int8), prepend=1) < 0)
    spread = float(np.sqrt(rows[is_main].var(axis=0).mean()))
    return 0 < len(starts) <= _MOST_RUNS and float(is_main.mean()) >= _MAIN_SHARE and gap >= _SPREAD_RATIO * spread


def _with_flashes(is_main: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Count stretches that are too short for a scene to the main one."""
    edges = np.flatnonzero(np.diff(is_main.astype(np.int8), prepend=1, append=1))
    filled = is_main.copy()
    for start, end in edges.reshape(-1, 2):
        if end - start < _LEAST_RUN:
            filled[start:end] = True
    return filled


def _distances(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """Map (A, F), (B, F) -> (A, B) root mean square of the differences; a matrix that `linkage` takes where A is B."""
    centre = b.mean(axis=0)  # rounding grows with the rows' length
    near_a, near_b = a - centre, b - centre
    squares = (near_a**2).sum(axis=1)[:, None] + (near_b**2).sum(axis=1) - 2 * (near_a @ near_b.T)
    distances: NDArray[np.float64] = np.sqrt(np.maximum(squares, 0) / a.shape[1]).astype(np.float64)
    if a is b:
        distances = (distances + distances.T) / 2
        np.fill_diagonal(distances, 0)
    return distances
