"""The start page and its recent projects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from carl_gui.models.rows import Index
from carl_gui.widgets.buttons import PrimaryButton
from carl_gui.widgets.delegate import Cell, RowDelegate
from carl_gui.widgets.factories import push_button, scaled_font
from carl_gui.widgets.labels import ElidedLabel, InkLabel, shown
from carl_gui.widgets.layouts import STRETCH, hbox, holder, vbox
from carl_gui.widgets.progress import ProgressBar

_EDGE = 8
_WHOLE = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip


class RecentDelegate(RowDelegate):
    """Draws two lines; a missing project is faint."""

    PLACE = Qt.ItemDataRole.UserRole + 1
    IS_THERE = Qt.ItemDataRole.UserRole + 2

    def draw_behind(self, cell: Cell) -> None:
        hovered = QStyle.StateFlag.State_MouseOver in cell.option.state
        if cell.is_selected or hovered:
            ground = cell.colours.accent if cell.is_selected else cell.colours.alternate_base
            cell.painter.fillRect(cell.option.rect, ground)

    def draw(self, cell: Cell) -> None:
        colours, is_there = cell.colours, cell.index.data(self.IS_THERE)
        room = cell.option.rect.adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        top, foot = Qt.AlignmentFlag.AlignTop | _WHOLE, Qt.AlignmentFlag.AlignBottom | _WHOLE
        bold = scaled_font(cell.option.font, bold=True)
        ink = cell.ink(colours.text if is_there else colours.muted_text)
        cell.write(room, cell.index.data(), ink, top, font=bold)
        muted = cell.ink(colours.muted_text)
        cell.write(room, cell.index.data(self.PLACE), muted, foot, font=cell.option.widget.font())

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return QSize(120, 2 * option.fontMetrics.height() + 2 * _EDGE + 4)


_TITLE_SIZE = 2.4
_WIDEST = 1000
_PATH = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class RecentProject:
    """A recently opened project."""

    folder: Path
    is_there: bool


class StartPage(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    compare_requested = Signal()
    """A folder of videos is to be chosen, and a project made of it."""
    new_requested = Signal()
    open_requested = Signal()
    sample_requested = Signal()
    sample_cancelled = Signal()
    recent_selected = Signal(Path)
    recent_removed = Signal(Path)
    folder_dropped = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._device = _muted("")
        self._recent = self._new_recent()
        self._no_recent = _muted(self.tr("Projects you open are listed here."))
        self._sample = QPushButton(self.tr("&Try the sample"))
        self._progress = self._new_progress()
        columns = hbox((self._new_left(), 5), (self._new_right(), 6), spacing=48)
        room = QWidget()
        room.setMaximumWidth(_WIDEST)
        room.setLayout(columns)
        columns.setContentsMargins(0, 0, 0, 0)
        hbox(STRETCH, (room, 100), STRETCH, on=self, margins=(40, 32, 40, 24))
        self.set_device("")
        self.set_recent([])
        self.set_sample_progress(None, "")

    def _new_left(self) -> QVBoxLayout:
        title = QLabel(self.tr("CARL Studio"))
        title.setFont(scaled_font(title.font(), scale=_TITLE_SIZE, bold=True))
        purpose = QLabel(
            self.tr(
                "Compare performances frame by frame. Load your own videos and let it learn from them, "
                "without labels. Then align any two, find any moment again, and label phases from a handful "
                "of examples."
            ),
            wordWrap=True,
        )
        compare = PrimaryButton(self.tr("&Compare your videos…"))
        new, existing = QPushButton(self.tr("&New project…")), QPushButton(self.tr("&Open project…"))
        chosen = _muted(
            self.tr("Choose a folder with two or more. They stay where they are; a project is made for them.")
        )
        explained = _muted(
            self.tr("Draws twelve short clips of a drink being poured, to try everything in a few minutes.")
        )
        for button, signal in (
            (compare, self.compare_requested),
            (new, self.new_requested),
            (existing, self.open_requested),
            (self._sample, self.sample_requested),
        ):
            button.clicked.connect(signal)
            button.setMinimumHeight(button.fontMetrics().height() + 18)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column = vbox(
            title,
            purpose,
            14,
            compare,
            chosen,
            self._sample,
            explained,
            self._progress,
            new,
            existing,
            STRETCH,
            self._device,
            spacing=10,
        )
        return column

    def _new_right(self) -> QVBoxLayout:
        heading = QLabel(self.tr("&Recent projects"))
        heading.setBuddy(self._recent)
        heading.setFont(scaled_font(heading.font(), bold=True))
        column = vbox(12, heading, self._no_recent, (self._recent, 100), spacing=8)
        column.addStretch(1)  # takes the room while there is no list
        return column

    def _new_recent(self) -> QListWidget:
        made = QListWidget()
        made.setAccessibleName(self.tr("Recent projects"))
        made.setItemDelegate(RecentDelegate(made))
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        made.setMouseTracking(True)
        made.itemClicked.connect(self._choose)
        made.setToolTip(self.tr("Enter opens a project, Delete removes it from this list"))
        made.installEventFilter(self)
        return made

    def _new_progress(self) -> QWidget:
        self._bar, self._stage = ProgressBar(), ElidedLabel()
        self._bar.setAccessibleName(self.tr("Progress of the sample"))
        cancel = push_button(self.tr("Cancel"), self.sample_cancelled)
        made = holder(vbox(self._bar, hbox((self._stage, 1), cancel), margins=(0, 4, 0, 0)))
        return made

    def set_device(self, line: str) -> None:
        """Show which device training will use and why; empty: it is being found out."""
        self._device.setText(line)

    @property
    def device_line(self) -> str:
        """The last text of `set_device`."""
        return self._device.text()

    def set_recent(self, projects: Sequence[RecentProject]) -> None:
        """Show the projects to open again, the latest first."""
        self._recent.clear()
        for project in projects:
            item = QListWidgetItem(shown(project.folder.name))
            location = shown(str(project.folder.parent))
            location = location if project.is_there else self.tr("Missing: {0}").format(location)
            item.setData(RecentDelegate.PLACE, location)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()}, {location}")
            item.setData(RecentDelegate.IS_THERE, project.is_there)
            item.setData(_PATH, project.folder)
            item.setToolTip(shown(str(project.folder)))
            self._recent.addItem(item)
        self._recent.setVisible(bool(projects))
        self._no_recent.setVisible(not projects)

    def set_sample_progress(self, share: float | None, stage: str) -> None:
        """Show how far the sample is, 0 to 1, and what is being done; None: it is not being made."""
        self._progress.setVisible(share is not None)
        self._sample.setEnabled(share is None)
        self._bar.setRange(0, 1000)
        self._bar.setValue(round(1000 * (share or 0.0)))
        self._stage.set_full_text(stage)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Open a project by Enter (`itemActivated` may come with a click too); remove it from the list by Delete."""
        if watched is self._recent and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            item = self._recent.currentItem()
            if item is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(item)
                return True
            if item is not None and event.key() == Qt.Key.Key_Delete:
                self.recent_removed.emit(item.data(_PATH))
                return True
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if folders := [path for path in paths if path.is_dir()]:
            event.acceptProposedAction()
            self.folder_dropped.emit(folders[0])

    def _choose(self, item: QListWidgetItem) -> None:
        self.recent_selected.emit(item.data(_PATH))


def _muted(text: str) -> InkLabel:
    label = InkLabel(text, ink="muted")
    label.setWordWrap(True)
    return label
