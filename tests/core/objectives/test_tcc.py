"""Cycle consistency against plain loops."""

import pytest
import torch
from torch import Tensor

from core.objectives.kinds import TccSettings
from tests.core.objectives.drawn import Clip, agrees, drawn_clips, value_and_gradients
from tests.core.objectives.plain import mean_of, softmax, squared, sum_of

SETTINGS = TccSettings(temperature=0.4, variance_weight=0.01)


def plain(clips: list[Clip]) -> Tensor:
    losses = []
    for a, u in enumerate(clips):
        for b, v in enumerate(clips):
            if a != b and u.group == v.group and len(u) > 1 and len(v):
                losses.append(cycled(u, v))
    return mean_of(losses)


def cycled(u: Clip, v: Clip) -> Tensor:
    scale = u.z.shape[1] * SETTINGS.temperature
    times = [s / u.num_frames for s in u.frames]
    rows = []
    for i in range(len(u)):
        near = softmax([-squared(u.z[i], other) / scale for other in v.z])
        found = torch.stack([w * other for w, other in zip(near, v.z, strict=True)]).sum(0)
        beta = softmax([-squared(found, other) / scale for other in u.z])
        mean = sum_of([w * t for w, t in zip(beta, times, strict=True)])
        variance = sum_of([w * (t - mean) ** 2 for w, t in zip(beta, times, strict=True)])
        rows.append((times[i] - mean) ** 2 / variance + SETTINGS.variance_weight * torch.log(variance))
    return mean_of(rows)


@pytest.mark.parametrize("groups", [(0, 0, 0), (1, 0, 1)])
def test_it_equals_plain_loops(groups: tuple[int, ...]) -> None:
    agrees("tcc", plain, drawn_clips([6, 4, 3], groups=groups), SETTINGS)


def test_a_clip_of_one_step_goes_nowhere() -> None:
    agrees("tcc", plain, drawn_clips([5, 1]), SETTINGS)


def test_a_softmax_that_underflows_stays_finite() -> None:
    loss, (grad,) = value_and_gradients("tcc", drawn_clips([6, 5], scale=100.0))
    assert loss.isfinite()
    assert grad.isfinite().all()
