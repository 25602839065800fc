"""Whose embeddings are shown, how many videos have some, and a button for the others."""

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


class EncoderBox(QWidget):
    """Shows what `set_*` gives it; says what the person wants."""

    encoder_chosen = Signal(object)
    """The name of its run."""
    embed_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._combo = NameCombo(self.tr("Encoder"))
        self._combo.chosen.connect(self.encoder_chosen)
        self._line, self._notice = _text(), _text()
        self._embed = QPushButton()
        self._embed.clicked.connect(self.embed_wanted)
        self._going = self._new_progress()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(section_title(self.tr("Encoder"), self._combo))
        for widget in (self._combo, self._line, self._notice, self._embed, self._going):
            layout.addWidget(widget)
        self.set_state("", "", "")
        self.set_progress(None, "")

    def _new_progress(self) -> QWidget:
        self._bar = QProgressBar(textVisible=False, maximum=_FINE)
        self._bar.setFixedHeight(_BAR_HEIGHT)
        self._bar.setAccessibleName(self.tr("Embedding"))
        self._words = _text()
        self._cancel = QPushButton(self.tr("Cancel"))
        self._cancel.setAccessibleName(self.tr("Cancel embedding"))
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
    def line(self) -> str:
        """How many videos are embedded, as it is said."""
        return self._line.text()

    @property
    def notice(self) -> str:
        """What a person must know of the embeddings; empty: nothing."""
        return "" if self._notice.isHidden() else self._notice.text()

    @property
    def embed_button(self) -> QPushButton:
        return self._embed

    def set_encoders(self, choices: Sequence[Choice], now: str | None) -> None:
        """Runs by name."""
        self._combo.set_choices(choices, now)

    def set_state(self, line: str, notice: str, deed: str, why_not: str = "") -> None:
        """How many videos are embedded; what a person must know, empty: nothing; what the button is called, empty: it
        is not needed; and why it cannot be pressed."""
        self._line.setText(line)
        self._line.setVisible(bool(line))
        self._notice.setText(notice)
        self._notice.setVisible(bool(notice))
        self._embed.setText(deed)
        self._embed.setVisible(bool(deed) and self._going.isHidden())
        self._embed.setEnabled(not why_not)
        self._embed.setToolTip(why_not)
        self._dress()

    def set_progress(self, share: float | None, words: str) -> None:
        """How far embedding has come, 0 to 1 (None: not known), and in words; empty words: it does not go on."""
        was_going = not self._going.isHidden()
        if words and not was_going:
            self._cancel.setEnabled(True)
            self._cancel.setText(self.tr("Cancel"))
        self._bar.setRange(0, 0 if share is None and words else _FINE)
        if share is not None:
            self._bar.setValue(round(_FINE * min(share, 1.0)))
        self._words.setText(words)
        self._bar.setAccessibleDescription(words)
        self._going.setVisible(bool(words))
        self._embed.setVisible(bool(self._embed.text()) and not words)

    def _say_cancel(self) -> None:
        self._cancel.setEnabled(False)  # what is being embedded ends first
        self._cancel.setText(self.tr("Stopping…"))
        self.cancel_wanted.emit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_going"):
            self._dress()

    def _dress(self) -> None:
        wanted = QColor(colours_of(self.palette()).warning)
        palette = self._notice.palette()
        if palette.color(QPalette.ColorRole.WindowText) != wanted:
            palette.setColor(QPalette.ColorRole.WindowText, wanted)
            self._notice.setPalette(palette)


def _text() -> QLabel:
    """Words that wrap and widen nothing."""
    label = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
    label.setMinimumWidth(1)
    return label
