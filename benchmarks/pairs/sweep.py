"""One task by four simulated bodies that bring three boxes home: one by one, two and one, or all at once.

No labels came with them. The truth is counted in the pixels: how far the boxes have come on average, from 0 in the
first frame to 1 where all are home. Two frames are the same moment where that is the same, however many boxes the body
carries at a time. Beside it, as in `footage.py`, the steps with as many boxes at home; the long stick, which brings all
three at once, has no partner there for one box or two: `best path` is what the truth itself reaches.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
from footage import boxes_at_home
from numpy.typing import NDArray

from core.align import dtw
from core.video.reader import VideoReader
from pairs.material import Choice, Material
from pairs.tables import Column, Found, mean
from pairs.ways import Split, Way

BODIES = ("gripper", "longstick", "mediumstick", "shortstick")
_FILES = tuple(f"{body}-sweep" for body in BODIES)
PAIRS = tuple(itertools.combinations(range(len(BODIES)), 2))


def _name(a: int, b: int) -> str:
    return f"{BODIES[a].removesuffix('stick')}, {BODIES[b].removesuffix('stick')}"


class Sweep:
    """Every pair of bodies."""

    title = "sweeping, course off / as many boxes"
    folder = "sweep_embodiments_gif"
    recipe = "frozen"

    def __init__(self, choice: Choice, folds: int) -> None:
        folder = choice.data / "videos" / self.folder
        files = [folder / f"{name}.gif" for name in _FILES]
        self.material = Material(files, choice)
        self.course = [course(file) for file in files]
        self.boxes = [boxes_at_home(file) for file in files]
        self.columns: dict[str, Column] = {_name(a, b): _both(_name(a, b)) for a, b in PAIRS}

    def unseen(self) -> list[Split]:
        """Each pair, learned from the other two."""
        return [Split(tuple(set(range(len(BODIES))) - {a, b}), (a, b)) for a, b in PAIRS]

    def learned_from(self) -> list[Split]:
        """Learned from all four."""
        return [Split(tuple(range(len(BODIES))), pair) for pair in PAIRS]

    def found(self, way: Way, split: Split) -> list[Found]:
        """How far apart the course is on both sides of the path, and how often the boxes at home are as many."""
        a, b = split.test
        path = way.align(self.material.features[a], self.material.features[b])
        return self._judged(a, b, path.a_frames, path.b_frames)

    def best(self) -> list[Found]:
        """What the path along the truth itself reaches."""
        made = []
        for a, b in PAIRS:
            path = dtw(np.abs(self.course[a][:, None] - self.course[b][None]))
            counted = dtw((self.boxes[a][:, None] != self.boxes[b][None]).astype(float))
            made += self._judged(a, b, path.a_frames, path.b_frames)[:1]
            made += self._judged(a, b, counted.a_frames, counted.b_frames)[1:]
        return made

    def _judged(self, a: int, b: int, a_frames: NDArray[np.int64], b_frames: NDArray[np.int64]) -> list[Found]:
        apart = np.abs(self.course[a][a_frames] - self.course[b][b_frames]).mean()
        same = (self.boxes[a][a_frames] == self.boxes[b][b_frames]).mean()
        name = _name(a, b)
        return [Found(f"course {name}", name, float(apart)), Found(f"boxes {name}", name, float(same))]


def _both(name: str) -> Column:
    apart, same = mean(f"course {name}"), mean(f"boxes {name}", 2)
    return lambda found: f"{apart(found)} / {same(found)}"


def course(file: Path) -> NDArray[np.float64]:
    """(S,) how far the boxes have come on average, 0 to 1: the mean height of their colour's pixels."""
    with VideoReader(file) as reader:
        images = np.stack([frame.image for frame in reader.frames()]).astype(np.int16)
    is_box = np.abs(images - images[0][192, 106]).sum(axis=-1) < 40  # (S, H, W), the colour of a box in the first frame
    rows = np.arange(images.shape[1])
    height = np.array([(frame.sum(axis=1) * rows).sum() / frame.sum() for frame in is_box])
    return np.clip((height[0] - height) / (height[0] - height[-1]), 0, 1)
