"""Augmented cells are, nearly, the cells of augmented frames."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.augment.cells import BINS, CHANNELS, CellDraw, apply_cells, draw_cells
from core.config import AugmentConfig
from core.model.hog import Hog
from core.model.inputs import pooled

CELLS = 8
STILL = AugmentConfig(scale_low=1.0, ratio_high=1.0, flip=0.0, jitter=0.0)


def picture(seed: int = 0) -> torch.Tensor:
    """(1, 3, 128, 128) of large, smooth shapes."""
    coarse = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.interpolate(coarse, 128, mode="bicubic").clamp(0, 1)


def features(frames: torch.Tensor) -> NDArray[np.float32]:
    """(N, CHANNELS * 64), as the encoder takes them."""
    return pooled(Hog()(frames), "avg8x8").numpy()


def drawn(**changed: object) -> CellDraw:
    config = dataclasses.replace(STILL, **changed)  # type: ignore[arg-type]
    return draw_cells(config, CELLS, np.random.default_rng(0))


def test_the_whole_picture_as_it_is_changes_nothing() -> None:
    rows = features(picture())
    np.testing.assert_allclose(apply_cells(rows, drawn()), rows, atol=1e-5)


def test_mirrored_cells_are_those_of_the_mirrored_picture() -> None:
    rows, mirrored = features(picture()), features(picture().flip(-1))
    assert np.abs(rows - mirrored).max() > 0.05
    np.testing.assert_allclose(apply_cells(rows, drawn(flip=1.0)), mirrored, atol=1e-4)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_crops_cells_are_near_those_of_the_cropped_picture(seed: int) -> None:
    frames = picture(seed)
    part = frames[..., 32:96, 16:80]  # rows 2 to 5 and columns 1 to 4 of 8, made large again
    cropped = features(torch.nn.functional.interpolate(part, 128, mode="bilinear"))[0]
    whole = features(frames)
    one = dataclasses.replace(drawn(), down=_of(2, 4), across=_of(1, 4))
    made = apply_cells(whole, one)[0]
    edges = slice(0, BINS * CELLS * CELLS)

    def likeness(row: NDArray[np.float32]) -> float:
        return float(np.corrcoef(row[edges], cropped[edges])[0, 1])

    assert likeness(made) > 0.6 > 0.3 > likeness(whole[0])
    assert np.square(made[edges]).sum() == pytest.approx(np.square(cropped[edges]).sum(), rel=1e-3)


def _of(first: int, length: int) -> NDArray[np.float32]:
    """(8, 8) weights of a crop of whole cells."""
    edges = first + length * np.arange(9) / 8
    shared = np.minimum(edges[1:, None], np.arange(8) + 1) - np.maximum(edges[:-1, None], np.arange(8))
    weights = shared.clip(min=0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def test_every_draw_averages_cells_within_the_picture() -> None:
    config = AugmentConfig(scale_low=0.2)
    generator = np.random.default_rng(1)
    areas = []
    for _ in range(300):
        one = draw_cells(config, CELLS, generator)
        for weights in (one.down, one.across):
            assert (weights >= 0).all()
            np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)
        areas.append(float(np.prod([(weights.sum(axis=0) > 1e-6).sum() for weights in (one.down, one.across)])))
    assert min(areas) < 25 < 60 < max(areas)


def test_colours_are_scaled_alone() -> None:
    rows = features(picture())
    made = apply_cells(rows, drawn(jitter=1.0, brightness=0.5)).reshape(CHANNELS, -1)
    before = rows.reshape(CHANNELS, -1)
    np.testing.assert_allclose(made[:BINS], before[:BINS], atol=1e-5)
    factors = made[BINS:] / before[BINS:]
    assert np.ptp(factors, axis=1).max() < 1e-4
    assert np.ptp(factors) > 0.05
