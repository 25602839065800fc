"""The Export page."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QWidget

from carl_gui.commands.export import COMMANDS, TEXTS
from carl_gui.panels.export.export_row import ExportRow
from carl_gui.panels.layouts import STRETCH, hbox, vbox
from carl_gui.panels.widgets import lettered, push_button

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
        title.setFont(lettered(title.font(), scale=_LARGE, bold=True))
        note = QLabel(self.tr("Exporting copies data; the project does not change."))
        page = QWidget()
        page.setMaximumWidth(_WIDEST)
        page.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        vbox(
            title,
            note,
            4,
            *self.rows.values(),
            self._new_pointer(),
            STRETCH,
            on=page,
            margins=(24, 22, 24, 22),
            spacing=12,
        )
        whole = QWidget()
        centred = hbox(STRETCH, on=whole)
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
        self.explore_button = push_button(self.tr("Go to Explore"))
        self.explore_requested = self.explore_button.clicked
        """To what is exported where it is seen."""
        row = hbox((words, 1), self.explore_button, margins=(18, 4, 18, 4), spacing=18)
        return row

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self.appeared.emit()
