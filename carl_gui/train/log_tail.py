"""The last lines of a run's log."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QToolButton, QWidget

from carl_gui.widgets.factories import named, push_button
from carl_gui.widgets.layouts import STRETCH, hbox, vbox

_LINES_KEPT = 2000
_LINES_SEEN = 4
"""At least, while it is unfolded."""


class _Lines(QPlainTextEdit):
    """Whose last line stays in sight when lines are broken elsewhere."""

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum()
        super().resizeEvent(event)
        if follows:
            bar.setValue(bar.maximum())


class LogTail(QWidget):
    """Follows the end, unless scrolled up; collapsible."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fold = QToolButton(autoRaise=True)
        self._fold.setText(self.tr("Log"))
        self._fold.setCheckable(True)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setToolTip(self.tr("Show or hide the log"))
        self._fold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._copy = push_button(self.tr("Copy"), self._copy_all, self.tr("Copy the log"))
        self._text = named(_Lines(readOnly=True), self.tr("Log of the run"))
        self._text.setPlaceholderText(self.tr("The log is empty."))
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setMaximumBlockCount(_LINES_KEPT)
        self._text.setUndoRedoEnabled(False)
        self._text.setTabChangesFocus(True)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setMinimumHeight(self._text.fontMetrics().lineSpacing() * _LINES_SEEN + 12)
        vbox(hbox(self._fold, STRETCH, self._copy), (self._text, 1), on=self, spacing=4)
        self._fold.toggled.connect(self.set_unfolded)
        self.set_unfolded(True)

    @property
    def text(self) -> str:
        """The lines that are kept."""
        return self._text.toPlainText()

    @property
    def is_unfolded(self) -> bool:
        return self._fold.isChecked()

    def set_unfolded(self, is_unfolded: bool) -> None:
        """Set whether the lines are seen; folded it takes the room of its title."""
        self._fold.setChecked(is_unfolded)
        self._fold.setArrowType(Qt.ArrowType.DownArrow if is_unfolded else Qt.ArrowType.RightArrow)
        self._text.setVisible(is_unfolded)
        self._copy.setVisible(is_unfolded)
        vertical = QSizePolicy.Policy.Expanding if is_unfolded else QSizePolicy.Policy.Fixed
        self.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)

    def set_lines(self, lines: Sequence[str]) -> None:
        """Show these lines alone, scrolled to the last."""
        self._text.setPlainText("\n".join(lines[-_LINES_KEPT:]))
        bar = self._text.verticalScrollBar()
        bar.setValue(bar.maximum())

    def append(self, lines: Sequence[str]) -> None:
        """Append lines; a person who scrolled stays where they are."""
        if not lines:
            return
        bar = self._text.verticalScrollBar()
        follows, position, across = bar.value() >= bar.maximum(), bar.value(), self._text.horizontalScrollBar().value()
        held = 0 if self._text.document().isEmpty() else self._text.blockCount()
        self._text.appendPlainText("\n".join(lines[-_LINES_KEPT:]))
        dropped = max(0, held + len(lines) - _LINES_KEPT)
        bar.setValue(bar.maximum() if follows else max(0, position - dropped))
        self._text.horizontalScrollBar().setValue(across)

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
