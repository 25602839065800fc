"""Soft-DTW with Contrastive-IDM against plain loops."""

from functools import partial

import pytest
from torch import Tensor

from core.objectives.kinds import LavSettings
from tests.core.objectives.drawn import Clip, agrees, drawn_clips
from tests.core.objectives.plain import log_minimum, mean_of, squared, sum_of, warp


def unit(z: Tensor) -> Tensor:
    return z / z.square().sum(1, keepdim=True).sqrt()


def idm(settings: LavSettings, clip: Clip) -> Tensor:
    z = unit(clip.z)
    terms = []
    for i in range(len(clip)):
        for j in range(len(clip)):
            weight = 1 + ((clip.frames[i] - clip.frames[j]) / clip.num_frames) ** 2
            distance = squared(z[i], z[j])
            if abs(clip.frames[i] - clip.frames[j]) > settings.window:
                terms.append(weight * (settings.margin - distance).clamp(min=0))
            else:
                terms.append(distance / weight)
    return sum_of(terms)


def plain(settings: LavSettings, clips: list[Clip]) -> Tensor:
    losses = []
    for a, u in enumerate(clips):
        for v in clips[a + 1 :]:
            if u.group == v.group:
                costs = [[squared(x, y) for y in unit(v.z)] for x in unit(u.z)]
                end = warp(costs, log_minimum(settings.gamma))[-1][-1]
                spread = idm(settings, u) + idm(settings, v)
                losses.append((end + settings.idm_weight * spread) / ((len(u) + len(v)) / 2))
    return mean_of(losses)


@pytest.mark.parametrize(
    "settings",
    [LavSettings(), LavSettings(gamma=0.3, idm_weight=0.7, window=4.0, margin=2.5)],
    ids=["released", "other"],
)
def test_it_equals_plain_loops(settings: LavSettings) -> None:
    agrees("lav", partial(plain, settings), drawn_clips([6, 4, 5, 2], groups=(0, 1, 0, 1)), settings)
