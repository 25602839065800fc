"""Choices for the minimum confidence of a match, and their texts."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from carl_gui.numbers import percent
from core.align.confidence import LEAST_CONFIDENCE

LEVELS = (0.0, 0.1, 0.3, LEAST_CONFIDENCE, 0.7, 0.9, 0.99)
"""Least confidences; at 0 every frame gets a partner."""


def level_of(kept: object) -> float:
    """Return what was remembered; the usual level where nothing was, or something that there is not."""
    try:
        found = float(str(kept))
    except ValueError:
        return LEAST_CONFIDENCE
    return found if found in LEVELS else LEAST_CONFIDENCE


def level_words(level: float) -> str:
    """Return what a level means."""
    if level == 0:
        return QCoreApplication.translate("Sureness", "Every frame gets a match")
    if level == LEVELS[-1]:
        return QCoreApplication.translate("Sureness", "Confidence at least {0}: only the best matches").format(
            percent(level)
        )
    return QCoreApplication.translate("Sureness", "Confidence at least {0}").format(percent(level))
