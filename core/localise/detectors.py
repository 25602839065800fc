"""The detectors, by name. Padding after a video's end does not change their output."""

from __future__ import annotations

import torch
from torch import nn

from core.localise.graph import GraphDetector
from core.localise.points import PointDetector

Detector = PointDetector | GraphDetector

DETECTORS: dict[str, type[PointDetector] | type[GraphDetector]] = {
    PointDetector.name: PointDetector,
    GraphDetector.name: GraphDetector,
}


def build(name: str, width_in: int, num_classes: int, seed: int) -> Detector:
    """Make a new detector of that name; the seed alone decides its weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return DETECTORS[name](width_in, num_classes)


def num_weights(detector: nn.Module) -> int:
    """Return how many numbers it learned."""
    return sum(parameter.numel() for parameter in detector.parameters())
