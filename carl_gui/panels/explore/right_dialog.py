"""Dialog to choose the right videos, and to name their performers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from carl_gui.models.choices import Choice
from carl_gui.models.right_list import NAME, PERFORMER, RightList
from carl_gui.models.rows import Index
from carl_gui.panels.ink_label import wrapped_label
from carl_gui.panels.layouts import STRETCH, hbox, vbox
from carl_gui.panels.padded_delegate import PaddedDelegate
from carl_gui.panels.primary_button import PrimaryButton
from carl_gui.panels.widgets import named
from carl_gui.theme import colours_of

_FEW = 3
_PERFORMER_WIDTH = 140


class RightDialog(QDialog):
    """Accepted if the user confirms the choice in `said`."""

    def __init__(self, choices: Sequence[Choice], performers: Mapping[int, str], parent: QWidget) -> None:
        """`performers`: by the id of a video that is right now, who is seen in it."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Right videos"))
        self.setMinimumSize(380, 380)
        self.resize(520, 560)
        self.model = RightList(choices, performers, self)
        self.field = QLineEdit(placeholderText=self.tr("Search by name, folder or person"), clearButtonEnabled=True)
        self.field.setAccessibleName(self.tr("Search videos"))
        self.view = _new_view(self.model, self.tr("Videos that are right"))
        self._line = QLabel()
        self.save = PrimaryButton(self.tr("Save"))
        self._lay_out()
        self.field.textChanged.connect(self.model.set_words)
        self.model.dataChanged.connect(self._count)
        self.save.clicked.connect(self.accept)
        self._count()

    @property
    def said(self) -> dict[int, str]:
        """By the id of a video that is right, who is seen in it, empty while unknown."""
        return self.model.said

    @property
    def line(self) -> str:
        """How many are right."""
        return self._line.text()

    def _lay_out(self) -> None:
        explained = wrapped_label()
        explained.setText(
            self.tr(
                "Tick videos that show the movement as it should be, three or more. Where others deviate from all of "
                "them is marked. If several show one person, double-click “Person” and name them. They are then left "
                "out together when the spread among right videos is measured."
            )
        )
        everything, nothing = (QPushButton(text, autoDefault=False) for text in (self.tr("All"), self.tr("None")))
        everything.setToolTip(self.tr("Tick all videos that are listed"))
        nothing.setToolTip(self.tr("Tick none of the videos that are listed"))
        everything.clicked.connect(lambda: self.model.tick_all(True))
        nothing.clicked.connect(lambda: self.model.tick_all(False))
        cancel = QPushButton(self.tr("Cancel"), autoDefault=False)
        cancel.clicked.connect(self.reject)
        vbox(
            explained,
            self.field,
            (self.view, 1),
            hbox(everything, nothing, self._line, STRETCH, cancel, self.save),
            on=self,
            margins=(18, 16, 18, 16),
            spacing=10,
        )

    def _count(self, *_: object) -> None:
        count = len(self.said)
        words = self.tr("Right: {0}").format(count)
        self._line.setText(words if count == 0 or count >= _FEW else self.tr("{0}, few").format(words))


class _Delegate(PaddedDelegate):
    """Draws an outline around check boxes, which are hard to see in the dark theme."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        if index.column() == NAME:
            full = QStyleOptionViewItem(option)
            self.initStyleOption(full, index)
            style, part = full.widget.style(), QStyle.SubElement.SE_ItemViewItemCheckIndicator
            painter.save()
            painter.setPen(QColor(colours_of(full.palette).muted_text))
            painter.drawRect(style.subElementRect(part, full, full.widget).adjusted(0, 0, -1, -1))
            painter.restore()


def _new_view(model: RightList, name: str) -> QTreeView:
    view = named(QTreeView(rootIsDecorated=False, uniformRowHeights=True, itemsExpandable=False), name)
    view.setModel(model)
    view.setItemDelegate(_Delegate(view))
    view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setEditTriggers(
        QAbstractItemView.EditTrigger.DoubleClicked
        | QAbstractItemView.EditTrigger.EditKeyPressed
        | QAbstractItemView.EditTrigger.AnyKeyPressed
    )
    header = view.header()
    header.setStretchLastSection(False)
    header.setSectionsMovable(False)
    header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
    header.resizeSection(PERFORMER, _PERFORMER_WIDTH)
    view.setCurrentIndex(QModelIndex() if not model.rowCount() else model.index(0, NAME))
    return view
