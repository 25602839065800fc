"""Sentences about how well two videos align."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from carl_gui.numbers import percent
from core.align.alignable import BOUNDARY_SCORE

_FEW = 0.3
"""The share of matched frames below which the two may show different actions."""
_SURE, _UNSURE = 0.8, 0.5
"""Mean confidences."""


def is_doubtful(matched_share: float, score: float) -> bool:
    """Return whether two videos may not show the same action: too few frames match, or the two do not move alike."""
    return matched_share < _FEW or score < BOUNDARY_SCORE


def alignable_text(matched_share: float, confidence: float, score: float = 1.0) -> str:
    """Return one or two sentences on how sure the alignment is.

    Args:
        matched_share: of both videos' frames, those with a partner, 0 to 1.
        confidence: mean of these, 0 to 1.
        score: whether the two change alike along the path, 0 to 1 (`core.align.alignable`).
    """
    share, confidence_text = percent(matched_share), percent(confidence)
    if not matched_share:
        return QCoreApplication.translate(
            "Alignable", "Nothing in common: no frame of one video confidently matches one of the other."
        )
    if matched_share < _FEW:
        return QCoreApplication.translate(
            "Alignable", "Only {0} of the frames match: these two may not show the same action."
        ).format(share)
    if score < BOUNDARY_SCORE and matched_share == 1:
        return QCoreApplication.translate(
            "Alignable",
            "Every frame matches, but the two do not move in the same way: they may not show the same action.",
        )
    if score < BOUNDARY_SCORE:
        return QCoreApplication.translate(
            "Alignable",
            "{0} of the frames match, but the two do not move in the same way: they may not show the same action.",
        ).format(share)
    if confidence < _UNSURE:
        return QCoreApplication.translate(
            "Alignable", "Mean match confidence is only {0}: these two may not show the same action."
        ).format(confidence_text)
    if confidence >= _SURE:
        if matched_share == 1:
            return QCoreApplication.translate("Alignable", "Every frame matches with high confidence.")
        return QCoreApplication.translate("Alignable", "{0} of the frames match with high confidence.").format(share)
    if matched_share == 1:
        return QCoreApplication.translate("Alignable", "Every frame matches, mean confidence {0}.").format(
            confidence_text
        )
    return QCoreApplication.translate("Alignable", "{0} of the frames match, mean confidence {1}.").format(
        share, confidence_text
    )
