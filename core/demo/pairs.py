"""Agreement of the paths of all pairs of test clips with the truth."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.align import align_embeddings
from core.align.alignable import alignability
from core.base.types import Alignment
from core.demo.agreement import Agreement, agreement, diagonal, read_phases
from core.embedding.folder import read_card, read_embedded


@dataclass(frozen=True)
class PairAgreements:
    """The quality of the paths of all pairs of some clips; each pair once."""

    clips: tuple[str, ...]
    of_pair: dict[tuple[int, int], Agreement]
    """By the places of its clips, the lower one first."""
    alignable_scores: dict[tuple[int, int], float]
    """By the same: whether the two change alike along their path, 0 to 1 (`core.align.alignable`)."""

    @property
    def mean(self) -> float:
        """Mean over the pairs of `same_phase`."""
        return float(np.mean([one.same_phase for one in self.of_pair.values()]))

    @property
    def worst(self) -> float:
        """Least `same_phase` of a pair."""
        return min(one.same_phase for one in self.of_pair.values())

    @property
    def boundary_seconds(self) -> float:
        """Mean over the pairs of `boundary_seconds`."""
        return float(np.mean([one.boundary_seconds for one in self.of_pair.values()]))


def compare_pairs(embeddings: Path, phases_file: Path) -> tuple[PairAgreements, PairAgreements]:
    """Compare all pairs of the embedded clips with true phases: along their embeddings, and along the diagonal.

    Args:
        embeddings: a folder that `core.embed` wrote, of two clips or more.
        phases_file: the `phases.csv` of their sample.

    Raises:
        StorageError: the embeddings are damaged.
        KeyError: a clip has no phases.
    """
    videos = sorted(read_embedded(embeddings, read_card(embeddings).encoder_digest), key=lambda video: video.path.name)
    clips = tuple(video.path.name for video in videos)
    phases = [read_phases(phases_file, clip) for clip in clips]
    rows: list[NDArray[np.float32]] = [np.asarray(video.embeddings) for video in videos]

    def along(path_of: Callable[[int, int], Alignment]) -> PairAgreements:
        paths = {(a, b): path_of(a, b) for a, b in itertools.combinations(range(len(clips)), 2)}
        return PairAgreements(
            clips,
            {(a, b): agreement(path, phases[a], phases[b]) for (a, b), path in paths.items()},
            {(a, b): alignability(rows[a], rows[b], path).score for (a, b), path in paths.items()},
        )

    learned = along(lambda a, b: align_embeddings(rows[a], rows[b]))
    return learned, along(lambda a, b: diagonal(phases[a].num_frames, phases[b].num_frames))
