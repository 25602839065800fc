"""Histograms of oriented gradients: what they tell apart, and what they do not mind."""

from __future__ import annotations

import pytest
import torch

from core.base.errors import ConfigError
from core.model.backbone import build_backbone
from core.model.hog import Hog
from tests.core.model.tiny import random, tiny_config


def stripes(across: float, down: float) -> torch.Tensor:
    """(1, 3, 64, 64) waves along a direction."""
    y, x = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    return (0.5 + 0.4 * torch.sin(across * x + down * y)).expand(1, 3, 64, 64)


@pytest.mark.parametrize(
    ("across", "down", "bin_"), [(0.5, 0.0, 0), (0.0, 0.5, 4.5), (0.4, 0.4, 2.25), (0.4, -0.4, 6.75)]
)
def test_edges_fall_into_the_bins_of_their_orientation(across: float, down: float, bin_: float) -> None:
    histogram = Hog()(stripes(across, down))[0, :9, 2:6, 2:6].square().sum(dim=(1, 2))
    for i in range(9):
        near = min(abs(i - bin_), 9 - abs(i - bin_)) < 1
        assert (histogram[i] > 0.2 * histogram.sum()) == near


def test_contrast_does_not_change_the_histograms_and_colour_is_the_mean_of_the_cell() -> None:
    frames = random(2, 3, 64, 48)
    maps = Hog()(frames)
    assert maps.shape == (2, 12, 8, 8)
    torch.testing.assert_close(Hog()(0.3 * frames + 0.2)[:, :9], maps[:, :9], rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(maps[0, 9:, 0, 0], 0.1 * frames[0, :, :8, :6].mean(dim=(1, 2)))


def test_a_flat_frame_has_no_edges_and_no_nan() -> None:
    maps = Hog()(torch.full((1, 3, 32, 32), 0.5))
    assert maps[:, :9].abs().max() == 0


def test_it_is_a_backbone_without_weights() -> None:
    config = tiny_config(backbone__name="hog", backbone__weights="none", backbone__trainable_blocks="none").backbone
    backbone = build_backbone(config)
    assert backbone.channels == 12
    assert not list(backbone.parameters())
    with pytest.raises(ConfigError, match=r"backbone\.weights = none"):
        build_backbone(
            tiny_config(backbone__name="hog", backbone__weights="imagenet", backbone__trainable_blocks="none").backbone
        )
