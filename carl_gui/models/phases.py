"""The phases of a project as a list."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from carl_gui.models.messages import displayable
from carl_gui.models.rows import RowsModel
from core.project.rows import PhaseRow


class PhasesModel(RowsModel[PhaseRow]):
    """The phases in their order."""

    def key(self, row: PhaseRow) -> int:
        return row.id

    def text(self, row: PhaseRow) -> str:
        return displayable(row.name)

    def spoken(self, row: PhaseRow) -> str:
        number = row.num_spans  # `pyside6-lupdate` finds no text whose number is an expression
        spoken = QCoreApplication.translate("Phases", "{0}, phase {1}, %n label(s)", "", number)
        return spoken.format(displayable(row.name), self.row_of(row.id) + 1)
