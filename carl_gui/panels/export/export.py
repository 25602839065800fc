"""The Export page."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from carl_gui.commands.export import COMMANDS, TEXTS
from carl_gui.panels.export.export_row import ExportRow

_LARGE = 1.4
_WIDEST = 820


class ExportPanel(QScrollArea):
    """A row for each kind of export."""

    appeared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(self.tr("Export"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.commands: dict[str, QAction] = {}
        self.rows: dict[str, ExportRow] = {}
        """Both by the names of `COMMANDS`."""
        for command in COMMANDS:
            action = COMMANDS.action(self, command)
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            self.commands[command.name] = action
            self.rows[command.name] = ExportRow(command.name, *TEXTS[command.name], action)
        self._lay_out()

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Export results"))
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * _LARGE)
        font.setBold(True)
        title.setFont(font)
        note = QLabel(self.tr("Exporting copies data; the project does not change."))
        page = QWidget()
        page.setMaximumWidth(_WIDEST)
        page.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 22, 24, 22)
        column.setSpacing(12)
        column.addWidget(title)
        column.addWidget(note)
        column.addSpacing(4)
        for row in self.rows.values():
            column.addWidget(row)
        column.addLayout(self._new_pointer())
        column.addStretch(1)
        whole = QWidget()
        centred = QHBoxLayout(whole)
        centred.setContentsMargins(0, 0, 0, 0)
        centred.addStretch(1)
        centred.addWidget(page, _WIDEST)  # all the room there is, up to its greatest width
        centred.addStretch(1)
        self.setWidget(whole)

    def _new_pointer(self) -> QHBoxLayout:
        """To films and pictures, which nobody finds in the rows."""
        words = QLabel(
            self.tr(
                "Films of two or more videos, heatmaps, matching frames, search results and the map are exported on "
                "the Explore page, where they are seen."
            ),
            wordWrap=True,
        )
        self.explore_button = QPushButton(self.tr("Go to Explore"))
        self.explore_requested = self.explore_button.clicked
        """To what is exported where it is seen."""
        row = QHBoxLayout()
        row.setContentsMargins(18, 4, 18, 4)
        row.setSpacing(18)
        row.addWidget(words, 1)
        row.addWidget(self.explore_button)
        return row

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self.appeared.emit()
