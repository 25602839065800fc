"""Cross-validated accuracy of the prediction: by phase, by video, and disagreements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from carl_gui.models.choices import Choice, ChoicesModel
from carl_gui.numbers import count, percent
from carl_gui.panels.help.help_button import HelpButton
from carl_gui.panels.label.learning_picture import LearningPicture
from carl_gui.panels.label.video_list import VideoChoiceDelegate
from carl_gui.panels.layouts import hbox, vbox
from carl_gui.panels.section import section_title
from carl_gui.panels.widgets import lettered, list_view, named

_MOST_STRETCHED = 3
"""Columns that share the width of the table; more of them scroll."""


class CheckDialog(QDialog):
    """Shows what `set_*` gives it; says where the person wants to go, and closes then."""

    place_selected = Signal(object)
    """The key of a video or of a disagreement."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Prediction accuracy"))
        self.setMinimumSize(700, 520)
        self.resize(820, 680)
        self._line = QLabel(wordWrap=True)
        self.table = named(QTableWidget(), self.tr("Frames by label (row) and prediction (column)"))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setWordWrap(False)
        self.curve = LearningPicture()
        self._words = QLabel(wordWrap=True)
        self.videos, self.places = ChoicesModel(self), ChoicesModel(self)
        lists = hbox(
            self._list(self.tr("Videos, worst first"), self.videos),
            self._list(self.tr("Disagreements (label / predicted / transferred)"), self.places),
            spacing=16,
        )
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        vbox(
            hbox((self._line, 1), HelpButton("metrics", self.tr("what the metrics mean"))),
            (self._figures(), 3),
            (lists, 3),
            buttons,
            on=self,
            margins=16,
            spacing=10,
        )

    @property
    def line(self) -> str:
        """What stands on top."""
        return self._line.text()

    def set_line(self, line: str) -> None:
        """The outcome in a sentence."""
        self._line.setText(line)

    def set_confusion(self, phases: Sequence[str], frames: NDArray[np.int64]) -> None:
        """(C, C) frames by label and prediction; names are displayable."""
        table = self.table
        table.setRowCount(len(phases))
        table.setColumnCount(len(phases))
        table.setHorizontalHeaderLabels(list(phases))
        table.setVerticalHeaderLabels(list(phases))
        mode = QHeaderView.ResizeMode
        is_narrow = len(phases) <= _MOST_STRETCHED
        table.horizontalHeader().setSectionResizeMode(mode.Stretch if is_narrow else mode.ResizeToContents)
        for row, counts in enumerate(frames):
            for column, number in enumerate(counts.tolist()):
                total = int(counts.sum())
                text = count(number) + (f" ({percent(number / total)})" if total else "")
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
                item.setToolTip(
                    self.tr("Labelled “{0}”, predicted “{1}”: {2}").format(phases[row], phases[column], text)
                )
                if row == column:
                    item.setFont(lettered(item.font(), bold=True))
                table.setItem(row, column, item)

    @property
    def words(self) -> str:
        """What stands below the curve."""
        return self._words.text()

    def set_curve(self, points: Sequence[tuple[int, float, float]], words: str) -> None:
        """(number of labelled videos, accuracy, spread) of each point, none: there is no curve; what it says."""
        self.curve.set_points(points, words)
        self._words.setText(words)

    def set_videos(self, videos: Sequence[Choice]) -> None:
        """With how right they are."""
        self.videos.set_rows(videos)

    def set_differences(self, places: Sequence[Choice]) -> None:
        """Where opinions differ."""
        self.places.set_rows(places)

    def _figures(self) -> QHBoxLayout:
        title = section_title(self.curve.accessibleName(), self.curve)
        left = vbox(section_title(self.table.accessibleName(), self.table), (self.table, 1), spacing=6)
        right = vbox(title, (self.curve, 1), self._words, spacing=6)
        return hbox((left, 1), (right, 1), spacing=16)

    def _list(self, title: str, model: ChoicesModel) -> QVBoxLayout:
        view = list_view(model, VideoChoiceDelegate, title)
        for chosen in (view.activated, view.clicked):
            chosen.connect(lambda at: self._say(model.rows[at.row()].key))
        column = vbox(section_title(title, view), (view, 1), spacing=6)
        return column

    def _say(self, key: int | str) -> None:
        self.accept()
        self.place_selected.emit(key)
