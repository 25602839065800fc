"""Runs for the tests of what shows them."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from carl_gui.models.runs import RunCurves, RunRow

NOW = datetime(2025, 3, 4, 12, 30)
FIRST = RunRow(
    "first",
    "running",
    step=840,
    total_steps=2000,
    loss=0.4231,
    created=NOW,
    settings={"train.epochs": 30, "train.learning_rate": 1e-3, "model.backbone": "resnet50"},
    evaluation={"tau": 0.912, "event error": 0.05},
    is_steerable=True,
)
SECOND = RunRow(
    "second",
    "done",
    step=2000,
    total_steps=2000,
    loss=0.2514,
    created=NOW - timedelta(days=1),
    settings={"train.epochs": 30, "train.learning_rate": 3e-4},
    evaluation={"tau": 0.951, "event error": 0.03},
)
BROKEN = RunRow(
    "broken",
    "failed",
    "The GPU has too little memory: set train.batch_size to 8.",
    step=3,
    total_steps=2000,
    loss=float("nan"),
    created=NOW - timedelta(days=2),
    is_resumable=True,
)
ROWS = [BROKEN, FIRST, SECOND]


def curves_of(num_steps: int, seed: int = 0) -> RunCurves:
    """A falling loss with noise, evaluated every 100 steps."""
    steps = np.arange(1, num_steps + 1)
    loss = 5 * np.exp(-steps / 400) + 0.5 + 0.3 * np.random.default_rng(seed).random(num_steps)
    told = [(int(step), {"validation loss": 1.0, "tau": step / 1e4}) for step in steps if step % 100 == 0]
    return RunCurves(steps, loss, 1e-3 / np.sqrt(steps), told)
