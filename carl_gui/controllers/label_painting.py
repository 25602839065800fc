"""Paint labels while the video plays: a phase continues, frame by frame, until another is chosen or playback ends.

A key begins it and none is held down: a phase may last minutes, and hands are needed for the next key. The same key
again ends it with the frame that is shown; the key of another phase begins that one with the frame that is shown.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from carl_gui.controllers.playback import PlaybackController
from carl_gui.session import Session
from core.base.types import Span
from core.project.span_edits import PaintSpan


class LabelPainting(QObject):
    """One stroke at a time, from the lowest to the highest frame shown during it."""

    changed = Signal()
    """It began, went on or ended."""
    painted = Signal(object)
    """The `Span` that was laid down; it is on the disk."""

    def __init__(self, session: Session, playback: PlaybackController) -> None:
        super().__init__(playback)
        self._session, self._playback = session, playback
        self._video_id = 0
        self._stroke: tuple[int, int, str] | None = None
        playback.place_changed.connect(self._go_on)
        playback.jumped.connect(self.end)
        playback.rate_changed.connect(lambda rate: None if rate else self.end())

    @property
    def stroke(self) -> tuple[int, int, str] | None:
        """First frame, end (exclusive) and phase of what is being painted."""
        return self._stroke

    def press(self, video_id: int, phase: str) -> None:
        """The key of that phase, while the video plays."""
        place, before = self._playback.place, self._stroke
        if before is not None and before[2] == phase:
            self.end()
            return
        if before is not None:  # the frame that is shown is the first one of the new phase
            forwards = self._playback.rate > 0
            start, end = (before[0], min(before[1], place)) if forwards else (max(before[0], place + 1), before[1])
            self._stroke = (start, end, before[2]) if start < end else None
            self.end()
        self._video_id, self._stroke = video_id, (place, place + 1, phase)
        self.changed.emit()

    def end(self) -> None:
        """Lay down what was painted, as one step."""
        stroke, self._stroke = self._stroke, None
        if stroke is None:
            return
        start, end, phase = stroke
        if self._session.do(PaintSpan(self._video_id, Span(phase, start, end))):
            self.painted.emit(Span(phase, start, end))
        self.changed.emit()

    def cancel(self) -> bool:
        """Forget it; False where nothing is being painted."""
        was_going, self._stroke = self._stroke is not None, None
        if was_going:
            self.changed.emit()
        return was_going

    def _go_on(self, place: int) -> None:
        if self._stroke is not None:
            start, end, phase = self._stroke
            self._stroke = min(start, place), max(end, place + 1), phase
            self.changed.emit()
