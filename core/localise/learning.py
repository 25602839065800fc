"""Train a detector on the labelled videos. This is short; a stopped training starts from the beginning."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.base.control import Control
from core.base.errors import TrainingError
from core.base.events import Sink, ignore
from core.base.progress import Meter
from core.localise.detectors import Detector, build
from core.localise.examples import Example, pad

VIDEOS_PER_STEP = 8


@dataclass(frozen=True)
class Learning:
    """Training settings of a detector."""

    detector: str = "points"
    steps: int = 400
    """With `VIDEOS_PER_STEP` videos each."""
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    warmup: float = 0.05
    """Share of the steps in which the learning rate rises; then it falls along a cosine."""
    clip_norm: float = 1.0
    seed: int = 1


def learn(
    examples: Sequence[Example],
    num_classes: int,
    learning: Learning,
    *,
    sink: Sink = ignore,
    control: Control | None = None,
) -> Detector:
    """Train a detector, on the CPU. The seed decides everything that is drawn.

    Raises:
        TrainingError: the loss is not finite.
        Stopped: `control` asked for it; nothing is kept.
    """
    control = control or Control()
    detector = build(learning.detector, examples[0].rows.shape[1], num_classes, learning.seed).train()
    optimiser = torch.optim.AdamW(
        detector.parameters(), learning.learning_rate, weight_decay=learning.weight_decay, foreach=False
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, learning))
    generator = torch.Generator().manual_seed(learning.seed)
    meter = Meter(sink, "learn", learning.steps, "step")
    order: list[int] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(learning.seed)  # dropout
        for step in range(learning.steps):
            control.obey()
            while len(order) < min(VIDEOS_PER_STEP, len(examples)):
                order += torch.randperm(len(examples), generator=generator).tolist()
            chosen = [examples[place] for place in order[:VIDEOS_PER_STEP]]
            del order[:VIDEOS_PER_STEP]
            rows, valid = pad([one.rows for one in chosen], detector.multiple)
            loss = detector.loss(rows, valid, [one.segments for one in chosen], generator)
            if not loss.isfinite():
                raise TrainingError(
                    f"The loss is {loss.item():g} after step {step}. Lower --learning-rate, which is "
                    f"{learning.learning_rate:g}."
                )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(detector.parameters(), learning.clip_norm)
            optimiser.step()
            schedule.step()
            meter.add()
    return detector.eval()


def _rate(step: int, learning: Learning) -> float:
    """Return the share of the learning rate at a step."""
    warmup = max(1, round(learning.warmup * learning.steps))
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, learning.steps - warmup)))
