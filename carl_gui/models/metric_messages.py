"""Titles and explanations of metrics: which values are good, and which are not."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from carl_gui.models.messages import tooltip
from carl_gui.models.runs import is_lower_better
from carl_gui.translation import QT_TRANSLATE_NOOP
from core.evaluation.names import LOWER_IS_BETTER

_CONTEXT = "Metrics"
_TITLES = {
    "loss": QT_TRANSLATE_NOOP("Metrics", "Loss"),
    "validation loss": QT_TRANSLATE_NOOP("Metrics", "Validation loss"),
    "tau": QT_TRANSLATE_NOOP("Metrics", "Tau"),
    "accuracy": QT_TRANSLATE_NOOP("Metrics", "Accuracy"),
    "accuracy, cross-validated": QT_TRANSLATE_NOOP("Metrics", "Accuracy, cross-validated"),
    "progression": QT_TRANSLATE_NOOP("Metrics", "Progression"),
    "event error": QT_TRANSLATE_NOOP("Metrics", "Event error"),
    "cut": QT_TRANSLATE_NOOP("Metrics", "Event error, cut clips"),
    "by DTW": QT_TRANSLATE_NOOP("Metrics", "Event error, DTW"),
    "cut, by DTW": QT_TRANSLATE_NOOP("Metrics", "Event error, cut clips, DTW"),
    "similarity": QT_TRANSLATE_NOOP("Metrics", "Similarity"),
    "confidence": QT_TRANSLATE_NOOP("Metrics", "Confidence"),
}
_EVENT_ERROR = QT_TRANSLATE_NOOP(
    "Metrics",
    "How far from its true place a phase change is found in another video, as a share of that video. "
    "Below 0.05 is good; compare it with the row “diagonal”, which knows nothing.",
)
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
    "tau": QT_TRANSLATE_NOOP(
        "Metrics",
        "Kendall’s tau: whether matching frames come in the same order in both videos. 1 is the same order, 0 is "
        "chance, −1 is reversed. Above 0.9 is good, below 0.6 is poor. Actions that repeat score lower.",
    ),
    "accuracy": QT_TRANSLATE_NOOP(
        "Metrics",
        "Share of frames of Validation videos whose phase is predicted correctly. 1 is perfect; compare it with the "
        "share of the longest phase, which a guess reaches.",
    ),
    "accuracy, cross-validated": QT_TRANSLATE_NOOP(
        "Metrics",
        "Share of frames whose phase is predicted correctly from the other labelled videos. 1 is perfect; compare it "
        "with the share of the longest phase, which a guess reaches.",
    ),
    "progression": QT_TRANSLATE_NOOP(
        "Metrics",
        "How well the progress through a phase is predicted from a frame. 1 is perfect; 0 or less is no better than "
        "the mean.",
    ),
    "event error": _EVENT_ERROR,
    "cut": _EVENT_ERROR,
    "by DTW": _EVENT_ERROR,
    "cut, by DTW": _EVENT_ERROR,
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
EXPLAINED = tuple(_MEANINGS)


def metric_title(name: str) -> str:
    """`Tau` of `tau`, translated; of a metric that is not known here its own name, with a capital."""
    known = _TITLES.get(name)
    return QCoreApplication.translate(_CONTEXT, known) if known else name[:1].upper() + name[1:]


def metric_meaning(name: str) -> str:
    """Return what it measures and which values are good, translated; empty where that is not known here."""
    known = _MEANINGS.get(name.partition(", ")[0] if name.startswith("accuracy, ") and name not in _MEANINGS else name)
    return QCoreApplication.translate(_CONTEXT, known) if known else ""


def metric_tip(name: str) -> str:
    """For hovering: title, which way is better, and what it means."""
    is_lower = name in LOWER_IS_BETTER or is_lower_better(name)
    better = (
        QCoreApplication.translate(_CONTEXT, "Lower is better")
        if is_lower
        else QCoreApplication.translate(_CONTEXT, "Higher is better")
    )
    return tooltip(f"{metric_title(name)}: {better}", metric_meaning(name))
