"""How a run learns: its loss at every step, and the mean around each."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QWidget

from carl_gui.theme import colours_of

_SMOOTHING = 0.05
"""Share of the curve that one point of the bold line looks at."""
_FAINT = 90
"""Of 255: how much is seen of the thin line."""


class LossCurve(pg.PlotWidget):
    """Losses over steps, on a logarithmic scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, enableMenu=False)
        self.setLogMode(y=True)
        self.showGrid(x=False, y=True, alpha=0.15)
        self.hideButtons()
        menu = self.getPlotItem().ctrlMenu
        menu.setParent(self, menu.windowFlags())  # else it outlives the window
        self.getPlotItem().layout.setContentsMargins(12, 16, 20, 10)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the plot itself has a name, its inside has none
        self.setAccessibleName(self.tr("Loss of the chosen run"))
        self._every_step = self.plot(antialias=True)
        self._mean = self.plot(antialias=True)
        self._dress()

    def set_curve(self, steps: NDArray[np.int64], losses: NDArray[np.float64]) -> None:
        """Draw steps (N,) and losses (N,)."""
        half = int(_SMOOTHING * len(losses) / 2)
        sums = np.concatenate([[0.0], np.cumsum(losses)])
        low = np.maximum(np.arange(len(losses)) - half, 0)
        high = np.minimum(np.arange(len(losses)) + half + 1, len(losses))
        self._every_step.setData(steps.astype(float), losses)
        self._mean.setData(steps.astype(float), (sums[high] - sums[low]) / np.maximum(high - low, 1))
        if len(losses):
            text = self.tr("Loss {loss} at step {step}; {first} at first")
            said = text.format(loss=f"{losses[-1]:.3f}", step=steps[-1], first=f"{losses[0]:.3f}")
            self.setAccessibleDescription(said)

    def curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What is drawn: steps (N,) and losses (N,)."""
        steps, losses = self._every_step.getOriginalDataset()
        return (np.zeros(0), np.zeros(0)) if steps is None else (steps, losses)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Another theme: other colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_mean"):  # Qt asks while it is being made
            self._dress()

    def _dress(self) -> None:
        colours = colours_of(self.palette())
        self.setBackground(colours.base)
        for side, text in (("left", self.tr("loss")), ("bottom", self.tr("step"))):
            self.setLabel(side, text, color=colours.text)
            self.getAxis(side).setTextPen(colours.text)
            self.getAxis(side).setPen(colours.muted_text)
        faint = pg.mkColor(colours.curve)
        faint.setAlpha(_FAINT)
        self._every_step.setPen(pg.mkPen(faint, width=1))
        self._mean.setPen(pg.mkPen(colours.curve, width=2.5))
