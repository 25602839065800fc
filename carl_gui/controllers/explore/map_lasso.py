"""Pass lassoed frames of the map to the grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from carl_gui.controllers.explore.explore_context import ExploreContext
from carl_gui.controllers.explore.map_layouts import MapLayout
from carl_gui.models.scene import FrameRef
from carl_gui.numbers import count
from carl_gui.panels.map.map import MapPanel
from carl_gui.tasks import Tasks, in_thread
from core.map.rows import spread

MOST_MOMENTS = 2000
"""That the grid is given: more are sampled."""


class MapLasso(QObject):
    """Finds the frames inside in a thread."""

    def __init__(self, desk: ExploreContext, panel: MapPanel) -> None:
        super().__init__(desk)
        self._desk, self._panel = desk, panel
        self._layout: MapLayout | None = None
        self._tasks = Tasks(self, panel.set_line)
        panel.canvas.lassoed.connect(self._look)

    def set_layout(self, layout: MapLayout | None) -> None:
        """Where frames lie."""
        if layout is not self._layout:
            self._tasks.cancel("look")
        self._layout = layout

    def close(self) -> None:
        """End the thread."""
        self._tasks.close()
        self._layout = None

    def _look(self, outline: NDArray[np.float64]) -> None:
        if self._layout is not None:
            self._tasks.start("look", self._hand_over(self._layout, outline))

    async def _hand_over(self, layout: MapLayout, outline: NDArray[np.float64]) -> None:
        frames = await in_thread(lambda control: layout.points.inside(outline))
        if not len(frames):
            self._panel.set_line(self.tr("No points inside the lasso."))
            return
        taken = frames[spread(len(frames), MOST_MOMENTS)]
        title = self.tr("From the map: %n frame(s)", "", len(frames))
        if len(taken) < len(frames):
            sampled = self.tr("From the map: {0} of {1} frames, evenly spread")
            title = sampled.format(count(len(taken)), count(len(frames)))
        self._panel.set_line(title)
        self._panel.commands["lasso"].setChecked(False)
        self._desk.moments_requested.emit(self._moments(layout, taken), title)

    @staticmethod
    def _moments(layout: MapLayout, frames: NDArray[np.int64]) -> list[FrameRef]:
        """Of ascending frames, counted through all videos."""
        found, place = list[FrameRef](), 0
        for frame in frames.tolist():
            while frame >= layout.starts[place + 1]:
                place += 1
            found.append(FrameRef(layout.ids[place], frame - layout.starts[place]))
        return found
