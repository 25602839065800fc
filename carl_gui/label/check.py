"""How right predictions are: the check, its dialog and its curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from carl_gui.app_context import AppContext
from carl_gui.label.page import LabelPage
from carl_gui.label.probe import LabelProbe
from carl_gui.label.probe_work import (
    Opinions,
    Prediction,
    ProbeCheck,
    QueueEntry,
    cross_validate_probe,
    fit_learning_curve,
)
from carl_gui.label.queue import LabelQueue, find_differences, predictions_over_labels
from carl_gui.label.video_list import VideoChoiceDelegate
from carl_gui.models.messages import displayable
from carl_gui.models.rows import Choice, ChoicesModel
from carl_gui.numbers import count, percent
from carl_gui.tasks import Tasks, in_thread, together, until_cancelled
from carl_gui.theme import ThemeColours, colours_of
from carl_gui.widgets.factories import list_view, named, scaled_font
from carl_gui.widgets.help_button import HelpButton
from carl_gui.widgets.layouts import hbox, section_title, vbox
from core.project.rows import VideoRow

if TYPE_CHECKING:
    from core.label.learning_curve import LearningCurve


_STEPS = (0.5, 0.25, 0.1, 0.05, 0.02)
"""Of accuracy, between two lines of the grid."""


class LearningCurvePicture(QWidget):
    """Displays what `set_points` gives it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Accuracy by number of labelled videos"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(110)
        self._points: Sequence[tuple[int, float, float]] = ()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size that a few points need."""
        return QSize(320, 180)

    def set_points(self, points: Sequence[tuple[int, float, float]], text: str) -> None:
        """Set points (number of labelled videos, accuracy, spread), ascending, and their spoken description."""
        self._points = points
        line = self.tr("{0} labelled: {1} ± {2}")
        lines = [line.format(number, percent(mean), percent(spread)) for number, mean, spread in points]
        self.setAccessibleDescription("\n".join([text, *lines]))
        self.setToolTip("\n".join(lines))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw all of it: there is little."""
        painter, colours, letters = QPainter(self), colours_of(self.palette()), self.fontMetrics()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, below = letters.horizontalAdvance(percent(1)) + 8, letters.height() + 6
        top = letters.height() // 2 + 2
        area = QRectF(left, top, self.width() - left - 12, self.height() - top - below)
        painter.fillRect(area, QColor(colours.base))
        if self._points:
            low = self._draw_grid(painter, area, colours)
            self._draw_line(painter, area, colours, low)
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.drawRect(area)

    def _draw_grid(self, painter: QPainter, area: QRectF, colours: ThemeColours) -> float:
        """Draw the grid; return the accuracy at the foot."""
        least = max(min(mean - spread for _, mean, spread in self._points), 0.0)
        room = max(area.height() / (painter.fontMetrics().height() * 1.4), 1)
        step = next((s for s in reversed(_STEPS) if (1 - least) / s + 1 <= room), _STEPS[0])
        low = min(int(least / step + 1e-9) * step, 1 - step)
        for line in range(round((1 - low) / step) + 1):
            share = low + line * step
            y = _y(share, area, low)
            painter.setPen(QPen(QColor(colours.border), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(colours.muted_text))
            box = QRectF(0, y - 12, area.left() - 6, 24)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, percent(share))
        return low

    def _draw_line(self, painter: QPainter, area: QRectF, colours: ThemeColours, low: float) -> None:
        first, last = self._points[0][0], self._points[-1][0]
        inner = area.adjusted(14, 0, -14, 0)
        xs = [inner.left() + inner.width() * (n - first) / max(last - first, 1) for n, *_ in self._points]
        shares = [(max(mean - spread, 0), mean, min(mean + spread, 1)) for _, mean, spread in self._points]
        lows, means, highs = (
            [QPointF(x, _y(one, area, low)) for x, one in zip(xs, row, strict=True)]
            for row in zip(*shares, strict=True)
        )
        veil = QColor(colours.curve)
        veil.setAlphaF(0.25)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(veil)
        painter.drawPolygon(QPolygonF([*highs, *reversed(lows)]))
        painter.setPen(QPen(QColor(colours.curve), 2))
        painter.drawPolyline(QPolygonF(means))
        painter.setBrush(QColor(colours.curve))
        end = -1.0
        for (number, *_), at in zip(self._points, means, strict=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(at, 3.5, 3.5)
            half = painter.fontMetrics().horizontalAdvance(str(number)) / 2 + 3
            if at.x() - half > end:
                painter.setPen(QColor(colours.muted_text))
                box = QRectF(at.x() - half, area.bottom() + 2, 2 * half, self.height() - area.bottom() - 2)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))
                end = at.x() + half
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _y(share: float, area: QRectF, low: float) -> float:
    return area.bottom() - area.height() * (share - low) / (1 - low)


