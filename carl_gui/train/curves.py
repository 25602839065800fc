"""The curves of runs with their controls and legend."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QSlider, QStackedLayout, QWidget

from carl_gui.models.metric_messages import metric_tip, metric_title
from carl_gui.models.runs import RunCurves, RunSlots, is_loss
from carl_gui.numbers import count, figure
from carl_gui.train.curve_data import CurveLine
from carl_gui.train.curve_plot import CurvePlot, Drawn, figure_strokes, loss_strokes, rate_strokes, read_out, span
from carl_gui.train.run_cells import SWATCH_WIDTH, swatch
from carl_gui.widgets.buttons import CheckBox
from carl_gui.widgets.help_button import HelpButton
from carl_gui.widgets.layouts import FlowLayout, hbox, holder, vbox
from carl_gui.widgets.name_line import NameLine

_SMOOTHING_AT_FIRST = 0.9
_SLIDER_WIDTH = 90
_LIKED = ("tau", "accuracy")
"""Figures that say most, where nothing is chosen."""


class CurveControls(QWidget):
    """Emits the chosen options, and remembers them."""

    looks_changed = Signal()
    figure_selected = Signal(str)
    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._log = CheckBox(self.tr("Log scale"))
        self._log.setToolTip(self.tr("Draw the loss on a logarithmic scale"))
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, 99)
        self._slider.setPageStep(10)
        self._slider.setFixedWidth(_SLIDER_WIDTH)
        self._slider.setAccessibleName(self.tr("Smoothing of the loss"))
        self._slider.setToolTip(self.tr("How strongly the bold line is smoothed; the faint line is the loss itself"))
        self._text = QLabel()
        self._text.setFixedWidth(self.fontMetrics().horizontalAdvance("0.00") + 4)
        self._figure = QComboBox(sizeAdjustPolicy=QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._figure.setAccessibleName(self.tr("Metric to plot"))
        self._figure.setMinimumContentsLength(6)
        self._figure_row = _row(QLabel(self.tr("Metric")), self._figure)
        self._reset = QPushButton(self.tr("Show all steps"))
        self._reset.setToolTip(self.tr("Scroll to zoom, drag to move, double-click to reset"))
        layout = FlowLayout(self, gap=20)
        smoothing = _row(QLabel(self.tr("Smoothing")), self._slider, self._text)
        help_button = HelpButton("metrics", self.tr("what the curves mean"))
        for widget in (self._log, smoothing, self._figure_row, self._reset, help_button):
            layout.addWidget(widget)
        self._log.toggled.connect(self.looks_changed)
        self._slider.valueChanged.connect(self._on_smoothing)
        self._figure.currentIndexChanged.connect(lambda: self.figure_selected.emit(self.figure))
        self._figure.currentIndexChanged.connect(self._explain)
        self._reset.clicked.connect(self.reset_requested)
        self.set_looks(is_log=False, smoothing=_SMOOTHING_AT_FIRST)
        self.set_figures(())
        self.set_zoomed(False)

    @property
    def is_log(self) -> bool:
        return self._log.isChecked()

    @property
    def smoothing(self) -> float:
        """0: not at all, to 0.99."""
        return self._slider.value() / 100

    @property
    def figure(self) -> str:
        """Which is drawn; empty: none."""
        return self._figure.currentData() or ""

    def set_looks(self, *, is_log: bool, smoothing: float) -> None:
        """Restore the settings of the person."""
        with QSignalBlocker(self._log), QSignalBlocker(self._slider):
            self._log.setChecked(is_log)
            self._slider.setValue(round(smoothing * 100))
        self._text.setText(f"{self.smoothing:.2f}")

    def set_figures(self, names: Sequence[str]) -> None:
        """Show the figures to choose from; the chosen one stays chosen if it is among them."""
        self._figure_row.setVisible(bool(names))
        if list(names) == [self._figure.itemData(index) for index in range(self._figure.count())]:
            return
        with QSignalBlocker(self._figure):
            before = self.figure
            self._figure.clear()
            for index, name in enumerate(names):
                self._figure.addItem(metric_title(name), name)
                self._figure.setItemData(index, metric_tip(name), Qt.ItemDataRole.ToolTipRole)
            preferred = next((name for name in (before, *_LIKED) if name in names), None)
            if preferred is not None:
                self._figure.setCurrentIndex(self._figure.findData(preferred))
        self._explain()

    def _explain(self) -> None:
        self._figure_row.setToolTip(metric_tip(self.figure) if self.figure else "")

    def set_zoomed(self, is_zoomed: bool) -> None:
        """Set whether some steps are not seen."""
        self._reset.setVisible(is_zoomed)

    def _on_smoothing(self) -> None:
        self._text.setText(f"{self.smoothing:.2f}")
        self.looks_changed.emit()


def _row(*widgets: QWidget) -> QWidget:
    row = holder(hbox(*widgets, spacing=6))
    return row


_NAME_LETTERS = 24


@dataclass(frozen=True)
class LegendEntry:
    """One run."""

    name: str
    slot: int
    value: str
    is_chosen: bool = False


class CurveLegend(QWidget):
    """The step at the cursor, and below it an entry for each run, as many per line as fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._head = QLabel()
        self._entries: list[_Entry] = []
        self._flow = FlowLayout(gap=18, line_gap=3)
        vbox(self._head, self._flow, on=self, spacing=3)

    @property
    def text(self) -> str:
        """All that is read out, a line each."""
        shown = [entry for entry in self._entries if not entry.isHidden()]
        return "\n".join([self._head.text(), *(f"{entry.name.full_text} {entry.value.text()}" for entry in shown)])

    def set_entries(self, head: str, entries: Sequence[LegendEntry]) -> None:
        """Show what is read out, and the runs in their order."""
        self._head.setText(head)
        while len(self._entries) < len(entries):
            self._entries.append(_Entry())
            self._flow.addWidget(self._entries[-1])
        for index, shown in enumerate(self._entries):
            if index < len(entries):
                shown.set_entry(entries[index])
            shown.setVisible(index < len(entries))


