"""Deviations of A or B from the right videos, in the Pair view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from carl_gui.controllers.explore.explore_context import ExploreContext
from carl_gui.controllers.explore.right_choosing import choose_right, right_words
from carl_gui.models.messages import displayable
from carl_gui.models.pair import Pair
from carl_gui.models.pair_repeated import RepeatedPair
from carl_gui.models.scene import Scene
from carl_gui.numbers import percent
from carl_gui.panels.explore.right_box import RightBox
from carl_gui.panels.pair.pair import PairPanel
from core.project.rows import VideoRow

if TYPE_CHECKING:
    from core.report.deviations import Judged


class PairDeviations(QObject):
    """Connects the box, the strip and the players to the right videos of the desk."""

    def __init__(self, desk: ExploreContext, panel: PairPanel) -> None:
        super().__init__(desk)
        self._desk, self._panel = desk, panel
        self._ids: Sequence[int] = ()
        choose = panel.commands["choose_right"]
        self.box = RightBox(choose)
        desk.right.connect_box(self.box)
        self.box.right_selected.connect(self._choose)
        choose.triggered.connect(lambda: choose_right(desk.workshop, desk.right))

    @property
    def judged(self) -> list[Judged]:
        """Of A and B, where that is known: how they deviate."""
        found = [self._desk.right.judged(one) for one in dict.fromkeys(self._ids)]
        return [one for one in found if one is not None]

    @property
    def is_running(self) -> bool:
        """Whether more of that will be known."""
        scene, right = self._desk.scene, self._desk.right
        if scene is None or not right.chosen(scene) or right.problem:
            return False
        return self._desk.embedded is None or bool(right.unknown(scene, self._desk.embedded, self._ids))

    def show(self, a: VideoRow, b: VideoRow, pair: Pair | None) -> None:
        """Ask for what is not known of these two, and show what is."""
        scene, right = self._desk.scene, self._desk.right
        assert scene is not None
        self._ids = a.id, b.id
        chosen = right.chosen(scene)
        self._panel.commands["choose_right"].setEnabled(right.can_choose)
        self.box.set_right([one in chosen for one in self._ids], is_possible=a.id != b.id and right.can_choose)
        if chosen:
            self._desk.open_embedded()
        right.ask(scene, self._desk.embedded or {}, self._ids, self._desk.sureness.level)
        self.box.set_words(self._words(scene, chosen))
        scores = [None if (found := right.judged(one)) is None else found.found.score for one in self._ids]
        self._panel.set_scores(scores)
        self._panel.strip.set_deviating(_deviating(pair, scores))
        self._panel.heatmap.set_deviating([None if score is None else score > 1 for score in scores])

    def _choose(self, side: int, is_right: bool) -> None:
        scene = self._desk.scene
        if scene is not None and side < len(self._ids) and self._ids[side] in scene.videos:
            self._desk.right.choose(self._ids[side], is_right=is_right)

    def _words(self, scene: Scene, chosen: frozenset[int]) -> str:
        right = self._desk.right
        if not chosen:
            begin = self.tr("Tick the video that is right; deviations of the other are marked.")
            return " ".join(filter(None, (begin, right_words(right, scene))))
        if right.problem:
            return right.problem
        lines = []
        for letter, video in zip("AB", self._ids, strict=True):
            found = right.judged(video)
            if video in chosen:
                continue
            if found is None:
                lines.append(right.disabled_reason(video) or self.tr("{0}: finding deviations…").format(letter))
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
            if found.only_group:
                words = self.tr("The right videos that align with {0} are all of {1}; others are flagged more often.")
                lines.append(words.format(letter, displayable(found.only_group)))
        return " ".join([*lines, right_words(right, scene)])


def _deviating(pair: Pair | None, scores: Sequence[NDArray[np.float64] | None]) -> list[tuple[int, NDArray[np.bool_]]]:
    """Side, 0 for A, and (M,) which moments of the path show a frame of it that deviates."""
    if pair is None or pair.is_self or isinstance(pair, RepeatedPair):
        return []
    found = []
    for side, score in enumerate(scores):
        frames, plays = pair.moments.frames[side], pair.moments.plays[side]
        if score is not None and len(score) > frames.max(initial=-1):
            found.append((side, plays & (score[frames] > 1)))
    return found
