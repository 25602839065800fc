from __future__ import annotations

import pytest
import torch

from core.model.inputs import FeatureInput, pooled, pooled_width
from tests.core.model.tiny import random


def test_pooling_over_space() -> None:
    maps = random(2, 3, 4, 5) - 0.5
    highest, mean = maps.flatten(2).max(-1).values, maps.flatten(2).mean(-1)
    torch.testing.assert_close(pooled(maps, "max"), highest)
    torch.testing.assert_close(pooled(maps, "avg"), mean)
    torch.testing.assert_close(pooled(maps, "max+avg"), torch.cat((highest, mean), dim=1))
    assert [pooled_width(3, pool) for pool in ("max", "avg", "max+avg")] == [3, 3, 6]


@pytest.mark.parametrize("steps", [1, 2, 9])
@pytest.mark.parametrize(("first", "last"), [(0, 5), (0, 3), (2, 4), (3, 3)])
def test_differences_stop_at_the_valid_border(steps: int, first: int, last: int) -> None:
    x = random(1, 6, 4)
    valid = ((torch.arange(6) >= first) & (torch.arange(6) <= last))[None]
    read = FeatureInput(4, differences=steps)
    outcome = read(x, valid)
    assert outcome.shape == (1, 6, read.width) == (1, 6, 12)
    for t in range(first, last + 1):
        before, after = x[0, max(t - steps, first)], x[0, min(t + steps, last)]
        torch.testing.assert_close(outcome[0, t], torch.cat((x[0, t], x[0, t] - before, x[0, t] - after)))
    if (first, last) == (0, 5):
        torch.testing.assert_close(read(x), outcome)


def test_without_differences_features_pass_through() -> None:
    x = random(2, 6, 4)
    read = FeatureInput(4)
    assert read.width == 4
    assert torch.equal(read(x), x)
