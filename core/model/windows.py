"""Embed a video in overlapping windows, each as if it were its own video."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from core.model.encoder import Encoder
from core.model.temporal import TransformerHead

_OVERLAP = 4
"""Windows over each frame."""
_BATCH_FRAMES = 2048
"""Of windows that are embedded at once: bounds memory."""


class FramesInWindows:
    """The frames of a video, for embedding in windows of any length.

    What the head makes of each frame by itself is computed once, where the head is a transformer.

    Args:
        encoder: in eval mode or not; nothing is drawn and nothing learned.
        features: (N, F), or (N, C, h, w) for the conv3d head.
    """

    def __init__(self, encoder: Encoder, features: NDArray[np.floating]) -> None:
        self.encoder, self.num_frames = encoder, len(features)
        self._device = next(encoder.head.parameters()).device
        rows = np.asarray(features, dtype=np.float32)
        head = encoder.head
        self._head = head if isinstance(head, TransformerHead) and not encoder.config.delta_lag else None
        self._rows = torch.from_numpy(rows)
        if self._head is not None:
            self._rows = self._by_frame(self._head)

    def embedded(self, window_frames: int, step: int = 1) -> NDArray[np.float32]:
        """Embed every `step`-th frame in windows; the mean of those that hold it, (ceil(N / step), D) rows of norm 1.

        Frames near a window's ends, of whose surroundings it shows little, count less.

        Args:
            window_frames: length of each, in frames of the video; a video that is shorter is embedded whole.
            step: frames from one that is seen to the next.

        Raises:
            ValueError: a window shows no frame.
        """
        size = min(window_frames // step, -(-self.num_frames // step))
        if size < 1:
            raise ValueError(f"a window of {window_frames} frames is too short for a step of {step}")
        rows = self._rows[::step]
        count = 1 + -(-(len(rows) - size) * _OVERLAP // size)
        starts = np.unique(np.linspace(0, len(rows) - size, count).astype(np.int64))
        weights = torch.hann_window(size + 2, periodic=False)[1:-1, None] + 1e-3
        total: Tensor | None = None
        each = max(1, _BATCH_FRAMES // size)
        for first in range(0, len(starts), each):
            some = starts[first : first + each]
            made = self._in_context(torch.stack([rows[start : start + size] for start in some]))  # (B, size, D)
            total = torch.zeros(len(rows), made.shape[2]) if total is None else total
            for start, window in zip(some, made, strict=True):
                total[start : start + size] += weights * window
        assert total is not None, "there must be a window"
        result: NDArray[np.float32] = F.normalize(total, dim=-1).numpy()
        return result

    @torch.no_grad()
    def _by_frame(self, head: TransformerHead) -> Tensor:
        """Return (N, W) what the head makes of each frame by itself."""
        with _evaluating(self.encoder):
            parts = [
                head.mlp(self.encoder.input(self._rows[None, first : first + _BATCH_FRAMES].to(self._device))[0]).cpu()
                for first in range(0, len(self._rows), _BATCH_FRAMES)
            ]
        return torch.cat(parts)

    @torch.no_grad()
    def _in_context(self, rows: Tensor) -> Tensor:
        """Map (B, T, ...) frames -> (B, T, D) rows of norm 1."""
        if self._head is None:
            return torch.stack([self.encoder.embed_features(window.to(self._device)).cpu() for window in rows])
        positions = torch.arange(rows.shape[1], dtype=torch.float32)
        if self.encoder.config.rescale_positions:
            positions *= (self.encoder.train_frames - 1) / max(rows.shape[1] - 1, 1)
        positions = positions.expand(rows.shape[:2]).to(self._device)
        with _evaluating(self.encoder):
            h = self._head.out(self._head.transformer(rows.to(self._device), None, positions))
        return F.normalize(h.float(), dim=-1).cpu()


class _evaluating:  # noqa: N801 - reads as a statement
    """Puts an encoder in eval mode, and back."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self._was_training = encoder, encoder.training

    def __enter__(self) -> None:
        self._encoder.eval()

    def __exit__(self, *_: object) -> None:
        self._encoder.train(self._was_training)
