"""Timing of steps and of their phases."""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn


@dataclass
class Watch:
    """Seconds of one row: whole steps by the clock and by all threads' work, and of the phases."""

    device: torch.device
    steps: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    phases: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        started = self.now()
        yield
        self.phases[name] += self.now() - started

    def step(self, function: Callable[[], float]) -> float:
        started, busy = self.now(), time.process_time()
        loss = function()
        self.steps.append(self.now() - started)
        self.busy.append(time.process_time() - busy)
        return loss

    def forget(self) -> None:
        self.steps.clear()
        self.busy.clear()
        self.phases.clear()

    def hook(self, module: nn.Module, name: str) -> None:
        """Time the forward passes of `module` as a phase."""
        started: list[float] = []
        module.register_forward_pre_hook(lambda *_: started.append(self.now()))

        def end(*_: Any) -> None:
            self.phases[name] += self.now() - started.pop()

        module.register_forward_hook(end)
