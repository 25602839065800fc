"""A combo box whose list is as wide as its texts, however narrow the box is."""

from __future__ import annotations

_ROOM = 12


class WidePopup:
    """Mixin for combo boxes: no text of the list is elided, as far as the screen allows."""

    def showPopup(self) -> None:  # noqa: N802
        view = self.view()  # type: ignore[attr-defined]
        bar = view.verticalScrollBar().sizeHint().width()
        wanted = view.sizeHintForColumn(0) + bar + _ROOM
        view.setMinimumWidth(min(wanted, self.screen().availableGeometry().width()))  # type: ignore[attr-defined]
        super().showPopup()  # type: ignore[misc]
