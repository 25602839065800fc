"""The box and the dialog in which right videos are chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QModelIndex, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter
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

from carl_gui.models.messages import folded
from carl_gui.models.rows import Choice, Column, Index
from carl_gui.numbers import percent
from carl_gui.theme import colours_of
from carl_gui.widgets.buttons import CheckBox, PrimaryButton
from carl_gui.widgets.delegate import PaddedDelegate
from carl_gui.widgets.editors import NameCombo
from carl_gui.widgets.factories import follow, named
from carl_gui.widgets.help_button import HelpButton
from carl_gui.widgets.labels import wrapped_label
from carl_gui.widgets.layouts import STRETCH, hbox, section_title, vbox
from carl_gui.widgets.tick_list import FilteredChoices
from core.align.deviation import SHARE

NAME, PERFORMER = 0, 1


class RightList(FilteredChoices):
    """One row per video; `dataChanged` is emitted for ticks and names."""

    def __init__(self, choices: Sequence[Choice], performers: Mapping[int, str], parent: QObject | None = None) -> None:
        """Create the list. `performers`: the performer of each right video by id, empty while unknown."""
        super().__init__(parent)
        self._performers, self._right = dict(performers), set(performers)
        self.columns = (
            Column(_name, QCoreApplication.translate("RightList", "Video")),
            Column(_name, QCoreApplication.translate("RightList", "Person")),
        )
        self.set_choices(choices)

    @property
    def performers(self) -> dict[int, str]:
        """The performer of each right video, by id."""
        return {int(one.key): self._performer(one).strip() for one in self._choices if self.is_ticked(one)}

    def tick_all(self, is_right: bool) -> None:
        """Tick all visible videos, or none."""
        keys = {int(choice.key) for choice in self.rows}
        self._right = self._right | keys if is_right else self._right - keys
        self.announce()

    def search_text(self, choice: Choice) -> str:
        return f"{super().search_text(choice)}\n{self._performers.get(int(choice.key), '')}"

    def is_ticked(self, row: Choice) -> bool:
        return row.key in self._right

    def tick(self, row: Choice, is_ticked: bool) -> None:
        (self._right.add if is_ticked else self._right.discard)(int(row.key))
        index = self.row_of(row.key)
        self.announce(index, index)

    def cell(self, row: Choice, column: int, role: int) -> object:
        if column == PERFORMER:
            return self._performer(row) if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole) else None
        return super().cell(row, column, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        row, flags = self.row(index), super().flags(index)
        can_edit = index.column() == PERFORMER and row is not None and self.is_ticked(row)
        return flags | Qt.ItemFlag.ItemIsEditable if can_edit else flags

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        row = self.row(index)
        if row is None or index.column() != PERFORMER or role != Qt.ItemDataRole.EditRole or not self.is_ticked(row):
            return super().setData(index, value, role)
        self._performers[int(row.key)] = str(value)
        self._search_texts[row.key] = folded(self.search_text(row))
        self.dataChanged.emit(index, index)
        return True

    def _performer(self, choice: Choice) -> str:
        return self._performers.get(int(choice.key), "") if self.is_ticked(choice) else ""


def _name(choice: Choice) -> str:
    return choice.text


SHARES = (0.01, SHARE, 0.05, 0.1, 0.2)


def share_of(stored: object) -> float:
    """Return the stored share, or the default if it is missing or invalid."""
    try:
        found = float(str(stored))
    except ValueError:
        return SHARE
    return found if found in SHARES else SHARE


class RightBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    right_selected = Signal(int, bool)
    """0 for A, 1 for B, and whether it is right."""
    share_selected = Signal(float)
    """The share of a right video's frames that may be flagged: one of `SHARES`."""

    def __init__(self, choose: QAction | None, parent: QWidget | None = None) -> None:
        """
        Args:
            choose: for a pair, whose two videos have a box each to tick: what the button does, let the person choose
                from all videos. None: there is no pair, and that button is elsewhere.
        """
        super().__init__(parent)
        self.boxes = () if choose is None else (CheckBox(self.tr("A is right")), CheckBox(self.tr("B is right")))
        for side, box in enumerate(self.boxes):
            box.setToolTip(self.tr("Marks where other videos deviate from the right ones"))
            box.toggled.connect(lambda is_right, side=side: self.right_selected.emit(side, is_right))
        self.button = None if choose is None else right_button(choose)
        self._share = NameCombo(self.tr("Share of a right video's frames that may be flagged"))
        self._tip = self.tr(
            "How many frames of a right video may be flagged, though nothing is wrong: with fewer false flags, more "
            "deviations are missed. 2 % is usual."
        )
        self._share.setToolTip(self._tip)
        self._share.selected.connect(lambda row: self.share_selected.emit(SHARES[row]))
        self._text = wrapped_label()
        self._lay_out()

    def _lay_out(self) -> None:
        flags = wrapped_label()
        flags.setText(self.tr("False flags allowed"))
        flags.setBuddy(self._share)
        flags.setToolTip(self._share.toolTip())
        share = hbox((flags, 3), (self._share, 2))
        layout = vbox(
            hbox(
                (section_title(self.tr("Deviations"), self.boxes[0] if self.boxes else self._share), 1),
                HelpButton("deviations", self.tr("what deviations are")),
            ),
            hbox(*((box, 1) for box in self.boxes)),
            on=self,
            spacing=6,
        )
        if self.button is not None:
            layout.addWidget(self.button)
        layout.addLayout(share)
        layout.addWidget(self._text)

    @property
    def text(self) -> str:
        """The result, in words."""
        return self._text.text()

    @property
    def share(self) -> NameCombo:
        """The selected share."""
        return self._share

    def set_right(self, right: Sequence[bool], *, is_possible: bool) -> None:
        """Set whether A, and B, is right, and whether the user can change that."""
        for box, is_right in zip(self.boxes, right, strict=True):
            with QSignalBlocker(box):
                box.setChecked(is_right)
            box.setEnabled(is_possible)

    def set_share(self, share: float) -> None:
        """Select this share."""
        choices = [Choice(row, percent(one), tip=self._tip) for row, one in enumerate(SHARES)]
        self._share.set_choices(choices, SHARES.index(share))

    def set_text(self, text: str) -> None:
        """Set the result, in words."""
        self._text.setText(text)
        self._text.setVisible(bool(text))


def right_button(choose: QAction) -> QPushButton:
    """Return a button that lets the person choose the right videos."""
    return follow(QPushButton(QCoreApplication.translate("RightBox", "Right videos…")), choose)


_FEW = 3
_PERFORMER_WIDTH = 140


class RightDialog(QDialog):
    """Accepted if the user confirms the choice in `performers`."""

    def __init__(self, choices: Sequence[Choice], performers: Mapping[int, str], parent: QWidget) -> None:
        """Create the dialog. `performers`: the performer of each right video by id."""
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
    def performers(self) -> dict[int, str]:
        """The performer of each right video by id, empty while unknown."""
        return self.model.performers

    @property
    def line(self) -> str:
        """The number of right videos, in words."""
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
            hbox((explained, 1), (HelpButton("deviations", self.tr("right videos")), 0, Qt.AlignmentFlag.AlignTop)),
            self.field,
            (self.view, 1),
            hbox(everything, nothing, self._line, STRETCH, cancel, self.save),
            on=self,
            margins=(18, 16, 18, 16),
            spacing=10,
        )

    def _count(self, *_: object) -> None:
        count = len(self.performers)
        text = self.tr("Right: {0}").format(count)
        self._line.setText(text if count == 0 or count >= _FEW else self.tr("{0}, few").format(text))


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
