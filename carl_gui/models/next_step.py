"""The one step that comes next, from how far a project is. No widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QCoreApplication

from carl_gui.models.wording import displayable

_LEAST_VIDEOS = 2
Deed = Literal["", "add", "learn", "embed", "pair", "label", "export"]


@dataclass(frozen=True)
class Situation:
    """How far a project is."""

    page: str = ""
    """The step that is seen; empty: no project is open."""
    is_read_only: bool = False
    num_videos: int = 0
    """That can be learned from."""
    is_importing: bool = False
    learning: str = ""
    """The run that is being trained, or embedded with, or whose best pair is looked for; empty: none."""
    is_embedding: bool = False
    """Whether it is trained already."""
    is_waiting: bool = False
    """Whether it is still being found out which recipe suits, before it begins."""
    trained: str = ""
    """The newest run that is done; empty: none."""
    num_embedded: int = 0
    """Videos, with any run."""
    has_seen_pair: bool = False
    num_labelled: int = 0
    cost: str = ""
    """Of learning, such as `about 40 s`; empty while nobody knows."""


@dataclass(frozen=True)
class NextStep:
    """What is said, and what the button does."""

    sentence: str
    deed: Deed = ""
    button: str = ""


def next_step(now: Situation) -> NextStep | None:
    """Return what comes next; None where the page says so itself, or nothing does."""
    if not now.page or now.is_read_only:
        return None
    if now.learning or now.is_waiting:
        return _going(now)
    if now.is_importing:
        return (
            NextStep(QCoreApplication.translate("NextStep", "Adding videos. Next: learn from them."))
            if now.page == "videos"
            else None
        )
    if not now.num_videos:
        return (
            None
            if now.page == "videos"
            else NextStep(
                QCoreApplication.translate("NextStep", "Begin with your videos."),
                "add",
                QCoreApplication.translate("NextStep", "Add videos"),
            )
        )
    if not now.num_embedded:
        return _towards_the_first_pair(now)
    return _after_the_first_pair(now)


def _going(now: Situation) -> NextStep:
    name = displayable(now.learning)
    if now.is_waiting:
        return NextStep(
            QCoreApplication.translate(
                "NextStep", "Looking at a few frames to see which recipe suits; then learning begins by itself."
            )
        )
    if now.is_embedding:
        return NextStep(
            QCoreApplication.translate(
                "NextStep", "Embedding all videos with {0}; then the best pair opens by itself."
            ).format(name)
        )
    return NextStep(
        QCoreApplication.translate(
            "NextStep", "{0} is learning; then all videos are embedded and the best pair opens by itself."
        ).format(name)
    )


def _towards_the_first_pair(now: Situation) -> NextStep:
    if now.trained:
        sentence = QCoreApplication.translate(
            "NextStep", "{0} has learned. Next: embed all videos with it, then the best pair opens."
        )
        return NextStep(
            sentence.format(displayable(now.trained)),
            "embed",
            QCoreApplication.translate("NextStep", "Embed all videos"),
        )
    if now.num_videos < _LEAST_VIDEOS:
        return NextStep(
            QCoreApplication.translate(
                "NextStep", "One video is not a pair. Add at least one more of the same action."
            ),
            "add",
            QCoreApplication.translate("NextStep", "Add videos"),
        )
    button = QCoreApplication.translate("NextStep", "Learn from these {0} videos").format(now.num_videos)
    if now.cost:
        button = QCoreApplication.translate("NextStep", "Learn from these {0} videos, {1}").format(
            now.num_videos, now.cost
        )
    return NextStep(
        QCoreApplication.translate(
            "NextStep", "Next: learn, without labels, which moments are alike. The best pair then opens by itself."
        ),
        "learn",
        button,
    )


def _after_the_first_pair(now: Situation) -> NextStep | None:
    if not now.has_seen_pair and now.page != "explore":
        return NextStep(
            QCoreApplication.translate("NextStep", "Next: see how two videos correspond."),
            "pair",
            QCoreApplication.translate("NextStep", "Open the best pair"),
        )
    if now.page in ("label", "export"):
        if now.page == "label" and now.num_labelled:
            return NextStep(
                QCoreApplication.translate("NextStep", "Next: take the results out, as tables, films or labels."),
                "export",
                QCoreApplication.translate("NextStep", "Go to Export"),
            )
        return None
    if not now.num_labelled:
        return NextStep(
            QCoreApplication.translate("NextStep", "Next: mark the phases of a few videos; the rest are predicted."),
            "label",
            QCoreApplication.translate("NextStep", "Go to Label"),
        )
    return NextStep(
        QCoreApplication.translate("NextStep", "Next: take the results out, as tables, films or labels."),
        "export",
        QCoreApplication.translate("NextStep", "Go to Export"),
    )
