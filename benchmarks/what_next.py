"""How many labelled push-ups until people who were never labelled are labelled right, by which clip is labelled next.

Four folds of people (`push_up.Clips.folds`); the embeddings are those of a project in which every clip is embedded. In
each fold clips of the other people are labelled one by one, as their truth says, and the probe predicts the fold's
clips in order (`core.label.labelling`). Which one comes next: by random choice; the one most unlike all labelled ones
(farthest first); the one that covers the others best (`core.label.covering`, the window's queue). Printed: mean frame
accuracy by number of labelled clips, and how many runs reach 0.9. The ceiling: all clips of the other people labelled.

    python benchmarks/what_next.py EMBEDDINGS [--clips 8] [--seeds 4]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from push_up import SHARED, Clips, phases

from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import read_card, read_embedded
from core.label.covering import choose_covering, distances
from core.label.labelling import label_videos
from core.labels.segments import frame_labels, runs_of

PHASES = ("before", "descend", "ascend", "after")
WAYS = ("random", "farthest", "covering")
WANTED = 0.9


class Bench:
    """All clips with their truth."""

    def __init__(self, embeddings: Path) -> None:
        clips = Clips.read(SHARED / "videos" / "push_up")
        opened = {v.path.name: v for v in read_embedded(embeddings, read_card(embeddings).encoder_digest)}
        self.videos: list[EmbeddedVideo] = [opened[Path(name).name] for name in clips.names]
        self.truth = [np.asarray(phases(len(v), e)) for v, e in zip(self.videos, clips.events, strict=True)]
        self.spans = [[Span(PHASES[p], start, end) for p, start, end in runs_of(labels)] for labels in self.truth]
        self.folds = [[int(place) for place in fold] for fold in clips.folds(4)]
        self.apart = distances(self.videos)

    def accuracy(self, labelled: Sequence[int], tested: Sequence[int]) -> float:
        """Share of the tested clips' frames that are predicted right."""
        shown = [self.spans[place] for place in labelled] + [[] for _ in tested]
        made = label_videos([self.videos[place] for place in (*labelled, *tested)], shown, method="probe")
        said = [frame_labels(one.spans, len(one.video), PHASES) for one in made[len(labelled) :]]
        return float(np.mean(np.concatenate([s == self.truth[p] for s, p in zip(said, tested, strict=True)])))

    def next_clip(self, way: str, labelled: list[int], pool: list[int], rng: np.random.Generator) -> int:
        """Which one to label."""
        left = [place for place in pool if place not in labelled]
        if way == "covering":
            known = {pool.index(place) for place in labelled}
            return pool[choose_covering(self.apart[np.ix_(pool, pool)], known, 1)[0][0]]
        if way == "farthest" and labelled:
            return max(left, key=lambda place: float(self.apart[place, labelled].min()))
        return int(rng.choice(left))

    def curve(self, way: str, fold: int, seed: int, clips: int) -> NDArray[np.float64]:
        """(clips,) accuracy with so many clips labelled, from one on. All ways begin with the same random clip, but
        with the first seed each chooses its own."""
        rng, tested = np.random.default_rng([fold, seed]), self.folds[fold]
        pool = [place for place in range(len(self.videos)) if place not in tested]
        labelled: list[int] = []
        found = []
        while len(labelled) < clips:
            first = "random" if not labelled and seed else way
            labelled.append(self.next_clip(first, labelled, pool, rng))
            found.append(self.accuracy(labelled, tested))
        return np.array(found)


def main() -> int:
    """Print the table; returns the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("embeddings", type=Path, help="folder of `core.embed` with every clip of the push-ups")
    options.add_argument("--clips", type=int, default=8)
    options.add_argument("--seeds", type=int, default=4)
    chosen = options.parse_args()
    bench = Bench(chosen.embeddings)
    print(
        f"{'labelled clips':12}"
        + "".join(f"{number:7}" for number in range(1, chosen.clips + 1))
        + f"   reach {WANTED}"
    )
    for way in WAYS:
        runs = [(fold, seed) for fold in range(len(bench.folds)) for seed in range(chosen.seeds)]
        curves = np.array([bench.curve(way, fold, seed, chosen.clips) for fold, seed in runs])
        reached = int((curves >= WANTED).any(axis=1).sum())
        print(f"{way:14}" + "".join(f"{mean:7.3f}" for mean in curves.mean(axis=0)) + f"   {reached} of {len(runs)}")
    everyone = range(len(bench.videos))
    ceiling = [bench.accuracy([p for p in everyone if p not in fold], fold) for fold in bench.folds]
    print(f"ceiling, all clips of the other people: {', '.join(f'{one:.3f}' for one in ceiling)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
