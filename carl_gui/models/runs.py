"""Runs as the window shows them, and what it says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from carl_gui.numbers import count, percent
from carl_gui.translation import QT_TRANSLATE_NOOP
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
    """Return the runs whose curves are drawn: those compared, and the chosen one."""
    return tuple(compared) if chosen is None or chosen in compared else (*compared, chosen)


class RunSlots:
    """The palette colour of each drawn run, by number; a run keeps its colour while it is drawn, and after."""

    def __init__(self) -> None:
        self._slots: dict[str, int] = {}

    def assign(self, names: Iterable[str]) -> dict[str, int]:
        """Return a different number for each name: the one that it had, where free; else the lowest."""
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
    """Return the settings that are not the same in all rows, by name in order of appearance.

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
    """Return whether a smaller value of this figure is better: losses and errors; others are shares or scores."""
    return is_loss(figure) or "error" in figure.lower() or kinds.is_lower_better(figure)


def figure_names(rows: Iterable[Mapping[str, float]]) -> list[str]:
    """Return the names of all figures that any of them has, in order of appearance."""
    return list(dict.fromkeys(name for figures in rows for name in figures))


_CONTEXT = "Runs"
_STATES: dict[RunState, str] = {
    "new": QT_TRANSLATE_NOOP("Runs", "Not started"),
    "waiting": QT_TRANSLATE_NOOP("Runs", "Waiting"),
    "running": QT_TRANSLATE_NOOP("Runs", "Running"),
    "pausing": QT_TRANSLATE_NOOP("Runs", "Pausing…"),
    "paused": QT_TRANSLATE_NOOP("Runs", "Paused"),
    "stopping": QT_TRANSLATE_NOOP("Runs", "Stopping…"),
    "stopped": QT_TRANSLATE_NOOP("Runs", "Stopped"),
    "done": QT_TRANSLATE_NOOP("Runs", "Done"),
    "failed": QT_TRANSLATE_NOOP("Runs", "Failed"),
}
_STAGES = {
    "check": (QT_TRANSLATE_NOOP("Runs", "Checking videos"), QT_TRANSLATE_NOOP("Runs", "video(s)")),
    "decode": (QT_TRANSLATE_NOOP("Runs", "Decoding videos"), QT_TRANSLATE_NOOP("Runs", "frame(s)")),
    "look for people": (QT_TRANSLATE_NOOP("Runs", "Looking for people"), QT_TRANSLATE_NOOP("Runs", "video(s)")),
    "pose": (QT_TRANSLATE_NOOP("Runs", "Finding body pose"), QT_TRANSLATE_NOOP("Runs", "frame(s)")),
    "features": (QT_TRANSLATE_NOOP("Runs", "Computing features"), QT_TRANSLATE_NOOP("Runs", "frame(s)")),
    "embed": (QT_TRANSLATE_NOOP("Runs", "Embedding videos"), QT_TRANSLATE_NOOP("Runs", "frame(s)")),
    "neighbours": (QT_TRANSLATE_NOOP("Runs", "Finding neighbours"), QT_TRANSLATE_NOOP("Runs", "frame(s)")),
    "layout": (QT_TRANSLATE_NOOP("Runs", "Laying out the map"), QT_TRANSLATE_NOOP("Runs", "round(s)")),
    "placing": (QT_TRANSLATE_NOOP("Runs", "Placing the other frames"), QT_TRANSLATE_NOOP("Runs", "frame(s)")),
    "repetitions": (QT_TRANSLATE_NOOP("Runs", "Finding repetitions"), QT_TRANSLATE_NOOP("Runs", "video(s)")),
    "write video": (QT_TRANSLATE_NOOP("Runs", "Writing the video"), QT_TRANSLATE_NOOP("Runs", "frame(s)")),
    "download weights": (QT_TRANSLATE_NOOP("Runs", "Downloading weights"), ""),
}


def _translate(text: str) -> str:
    return QCoreApplication.translate(_CONTEXT, text) if text else ""


def _unit_text(unit: str, number: int) -> str:
    return QCoreApplication.translate(_CONTEXT, unit, "", number) if unit else ""


def state_text(state: RunState) -> str:
    """Return the state in one or two words."""
    return _translate(_STATES[state])


def state_with_share(row: RunRow) -> str:
    """Return `Running 42 %` where that says something; else the state alone."""
    if row.state in ("running", "paused", "stopped") and row.share is not None and row.step:
        return f"{state_text(row.state)} {percent(row.share)}"
    return state_text(row.state)


def stage_text(stage: str, done: float, total: float) -> str:
    """Return `Decoding videos: 120 of 900 frames`; an unknown stage goes by its own name."""
    title, unit = _STAGES.get(stage, (stage, ""))
    if total <= 0 or stage == "download weights":
        return _translate(title)
    numbers = _translate(QT_TRANSLATE_NOOP("Runs", "{title}: {done} of {total} {unit}"))
    counted = _unit_text(unit, round(total))
    return numbers.format(title=_translate(title), done=count(done), total=count(total), unit=counted).strip()


def stage_name(stage: str) -> str:
    """Return what is done in it, such as `decoding videos`, for use within a sentence."""
    title = _translate(_STAGES.get(stage, (stage, ""))[0])
    return title[:1].lower() + title[1:]


def stage_unit(stage: str) -> str:
    """Return what a stage counts, such as `frames`; empty where that is bytes or not known."""
    return _unit_text(_STAGES.get(stage, ("", ""))[1], 2)
