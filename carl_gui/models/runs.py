"""Runs for display: rows, curves and comparisons. Knows no widgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.base.declaring import Value
from core.metrics import kinds

RunState = Literal["new", "waiting", "running", "pausing", "paused", "stopping", "stopped", "done", "failed"]
UNDER_WAY = ("waiting", "running", "pausing", "paused", "stopping")
"""States of a run that a process works on, or will without being asked again."""


@dataclass(frozen=True)
class RunRow:
    """The displayed data of a run."""

    name: str
    state: RunState
    reason: str = ""
    """One sentence where it failed, broke off or waits; else empty."""
    step: int = 0
    """Steps done."""
    total_steps: int = 0
    """0 while unknown."""
    loss: float | None = None
    """Of the last step; None before the first."""
    created: datetime | None = None
    settings: Mapping[str, Value] = field(default_factory=dict)
    """By dotted name."""
    evaluation: Mapping[str, float] = field(default_factory=dict)
    """The latest figures, by name."""
    is_resumable: bool = False
    is_steerable: bool = False
    """Whether it can be paused and stopped from here, whoever started it."""

    @property
    def share(self) -> float | None:
        """Done of the whole, 0 to 1; None while unknown."""
        return min(self.step / self.total_steps, 1.0) if self.total_steps > 0 else None


@dataclass(frozen=True)
class RunCurves:
    """The curves of a run. The arrays never change; updates create new ones."""

    steps: NDArray[np.int64]
    """(N,) strictly rising."""
    loss: NDArray[np.float64]
    """(N,)"""
    learning_rate: NDArray[np.float64]
    """(N,)"""
    evaluations: Sequence[tuple[int, Mapping[str, float]]] = ()
    """(step, figures), by step."""


def drawn_runs(chosen: str | None, compared: Sequence[str]) -> tuple[str, ...]:
    """The runs whose curves are seen: those compared, and the chosen one."""
    return tuple(compared) if chosen is None or chosen in compared else (*compared, chosen)


class RunSlots:
    """The palette colour of each drawn run, by number; a run keeps its colour while it is drawn, and after."""

    def __init__(self) -> None:
        self._slots: dict[str, int] = {}

    def of(self, names: Iterable[str]) -> dict[str, int]:
        """A different number for each name: the one that it had, where free; else the lowest."""
        names = list(names)
        taken: dict[int, str] = {}
        for name in names:
            if name in self._slots:
                taken.setdefault(self._slots[name], name)
        given = {name: slot for slot, name in taken.items()}
        for name in names:
            if name not in given:
                given[name] = next(slot for slot in range(len(names)) if slot not in given.values())
        self._slots.update(given)
        return {name: given[name] for name in names}


def differing_settings(rows: Sequence[RunRow]) -> dict[str, tuple[Value | None, ...]]:
    """The settings that are not the same in all rows, by name in order of appearance.

    Returns:
        One value a row; None where a run does not know the setting. 1 and 1.0 are the same.
    """
    names = dict.fromkeys(name for row in rows for name in row.settings)
    values = {name: tuple(row.settings.get(name) for row in rows) for name in names}
    return {name: of_rows for name, of_rows in values.items() if any(value != of_rows[0] for value in of_rows)}


def is_loss(figure: str) -> bool:
    """Return whether this figure of an evaluation is a loss, and so is drawn beside that of training."""
    return "loss" in figure.lower()


def is_lower_better(figure: str) -> bool:
    """Whether a smaller value of this figure is a better one: losses and errors; all others are shares or scores."""
    return is_loss(figure) or "error" in figure.lower() or kinds.is_lower_better(figure)


def figure_names(rows: Iterable[Mapping[str, float]]) -> list[str]:
    """Every figure that any of them has, in order of appearance."""
    return list(dict.fromkeys(name for figures in rows for name in figures))
