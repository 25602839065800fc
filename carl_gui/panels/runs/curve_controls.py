"""The row above the curves: scale, smoothing, metric, and reset of the zoom."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QSlider, QWidget

from carl_gui.models.metric_messages import metric_tip, metric_title
from carl_gui.panels.check_box import CheckBox
from carl_gui.panels.flow import FlowLayout
from carl_gui.panels.help.help_button import HelpButton
from carl_gui.panels.layouts import hbox, holder

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
        self._slider.valueChanged.connect(self._say_smoothing)
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
        """As the person left them."""
        with QSignalBlocker(self._log), QSignalBlocker(self._slider):
            self._log.setChecked(is_log)
            self._slider.setValue(round(smoothing * 100))
        self._text.setText(f"{self.smoothing:.2f}")

    def set_figures(self, names: Sequence[str]) -> None:
        """Figures to choose from; the chosen one stays where it is among them."""
        self._figure_row.setVisible(bool(names))
        if list(names) == [self._figure.itemData(place) for place in range(self._figure.count())]:
            return
        with QSignalBlocker(self._figure):
            before = self.figure
            self._figure.clear()
            for place, name in enumerate(names):
                self._figure.addItem(metric_title(name), name)
                self._figure.setItemData(place, metric_tip(name), Qt.ItemDataRole.ToolTipRole)
            liked = next((name for name in (before, *_LIKED) if name in names), None)
            if liked is not None:
                self._figure.setCurrentIndex(self._figure.findData(liked))
        self._explain()

    def _explain(self) -> None:
        self._figure_row.setToolTip(metric_tip(self.figure) if self.figure else "")

    def set_zoomed(self, is_zoomed: bool) -> None:
        """Set whether some steps are not seen."""
        self._reset.setVisible(is_zoomed)

    def _say_smoothing(self) -> None:
        self._text.setText(f"{self.smoothing:.2f}")
        self.looks_changed.emit()


def _row(*widgets: QWidget) -> QWidget:
    row = holder(hbox(*widgets, spacing=6))
    return row
