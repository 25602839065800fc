"""What metrics there are: their names, what they say and which values are good. Only the standard library.

`core.metrics.registry` has how each is computed. Tables, CSV files and events name a metric as here; the window shows
its title and meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Suite(Enum):
    """Metrics that are computed together; a protocol of `core.evaluation` takes some of them."""

    PHASES = "ordered phases"
    FINE_GRAINED = "many classes, one linear layer (FineGym)"
    LOCALISATION = "segments, and background between them"


@dataclass(frozen=True)
class Kind:
    """The description of one metric."""

    name: str
    """In tables, files and events. What follows a comma or `@` is a variant: `accuracy, 10% of labels`, `AP@5`."""
    title: str = ""
    """For people; empty: the name."""
    meaning: str = ""
    """What it measures, and which values are good and which are not, in sentences for people."""
    unit: str = ""
    """Shown in brackets after the title; empty: a number without one, or a fraction."""
    is_lower_better: bool = False


_EVENT_ERROR = (
    "How far from its true place a phase change is found in another video, as a fraction of that video. "
    "Below 0.05 is good; compare it with the row “diagonal”, which knows nothing."
)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "accuracy",
            "Accuracy",
            "Share of frames of Validation videos whose phase is predicted correctly. 1 is perfect; compare it with "
            "the share of the longest phase, which a guess reaches.",
        ),
        Kind(
            "progression",
            "Progression",
            "How well the progress through a phase is predicted from a frame. 1 is perfect; 0 or less is no better "
            "than the mean.",
        ),
        Kind(
            "tau",
            "Tau",
            "Kendall’s tau: whether matching frames come in the same order in both videos. 1 is the same order, 0 is "
            "chance, −1 is reversed. Above 0.9 is good, below 0.6 is poor. Actions that repeat score lower.",
        ),
        Kind("AP"),
        Kind("event error", "Event error", _EVENT_ERROR, is_lower_better=True),
        Kind("cut", "Event error, cut clips", _EVENT_ERROR, is_lower_better=True),
        Kind("by DTW", "Event error, DTW", _EVENT_ERROR, is_lower_better=True),
        Kind("cut, by DTW", "Event error, cut clips, DTW", _EVENT_ERROR, is_lower_better=True),
        Kind("mAP"),
    )
}


def kind_of(name: str) -> Kind | None:
    """Return the description of a metric or of one of its variants; None where it is not known here."""
    return KINDS.get(name) or KINDS.get(name.partition(", ")[0]) or KINDS.get(name.partition("@")[0])


def is_lower_better(name: str) -> bool:
    """Return whether the lowest value of a metric is the best; of a metric that is not known, the highest is."""
    kind = kind_of(name)
    return kind is not None and kind.is_lower_better