_MAX_STRETCHED = 3
"""Columns that share the width of the table; more of them scroll."""


class CheckDialog(QDialog):
    """Shows what `set_*` gives it; emits the selected entry, and closes then."""

    entry_selected = Signal(object)
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
        self.curve = LearningCurvePicture()
        self._curve_text = QLabel(wordWrap=True)
        self.videos, self.disagreements = ChoicesModel(self), ChoicesModel(self)
        lists = hbox(
            self._new_list(self.tr("Videos, worst first"), self.videos),
            self._new_list(self.tr("Disagreements (label / predicted / transferred)"), self.disagreements),
            spacing=16,
        )
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        vbox(
            hbox((self._line, 1), HelpButton("metrics", self.tr("what the metrics mean"))),
            (self._new_figures(), 3),
            (lists, 3),
            buttons,
            on=self,
            margins=16,
            spacing=10,
        )

    @property
    def line(self) -> str:
        """The sentence on top."""
        return self._line.text()

    def set_line(self, line: str) -> None:
        """Set the sentence on top."""
        self._line.setText(line)

    def set_confusion(self, phases: Sequence[str], frames: NDArray[np.int64]) -> None:
        """Set the (C, C) frames by label and prediction; names are displayable."""
        table = self.table
        table.setRowCount(len(phases))
        table.setColumnCount(len(phases))
        table.setHorizontalHeaderLabels(list(phases))
        table.setVerticalHeaderLabels(list(phases))
        mode = QHeaderView.ResizeMode
        is_narrow = len(phases) <= _MAX_STRETCHED
        table.horizontalHeader().setSectionResizeMode(mode.Stretch if is_narrow else mode.ResizeToContents)
        for row, counts in enumerate(frames):
            for column, num_frames in enumerate(counts.tolist()):
                total = int(counts.sum())
                text = count(num_frames) + (f" ({percent(num_frames / total)})" if total else "")
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
                item.setToolTip(
                    self.tr("Labelled “{0}”, predicted “{1}”: {2}").format(phases[row], phases[column], text)
                )
                if row == column:
                    item.setFont(scaled_font(item.font(), bold=True))
                table.setItem(row, column, item)

    @property
    def curve_text(self) -> str:
        """The text below the curve."""
        return self._curve_text.text()

    def set_curve(self, points: Sequence[tuple[int, float, float]], text: str) -> None:
        """Set the points (number of labelled videos, accuracy, spread), none for no curve, and its text."""
        self.curve.set_points(points, text)
        self._curve_text.setText(text)

    def set_videos(self, videos: Sequence[Choice]) -> None:
        """Set the videos with their accuracy."""
        self.videos.set_rows(videos)

    def set_differences(self, disagreements: Sequence[Choice]) -> None:
        """Set the disagreements."""
        self.disagreements.set_rows(disagreements)

    def _new_figures(self) -> QHBoxLayout:
        title = section_title(self.curve.accessibleName(), self.curve)
        left = vbox(section_title(self.table.accessibleName(), self.table), (self.table, 1), spacing=6)
        right = vbox(title, (self.curve, 1), self._curve_text, spacing=6)
        return hbox((left, 1), (right, 1), spacing=16)

    def _new_list(self, title: str, model: ChoicesModel) -> QVBoxLayout:
        view = list_view(model, VideoChoiceDelegate, title)
        for chosen in (view.activated, view.clicked):
            chosen.connect(lambda at: self._select(model.rows[at.row()].key))
        column = vbox(section_title(title, view), (view, 1), spacing=6)
        return column

    def _select(self, key: int | str) -> None:
        self.accept()
        self.entry_selected.emit(key)


_LEAST_GAIN = 0.01
"""Of accuracy, that is worth more labels."""


