"""Nine golf swings by nine people, five of them labelled by people: the same phase on both sides of the path."""

from __future__ import annotations

import csv
import itertools

import numpy as np
from numpy.typing import NDArray

from pairs.material import Choice, Material
from pairs.tables import Column, Found, least, mean, spread_of_pairs, spread_of_seeds
from pairs.ways import Split, Way

COLUMNS: dict[str, Column] = {
    "same phase": mean("same phase"),
    "worst pair": least("same phase"),
    "spread over pairs": spread_of_pairs("same phase"),
    "over seeds": spread_of_seeds("same phase"),
}


class Golf:
    """All ordered pairs of the labelled swings."""

    title = "golf"
    folder = "golf_swing"
    recipe = "frozen"
    columns = COLUMNS
    still_ends = True

    def __init__(self, choice: Choice, folds: int) -> None:
        folder = choice.data / "videos" / self.folder
        self.material = Material(sorted(folder.glob("*.mp4")), choice)
        self.phases: dict[int, NDArray[np.str_]] = {}
        for file in sorted((folder / "labels").glob("*_phase.csv")):
            with file.open(encoding="utf-8", newline="") as lines:
                named = np.array([line["phase"] for line in csv.DictReader(lines)])
            self.phases[self.material.place(file.stem.removesuffix("_phase"))] = named
        order = list(dict.fromkeys(next(iter(self.phases.values())).tolist()))
        self.events = {place: _starts(named, order) for place, named in self.phases.items()}

    def is_same_person(self, a: int, b: int) -> bool:
        """Every swing is another person's."""
        return False

    def unseen(self) -> list[Split]:
        """Learned from the four swings that have no labels."""
        others = tuple(place for place in range(len(self.material)) if place not in self.phases)
        return [Split(others, tuple(self.phases))]

    def learned_from(self) -> list[Split]:
        """Learned from all nine."""
        return [Split(tuple(range(len(self.material))), tuple(self.phases))]

    def found(self, way: Way, split: Split) -> list[Found]:
        """The share of the path's steps with the same phase on both sides, of every pair."""
        made = []
        for a, b in itertools.permutations(split.test, 2):
            path = way.align(self.material.features[a], self.material.features[b])
            same = np.mean(self.phases[a][path.a_frames] == self.phases[b][path.b_frames])
            made.append(Found("same phase", f"{self.material.names[a]}, {self.material.names[b]}", float(same)))
        return made


def _starts(named: NDArray[np.str_], order: list[str]) -> NDArray[np.int64]:
    """(E,) first frame of every phase but the first; -1 where the video lacks it."""
    return np.array([int((named == phase).argmax()) if (named == phase).any() else -1 for phase in order[1:]])
