"""Which map is shown, what is said of it, and how the making of another goes on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from carl_gui.models.choices import Choice
from carl_gui.panels.name_combo import NameCombo
from carl_gui.panels.section import section_title
from carl_gui.theme import colours_of

_FINE = 1000
_BAR_HEIGHT = 8


class MethodBox(QWidget):
    """Shows what `set_*` gives it; says what the person wants."""

    method_chosen = Signal(object)
    """`pca` or `umap`."""
    make_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._combo = NameCombo(self.tr("Kind of map"))
        self._combo.chosen.connect(self.method_chosen)
        self._facts, self._notice = _text(), _text()
        self._make = QPushButton()
        self._make.clicked.connect(self.make_wanted)
        self._going = self._new_progress()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(section_title(self.tr("Map"), self._combo))
        for widget in (self._combo, self._facts, self._notice, self._make, self._going):
            layout.addWidget(widget)
        self.set_state("", "", "")
        self.set_progress(None, "")

    def _new_progress(self) -> QWidget:
        self._bar = QProgressBar(textVisible=False, maximum=_FINE)
        self._bar.setFixedHeight(_BAR_HEIGHT)
        self._bar.setAccessibleName(self.tr("Making the map"))
        self._words = _text()
        self._cancel = QPushButton(self.tr("Cancel"))
        self._cancel.setAccessibleName(self.tr("Cancel making the map"))
        self._cancel.clicked.connect(self._say_cancel)
        going = QWidget()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._bar, 1)
        row.addWidget(self._cancel)
        column = QVBoxLayout(going)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._words)
        column.addLayout(row)
        return going

    @property
    def facts(self) -> str:
        """What is said of the map that is shown."""
        return self._facts.text()

    @property
    def notice(self) -> str:
        """What a person must know of it; empty: nothing."""
        return "" if self._notice.isHidden() else self._notice.text()

    @property
    def progress(self) -> str:
        """How far the making is, in words; empty: nothing is made."""
        return self._words.text()

    def set_methods(self, choices: Sequence[Choice], now: str) -> None:
        """Kinds of map by their key."""
        self._combo.set_choices(choices, now)

    def set_state(self, facts: str, notice: str, deed: str, why_not: str = "") -> None:
        """What is known of the map; what a person must know; what the button is called, and why it cannot be pressed.

        Empty: there is no such thing.
        """
        self._facts.setText(facts)
        self._facts.setVisible(bool(facts))
        self._notice.setText(notice)
        self._notice.setVisible(bool(notice))
        self._make.setText(deed)
        self._make.setVisible(bool(deed) and self._going.isHidden())
        self._make.setEnabled(not why_not)
        self._make.setToolTip(why_not)
        self._dress()

    def set_progress(self, share: float | None, words: str) -> None:
        """How far the making is, 0 to 1 (None: not known), and in words; empty words: nothing is made."""
        if words and self._going.isHidden():
            self._cancel.setEnabled(True)
            self._cancel.setText(self.tr("Cancel"))
        self._bar.setRange(0, 0 if share is None and words else _FINE)
        if share is not None:
            self._bar.setValue(round(_FINE * min(share, 1.0)))
        self._words.setText(words)
        self._bar.setAccessibleDescription(words)
        self._going.setVisible(bool(words))
        self._make.setVisible(bool(self._make.text()) and not words)

    def _say_cancel(self) -> None:
        self._cancel.setEnabled(False)
        self._cancel.setText(self.tr("Stopping…"))
        self.cancel_wanted.emit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_going"):
            self._dress()

    def _dress(self) -> None:
        colours = colours_of(self.palette())
        for label, colour in ((self._notice, colours.warning), (self._facts, colours.muted_text)):
            palette = label.palette()
            if palette.color(QPalette.ColorRole.WindowText) != QColor(colour):
                palette.setColor(QPalette.ColorRole.WindowText, QColor(colour))
                label.setPalette(palette)


def _text() -> QLabel:
    """Words that wrap and widen nothing."""
    label = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
    label.setMinimumWidth(1)
    return label
