"""The input of an objective, and sums over padded clips shared by several objectives."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

S = TypeVar("S")
Loss = Callable[["Clips", S, "nn.Module | None", torch.Generator], Tensor]
"""(clips, settings, head, generator) -> scalar. The generator is on the CPU; the head is what the objective learns."""


@dataclass(frozen=True)
class Clips:
    """The encoder's output for R clips of up to T steps. Valid steps come first, then padding.

    Of two views of each of B videos, rows 0..B-1 are the first views and B..2B-1 the second.
    """

    z: Tensor
    """(R, T, D) embeddings or projections."""
    frames: Tensor
    """(R, T) frame indices in the source videos, never falling."""
    valid: Tensor
    """(R, T) bool, False at padded steps."""
    num_frames: Tensor
    """(R,) frames of the source videos."""
    groups: tuple[int, ...]
    """R numbers of actions: clips of one group may be aligned with one another."""
    labels: Tensor | None = None
    """(R, T) int64 label of each step, -1 where there is none."""
    is_fast: Tensor | None = None
    """(R,) bool, whether a clip is at double speed."""

    def __post_init__(self) -> None:
        """Raise ValueError where shapes do not agree, the mask is not bool or a padded step is before a valid one."""
        steps, rows = self.z.shape[:2], self.z.shape[:1]
        for name, tensor, shape in (
            ("frames", self.frames, steps),
            ("valid", self.valid, steps),
            ("num_frames", self.num_frames, rows),
            ("labels", self.labels, steps),
            ("is_fast", self.is_fast, rows),
        ):
            if tensor is not None and tensor.shape != shape:
                raise ValueError(f"{name} is {tuple(tensor.shape)}, but z is {tuple(self.z.shape)}")
        if self.z.ndim != 3 or len(self.groups) != len(self.z):
            raise ValueError(f"z must be (R, T, D) with R groups, not {tuple(self.z.shape)} with {len(self.groups)}")
        if self.valid.dtype != torch.bool:
            raise ValueError(f"valid must be bool, not {self.valid.dtype}")
        if (self.valid[:, 1:] > self.valid[:, :-1]).any():
            raise ValueError("valid steps must come first, but a step after a padded one is valid")

    @property
    def lengths(self) -> Tensor:
        """(R,) valid steps."""
        return self.valid.sum(1)

    def clean(self) -> Clips:
        """Return the same in float32 at least, with zeros at the padded steps: nothing they held can spread."""
        z = self.z.to(torch.promote_types(self.z.dtype, torch.float32))
        return dataclasses.replace(
            self,
            z=torch.where(self.valid[..., None], z, 0.0),
            frames=torch.where(self.valid, self.frames, 0).to(z.dtype),
        )


def in_single(loss: Loss[S]) -> Loss[S]:
    """Check the clips of a loss, and compute it in at least float32 (float64 stays), also under autocast."""

    @functools.wraps(loss)
    def wrapped(clips: Clips, settings: S, head: nn.Module | None, generator: torch.Generator) -> Tensor:
        with torch.autocast(clips.z.device.type, enabled=False):
            return loss(clips.clean(), settings, head, generator)

    return wrapped


def pairs(clips: Clips) -> tuple[Tensor, Tensor]:
    """Return (P,) and (P,) rows of all pairs of clips of one group, each pair once, that have a valid step each."""
    rows = [
        (first, second)
        for first, second in itertools.combinations(range(len(clips.groups)), 2)
        if clips.groups[first] == clips.groups[second]
    ]
    both = torch.tensor(rows, dtype=torch.int64, device=clips.z.device).reshape(-1, 2)
    both = both[clips.valid.any(1)[both].all(1)]
    return both[:, 0], both[:, 1]


def mean_over(values: Tensor, used: Tensor) -> Tensor:
    """Return the mean over the last dimension of the values that are used; 0 where none is."""
    return torch.where(used, values, 0.0).sum(-1) / used.sum(-1).clamp(min=1)


def unit(z: Tensor) -> Tensor:
    """Return (..., D) at length 1; a vector of zeros stays one."""
    return F.normalize(z, dim=-1, eps=1e-8)


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """Return (..., N, M) |a_i - b_j|^2 of (..., N, D) and (..., M, D), never below 0."""
    lengths = a.square().sum(-1)[..., :, None] + b.square().sum(-1)[..., None, :]
    return (lengths - 2 * a @ b.mT).clamp(min=0.0)


def softmax_over(logits: Tensor, used: Tensor, dim: int) -> Tensor:
    """Return the softmax over what is used; 0 elsewhere, and everywhere where nothing is."""
    return torch.where(used, logits.masked_fill(~used, -1e30).softmax(dim), 0.0)


def log_softmax_over(logits: Tensor, used: Tensor, dim: int) -> Tensor:
    """Return the logarithm of the softmax over what is used; 0 elsewhere."""
    return torch.where(used, logits.masked_fill(~used, -1e30).log_softmax(dim), 0.0)


def draw(generator: torch.Generator, *shape: int, like: Tensor) -> Tensor:
    """Return uniform numbers in [0, 1), the same on every device."""
    return in_float64(torch.rand(*shape, generator=generator, dtype=torch.float64), like.device)


def in_float64(numbers: Tensor, device: torch.device) -> Tensor:
    """Return the numbers on a device in float64; in float32 on Apple's GPU, which knows no other."""
    return numbers.float().to(device) if device.type == "mps" else numbers.to(device).double()
