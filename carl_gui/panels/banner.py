"""A line across the window that says what a person must know, with what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from carl_gui.theme import colours_of


class Banner(QFrame):
    """One sentence, at most one deed, and a cross. Hidden while it has nothing to say."""

    deed_chosen = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_warning = False
        self._text = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setMinimumWidth(1)
        self._deed = QPushButton()
        self._deed.clicked.connect(self.deed_chosen)
        self._close = QToolButton(text="✕", autoRaise=True)
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close.setAccessibleName(self.tr("Dismiss"))
        self._close.setToolTip(self.tr("Dismiss"))
        self._close.clicked.connect(self._dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.setSpacing(10)
        row.addWidget(self._text, 1)
        row.addWidget(self._deed)
        row.addWidget(self._close)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says; empty while it is hidden."""
        return self._text.text() if not self.isHidden() else ""

    def say(self, sentence: str, *, deed: str = "", is_warning: bool = False) -> None:
        """Show this sentence, and a button called `deed`."""
        self._text.setText(sentence)
        self._deed.setText(deed)
        self._deed.setVisible(bool(deed))
        self._is_warning = is_warning
        self._dress()
        self.show()

    def clear(self) -> None:
        """Say nothing."""
        self.hide()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_close"):
            self._dress()

    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()

    def _dress(self) -> None:
        colours = colours_of(self.palette())
        edge = colours.warning if self._is_warning else colours.curve
        sheet = (
            f"Banner {{ background: {colours.base}; border: none; border-left: 4px solid {edge}; "
            f"border-bottom: 1px solid {colours.border}; }}"
        )
        if sheet != self.styleSheet():  # a new sheet changes the palette, which brings us here again
            self.setStyleSheet(sheet)
