"""Maps are cropped and flipped as the frames would be."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from core.augment.maps import crop_maps
from core.augment.spatial import SpatialDraw, crop_box

HEIGHT, WIDTH = 30, 50
"""Of the frames, in pixels: ten by ten of them a cell."""


@pytest.fixture
def maps() -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).normal(size=(2, 4, 3, 5))).float()


def slowly(maps: Tensor, draw: SpatialDraw) -> Tensor:
    """Every pixel gets its cell's value; the pixels of the crop are cut out and averaged in 3 x 5 equal parts."""
    pixels = maps.repeat_interleave(10, 2).repeat_interleave(10, 3)
    top, left, height, width = crop_box(draw, HEIGHT, WIDTH)
    crop = pixels[:, :, top : top + height, left : left + width]
    parts = crop.repeat_interleave(3, 2).repeat_interleave(5, 3)  # each part is a whole number of these
    return parts.unflatten(3, (5, width)).unflatten(2, (3, height)).mean(dim=(3, 5))


def test_nothing_drawn_changes_nothing(maps: Tensor) -> None:
    torch.testing.assert_close(crop_maps(maps, SpatialDraw(), HEIGHT, WIDTH), maps)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(("across", "down"), [(0.0, 1.0), (0.3, 0.6), (1.0, 0.0)])
def test_a_cell_is_the_mean_of_its_part_of_the_crop(maps: Tensor, across: float, down: float, flip: bool) -> None:
    draw = SpatialDraw(crops=((0.6, 1.2),), across=across, down=down, flip=flip)
    expected = slowly(maps, draw)
    got = crop_maps(maps, draw, HEIGHT, WIDTH)
    torch.testing.assert_close(got, expected.flip(3) if flip else expected)


def test_colours_and_sharpness_are_left_alone(maps: Tensor) -> None:
    plain = SpatialDraw(crops=((0.8, 1.0),))
    coloured = SpatialDraw(crops=((0.8, 1.0),), jitter=(("hue", 0.2),), blur_sigma=2.0, grayscale=True)
    torch.testing.assert_close(crop_maps(maps, coloured, HEIGHT, WIDTH), crop_maps(maps, plain, HEIGHT, WIDTH))


def test_a_backbone_that_pools_by_itself_has_nothing_to_crop(maps: Tensor) -> None:
    pooled = maps[:, :, :1, :1]
    torch.testing.assert_close(crop_maps(pooled, SpatialDraw(crops=((0.5, 1.0),), flip=True), HEIGHT, WIDTH), pooled)
