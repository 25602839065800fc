"""Bar above the timeline to review proposed labels, while there are any."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from carl_gui.panels.elided import ElidedLabel
from carl_gui.panels.flow import FlowLayout
from carl_gui.panels.layouts import vbox
from carl_gui.panels.widgets import named
from carl_gui.theme import colours_of

_EDGE = 4


class ReviewBar(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user. Hidden until it says something."""

    accept_requested = Signal()
    """What is proposed for the video that is shown."""
    accept_all_requested = Signal()
    discard_requested = Signal()
    discard_all_requested = Signal()
    next_requested = Signal()
    """The next video for which something is proposed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = ElidedLabel(is_sentence=True)
        texts = (
            ("accept", self.tr("Accept here"), self.tr("Accept the proposal for this video"), self.accept_requested),
            ("next", self.tr("Next video"), self.tr("Show the next video with proposals"), self.next_requested),
            ("accept_all", self.tr("Accept all"), self.tr("Accept all proposals at once"), self.accept_all_requested),
            (
                "discard",
                self.tr("Discard here"),
                self.tr("Discard the proposal for this video"),
                self.discard_requested,
            ),
            ("discard_all", self.tr("Discard all"), self.tr("Discard all proposals"), self.discard_all_requested),
        )
        self.buttons: dict[str, QPushButton] = {}
        """By name: accept, next, accept_all, discard, discard_all."""
        flow = FlowLayout(gap=6)
        for name, text, tip, signal in texts:
            button = named(QPushButton(text), tip, tip)
            button.clicked.connect(lambda _=False, signal=signal: signal.emit())
            self.buttons[name] = button
            flow.addWidget(button)
        vbox(self._line, flow, on=self, margins=(14, 5, 8, 5), spacing=4)
        self.hide()

    @property
    def line(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self._line.full_text

    def set_line(self, line: str, *, is_here: bool, is_elsewhere: bool, is_read_only: bool) -> None:
        """What is proposed; empty: nothing is.

        Args:
            is_here: for the video that is shown.
            is_elsewhere: for another one.
        """
        self._line.set_full_text(line)
        self.buttons["accept"].setEnabled(is_here and not is_read_only)
        self.buttons["accept_all"].setEnabled(not is_read_only)
        self.buttons["discard"].setEnabled(is_here)
        self.buttons["next"].setEnabled(is_elsewhere)
        self.setVisible(bool(line))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colours = colours_of(self.palette())
        painter.fillRect(self.rect(), QColor(colours.base))
        painter.fillRect(0, 0, _EDGE, self.height(), QColor(colours.curve))
        painter.end()
