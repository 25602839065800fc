"""Brownian bridges against plain loops, and the laws of their draws."""

import pytest
import torch
from torch import Tensor

from core.objectives.kinds import VspSettings
from core.objectives.vsp import draw_bridges
from tests.core.objectives.drawn import Clip, agrees, drawn_clips, generator
from tests.core.objectives.plain import mean_of, squared, sum_of


def unit(z: Tensor) -> Tensor:
    return z / z.square().sum(1, keepdim=True).sqrt()


def energy(x: Tensor, a: Tensor, b: Tensor, bridge: list[int]) -> Tensor:
    head, point, tail = bridge
    alpha = (point - head) / (tail - head)
    sigma = alpha * (tail - point)
    return torch.exp(-squared(x, (1 - alpha) * a + alpha * b) / (2 * sigma**2))


@pytest.mark.parametrize("segments", [1, 2])
def test_it_equals_plain_loops(segments: int) -> None:
    clips, settings = drawn_clips([9, 5, 2, 8]), VspSettings(segments=segments, overlap=0.5)
    bridges = draw_bridges(clips.lengths, settings, generator()).tolist()

    def plain(apart: list[Clip]) -> Tensor:
        real = [(r, k) for r, row in enumerate(bridges) for k, bridge in enumerate(row) if bridge[2] - bridge[0] >= 2]
        losses = []
        for r in range(len(apart)):
            own = []
            for k in [k for row, k in real if row == r]:
                bridge = bridges[r][k]
                a, point, b = (unit(apart[r].z)[i] for i in bridge)
                e = energy(point, a, b, bridge)
                negatives = [
                    energy(unit(apart[other].z)[i], a, b, bridge)
                    for other, number in real
                    if (other, number) != (r, k)
                    for i in bridges[other][number]
                ]
                own.append(-torch.log(e / (e + sum_of(negatives))))
            if own:
                losses.append(mean_of(own))
        return mean_of(losses)

    agrees("vsp", plain, clips, settings)


@pytest.mark.parametrize("segments", [1, 3])
def test_bridges_lie_in_their_clips(segments: int) -> None:
    lengths, draws = torch.tensor([30, 3, 2, 0]), generator()
    points = set()
    for _ in range(300):
        bridges = draw_bridges(lengths, VspSettings(segments=segments, overlap=0.4), draws)
        assert bridges.shape == (4, segments, 3)
        assert not bridges[2:].any()
        a, p, b = bridges[0].unbind(1)
        assert (a < p).all()
        assert (p < b).all()
        assert (a >= 0).all()
        assert (b < 30).all()
        size = 30 // segments
        for number in range(segments):
            assert abs(int(a[number]) - number * size) <= 2
            assert abs(int(b[number]) - ((number + 1) * size - 1)) <= 2
        points.add(int(p[0]))
        assert bridges[1, 0].tolist() == [0, 1, 2]
        assert not bridges[1, 1:].any()
        if segments == 1:
            assert bridges[0, 0, ::2].tolist() == [0, 29]
    assert len(points) > 7
