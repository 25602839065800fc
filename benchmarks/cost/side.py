"""One side of `features_cost.py`: run as a program with `PYTHONPATH` set to the commit that is measured.

Writes what it measured as one JSON object to the file it is given. Of `core` and `benchmarks/push_up.py` it uses only
what commit eb20b2a had, too.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import itertools
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from push_up import Clips, Embed, embedder, scored, trained

from core.align import align_embeddings
from core.base.control import Control
from core.features.backbone_features import FeatureCache, FeatureFile
from core.learning.run_training import frame_store
from core.model.encoder import build_encoder
from core.settings.config import Config, with_values
from core.settings.recipes import find_recipe


class Side:
    """A commit's recipe `frozen` on some videos; what it costs, and what its encoders are worth."""

    def __init__(self, files: Sequence[Path], weights: Path, changed: dict[str, object]) -> None:
        fixed = {"backbone.name": str(weights), "backbone.weights": "none", "train.seed": 1, "train.cpu_threads": 1}
        self._config = with_values(find_recipe("frozen"), {**fixed, **changed})
        self.seconds: dict[str, float] = {}
        started = time.process_time()
        videos = frame_store(self._config).add(files)
        self._spent("decoding", started)
        started = time.process_time()
        encoder = build_encoder(self._config).eval()
        cache = FeatureCache(encoder, self._config, torch.device("cpu"), max_bytes=10**11)
        self._copies = cache.copies(videos, Control())
        self._spent("features", started)
        self.features = [np.concatenate(list(copies[0].chunks())) for copies in self._copies]

    def learned(self, seed: int, only: Sequence[int]) -> tuple[Embed, float]:
        """An encoder that learned from some of the videos, and the processor's seconds that it took."""
        config: Config = with_values(self._config, {"train.seed": seed})
        copies: list[list[FeatureFile]] = [self._copies[place] for place in only]
        started = time.process_time()
        encoder, _ = trained(config, copies)
        return embedder(encoder), time.process_time() - started

    def _spent(self, name: str, started: float) -> None:
        self.seconds[name] = time.process_time() - started


def push_up(folder: Path, weights: Path, seeds: range, changed: dict[str, object]) -> dict[str, Any]:
    """Cost of all clips; scores of people never seen, and of encoders that learned from the very clips."""
    clips = Clips.read(folder)
    side = Side([folder / name for name in clips.names], weights, changed)
    every, folds = range(len(clips.names)), clips.folds(4)
    unseen, learned, training = [], [], []
    for seed in seeds:
        embed, seconds = side.learned(seed, every)
        training.append(seconds)
        learned += [dataclasses.astuple(scored(embed, side.features, clips, test, 0.0)) for test in folds]
        for test in folds:
            embed, _ = side.learned(seed, [place for place in every if place not in set(test.tolist())])
            unseen.append(dataclasses.astuple(scored(embed, side.features, clips, test, 0.0)))
    seconds_by_part = {**side.seconds, "training": float(np.mean(training))}
    return {"seconds": seconds_by_part, "people never seen": unseen, "learned from": learned}


def golf(folder: Path, weights: Path, seeds: range, changed: dict[str, object]) -> dict[str, Any]:
    """Cost, and the share of the paths' steps with the same phase on both sides; learned from all swings."""
    files = sorted(folder.glob("*.mp4"))
    names = [file.stem for file in files]
    labels = {}
    for file in sorted((folder / "labels").glob("*_phase.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            place = names.index(file.stem.removesuffix("_phase"))
            labels[place] = np.array([line["phase"] for line in csv.DictReader(lines)])
    side = Side(files, weights, changed)
    same, training = [], []
    for seed in seeds:
        embed, seconds = side.learned(seed, range(len(files)))
        training.append(seconds)
        embedded = {place: embed(side.features[place]) for place in labels}
        agreeing = []
        for a, b in itertools.permutations(labels, 2):
            path = align_embeddings(embedded[a], embedded[b])
            agreeing.append(float(np.mean(labels[a][path.a_frames] == labels[b][path.b_frames])))
        same.append(float(np.mean(agreeing)))
    return {"seconds": {**side.seconds, "training": float(np.mean(training))}, "same phase": same}


def main() -> None:
    """Measure one set of videos."""
    made = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    made.add_argument("which", choices=("push_up", "golf"))
    made.add_argument("shared", type=Path)
    made.add_argument("out", type=Path)
    made.add_argument("--seeds", type=int, default=3)
    made.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    given = made.parse_args()
    torch.set_num_threads(1)
    measure, folder = {"push_up": (push_up, "push_up"), "golf": (golf, "golf_swing")}[given.which]
    weights = given.shared / "weights" / "mobilenet_v1_075.onnx"
    changed = dict(pair.split("=", 1) for pair in given.set)
    found = measure(given.shared / "videos" / folder, weights, range(1, given.seeds + 1), changed)
    given.out.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
