"""Filters of a search. No Qt."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from carl_gui.models.video_filter import VideoFilter
from core.project.rows import SPLITS, Split
from core.search.defaults import APART_SECONDS, OVERLAP, TEMPO

MOST_HITS = 1000
MOST_APART_SECONDS = 600.0
MOST_TEMPO = 16.0

_RANGES: dict[str, tuple[float, float]] = {
    "k": (1, MOST_HITS),
    "least_cosine": (-1, 1),
    "apart_seconds": (0, MOST_APART_SECONDS),
    "max_overlap": (0, 1),
    "max_tempo": (1, MOST_TEMPO),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters chosen by the user; the defaults are those of `python -m core.search`, with more results."""

    k: int = 60
    """At most so many hits."""
    least_cosine: float = 0.0
    other_videos: bool = False
    """Whether the query's own video is left out."""
    apart_seconds: float = APART_SECONDS
    """Least time between two frames of one video, the query included; nearer ones count as one."""
    max_overlap: float = OVERLAP
    """Most that two spans of one video share, of the shorter one."""
    max_tempo: float = TEMPO
    """How many times as long, or as short, as the query a span may be."""
    text: str = ""
    """Words in the names and places of the videos that are searched; empty: any."""
    action: str | None = None
    """None: any; empty: those without one."""
    split: Split | None = None

    @property
    def videos(self) -> VideoFilter:
        """Which videos are searched."""
        return VideoFilter(self.text, self.action, self.split)

    def encoded(self) -> str:
        """As JSON."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=True)

    @classmethod
    def decoded(cls, text: str) -> Filters:
        """Back from `encoded`. What another version wrote, or a hand, counts as far as it makes sense."""
        try:
            given = json.loads(text)
        except ValueError:
            return cls()
        default = cls()
        fields = [field.name for field in dataclasses.fields(cls)]
        kept = {name: given[name] for name in fields if name in given} if isinstance(given, dict) else {}
        sound = {name: value for name, value in kept.items() if _makes_sense(name, value, getattr(default, name))}
        return dataclasses.replace(default, **sound)


def _makes_sense(name: str, value: object, default: object) -> bool:
    if name == "split":
        return value is None or value in SPLITS
    if name in ("action", "text"):
        return isinstance(value, str) or (name == "action" and value is None)
    if isinstance(default, bool):
        return isinstance(value, bool)
    low, high = _RANGES[name]
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    is_kind = isinstance(value, int) or not isinstance(default, int)
    return is_kind and low <= value <= high
