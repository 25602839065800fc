"""The changes of an edit, so that each view can decide whether to reload."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Changes:
    """Kinds and ids of what changed; falsy if nothing did."""

    videos: frozenset[int] = frozenset()
    """Videos that were added, removed, renamed, found elsewhere, in which another person is followed, that are right
    or not any more, in which something was measured, that have other sensor curves, ..."""
    phases: frozenset[int] = frozenset()
    spans: frozenset[int] = frozenset()
    """Videos whose spans changed."""
    notes: bool = False
    anchors: frozenset[tuple[int, int]] = frozenset()
    """Pairs of videos, the lower id first, whose anchors changed."""

    def __or__(self, other: Changes) -> Changes:
        return Changes(
            self.videos | other.videos,
            self.phases | other.phases,
            self.spans | other.spans,
            self.notes or other.notes,
            self.anchors | other.anchors,
        )

    def __bool__(self) -> bool:
        return bool(self.videos or self.phases or self.spans or self.notes or self.anchors)


NOTHING = Changes()
