"""Sentences about whether an encoder is any good, and what to try. No widgets."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from carl_gui.numbers import percent
from core.align.alignable import BOUNDARY_SCORE
from core.evaluation.judgement import CHANCE, Judgement

_GOOD, _FAIR = 0.9, 0.75
"""Shares of pairs of moments in order."""
_LEAST_GAIN = 0.05
"""By which a trained encoder is better than an untrained one, at least."""
_LEAST_WAY = 0.6
"""Of what an untrained encoder lacks to 100 %: enough where it lacks little, as on clips that look alike."""
_FEW_VIDEOS = 6


@dataclass(frozen=True)
class JudgementWords:
    """The sentences of a judgement."""

    verdict: str
    """A word or two."""
    number: str
    """`99 %`; empty where it is not defined."""
    meaning: str
    """What the number counts, beside chance and an untrained encoder."""
    pairs: str
    """How many pairs of videos go together; empty where there is no pair."""
    advice: str
    """What to try; empty: nothing."""


def words_of(found: Judgement) -> JudgementWords:
    """Return what a judgement says."""
    if math.isnan(found.ordered):
        return JudgementWords(
            QCoreApplication.translate("Judgement", "Not known"),
            "",
            QCoreApplication.translate("Judgement", "With one video there is no order to compare."),
            "",
            _more_videos(),
        )
    meaning = QCoreApplication.translate(
        "Judgement",
        "Of two moments in one video, the most alike moments in another video come in the same order {0} of the time. "
        "An untrained encoder: {1}. Chance: {2}.",
    ).format(percent(found.ordered), percent(_untrained(found)), percent(CHANCE))
    return JudgementWords(_verdict(found), percent(found.ordered), meaning, _pairs(found), _advice(found))


def is_good(found: Judgement) -> bool:
    """Return whether the learned order holds, and was learned."""
    return found.ordered >= _FAIR and _is_learned(found)


def _untrained(found: Judgement) -> float:
    return CHANCE if math.isnan(found.ordered_untrained) else found.ordered_untrained


def _is_learned(found: Judgement) -> bool:
    untrained = _untrained(found)
    return found.ordered - untrained >= min(_LEAST_GAIN, _LEAST_WAY * (1 - untrained))


def _verdict(found: Judgement) -> str:
    if not _is_learned(found):
        return QCoreApplication.translate("Judgement", "No better than untrained")
    if found.ordered >= _GOOD:
        return QCoreApplication.translate("Judgement", "Good")
    return (
        QCoreApplication.translate("Judgement", "Fair")
        if found.ordered >= _FAIR
        else QCoreApplication.translate("Judgement", "Poor")
    )


def _pairs(found: Judgement) -> str:
    if not found.num_pairs:
        return ""
    if found.num_alignable == found.num_pairs:
        return (
            QCoreApplication.translate("Judgement", "All {0} pairs looked at move alike.").format(found.num_pairs)
            if found.num_pairs > 1
            else ""
        )
    return QCoreApplication.translate(
        "Judgement", "{0} of {1} pairs looked at move alike; the others may not show the same action."
    ).format(found.num_alignable, found.num_pairs)


def _advice(found: Judgement) -> str:
    said = []
    if found.num_pairs and found.worst_score < BOUNDARY_SCORE:
        said.append(
            QCoreApplication.translate(
                "Judgement",
                "Look at the worst pair: if its videos show different actions, keep them in projects of their own.",
            )
        )
    if is_good(found):
        return " ".join(said)
    if found.num_videos < _FEW_VIDEOS:
        said.append(_more_videos())
    if found.backbone == "hog":
        said.append(
            QCoreApplication.translate("Judgement", "Try the recipe “Body pose” or “Pictures”: “First look” is coarse.")
        )
    if found.ordered < _FAIR:
        said.append(
            QCoreApplication.translate(
                "Judgement",
                "If the action repeats within a video, this number is low: turn on “Find repetitions” in the pair.",
            )
        )
    return " ".join(said)


def _more_videos() -> str:
    return QCoreApplication.translate("Judgement", "Add more videos of the same action.")
