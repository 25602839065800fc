"""Clips to test objectives on, and the comparison with a reference of plain loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from core.objectives.clips import Clips
from core.objectives.registry import OBJECTIVES, HeadSizes

WIDTH = 4


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawn_clips(
    lengths: Sequence[int], steps: int = 0, *, groups: Sequence[int] = (), seed: int = 0, scale: float = 1.0
) -> Clips:
    """Clips of these valid lengths, padded to `steps` (0: to the longest), in float64.

    Frames are 1 to 4 apart, labels are 0 to 2 with some unknown; every second clip is fast.
    """
    draws, rows, steps = generator(seed), len(lengths), steps or max(lengths)
    apart = torch.randint(1, 5, (rows, steps), generator=draws)
    frames = apart.cumsum(1) - apart[:, :1]
    return Clips(
        z=scale * torch.randn(rows, steps, WIDTH, generator=draws, dtype=torch.float64),
        frames=frames,
        valid=torch.arange(steps) < torch.tensor(lengths)[:, None],
        num_frames=frames[:, -1] + 3,
        groups=tuple(groups) or (0,) * rows,
        labels=torch.randint(-1, 3, (rows, steps), generator=draws),
        is_fast=torch.arange(rows) % 2 == 1,
    )


def made_head(name: str, frames: int = 10, seed: int = 1) -> nn.Module | None:
    """The objective's head in float64, each parameter changed a little so that none is like another."""
    build = OBJECTIVES[name].head
    if build is None:
        return None
    torch.manual_seed(seed)
    head = build(HeadSizes(WIDTH, frames, classes=3)).double()
    with torch.no_grad():
        for parameter in head.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return head


@dataclass
class Clip:
    """The valid steps of one clip, as a reference sees them."""

    z: Tensor
    """(n, D), part of a tensor that gradients are taken by."""
    frames: list[float]
    num_frames: int
    group: int
    labels: list[int]
    is_fast: bool

    def __len__(self) -> int:
        return len(self.z)


def apart(clips: Clips) -> list[Clip]:
    """The clips one by one, without padding."""
    assert clips.labels is not None
    assert clips.is_fast is not None
    return [
        Clip(
            clips.z[r, : int(n)],
            clips.frames[r, : int(n)].double().tolist(),
            int(clips.num_frames[r]),
            clips.groups[r],
            clips.labels[r, : int(n)].tolist(),
            bool(clips.is_fast[r]),
        )
        for r, n in enumerate(clips.valid.sum(1))
    ]


def value_and_gradients(
    name: str, clips: Clips, settings: Any = None, head: nn.Module | None = None, seed: int = 0
) -> tuple[Tensor, list[Tensor]]:
    """The loss, and its gradients by z and by the head's parameters."""
    objective = OBJECTIVES[name]
    z = clips.z.detach().clone().requires_grad_()
    loss = objective.loss(replace(clips, z=z), settings or objective.kind.settings(), head, generator(seed))
    return loss, _gradients(loss, z, head)


def agrees(
    name: str, plain: Callable[[list[Clip]], Tensor], clips: Clips, settings: Any = None, head: nn.Module | None = None
) -> None:
    """Assert that value and gradients are those of the reference, to 1e-5 relative, with clips as they are."""
    loss, got = value_and_gradients(name, clips, settings, head)
    z = clips.z.detach().clone().requires_grad_()
    expected = plain(apart(replace(clips, z=z)))
    assert expected.abs() > 1e-6
    torch.testing.assert_close(loss, expected, rtol=1e-5, atol=1e-12)
    for mine, reference in zip(got, _gradients(expected, z, head), strict=True):
        assert reference.abs().max() > 1e-9
        torch.testing.assert_close(mine, reference, rtol=1e-5, atol=1e-10)


def _gradients(loss: Tensor, z: Tensor, head: nn.Module | None) -> list[Tensor]:
    parameters = [] if head is None else list(head.parameters())
    return list(torch.autograd.grad(loss, [z, *parameters], materialize_grads=True))
