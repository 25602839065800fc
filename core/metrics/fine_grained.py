"""FineGym's fine-grained action classification: one linear layer on frozen embeddings.

The only figure that needs torch, which is imported when it is taken.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.labels.segments import UNLABELLED
from core.metrics.frames import Embeddings, Labels, check_labelled, check_same_width
from core.metrics.progression import check_classes

if TYPE_CHECKING:
    import torch

EPOCHS = 100
LEARNING_RATE = 50.0
MOMENTUM = 0.9
WEIGHT_DECAY = 1e-6
VIDEOS_PER_STEP = 10


def linear_layer_accuracy(
    train_embeddings: Sequence[Embeddings],
    train_labels: Sequence[Labels],
    val_embeddings: Sequence[Embeddings],
    val_labels: Sequence[Labels],
    *,
    num_classes: int,
    generator: np.random.Generator,
    device: str = "cpu",
    epochs: int = EPOCHS,
) -> float:
    """Return the share of validation frames whose class a linear layer predicts after its last
    epoch (released code for FineGym).

    Background, labelled -1, is left out on both sides. The embeddings go in as they are (rows of norm 1, as an encoder
    gives them). A step takes 10 training videos in random order; an epoch's last step is left out where fewer are left
    (with fewer than 10 videos in all, one step takes them all: there the released code takes none). The loss is the
    cross-entropy, mean over the frames of a step; SGD with momentum 0.9 and weight decay 1e-6; the learning rate is 50
    at first and falls along a cosine, by epoch. Weights and bias begin uniform within 1 / sqrt(D). The released code
    takes 10 videos on each GPU of several; this is it on one.

    Args:
        train_embeddings: (S, D) each; memory-mapped ones are read a step at a time.
        num_classes: 99 or 288 in FineGym.
        generator: the layer's beginning and the order of the videos.
        device: where torch computes.

    Returns:
        0..1; NaN where no training or no validation frame has a label.

    Raises:
        ValueError: an empty list, lists that do not belong together, not finite, a label that is not below
            `num_classes`, or no epoch.
    """
    check_labelled("train_", train_embeddings, train_labels)
    check_labelled("val_", val_embeddings, val_labels)
    check_same_width(train_embeddings, val_embeddings)
    check_classes(num_classes, [*train_labels, *val_labels])
    if epochs < 1:
        raise ValueError(f"epochs must be at least 1, not {epochs}")
    train = _Frames(train_embeddings, train_labels, device)
    val = _Frames(val_embeddings, val_labels, device)
    if not len(train) or not len(val):
        return float("nan")
    weight, bias = _fit(train, num_classes, generator, epochs)
    right = total = 0
    for x, y in val.steps(np.arange(len(val))):
        right += int(((x @ weight.T + bias).argmax(dim=1) == y).sum())
        total += len(y)
    return right / total


class _Frames:
    """The labelled frames of the videos, moved to the device on access."""

    def __init__(self, embeddings: Sequence[Embeddings], labels: Sequence[Labels], device: str) -> None:
        pairs = zip(embeddings, labels, strict=True)
        self._videos = [(video, own) for video, own in pairs if (own != UNLABELLED).any()]
        self.device = device
        self.width = embeddings[0].shape[1]

    def __len__(self) -> int:
        return len(self._videos)

    def steps(self, order: NDArray[np.int64]) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield (N, D) float32, (N,) int64 of `VIDEOS_PER_STEP` videos after the other."""
        import torch

        for start in range(0, len(order), VIDEOS_PER_STEP):
            chosen = [self._videos[video] for video in order[start : start + VIDEOS_PER_STEP]]
            x = np.concatenate([np.asarray(video[own != UNLABELLED], np.float32) for video, own in chosen])
            y = np.concatenate([np.asarray(own[own != UNLABELLED], np.int64) for _, own in chosen])
            yield torch.from_numpy(x).to(self.device), torch.from_numpy(y).to(self.device)


def _fit(
    train: _Frames, num_classes: int, generator: np.random.Generator, epochs: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (C, D), (C,) weight and bias."""
    import torch

    bound = 1 / math.sqrt(train.width)
    weight, bias = (
        torch.tensor(generator.uniform(-bound, bound, shape), dtype=torch.float32, device=train.device).requires_grad_()
        for shape in ((num_classes, train.width), (num_classes,))
    )
    optimiser = torch.optim.SGD([weight, bias], lr=LEARNING_RATE, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY)
    whole_steps = max(len(train) - len(train) % VIDEOS_PER_STEP, min(len(train), VIDEOS_PER_STEP))
    for epoch in range(epochs):
        optimiser.param_groups[0]["lr"] = LEARNING_RATE * (1 + math.cos(math.pi * epoch / epochs)) / 2
        for x, y in train.steps(generator.permutation(len(train))[:whole_steps]):
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(torch.nn.functional.linear(x, weight, bias), y)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    return weight.detach(), bias.detach()
