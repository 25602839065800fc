"""Progress of a whole comparison, in steps of all its runs, and which events of a single run are passed on."""

from __future__ import annotations

from collections.abc import Collection

from core.base.events import Event, Notice, Paused, Progress, Sink, StepDone
from core.base.progress import Meter
from core.comparison.plan import Run

_SHORT_SECONDS = 2.0
"""A stage that takes no longer is not told of."""


class Whole:
    """A `Sink` that turns the events of single runs into the progress of all.

    A sentence that many runs say is told once; short stages are not told of.
    """

    def __init__(self, runs: list[Run], sink: Sink) -> None:
        self._sink = sink
        self._meter = Meter(sink, "compare", sum(run.num_steps for run in runs), "step")
        self._messages: set[str] = set()
        self._stages: set[str] = set()
        """Stages that are under way."""
        self._steps_left = 0
        """Steps of the run under way that are still counted as to be done."""
        self._last = 0

    def start(self, run: Run, number: int, total: int) -> None:
        """Count a run whose training begins or goes on."""
        self._steps_left, self._last = run.num_steps, 0
        self._sink(Notice(f"Run {number} of {total}: {run.about}."))

    def finish(self) -> None:
        """Count a run that was trained; where it took fewer steps than it might have, the rest falls away."""
        self._meter.total -= self._steps_left
        self._steps_left = 0
        self._meter.add(0)

    def skip(self, runs: Collection[Run]) -> None:
        """Count runs that were trained before."""
        self._meter.skip(sum(run.num_steps for run in runs))

    def __call__(self, event: Event) -> None:
        match event:
            case StepDone():
                self._count(event.step)
            case Paused():
                self._sink(event)
            case Progress():
                self._report_stage(event)
            case Notice(message):
                if message not in self._messages:
                    self._messages.add(message)
                    self._sink(event)

    def _report_stage(self, event: Progress) -> None:
        if event.eta_seconds > _SHORT_SECONDS or event.stage in self._stages:
            self._stages.add(event.stage)
            self._sink(event)
            if event.done >= event.total:
                self._stages.discard(event.stage)

    def _count(self, step: int) -> None:
        done, self._last = step - self._last, step
        if done > 1:  # a run that goes on where it was stopped
            self._meter.skip(done - 1)
            self._meter.add(1)
        else:
            self._meter.add(done)
        self._steps_left -= done
