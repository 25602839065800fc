"""Frame and time of the player; click to type another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QStackedWidget, QWidget

from carl_gui.panels.widgets import named
from carl_gui.theme import wrong_field
from carl_gui.timecode import clock, place_of


class ReadOut(QStackedWidget):
    """`120 / 309   0:04.00 / 0:10.38`: frame and last frame, time and end, as any player shows them."""

    frame_selected = Signal(int)
    """Typed as a number or as a time."""
    edit_ended = Signal()
    """By Return or Escape: the keys are free again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seconds: NDArray[np.float64] = np.zeros(0)
        self._end_seconds = 0.0
        self._place = 0
        self._shown = QPushButton(flat=True)
        self._shown.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._shown.setToolTip(self.tr("Frame and time; frames count from 0. Click to type a frame or a time."))
        self._shown.clicked.connect(self.edit)
        self._field = named(QLineEdit(alignment=Qt.AlignmentFlag.AlignCenter), self.tr("Go to a frame or time"))
        self._field.setPlaceholderText(self.tr("120 or 0:04.00"))
        self._field.returnPressed.connect(self._on_result)
        self._field.textEdited.connect(lambda: self._mark(""))
        self._field.installEventFilter(self)
        self.addWidget(self._shown)
        self.addWidget(self._field)
        self.set_video(np.zeros(0), 0.0)

    @property
    def text(self) -> str:
        return self._shown.text()

    def set_video(self, seconds: NDArray[np.float64], end_seconds: float) -> None:
        """The times of the frames, (S,), and when the last one ends; none of them is no video."""
        self._seconds, self._end_seconds = seconds, end_seconds
        self.setEnabled(len(seconds) > 0)
        self.setCurrentWidget(self._shown)
        last = len(seconds) - 1
        widest = self._worded(last, float(seconds[-1])) if len(seconds) else "0 / 0   0:00.00 / 0:00.00"
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(widest) + 10)
        self.set_place(0)

    def set_place(self, place: int) -> None:
        """The frame that is read out."""
        self._place = place
        self._shown.setText(self._worded(place, float(self._seconds[place])) if len(self._seconds) else "– / –")
        self._shown.setAccessibleName(self.tr("Frame and time: {0}").format(self._shown.text()))

    def edit(self) -> None:
        """Let another frame or time be typed."""
        self._field.setText(str(self._place))
        self._mark("")
        self.setCurrentWidget(self._field)
        self._field.setFocus()
        self._field.selectAll()

    def _worded(self, place: int, seconds: float) -> str:
        return f"{place} / {len(self._seconds) - 1}   {clock(seconds)} / {clock(self._end_seconds)}"

    def _on_result(self) -> None:
        place = place_of(self._field.text(), self._seconds)
        if place is None:
            self._mark(self.tr("Not a frame or time. Type 120, 4.5 or 1:02.5"))
            self._field.selectAll()
            return
        self._leave()
        self.frame_selected.emit(place)

    def _mark(self, problem: str) -> None:
        """Show by colour and tooltip what is wrong with the text; nothing is where it is empty."""
        self._field.setToolTip(problem)
        self._field.setAccessibleDescription(problem)
        self._field.setStyleSheet(wrong_field(self.palette()) if problem else "")

    def _leave(self) -> None:
        self.edit_ended.emit()  # first, so that the focus does not wander to whatever comes next
        self.setCurrentWidget(self._shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Escape and a click elsewhere leave the field as it was."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()  # as a shortcut override too: Escape is the field's own here
            if event.type() == QEvent.Type.KeyPress:
                self._leave()
            return True
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() != Qt.FocusReason.PopupFocusReason:
            self.setCurrentWidget(self._shown)
        return super().eventFilter(watched, event)
