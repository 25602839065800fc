"""How long a training goes without asking whether it is to pause or stop, by stage, and without the hooks in a network.

ResNet-50 learns along (`finetune`) on two sample clips on the CPU. Counted is the processor time of the main thread
between two looks at its `Control`, so that a busy machine changes little; a run before has loaded the libraries, during
which the window ends the child instead. Claimed: a training step does not go a second without. Writing checkpoint and
encoder is one piece of work, which a stop waits for.

    python benchmarks/obeying.py [--steps 3]
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import threading
import time
from pathlib import Path
from unittest import mock

from core.base.control import Control
from core.base.events import Event, Progress, StepDone
from core.cli.train import Order, train
from core.sample import make_sample

CLAIMED_SECONDS = 1.0


class Watched(Control):
    """Notes how long its main thread worked between two looks."""

    def __init__(self) -> None:
        super().__init__()
        self.longest: dict[str, float] = {}
        self.stage = "beginning"
        self._thread = threading.get_ident()
        self._last = time.thread_time()

    def obey(self) -> None:
        self.look()
        super().obey()

    @property
    def stop_requested(self) -> bool:
        self.look()
        return super().stop_requested

    @property
    def paused(self) -> bool:
        self.look()
        return super().paused

    def look(self) -> None:
        """A stage ends, or the work asks."""
        if threading.get_ident() == self._thread:
            now = time.thread_time()
            self.longest[self.stage] = max(self.longest.get(self.stage, 0.0), now - self._last)
            self._last = now

    def hear(self, event: Event) -> None:
        """What stage it is in follows from what it says."""
        is_over = isinstance(event, Progress) and event.stage == "check" and event.done == event.total
        if isinstance(event, StepDone) or is_over:
            stage = "step"
        else:
            stage = event.stage if isinstance(event, Progress) else self.stage
        if stage != self.stage:
            self.look()
            self.stage = stage


def longest(clips: list[Path], out: Path, steps: int) -> dict[str, float]:
    """Return the longest time between two looks by stage, in seconds of the main thread."""
    control = Watched()
    values = {
        "train.epochs": 1,
        "train.min_steps_per_epoch": steps,
        "train.batch_size": 2,
        "views.num_frames": 40,
        "backbone.weights": "none",
    }
    order = Order(clips, out, values, recipe="pouring")
    train(order, "cpu", resume=False, sink=control.hear, control=control)
    control.stage = "writing the encoder"
    control.look()
    return control.longest


def main() -> int:
    """Print the table. Returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--steps", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        clips = make_sample(Path(name) / "clips", videos=2)
        longest(clips, Path(name) / "first", 1)  # libraries load
        now = longest(clips, Path(name) / "now", args.steps)
        with mock.patch("core.learning.trainer.before_each_part", return_value=contextlib.nullcontext()):
            without = longest(clips, Path(name) / "without", args.steps)
    print(f"{'':24}{'now':>8}{'without hooks':>15}   s")
    for stage, seconds in now.items():
        print(f"{stage:24}{seconds:8.2f}{without.get(stage, float('nan')):15.2f}")
    is_kept = now["step"] <= CLAIMED_SECONDS
    print(f"a step within {CLAIMED_SECONDS:g} s: {'reached' if is_kept else 'NOT reached'}")
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
