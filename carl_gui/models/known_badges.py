"""Cached badges by video, with running counts of missing and broken ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.project.badges import Badges


class KnownBadges(dict[int, Badges]):
    """Badges by video id. Changed only by `take` and `keep_only`."""

    def __init__(self) -> None:
        super().__init__()
        self.missing: set[int] = set()
        """Ids of those whose files are not where they were."""
        self.broken: set[int] = set()

    def take(self, badges: Mapping[int, Badges]) -> None:
        """These are known from now on, or anew."""
        self.update(badges)
        self.missing.difference_update(badges)
        self.broken.difference_update(badges)
        self.missing.update(key for key, one in badges.items() if one.missing)
        self.broken.update(key for key, one in badges.items() if one.broken)

    def keep_only(self, ids: Iterable[int]) -> None:
        """Forget the others."""
        for key in self.keys() - set(ids):
            del self[key]
            self.missing.discard(key)
            self.broken.discard(key)
