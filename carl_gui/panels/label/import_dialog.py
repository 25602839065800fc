"""Preview of a label import: by video, by phase, and every problem; nothing changes until it is accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QDialog,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from carl_gui.models.choices import Choice
from carl_gui.models.rows import Index
from carl_gui.models.text_table import Cell, TextTable
from carl_gui.panels.elided import breakable
from carl_gui.panels.layouts import STRETCH, Stretch, hbox, holder, vbox
from carl_gui.panels.name_combo import NameCombo
from carl_gui.panels.primary_button import PrimaryButton
from carl_gui.panels.radio_button import RadioButton
from carl_gui.panels.section import section_title

Rows = Sequence[Sequence[Cell]]
REPLACE, FILL = "replace", "fill"
_GAP = 14
_WIDEST = 420
_MOST_WRAPPED = 100
"""Problems whose sentences are shown whole; of more, rows are of one height, and a sentence stands in its tip."""
"""Of the choice of a track."""


class ImportDialog(QDialog):
    """Shows what `set_*` gives it; says that the person wants it, and how."""

    import_requested = Signal(str)
    """`REPLACE` what these videos have, or only `FILL` frames without a label."""
    track_selected = Signal(object)
    """The key of a choice."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Import labels"))
        self.setMinimumSize(640, 420)
        self.resize(900, 620)
        self._videos_by_mode: Mapping[str, Rows] = {}
        self._sentence = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._track_row = self._new_track_row()
        video_titles = {
            self.tr("Video"): "",
            self.tr("Spans"): self.tr("Labels to be added"),
            self.tr("Now"): self.tr("Share labelled now"),
            self.tr("After"): self.tr("Share labelled after the import"),
            self.tr("Problems"): self.tr("Problems listed below"),
        }
        self.videos = _Table(video_titles, self.tr("Videos"))
        phase_titles = {
            self.tr("Phase"): "",
            self.tr("In the file"): self.tr("Name in the file, where it differs"),
            self.tr("Spans"): "",
        }
        self.phases = _Table(phase_titles, self.tr("Phases"))
        self.problems = _Table({self.tr("Where"): "", self.tr("What"): ""}, self.tr("Problems"), stretched=1)
        self._problems_title = section_title("", self.problems)
        self._new_choice()
        self.accept_button = PrimaryButton(self.tr("Import"))
        self.accept_button.clicked.connect(lambda: self.import_requested.emit(self.mode))
        self.cancel_button = QPushButton(self.tr("Cancel"), autoDefault=False)
        self.cancel_button.clicked.connect(self.reject)
        self._lay_out()

    def _new_choice(self) -> None:
        self._modes = QButtonGroup(self)
        self.replace_button = RadioButton(self.tr("&Replace all labels of these videos"))
        self.fill_button = RadioButton(self.tr("Only &fill unlabelled frames"))
        for button in (self.replace_button, self.fill_button):
            self._modes.addButton(button)
        self.replace_button.setChecked(True)
        self._modes.buttonClicked.connect(lambda _: self._show_videos())

    def _lay_out(self) -> None:
        self._above = above = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False, handleWidth=_GAP)
        above.addWidget(_titled(section_title(self.tr("Videos"), self.videos), self.videos))
        above.addWidget(_titled(section_title(self.tr("Phases"), self.phases), self.phases))
        above.setStretchFactor(0, 3)
        above.setStretchFactor(1, 2)
        self._below = _titled(self._problems_title, self.problems)
        split = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False, handleWidth=_GAP)
        split.addWidget(above)
        split.addWidget(self._below)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        buttons = hbox(STRETCH, self.cancel_button, self.accept_button)
        modes = (self.replace_button, self.fill_button)
        # the track stands on top, where it stays however long the sentence is
        parts = (self._track_row, self._sentence, (split, 1), *modes, buttons)
        vbox(*parts, on=self, margins=(18, 16, 18, 16), spacing=12)

    def _new_track_row(self) -> QWidget:
        self.tracks = NameCombo(self.tr("Track"))
        self.tracks.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tracks.setMaximumWidth(_WIDEST)
        self.tracks.chosen.connect(self.track_selected)
        made = QWidget(visible=False)
        title = QLabel(self.tr("&Track:"))
        title.setBuddy(self.tracks)
        hbox(title, (self.tracks, 1), Stretch(0), on=made)
        return made

    @property
    def mode(self) -> str:
        """`REPLACE` or `FILL`."""
        return FILL if self.fill_button.isChecked() else REPLACE

    @property
    def sentence(self) -> str:
        """What it says above the tables."""
        return self._sentence.text().replace("\u200b", "")

    def set_tracks(self, choices: Sequence[Choice], now: int) -> None:
        """What may be chosen, and what is; nothing is shown where there is no choice."""
        self.tracks.set_choices(choices, now)
        self._track_row.setVisible(bool(choices))
        if choices:
            self.tracks.setFocus()

    def set_waiting(self) -> None:
        """What is shown holds no more: nothing can be imported until the next `set_preview`."""
        self.accept_button.setEnabled(False)

    def set_preview(self, sentence: str, videos: Mapping[str, Rows], phases: Rows, problems: Rows) -> None:
        """What would be done.

        Args:
            videos: by mode.
        """
        self._sentence.setText(breakable(sentence))
        self._videos_by_mode = videos
        self.phases.table.set_rows(phases)
        self.problems.table.set_rows(problems)
        self._problems_title.setText(self.tr("%n problem(s)", "", len(problems)))
        self._below.setVisible(bool(problems))
        is_any = any(videos.values())
        self._above.setVisible(is_any)
        self.problems.wrap_rows(len(problems) <= _MOST_WRAPPED)
        for widget in (self.accept_button, self.replace_button, self.fill_button):
            widget.setEnabled(is_any)
        (self.accept_button if is_any else self.cancel_button).setDefault(True)
        self._show_videos()

    def _show_videos(self) -> None:
        self.videos.table.set_rows(self._videos_by_mode.get(self.mode, ()))


class _Roomy(QStyledItemDelegate):
    """Columns do not touch."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return super().sizeHint(option, index) + QSize(_GAP, 0)


class _Table(QTableView):
    """A table of texts; one column stretches."""

    def __init__(self, titles: Mapping[str, str], name: str, *, stretched: int = 0) -> None:
        """`titles` have tips."""
        super().__init__()
        self.table = TextTable(titles, self)
        self.setModel(self.table)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCornerButtonEnabled(False)
        self.setItemDelegate(_Roomy(self))
        rows = self.verticalHeader()
        rows.hide()
        rows.setDefaultSectionSize(round(self.fontMetrics().height() * 1.6))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
        header.setResizeContentsPrecision(100)  # rows that are looked at: there may be thousands

    def wrap_rows(self, is_wrapped: bool) -> None:
        """Whether rows are as high as their texts need, so that nothing is left out of them."""
        rows = QHeaderView.ResizeMode
        self.setWordWrap(is_wrapped)
        self.setTextElideMode(Qt.TextElideMode.ElideNone if is_wrapped else Qt.TextElideMode.ElideMiddle)
        self.verticalHeader().setSectionResizeMode(rows.ResizeToContents if is_wrapped else rows.Interactive)


def _titled(title: QLabel, view: QWidget) -> QWidget:
    return holder(vbox(title, (view, 1), spacing=6))
