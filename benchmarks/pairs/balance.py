"""Two scenes by four cameras, a hundred frames each, cameras 1 and 2 in step to a frame: the diagonal is right.

The diagonal is for anything that sees no difference between frames, too. So each pair is also aligned with the last 20
frames of one and the first 20 of the other cut off: the diagonal errs by 20 there.
"""

from __future__ import annotations

import itertools

import numpy as np

from pairs.material import Choice, Material
from pairs.tables import Column, Found, mean, most
from pairs.ways import Split, Way

SCENES, CAMERAS = ("multi", "single"), (1, 2, 3, 4)
CUT = 20
"""Frames cut off at opposite ends."""
EDGE = 5
"""Frames beside a cut that are not counted: the path begins and ends in the corners."""


def columns() -> dict[str, Column]:
    """Mean / most frames off, cameras 1 and 2 first; then the same cut."""
    made: dict[str, Column] = {}
    for measure, title in (("off", ""), ("cut", ", cut")):
        for scene, (a, b) in itertools.product(SCENES, itertools.combinations(CAMERAS, 2)):
            if measure == "off" or (a, b) == (1, 2):
                made[f"{scene} {a}-{b}{title}"] = _mean_and_most(f"{measure} {scene} {a}-{b}")
    first = [name for name in made if "1-2" in name]
    return {name: made[name] for name in [*first, *(name for name in made if name not in first)]}


def _mean_and_most(measure: str) -> Column:
    mean_of, most_of = mean(measure, 1), most(f"{measure} most")
    return lambda found: f"{mean_of(found)} / {most_of(found)}"


class Balance:
    """Every pair of cameras of a scene."""

    title = "balance, frames off: mean / most"
    folder = "multiview_balance_sync"
    recipe = "frozen"
    columns = columns()

    def __init__(self, choice: Choice, folds: int) -> None:
        folder = choice.data / "videos" / self.folder
        self.material = Material(sorted(folder.glob("*.mp4")), choice)

    def _scene(self, scene: str) -> tuple[int, ...]:
        return tuple(self.material.place(f"{scene}_cam0{camera}") for camera in CAMERAS)

    def unseen(self) -> list[Split]:
        """Each scene, learned from the other one."""
        scenes = [self._scene(scene) for scene in SCENES]
        return [Split(other, scene) for scene, other in zip(scenes, reversed(scenes), strict=True)]

    def learned_from(self) -> list[Split]:
        """Learned from all eight videos."""
        return [Split(tuple(range(len(self.material))), self._scene(scene)) for scene in SCENES]

    def found(self, way: Way, split: Split) -> list[Found]:
        """How far the path lies from the diagonal, whole and cut."""
        made = []
        for (one, a), (two, b) in itertools.combinations(zip(CAMERAS, split.test, strict=True), 2):
            left, right = self.material.features[a], self.material.features[b]
            pair = f"{self.material.names[a].split('_')[0]} {one}-{two}"
            path = way.align(left, right)
            off = np.abs(path.a_frames - path.b_frames)
            part = way.align(left[:-CUT], right[CUT:])
            counted = (part.a_frames >= CUT + EDGE) & (part.a_frames < len(left) - CUT - EDGE)
            cut = np.abs(part.a_frames - CUT - part.b_frames)[counted]
            for measure, frames in (("off", off), ("cut", cut)):
                made.append(Found(f"{measure} {pair}", pair, float(frames.mean())))
                made.append(Found(f"{measure} {pair} most", pair, float(frames.max())))
        return made
