"""The span marked in a player, to search for similar ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class MarkedSpan:
    """Between two marks, or from one mark to the shown frame."""

    start: int | None = None
    last: int | None = None
    """The last frame of it."""

    @property
    def is_marked(self) -> bool:
        """Whether there is one."""
        return self.start is not None or self.last is not None

    @property
    def whole(self) -> tuple[int, int] | None:
        """First frame and end (exclusive) where both ends are marked; None: one of them is not."""
        if self.start is None or self.last is None:
            return None
        return min(self.start, self.last), max(self.start, self.last) + 1

    def frames(self, place: int) -> tuple[int, int] | None:
        """First frame and end (exclusive), while `place` is shown; None: nothing is marked."""
        if not self.is_marked:
            return None
        ends = [place if mark is None else mark for mark in (self.start, self.last)]
        return min(ends), max(ends) + 1

    def forget(self) -> None:
        """Nothing is marked."""
        self.start = self.last = None
