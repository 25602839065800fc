"""Make a slow map as a job, with its progress in the method box."""

from __future__ import annotations

from carl_gui.app_context import AppContext
from carl_gui.explore.embedding import RunJob
from carl_gui.explore.map.boxes import MethodBox
from carl_gui.job_control.factory import JobFactory
from carl_gui.job_control.recovery import MAP
from carl_gui.models.messages import displayable
from core.base.errors import CarlError


class MapJob(RunJob):
    """Connects the box to the jobs."""

    def __init__(self, app_context: AppContext, box: MethodBox) -> None:
        super().__init__(app_context, MAP, box, box)
        self._orders = JobFactory(app_context)

    def start(self) -> None:
        """Make the map."""
        if not self.run or self.is_running:
            return
        try:
            self._orders.draw_map(self.run)
        except CarlError as error:
            self._app_context.warn(displayable(str(error)))