class _Entry(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._slot = -1
        self._swatch = QLabel()
        self._swatch.setFixedWidth(SWATCH_WIDTH)
        self.name = NameLine()
        self.name.setMaximumWidth(self.fontMetrics().averageCharWidth() * _NAME_LETTERS)
        self.value = QLabel()
        self.value.setMinimumWidth(self.fontMetrics().horizontalAdvance("0.00000"))
        hbox(self._swatch, self.name, self.value, on=self, spacing=6)

    def set_entry(self, entry: LegendEntry) -> None:
        self.name.set_name(entry.name)
        font = self.name.font()
        if font.bold() != entry.is_chosen:
            font.setBold(entry.is_chosen)
            self.name.setFont(font)
        self.value.setText(entry.value)
        if entry.slot != self._slot:
            self._slot = entry.slot
            self._update_palette()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "value"):
            self._update_palette()

    def _update_palette(self) -> None:
        if self._slot >= 0:
            self._swatch.setPixmap(swatch(self._slot, self.palette()).pixmap(SWATCH_WIDTH, 10))


_LEAST_BUCKETS = 100
_ROOM_FOR_RATE, _ROOM_FOR_FIGURE = 380, 330
"""Pixels of height from which on these plots are seen."""
_GAP, _LEAST_LOSS = 8, 150
"""Pixels of height that the curve of the loss takes at least: a lower one shows nothing."""
_MARGIN = 0.01
"""Of all steps: room on either side."""


