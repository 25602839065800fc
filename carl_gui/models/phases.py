"""The phases of a project as a list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from carl_gui.models.wording import displayable
from core.project.rows import PhaseRow


class PhasesModel(QAbstractListModel):
    """The phases in their order; `phase` gives a row whole."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[PhaseRow] = ()

    @property
    def phases(self) -> Sequence[PhaseRow]:
        return self._rows

    def set_phases(self, rows: Sequence[PhaseRow]) -> None:
        """Show these."""
        if [row.id for row in rows] == [row.id for row in self._rows]:
            self._rows = tuple(rows)
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, 0))
            return
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def row_of(self, phase_id: int) -> int:
        """-1 where there is none."""
        return next((place for place, row in enumerate(self._rows) if row.id == phase_id), -1)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return displayable(row.name)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            number = row.num_spans
            spoken = QCoreApplication.translate("Phases", "{0}, phase {1}, %n label(s)", "", number)
            return spoken.format(displayable(row.name), index.row() + 1)
        return None
