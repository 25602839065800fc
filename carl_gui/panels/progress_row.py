"""Progress of a background job, with buttons to pause and cancel it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from carl_gui.panels.ink_label import wrapped_label
from carl_gui.panels.layouts import hbox, vbox
from carl_gui.panels.progress_bar import ProgressBar
from carl_gui.panels.widgets import named, push_button

_FINE = 1000
_BAR_HEIGHT = 8


class ProgressRow(QWidget):
    """Hidden while no job is running."""

    cancel_requested = Signal()
    pause_requested = Signal()
    """To pause it, or to resume it."""

    def __init__(self, name: str, cancel_name: str, parent: QWidget | None = None) -> None:
        """What goes on, and what the button does, for those who do not see them."""
        super().__init__(parent)
        self._bar = named(ProgressBar(), name)
        self._words = wrapped_label()
        self._cancel = named(QPushButton(self.tr("Cancel")), cancel_name)
        self._cancel.clicked.connect(self._say_cancel)
        self._pause = push_button("", self.pause_requested)
        vbox(self._words, hbox((self._bar, 1), self._pause, self._cancel, spacing=8), on=self, spacing=4)
        self._is_pausable = True
        self._lock = ""
        self.set_pause("")
        self.set_progress(None, "")

    @property
    def words(self) -> str:
        """How far it has come; empty: nothing goes on."""
        return self._words.text()

    def set_progress(self, share: float | None, words: str) -> None:
        """How far it has come, 0 to 1 (None: not known), and in words; empty words: nothing goes on."""
        if words and self.isHidden():
            self._cancel.setEnabled(not self._lock)
            self._cancel.setText(self.tr("Cancel"))
        self._bar.setRange(0, 0 if share is None and words else _FINE)
        if share is not None:
            self._bar.setValue(round(_FINE * min(share, 1.0)))
        self._words.setText(words)
        self._bar.setAccessibleDescription(words)
        self.setVisible(bool(words))

    def set_pause(self, text: str, *, is_enabled: bool = True) -> None:
        """What the button is called that pauses or resumes; empty: there is none."""
        self._is_pausable = is_enabled
        self._pause.setText(text)
        self._pause.setEnabled(is_enabled and not self._lock)
        self._pause.setVisible(bool(text))

    def set_locked(self, reason: str) -> None:
        """Why it can be neither paused nor cancelled; empty: it can, and nobody has asked for it yet."""
        self._lock = reason
        for button in (self._pause, self._cancel):
            button.setToolTip(reason)
        self._pause.setEnabled(self._is_pausable and not reason)
        self._cancel.setEnabled(not reason)
        self._cancel.setText(self.tr("Cancel"))

    def _say_cancel(self) -> None:
        self._cancel.setEnabled(False)  # what is being done ends first
        self._cancel.setText(self.tr("Stopping…"))
        self.cancel_requested.emit()
