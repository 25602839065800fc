"""New runs: connects their form to the project's videos, free names, and jobs."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from carl_gui.app_context import AppContext
from carl_gui.job_control.factory import JobFactory
from carl_gui.job_control.order import TrainingOrder, VideoCounts
from carl_gui.tasks import Tasks, in_thread
from carl_gui.train.form import TrainingForm
from carl_gui.widgets.labels import shown
from carl_gui.widgets.when_shown import WhenShown
from core.base.control import Control
from core.base.errors import CarlError

_REST_MS = 500
"""After the last change of the project, before its videos are counted again: an import changes it all the time."""


class NewRuns(QObject):
    """Keeps the form up to date, and creates the requested run."""

    run_started = Signal(str, bool)
    """The name of a run that is lined up, and whether embedding and the best pair are to follow."""
    counted = Signal()
    """The form knows the videos that there are now."""

    def __init__(self, app_context: AppContext, form: TrainingForm, orders: JobFactory) -> None:
        super().__init__(form)
        self._app_context, self._form, self._orders = app_context, form, orders
        self._tasks = Tasks(self, lambda sentence: form.set_message(shown(sentence)))
        self._delay = QTimer(self, singleShot=True, interval=_REST_MS)
        self._delay.timeout.connect(self._count)
        self._when_shown = WhenShown(form, self._delay.start)
        app_context.session.changes_of("videos").connect(lambda changes: self._delay.start())
        app_context.session.changes_of("spans").connect(self._when_shown.refresh)
        app_context.device_known.connect(form.set_device)
        form.set_device(app_context.device_line())
        form.start_requested.connect(self.start)
        if app_context.outlook is not None:
            app_context.outlook.changed.connect(self._show_outlook)
            self._show_outlook()

    def open(self) -> None:
        """Prepare for the project that is open now."""
        self._form.setEnabled(not self._app_context.session.require().read_only)
        self._form.clear_videos()
        self._count()
        self.propose_name()

    def close(self) -> None:
        """Stop counting. A run that is just being made is not touched: it can be resumed."""
        self._delay.stop()
        self._tasks.close()

    def start(self, order: TrainingOrder) -> None:
        """Make the run in a thread and line it up; the form says why where that cannot be."""
        if self._tasks.is_running("make"):
            return
        self._app_context.show_status(self.tr("Preparing {0}…").format(shown(order.name)))
        self._tasks.start("make", self._make(order, self._orders.prepare_run(order)))

    def further(self, name: str) -> None:
        """Make a run that begins with the weights of this one and line it up; a warning says why it cannot be."""
        try:
            self.start(self._orders.further(name))
        except CarlError as error:
            self._app_context.warn(shown(str(error)))

    async def _make(self, order: TrainingOrder, make: Callable[[], object]) -> None:
        await in_thread(lambda control: make())
        self._orders.enqueue(order.name, order.device)
        self.run_started.emit(order.name, order.leads_on)
        self.propose_name()

    def _show_outlook(self) -> None:
        if self._app_context.outlook is not None:
            self._form.set_outlook(self._app_context.outlook.outlook)

    def propose_name(self) -> None:
        """Propose the first of run-1, run-2, ... that is free."""
        runs = self._app_context.session.require().runs
        names = (self.tr("run-{0}").format(number) for number in itertools.count(1))
        self._form.set_proposed_name(next(name for name in names if not (runs / name).exists()))

    def _count(self) -> None:
        """Count the videos to be trained on; the disk is asked in a thread."""
        session = self._app_context.session
        rows, folder = list(session.videos.values()), session.require().folder
        self._tasks.start("count", self._show_count(lambda control: JobFactory.count(rows, folder)))

    async def _show_count(self, count: Callable[[Control], VideoCounts]) -> None:
        self._form.set_videos(await in_thread(count))
        self.counted.emit()
