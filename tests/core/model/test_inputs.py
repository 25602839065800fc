from __future__ import annotations

import numpy as np
import pytest
import torch

from core.model.inputs import FeatureInput, pool_maps, pooled_width, with_changes
from tests.core.model.tiny import random


def test_pooling_over_space() -> None:
    maps = random(2, 3, 4, 6) - 0.5
    highest, mean = maps.flatten(2).max(-1).values, maps.flatten(2).mean(-1)
    torch.testing.assert_close(pool_maps(maps, "max"), highest)
    torch.testing.assert_close(pool_maps(maps, "avg"), mean)
    torch.testing.assert_close(pool_maps(maps, "max+avg"), torch.cat((highest, mean), dim=1))
    quarters = pool_maps(maps, "avg2x2").view(2, 3, 2, 2)
    torch.testing.assert_close(quarters[:, :, 1, 0], maps[:, :, 2:, :3].mean(dim=(-2, -1)))
    assert [pooled_width(3, pool) for pool in ("max", "avg", "max+avg", "avg2x2")] == [3, 3, 6, 12]


@pytest.mark.parametrize("frames", [1, 2, 9])
def test_changes_span_the_frames_before_and_after_and_stop_at_the_ends(frames: int) -> None:
    rows = random(6, 4).numpy()
    wide = with_changes(rows, frames)
    assert wide.shape == (6, 8)
    for t in range(6):
        change = rows[min(t + frames, 5)] - rows[max(t - frames, 0)]
        np.testing.assert_array_equal(wide[t], np.concatenate((rows[t], change)))


def test_without_differences_rows_stay_as_they_are() -> None:
    rows = random(6, 4).numpy()
    assert with_changes(rows, 0) is rows


def test_an_input_passes_features_until_it_is_fitted() -> None:
    x = random(2, 6, 4)
    read = FeatureInput(4)
    assert read.width == 4
    assert torch.equal(read(x), x)


def test_fitted_features_have_no_mean_and_a_mean_deviation_of_one() -> None:
    videos = [3 + 5 * random(n, 4, seed=n).numpy() for n in (30, 50)]
    read = FeatureInput(4, changes=True)
    read.fit(rows.astype(np.float16) for rows in videos)
    joined = torch.from_numpy(np.concatenate([with_changes(rows, 3) for rows in videos]))
    outcome = read(joined[None])[0]
    torch.testing.assert_close(outcome[:, :4].mean(dim=0), torch.zeros(4), atol=2e-3, rtol=0)
    assert outcome[:, :4].std(dim=0, correction=0).mean().item() == pytest.approx(1, abs=2e-3)
    torch.testing.assert_close(outcome[:, 4:], joined[:, 4:] / read.scale)


def test_constant_features_do_not_divide_by_zero() -> None:
    read = FeatureInput(2)
    read.fit([np.full((5, 2), 7.0)])
    assert read(torch.full((1, 3, 2), 7.0)).abs().max() == 0
