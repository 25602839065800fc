"""Curves of a run, step by step, as growing columns of numbers, and its metrics."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.events import EvalDone, Event, StepDone

_TYPES: dict[str, type[np.int64] | type[np.float64]] = {
    "step": np.int64,
    "loss": np.float64,
    "learning_rate": np.float64,
    "gradient_norm": np.float64,
    "frames_per_second": np.float64,
    "gpu_bytes": np.int64,
}
_FIRST_ROOM = 256


class Curves:
    """The measurements of a run, one value per step; `add` gives the same result live or from disk.

    A resumed run does again the steps after its last checkpoint: what was measured there before is dropped, so that
    the curves are those of a run that was never interrupted. Figures that were taken there are dropped likewise.

    The arrays cost nothing to ask for, cannot be written, and stay as they are when more is added.
    """

    def __init__(self) -> None:
        self._size = 0
        self._columns: dict[str, NDArray[Any]] = {name: np.empty(_FIRST_ROOM, kind) for name, kind in _TYPES.items()}
        self._evaluations: list[EvalDone] = []
        self._latest: StepDone | None = None

    def __len__(self) -> int:
        return self._size

    def add(self, event: Event) -> None:
        """Add one event; all but `StepDone` and `EvalDone` are ignored."""
        if isinstance(event, StepDone):
            self._add_step(event)
        elif isinstance(event, EvalDone):
            key = (event.step, event.representation)
            self._evaluations = [one for one in self._evaluations if (one.step, one.representation) != key]
            self._evaluations.append(event)

    @property
    def steps(self) -> NDArray[np.int64]:
        """(N,) steps done since the start of training, strictly rising."""
        return self._column("step")

    @property
    def loss(self) -> NDArray[np.float64]:
        """(N,)"""
        return self._column("loss")

    @property
    def learning_rate(self) -> NDArray[np.float64]:
        """(N,)"""
        return self._column("learning_rate")

    @property
    def gradient_norm(self) -> NDArray[np.float64]:
        """(N,) before clipping."""
        return self._column("gradient_norm")

    @property
    def frames_per_second(self) -> NDArray[np.float64]:
        """(N,)"""
        return self._column("frames_per_second")

    @property
    def gpu_bytes(self) -> NDArray[np.int64]:
        """(N,) peak GPU memory so far in that session; 0 on a CPU."""
        return self._column("gpu_bytes")

    @property
    def evaluations(self) -> list[EvalDone]:
        """The figures that were told, in order of their steps."""
        return list(self._evaluations)

    @property
    def latest(self) -> StepDone | None:
        """The last step; None before the first."""
        return self._latest

    def _column(self, name: str) -> NDArray[Any]:
        view = self._columns[name][: self._size]
        view.flags.writeable = False
        return view

    def _add_step(self, event: StepDone) -> None:
        if self._latest and self._latest.step >= event.step:
            self._drop_from(event.step)
        if self._size == len(self._columns["step"]):
            self._columns = {name: np.concatenate([old, np.empty_like(old)]) for name, old in self._columns.items()}
        for name, column in self._columns.items():
            column[self._size] = getattr(event, name)
        self._size += 1
        self._latest = event

    def _drop_from(self, step: int) -> None:
        self._columns = {name: old.copy() for name, old in self._columns.items()}  # what was handed out stays as it is
        self._size = int(np.searchsorted(self._columns["step"][: self._size], step))
        self._evaluations = [figures for figures in self._evaluations if figures.step < step]
