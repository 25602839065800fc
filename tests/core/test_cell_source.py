"""Views of augmented cells: each has a draw of its own, and only clean features are kept."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from core.augment.cells import CHANNELS, apply_cells, draw_cells
from core.augment.temporal import draw_views
from core.cell_source import CellSource, augments_cells
from core.config import AugmentConfig, Config, ViewsConfig, with_values
from core.model.inputs import with_changes
from core.recipes import find_recipe

VIEWS = ViewsConfig(frames=12, layout="share", sampling="warped")
STILL = AugmentConfig(scale_low=1.0, ratio_high=1.0, flip=0.0, jitter=0.0)


class Features:
    """What a `FeatureFile` gives, in memory."""

    def __init__(self, frames: int, seed: int) -> None:
        self.array = np.random.default_rng(seed).random((frames, CHANNELS * 16)).astype(np.float16)
        self.array[:, :] += np.float16(seed)

    def __len__(self) -> int:
        return len(self.array)

    def rows(self, indices: NDArray[np.int64]) -> NDArray[np.float16]:
        return self.array[indices]

    def mean(self) -> NDArray[np.float32]:
        return self.array.mean(axis=0, dtype=np.float32)


def source(augment: AugmentConfig = STILL, **options: object) -> CellSource:
    return CellSource([Features(40, 1), Features(25, 2)], augment, **options)  # type: ignore[arg-type, list-item]


@pytest.mark.parametrize("differences", [0, 3])
def test_changes_are_those_within_the_crop(differences: int) -> None:
    made = source(differences=differences)
    view = draw_views(40, VIEWS, np.random.default_rng(5))[0]
    loaded = made.load(0, view, np.random.default_rng(6)).rows.numpy()
    generator = np.random.default_rng(6)
    drawn = draw_cells(STILL, 4, generator)
    crop = Features(40, 1).array[view.crop.start_frame : view.crop.end_frame_exclusive].astype(np.float32)
    wide = with_changes(apply_cells(crop, drawn), differences)
    np.testing.assert_allclose(loaded, wide[view.indices - view.crop.start_frame], rtol=1e-5)


def test_a_draw_is_of_the_generator_alone_and_another_for_each_view() -> None:
    made = source(dataclasses.replace(STILL, scale_low=0.3, flip=0.5))
    view = draw_views(40, VIEWS, np.random.default_rng(5))[0]
    one, same, other = (made.load(0, view, np.random.default_rng(seed)).rows for seed in (1, 1, 2))
    assert one.equal(same)
    assert not one.equal(other)


def test_swapped_views_have_the_mean_of_some_video_and_keep_their_changes() -> None:
    view = draw_views(40, VIEWS, np.random.default_rng(5))[0]
    plain, swapped = source(differences=3), source(differences=3, swap=1.0)
    width = CHANNELS * 16
    means = set()
    for seed in range(12):
        rows = [made.load(0, view, np.random.default_rng(seed)).rows.numpy() for made in (plain, swapped)]
        np.testing.assert_allclose(rows[0][:, width:], rows[1][:, width:], atol=1e-3)
        moved = (rows[1] - rows[0])[:, :width]
        assert np.ptp(moved, axis=0).max() < 1e-3, "every frame by the same"
        means.add(round(float(np.abs(moved).max()), 1) > 0.1)
    assert means == {True, False}, "its own now and then"


def test_cells_are_augmented_in_place_of_copies_where_there_are_cells() -> None:
    quick = find_recipe("quick")
    assert augments_cells(quick)
    assert not augments_cells(with_values(quick, {"train.copies": 2}))
    assert not augments_cells(with_values(quick, {"backbone.pool": "max"}))
    assert not augments_cells(Config())
