"""Bring a page up to date once somebody sees it: while it is hidden it only notes that it is stale."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


class WhenShown(QObject):
    """Refreshes what a widget shows: at once where it is visible, otherwise in the event that shows it."""

    def __init__(self, widget: QWidget, refresh: Callable[[], object]) -> None:
        super().__init__(widget)
        self._widget, self._refresh = widget, refresh
        self._is_stale = False
        widget.installEventFilter(self)

    @property
    def is_stale(self) -> bool:
        """Whether something changed while it was hidden."""
        return self._is_stale

    def refresh(self) -> None:
        """Refresh now, or once when the widget is shown, however often this was called until then."""
        self._is_stale = not self._widget.isVisible()
        if not self._is_stale:
            self._refresh()

    def clear(self) -> None:
        """Drop the pending refresh: the project closed."""
        self._is_stale = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Wait for the widget to be shown; its children are visible then, and nothing was painted yet."""
        if self._is_stale and event.type() == QEvent.Type.Show:
            self.refresh()
        return False