class CurvesPanel(QWidget):
    """Two or three plots, one above the other, over the same steps."""

    looks_changed = Signal()
    """The person wants another scale or smoothing: `controls` knows which."""

    def __init__(self, slots: RunSlots | None = None, parent: QWidget | None = None) -> None:
        """`slots` is shared with the list of runs, so that a run has the same colour in both."""
        super().__init__(parent)
        self.setAccessibleName(self.tr("Curves"))
        self._slots = slots or RunSlots()
        self._curves: dict[str, RunCurves] = {}
        self._lines: dict[str, CurveLine] = {}
        self._numbers: dict[str, int] = {}
        self._chosen: str | None = None
        self._cursor: float | None = None
        self._follows = True
        """Whether all steps are seen, and new ones as they come."""
        self._seen = 0.0, 1.0
        """From which step to which."""
        self._is_drawing = False
        self.loss_plot = CurvePlot(self.tr("Loss over steps"), self.tr("Loss"))
        self.figure_plot = CurvePlot(self.tr("Metric over steps"), self.tr("Metric"))
        self.rate_plot = CurvePlot(self.tr("Learning rate over steps"), self.tr("Learning rate"))
        self._plots = (self.loss_plot, self.figure_plot, self.rate_plot)
        self.loss_plot.setMinimumHeight(_LEAST_LOSS)
        self.controls, self.legend = CurveControls(), CurveLegend()
        empty = QLabel(self.tr("The curves of a run appear here with its first step."), wordWrap=True)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        shown = QWidget()
        self._fill(shown)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(shown)
        self._connect()

    def _fill(self, shown: QWidget) -> None:
        vbox(
            self.controls,
            self.legend,
            (vbox(*((plot, stretch) for plot, stretch in zip(self._plots, (5, 2, 2), strict=True)), spacing=0), 1),
            on=shown,
            spacing=_GAP,
        )

    def _connect(self) -> None:
        self.controls.looks_changed.connect(self._follow)
        self.controls.looks_changed.connect(self.looks_changed)
        self.controls.figure_selected.connect(self._draw)
        self.controls.reset_requested.connect(self.show_all)
        self.loss_plot.getViewBox().sigResized.connect(self._draw)  # more points, or fewer
        for plot in self._plots:
            plot.hovered.connect(self._hover)
            plot.reset_requested.connect(self.show_all)
            plot.range_changed.connect(self._on_range)

    def set_looks(self, *, is_log: bool, smoothing: float) -> None:
        """Restore the settings of the person; `smoothing` from 0 to 0.99."""
        self.controls.set_looks(is_log=is_log, smoothing=smoothing)
        self._follow()

    def set_curves(self, curves: Mapping[str, RunCurves], chosen: str | None) -> None:
        """Draw these runs, by name, in the order of the legend.

        Args:
            curves: an object that was given before costs nothing; a longer one little more than what is new in it.
            chosen: the run that lies on top, in bold.
        """
        self._lines = {name: self._lines.get(name) or CurveLine() for name in curves}
        self._numbers, self._chosen, self._curves = self._slots.assign(curves), chosen, dict(curves)
        self._stack.setCurrentIndex(1 if any(len(one.steps) for one in curves.values()) else 0)
        self._follow()

    def show_all(self) -> None:
        """See every step, and new ones as they come."""
        self._follows = True
        self._draw()

    def _follow(self) -> None:
        for name, line in self._lines.items():
            line.update(self._curves[name], self.controls.smoothing)
        names = dict.fromkeys(name for line in self._lines.values() for name in line.figures if not is_loss(name))
        self.controls.set_figures(list(names))
        self._arrange()
        self._draw()
        self._describe()

    def _arrange(self) -> None:
        """Hide the smaller plots where the panel is low; the lowest one shows the steps."""
        self.setMinimumHeight(self._least_height())
        self.rate_plot.setVisible(self.height() >= _ROOM_FOR_RATE)
        self.figure_plot.setVisible(bool(self.controls.figure) and self.height() >= _ROOM_FOR_FIGURE)
        lowest = next((plot for plot in reversed(self._plots) if not plot.isHidden()), self.loss_plot)
        for plot in self._plots:
            plot.set_step_axis(plot is lowest)

    def _least_height(self) -> int:
        """Return how high the panel is at least: the lines above the curves at its width, and the curve of the loss."""
        above = [
            part.heightForWidth(self.width()) if part.hasHeightForWidth() else part.sizeHint().height()
            for part in (self.controls, self.legend)
        ]
        return sum(above) + len(above) * _GAP + _LEAST_LOSS

    def _draw(self, *_: object) -> None:
        self._is_drawing = True
        if self._follows:
            low, high = span(list(self._lines.values()))
            margin = (high - low) * _MARGIN
            self._seen = low - margin, high + margin
        for plot in self._plots:
            plot.set_steps(*self._seen)
        buckets = max(int(self.loss_plot.getViewBox().width() * self.devicePixelRatioF() / 2), _LEAST_BUCKETS)
        drawn = Drawn(self._lines, self._numbers, self._chosen, self.palette(), *self._seen, buckets)
        is_smoothed = self.controls.smoothing > 0
        self.loss_plot.set_strokes(loss_strokes(drawn, is_smoothed=is_smoothed), is_log=self.controls.is_log)
        self.rate_plot.set_strokes(rate_strokes(drawn))
        if self.controls.figure:
            self.figure_plot.set_label(metric_title(self.controls.figure))
            self.figure_plot.setToolTip(metric_tip(self.controls.figure))
            self.figure_plot.set_strokes(figure_strokes(drawn, self.controls.figure))
        self.controls.set_zoomed(not self._follows)
        self._is_drawing = False
        self._read_out()

    def _read_out(self) -> None:
        """Show the values at the cursor, or the latest ones."""
        chosen = self._lines.get(self._chosen or "")
        index = None if chosen is None or self._cursor is None else chosen.index_of(self._cursor)
        words = [self.tr("Latest") if self._cursor is None else self.tr("Step {0}").format(count(self._cursor))]
        words.append(self.tr("loss, smoothed") if self.controls.smoothing > 0 else self.tr("loss"))
        if self.controls.figure:
            words.append(metric_title(self.controls.figure).lower())
        dashed = dict.fromkeys(name for line in self._lines.values() for name in line.figures if is_loss(name))
        words += [self.tr("{0} dashed").format(metric_title(name).lower()) for name in dashed]
        if chosen is not None and index is not None:
            words.append(self.tr("learning rate {0}").format(figure(float(chosen.learning_rate[index]), 3)))
        entries = []
        for name, line in self._lines.items():
            loss, value = read_out(line, self._cursor, self.controls.figure)
            shown = figure(None if math.isnan(loss) else loss) + ("" if value is None else f" · {figure(value, 3)}")
            entries.append(LegendEntry(name, self._numbers[name], shown, name == self._chosen))
        self.legend.set_entries(" · ".join(words), entries)

    def _describe(self) -> None:
        """Describe the latest numbers, for who cannot see the lines."""
        parts = [
            self.tr("{0}: loss {1} at step {2}").format(name, figure(float(line.loss[-1])), count(line.steps[-1]))
            for name, line in self._lines.items()
            if len(line.steps)
        ]
        if "; ".join(parts) != self.accessibleDescription():
            self.setAccessibleDescription("; ".join(parts))
            self.loss_plot.setAccessibleDescription("; ".join(parts))

    def _hover(self, step: float) -> None:
        low, high = span(list(self._lines.values()))
        cursor = None if math.isnan(step) or not low <= round(step) <= high else float(round(step))
        if cursor != self._cursor:
            self._cursor = cursor
            for plot in self._plots:
                plot.set_cursor(cursor)
            self._read_out()

    def _on_range(self, low: float, high: float) -> None:
        if not self._is_drawing:
            self._follows, self._seen = False, (low, high)
            self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_stack"):
            self._draw()
