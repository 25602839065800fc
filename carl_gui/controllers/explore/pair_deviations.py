"""Where A or B departs from the right videos, in the view of a pair."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from carl_gui.controllers.explore.desk import Desk
from carl_gui.models.pair import Pair
from carl_gui.models.pair_repeated import RepeatedPair
from carl_gui.panels.explore.right_box import RightBox
from carl_gui.panels.numbers import percent
from carl_gui.panels.pair.pair import PairPanel
from core.project.rows import VideoRow


class PairDeviations(QObject):
    """Joins the box, the strip and the players with what the desk knows of right videos."""

    def __init__(self, desk: Desk, panel: PairPanel) -> None:
        super().__init__(desk)
        self._desk, self._panel = desk, panel
        self._ids: Sequence[int] = ()
        self.box = RightBox()
        self.box.right_chosen.connect(self._choose)

    def show(self, a: VideoRow, b: VideoRow, pair: Pair | None) -> None:
        """Ask for what is not known of these two, and show what is."""
        scene, right = self._desk.scene, self._desk.right
        assert scene is not None
        self._ids = a.id, b.id
        chosen = right.chosen(scene)
        self.box.set_right([one in chosen for one in self._ids], is_possible=a.id != b.id)
        if chosen:
            self._desk.open_embedded()
        right.ask(scene, self._desk.embedded or {}, self._ids, self._desk.sureness.level)
        self.box.set_words(self._words(len(chosen), chosen))
        scores = [None if (found := right.judged(one)) is None else found.found.score for one in self._ids]
        self._panel.set_scores(scores)
        self._panel.strip.set_departing(_departing(pair, scores))

    def _choose(self, side: int, is_right: bool) -> None:
        scene = self._desk.scene
        if scene is not None and side < len(self._ids) and self._ids[side] in scene.videos:
            self._desk.right.choose(scene, self._ids[side], is_right=is_right)

    def _words(self, count: int, chosen: frozenset[int]) -> str:
        right = self._desk.right
        if not count:
            return self.tr("Tick the video that is right; deviations of the other are marked.")
        if right.trouble:
            return right.trouble
        lines = []
        for letter, video in zip("AB", self._ids, strict=True):
            found = right.judged(video)
            if video in chosen:
                continue
            if found is None:
                lines.append(right.why_not(video) or self.tr("{0}: finding deviations…").format(letter))
                continue
            flagged = [one for one in found.found.spans if one.kind != "missing"]
            missing = len(found.found.spans) - len(flagged)
            if flagged:
                words = self.tr("{0} deviates in {1} of its frames, in %n stretch(es).", "", len(flagged))
                lines.append(words.format(letter, percent(found.flagged_share)))
            else:
                lines.append(self.tr("{0} does not deviate.").format(letter))
            if missing:
                lines.append(self.tr("%n step(s) missing in {0}.", "", missing).format(letter))
        if count < 3:
            lines.append(self.tr("%n right video(s); three or more are more reliable.", "", count))
        else:
            lines.append(self.tr("%n right video(s).", "", count))
        return " ".join(lines)


def _departing(pair: Pair | None, scores: Sequence[NDArray[np.float64] | None]) -> list[tuple[int, NDArray[np.bool_]]]:
    """Side, 0 for A, and (M,) which moments of the path show a frame of it that departs."""
    if pair is None or pair.is_self or isinstance(pair, RepeatedPair):
        return []
    found = []
    for side, score in enumerate(scores):
        frames, plays = pair.moments.frames[side], pair.moments.plays[side]
        if score is not None and len(score) > frames.max(initial=-1):
            found.append((side, plays & (score[frames] > 1)))
    return found
