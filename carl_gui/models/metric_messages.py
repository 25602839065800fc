"""Titles and explanations of metrics: which values are good, and which are not.

Those of an evaluation come from `core.metrics.kinds`, where a new metric is declared; `texts` lists
them for translators.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from carl_gui.models.messages import tooltip
from carl_gui.models.runs import is_lower_better
from carl_gui.translation import QT_TRANSLATE_NOOP
from core.metrics.kinds import KINDS, kind_of

_CONTEXT = "Metrics"
_TITLES = {
    "loss": QT_TRANSLATE_NOOP("Metrics", "Loss"),
    "validation loss": QT_TRANSLATE_NOOP("Metrics", "Validation loss"),
    "accuracy, cross-validated": QT_TRANSLATE_NOOP("Metrics", "Accuracy, cross-validated"),
    "similarity": QT_TRANSLATE_NOOP("Metrics", "Similarity"),
    "confidence": QT_TRANSLATE_NOOP("Metrics", "Confidence"),
}
_MEANINGS = {
    "loss": QT_TRANSLATE_NOOP(
        "Metrics",
        "What training makes smaller. A falling curve that levels off is good; one that stays flat from the start "
        "has learned nothing. Compare it only between runs of the same recipe.",
    ),
    "validation loss": QT_TRANSLATE_NOOP(
        "Metrics",
        "The loss on Validation videos, which are not learned from. Good: it falls with the loss. If it rises while "
        "the loss falls, the run learns its videos by heart: stop earlier or add videos.",
    ),
    "accuracy, cross-validated": QT_TRANSLATE_NOOP(
        "Metrics",
        "Share of frames whose phase is predicted correctly from the other labelled videos. 1 is perfect; compare it "
        "with the share of the longest phase, which a guess reaches.",
    ),
    "similarity": QT_TRANSLATE_NOOP(
        "Metrics",
        "Similarity of two frames: the cosine of their embeddings. 1 is the same moment, 0 is unrelated, −1 is "
        "opposite. For frames that match, above 0.8 is good and below 0.5 is doubtful. Compare it only within one "
        "encoder.",
    ),
    "confidence": QT_TRANSLATE_NOOP(
        "Metrics",
        "How clearly a frame matches one moment of the other video rather than others. 100 % is certain; above 80 % "
        "is good, below 50 % is doubtful.",
    ),
}
EXPLAINED = (*_MEANINGS, *(kind.name for kind in KINDS.values() if kind.meaning))


def texts() -> list[tuple[str, str]]:
    """Return every (context, English text) that a metric declares, for a translator's file."""
    found = [(_CONTEXT, text) for kind in KINDS.values() for text in (kind.title, kind.meaning)]
    return list(dict.fromkeys(pair for pair in found if pair[1]))


def metric_title(name: str) -> str:
    """Return `Tau` of `tau`, translated; of an unknown metric its own name, with a capital."""
    kind = KINDS.get(name)
    known = _TITLES.get(name) or (kind.title if kind else "")
    title = QCoreApplication.translate(_CONTEXT, known) if known else name[:1].upper() + name[1:]
    return f"{title} ({kind.unit})" if kind and kind.unit else title


def metric_meaning(name: str) -> str:
    """Return what it measures and which values are good, translated; empty where that is not known here."""
    kind = kind_of(name)
    known = _MEANINGS.get(name) or (kind.meaning if kind else "")
    return QCoreApplication.translate(_CONTEXT, known) if known else ""


def metric_tip(name: str) -> str:
    """Return a tip: title, which way is better, and what it means."""
    better = (
        QCoreApplication.translate(_CONTEXT, "Lower is better")
        if is_lower_better(name)
        else QCoreApplication.translate(_CONTEXT, "Higher is better")
    )
    return tooltip(f"{metric_title(name)}: {better}", metric_meaning(name))