class LabelCheck(QObject):
    """One dialog at a time."""

    def __init__(self, app_context: AppContext, page: LabelPage, probe: LabelProbe, queue: LabelQueue) -> None:
        super().__init__(page.panel)
        self._app_context, self._page, self._probe, self._queue = app_context, page, probe, queue
        self._tasks = Tasks(self, lambda sentence: app_context.warn(displayable(sentence)))

    def start(self) -> None:
        """Ask how right it is."""
        prediction = self._probe.prediction
        if prediction is None or not prediction.by_video:
            self._page.edits.message_changed.emit(self.tr("No predictions yet. Label frames of at least two phases."))
            return
        dialog = CheckDialog(self._app_context.window)
        dialog.set_line(self.tr("Predicting each labelled video from the others…"))
        dialog.set_curve([], self.tr("Waiting…"))
        dialog.entry_selected.connect(self._show_selected)
        self._tasks.start("check", self._check(dialog, prediction, self._probe.is_ordered), dialog=dialog)

    def close(self) -> None:
        """End the threads, and close what is open."""
        self._tasks.close()

    async def _check(self, dialog: CheckDialog, prediction: Prediction, is_ordered: bool) -> None:
        checked = await in_thread(lambda control: cross_validate_probe(prediction, is_ordered, control))
        if checked.found.right:
            self._probe.show_cross_validated(checked.prediction, predictions_over_labels(checked))
            self._show(dialog, checked)
            await together(self._show_curve(dialog, checked), self._show_differences(dialog, checked))
        else:
            dialog.set_line(self.tr("Label at least two videos to measure the accuracy."))
            dialog.set_curve([], "")
        await until_cancelled()

    def _show(self, dialog: CheckDialog, checked: ProbeCheck) -> None:
        found, videos = checked.found, self._videos
        dialog.set_line(self.tr("Cross-validated accuracy: {0}").format(percent(found.accuracy)))
        dialog.set_confusion([displayable(phase) for phase in found.phases], found.confusion)
        names = {index: displayable(videos[key].name) for index, key in enumerate(checked.ids) if key in videos}
        worst = sorted((index for index in found.right if index in names), key=lambda index: found.right[index])
        dialog.set_videos([Choice(checked.ids[index], names[index], percent(found.right[index])) for index in worst])

    async def _show_differences(self, dialog: CheckDialog, checked: ProbeCheck) -> None:
        entries = await in_thread(lambda control: find_differences(checked, control))
        self._queue.set_differing(entries, checked.prediction)
        dialog.set_differences([self._choice(one) for one in entries if one.video_id in self._videos])

    async def _show_curve(self, dialog: CheckDialog, checked: ProbeCheck) -> None:
        dialog.set_curve([], self.tr("Predicting from fewer labelled videos…"))
        curve = await in_thread(lambda control: fit_learning_curve(checked.prediction, checked.order, control))
        if curve is None:
            dialog.set_curve([], self.tr("Label at least three videos to see whether more labels help."))
            return
        points = zip(curve.numbers, curve.mean.tolist(), curve.spread.tolist(), strict=True)
        dialog.set_curve(list(points), self._curve_text(curve))

    def _choice(self, entry: QueueEntry) -> Choice:
        name, opinions = displayable(self._videos[entry.video_id].name), entry.opinions or Opinions(None, None, None)
        note = self.tr("{0} to {1}").format(entry.start_frame, entry.end_frame_exclusive - 1)
        tip = self.tr("{0}, frames {1}: {2}").format(name, note, self._queue.opinions_text(opinions))
        template = (opinions.label, opinions.probe, opinions.transfer)
        phases = " / ".join("–" if phase is None else displayable(phase) for phase in template)
        return Choice(entry.key, f"{name}: {phases}", note, tip)

    @property
    def _videos(self) -> Mapping[int, VideoRow]:
        return self._app_context.session.videos

    def _curve_text(self, curve: LearningCurve) -> str:
        """Return whether more labels still help, by what the last ones did."""
        start, gain, error = curve.last_gain
        if gain > max(_LEAST_GAIN, error):
            template = self.tr("More labels still help: from {0} to {1} videos, accuracy rose by {2}.")
        elif gain + error > _LEAST_GAIN:
            template = self.tr(
                "Not yet clear whether more labels help: from {0} to {1} videos, it depends on which ones."
            )
        else:
            template = self.tr("More labels are unlikely to help: accuracy did not improve from {0} to {1} videos.")
        return template.format(start, curve.numbers[-1], percent(gain))

    def _show_selected(self, key: int | str) -> None:
        if isinstance(key, str):
            self._queue.show_entry(key)
        elif key in self._videos:
            self._page.show_frame(key, 0)
