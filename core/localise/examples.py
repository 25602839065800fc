"""Training examples of a detector: rows of embeddings, true segments in steps, batches with masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.base.types import Span


@dataclass(frozen=True)
class Scale:
    """How the frames of a video become the steps of a detector: each step is the mean of a number of frames."""

    num_frames: int
    frames_per_step: int

    @staticmethod
    def of(num_frames: int, most_steps: int) -> Scale:
        """Return the finest scale on which the video has at most so many steps."""
        return Scale(num_frames, -(-num_frames // most_steps))

    @property
    def num_steps(self) -> int:
        return -(-self.num_frames // self.frames_per_step)

    def rows(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map (S, D) -> (T, D) means of the frames of each step; the last step may have fewer."""
        edges = np.arange(0, self.num_frames, self.frames_per_step)
        counts = np.diff(np.append(edges, self.num_frames))[:, None]
        return (np.add.reduceat(embeddings, edges, axis=0, dtype=np.float64) / counts).astype(np.float32)

    def frames(self, steps: NDArray[np.floating]) -> NDArray[np.int64]:
        """Return the frame nearest to each of these bounds, which count steps."""
        bounds: NDArray[np.int64] = np.rint(np.clip(steps * self.frames_per_step, 0, self.num_frames)).astype(np.int64)
        return bounds


@dataclass(frozen=True)
class Segments:
    """The true segments of one video, in steps of its scale."""

    bounds: Tensor
    """(N, 2) start and end (exclusive); they may lie over one another."""
    classes: Tensor
    """(N,) int64 place in the list of classes."""

    @staticmethod
    def of(spans: Sequence[Span], scale: Scale, classes: Sequence[str]) -> Segments:
        """Return these spans on a scale."""
        bounds = [(span.start_frame, span.end_frame_exclusive) for span in spans]
        return Segments(
            torch.tensor(bounds, dtype=torch.float32).reshape(-1, 2) / scale.frames_per_step,
            torch.tensor([classes.index(span.phase) for span in spans], dtype=torch.int64),
        )


@dataclass(frozen=True)
class Example:
    """A training video."""

    rows: Tensor
    """(T, D)"""
    segments: Segments

    @staticmethod
    def of(embeddings: NDArray[np.float32], spans: Sequence[Span], classes: Sequence[str], most_steps: int) -> Example:
        """Return an example from (S, D) embeddings, at the finest scale that has at most so many steps."""
        scale = Scale.of(len(embeddings), most_steps)
        return Example(torch.from_numpy(scale.rows(embeddings)), Segments.of(spans, scale, classes))


def pad(rows: Sequence[Tensor], multiple: int = 1) -> tuple[Tensor, Tensor]:
    """Pad (T_i, D) rows into one batch.

    Args:
        multiple: the batch's length is a multiple of it.

    Returns:
        (B, T, D) with zeros behind the end of each, and (B, T) which steps there are.
    """
    longest = max(map(len, rows))
    size = -(-longest // multiple) * multiple
    batch = rows[0].new_zeros(len(rows), size, rows[0].shape[1])
    valid = torch.zeros(len(rows), size, dtype=torch.bool)
    for index, one in enumerate(rows):
        batch[index, : len(one)] = one
        valid[index, : len(one)] = True
    return batch, valid
