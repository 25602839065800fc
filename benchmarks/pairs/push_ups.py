"""55 clips of one push-up: phases and events, people never seen."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import push_up

from pairs.material import Choice, Material
from pairs.tables import Column, Found, mean
from pairs.ways import Split, Way

COLUMNS: dict[str, Column] = {
    "accuracy": mean("accuracy"),
    "event error whole": mean("whole"),
    "cut": mean("cut"),
    "DTW whole": mean("whole_dtw"),
    "DTW cut": mean("cut_dtw"),
    f"tau (stride {push_up.STRIDE})": mean("tau"),
}


class PushUps:
    """Folds by person."""

    title = "push-ups"
    folder = "push_up"
    recipe = "frozen"
    columns = COLUMNS
    still_ends = True

    def __init__(self, choice: Choice, folds: int) -> None:
        folder = choice.data / "videos" / self.folder
        self.clips = push_up.Clips.read(folder)
        self.material = Material([folder / name for name in self.clips.names], choice)
        self.events = self.clips.events
        self.tests = [tuple(fold.tolist()) for fold in self.clips.folds(folds)]

    def is_same_person(self, a: int, b: int) -> bool:
        """Whether two clips show one person."""
        return self.clips.people[a] == self.clips.people[b]

    def unseen(self) -> list[Split]:
        """Learned from the other people's clips."""
        everyone = range(len(self.material))
        return [Split(tuple(place for place in everyone if place not in test), test) for test in self.tests]

    def learned_from(self) -> list[Split]:
        """Learned from all clips; the phases' classifier still learns from other people."""
        return [Split(tuple(range(len(self.material))), test) for test in self.tests]

    def found(self, way: Way, split: Split) -> list[Found]:
        """The figures of one fold, as `push_up.py` takes them."""
        test = np.array(split.test)
        if way.embed is None:
            whole, cut = push_up.diagonal(self.material.features, self.clips, test)
            score = push_up.Score(np.nan, whole, cut, whole, cut, 1.0, 0.0)
        else:
            score = push_up.scored(way.embed, self.material.features, self.clips, test, 0.0)
        fold = f"fold {self.tests.index(split.test) + 1}"
        return [Found(name, fold, value) for name, value in asdict(score).items()]
