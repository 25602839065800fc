"""What each objective costs beside the sequence contrastive loss: forward and backward of the loss alone, no encoder.

Four videos a step: two views of each for objectives of views, else one clip, all of one action. Milliseconds are
medians of alternating rounds; megabytes are what is kept for the way back, at 240 and at 480 steps: it grows with T^2,
so fourfold at most. Exit status 1 where it grows by more than 4.2.

    python benchmarks/objectives.py [--rounds 3] [--frames 240]
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import torch
from torch import Tensor, nn

from core.objectives.clips import Clips
from core.objectives.kinds import Needs
from core.objectives.registry import OBJECTIVES, HeadSizes, Objective

VIDEOS, WIDTH, CLASSES = 4, 128, 5
MOST_GROWTH = 4.2


def clips_of(objective: Objective, steps: int) -> tuple[Clips, nn.Module | None]:
    """A batch and a head, the same every time."""
    rows = 2 * VIDEOS if objective.kind.needs is Needs.VIEWS else VIDEOS
    draws = torch.Generator().manual_seed(0)
    head = objective.head and objective.head(HeadSizes(WIDTH, steps, CLASSES))
    clips = Clips(
        z=torch.randn(rows, steps, WIDTH, generator=draws).requires_grad_(),
        frames=torch.randint(1, 3, (rows, steps), generator=draws).cumsum(1),
        valid=torch.ones(rows, steps, dtype=torch.bool),
        num_frames=torch.full((rows,), 2 * steps),
        groups=(0,) * rows,
        labels=torch.randint(CLASSES, (rows, steps), generator=draws),
        is_fast=torch.arange(rows) % 2 == 0,
    )
    return clips, head


def step(objective: Objective, clips: Clips, head: nn.Module | None) -> float:
    """Seconds of a forward and a backward pass."""
    started = time.perf_counter()
    loss = objective.loss(clips, objective.kind.settings(), head, torch.Generator().manual_seed(0))
    loss.backward()  # type: ignore[no-untyped-call]
    return time.perf_counter() - started


def kept_megabytes(objective: Objective, steps: int) -> float:
    """What autograd holds between the two passes."""
    sizes: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        sizes[storage.data_ptr()] = storage.nbytes()
        return tensor

    clips, head = clips_of(objective, steps)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = objective.loss(clips, objective.kind.settings(), head, torch.Generator().manual_seed(0))
        total = sum(sizes.values())
    del loss
    return total / 1e6


def main() -> int:
    """Print the table; returns the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--frames", type=int, default=240)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    lengths = (chosen.frames, 2 * chosen.frames)
    made = {(name, t): clips_of(objective, t) for name, objective in OBJECTIVES.items() for t in lengths}
    taken: dict[tuple[str, int], list[float]] = {key: [] for key in made}
    for round_number in range(chosen.rounds + 1):
        for (name, t), (clips, head) in made.items():
            seconds = step(OBJECTIVES[name], clips, head)
            if round_number:  # the first compiles
                taken[name, t].append(seconds)
    medians = {key: float(np.median(times)) for key, times in taken.items()}
    print(f"{VIDEOS} videos a step, T = {lengths[0]} and {lengths[1]}, median of {chosen.rounds} alternating rounds")
    print(f"{'':12} {'ms':>9} {'x scl':>7} {'MB kept':>8} | {'ms':>9} {'x scl':>7} {'MB kept':>8}")
    growths = []
    for name, objective in OBJECTIVES.items():
        kept = [kept_megabytes(objective, t) for t in lengths]
        growths.append(kept[1] / kept[0])
        cells = [
            f"{medians[name, t] * 1e3:9.1f} {medians[name, t] / medians['scl', t]:7.2f} {megabytes:8.1f}"
            for t, megabytes in zip(lengths, kept, strict=True)
        ]
        print(f"{name:12} {cells[0]} | {cells[1]}")
    print(f"\ntwice as long a clip keeps {max(growths):.2f} times as much at most (claimed: {MOST_GROWTH})")
    return 0 if max(growths) <= MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
