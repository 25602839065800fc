"""Make a slow map as a job, with its progress in the method box."""

from __future__ import annotations

from carl_gui.controllers.explore.run_job import RunJob
from carl_gui.controllers.interrupted import MAP
from carl_gui.controllers.orders import Orders
from carl_gui.models.wording import displayable
from carl_gui.panels.map.method_box import MethodBox
from carl_gui.workshop import Workshop
from core.errors import CarlError


class MapJob(RunJob):
    """Connects the box to the jobs."""

    def __init__(self, workshop: Workshop, box: MethodBox) -> None:
        super().__init__(workshop.jobs, MAP, box, box)
        self._workshop = workshop
        self._orders = Orders(workshop)

    def begin(self) -> None:
        """Make the map."""
        if not self.run or self.is_going:
            return
        self.forget_failure()
        try:
            self._orders.draw_map(self.run)
        except CarlError as error:
            self._workshop.warn(displayable(str(error)))
