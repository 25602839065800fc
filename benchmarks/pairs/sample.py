"""Drawn clips of a drink being poured, with exact truth: all pairs of clips that were never seen."""

from __future__ import annotations

import itertools

import numpy as np

from core.base.files import cache_folder
from core.demo.agreement import TruePhases, agreement, read_phases
from core.sample import PHASES_FILE, make_sample
from pairs.material import Choice, Material
from pairs.tables import Column, Found, least, mean, spread_of_seeds
from pairs.ways import Split, Way

COLUMNS: dict[str, Column] = {
    "same phase": mean("same phase"),
    "worst pair": least("same phase"),
    "over seeds": spread_of_seeds("same phase"),
    "starts of phases, seconds off": mean("boundary"),
}
LEARN_SEED, LEARN_CLIPS = 0, 10
"""What the demo learns from."""
TEST_SEEDS, TEST_CLIPS = (101, 102, 103, 104, 105), 6
"""Not used for tuning anything."""


class Sample:
    """Pairs of the clips of one draw, for several draws."""

    title = "drawn sample"
    folder = ""
    recipe = "quick"
    columns = COLUMNS
    still_ends = False

    def __init__(self, choice: Choice, folds: int) -> None:
        drawn = [_drawn(LEARN_SEED, LEARN_CLIPS), *(_drawn(seed, TEST_CLIPS) for seed in TEST_SEEDS)]
        self.material = Material([file for files, _ in drawn for file in files], choice)
        self.truth = [truth for _, truths in drawn for truth in truths]
        self.events = [np.array(truth.start_frames[1:]) for truth in self.truth]
        self.draws = [
            tuple(range(start, start + TEST_CLIPS)) for start in range(LEARN_CLIPS, len(self.truth), TEST_CLIPS)
        ]

    def is_same_person(self, a: int, b: int) -> bool:
        """Every clip is drawn anew."""
        return False

    def unseen(self) -> list[Split]:
        """Learned from the ten clips of the demo."""
        return [Split(tuple(range(LEARN_CLIPS)), draw) for draw in self.draws]

    def learned_from(self) -> list[Split]:
        """Learned from the ten clips of the demo and the six of the draw."""
        return [Split((*range(LEARN_CLIPS), *draw), draw) for draw in self.draws]

    def found(self, way: Way, split: Split) -> list[Found]:
        """How the path of every pair agrees with the truth, both clips counted alike."""
        draw = self.draws.index(split.test)
        made = []
        for a, b in itertools.combinations(split.test, 2):
            path = way.align(self.material.features[a], self.material.features[b])
            agreed = agreement(path, self.truth[a], self.truth[b])
            pair = f"{TEST_SEEDS[draw]}: {self.material.names[a]}, {self.material.names[b]}"
            made.append(Found("same phase", pair, agreed.same_phase))
            made.append(Found("boundary", pair, agreed.boundary_seconds))
        return made


def _drawn(seed: int, clips: int) -> tuple[list, list[TruePhases]]:
    """The files of a draw and their truth; drawn once."""
    folder = cache_folder("benchmarks", f"sample-{seed}-{clips}")
    files = sorted(folder.glob("*.mp4"))
    if len(files) != clips:
        files = make_sample(folder, videos=clips, seed=seed)
    return files, [read_phases(folder / PHASES_FILE, file.name) for file in files]
