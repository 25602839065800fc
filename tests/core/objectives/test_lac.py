"""The local alignment contrastive loss against plain loops."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from core.objectives.kinds import LacSettings
from tests.core.objectives.drawn import Clip, agrees, drawn_clips, made_head, value_and_gradients
from tests.core.objectives.plain import mean_of, softmax, squared, sum_of

SETTINGS = LacSettings(temperature=0.6, variance=8.0, local_weight=0.3, score_weight=0.2, distance_eps=0.2)


def unit(z: Tensor) -> Tensor:
    return z / z.square().sum(1, keepdim=True).sqrt()


def most(values: list[Tensor]) -> Tensor:
    t = SETTINGS.temperature
    greatest = max(v.item() for v in values)
    return greatest + t * torch.log(sum_of([torch.exp((v - greatest) / t) for v in values]))


def aligned(similar: list[list[Tensor]], opening: Tensor, extending: Tensor) -> list[list[Tensor]]:
    """D, cell by cell; what does not exist is left out of the maximum."""
    zero = torch.zeros((), dtype=torch.float64)
    d: dict[tuple[int, int], Tensor] = {}
    x: dict[tuple[int, int], Tensor] = {}
    y: dict[tuple[int, int], Tensor] = {}
    for i in range(len(similar)):
        for j in range(len(similar[0])):
            before = (i - 1, j - 1)
            d[i, j] = similar[i][j] + most([zero, *(table[before] for table in (d, x, y) if before in table)])
            left = [d[i, j - 1] - opening[i, j]] if j else []
            if (i, j - 1) in x:
                left.append(x[i, j - 1] - extending[i, j])
            up = [d[i - 1, j] - opening[i, j]] if i else []
            if (i - 1, j) in x:
                up.append(x[i - 1, j] - opening[i, j])
            if (i - 1, j) in y:
                up.append(y[i - 1, j] - extending[i, j])
            if left:
                x[i, j] = most(left)
            if up:
                y[i, j] = most(up)
    return [[d[i, j] for j in range(len(similar[0]))] for i in range(len(similar))]


def video_loss(a: Clip, b: Clip, opening: Tensor, extending: Tensor) -> Tensor:
    z1, z2 = unit(a.z), unit(b.z)
    n, m = len(a), len(b)
    similar = [[1 / (squared(x, y) + SETTINGS.distance_eps) for y in z2] for x in z1]
    there = aligned(similar, opening, extending)
    back = aligned([list(column) for column in zip(*similar, strict=True)], opening, extending)
    p, q = ([softmax(row) for row in table] for table in (there, back))
    contrastive, matched = [], []
    for i in range(n):
        near = [
            torch.exp(torch.tensor(-((a.frames[i] - s) ** 2) / (2 * SETTINGS.variance), dtype=torch.float64))
            for s in b.frames
        ]
        w = [g / sum_of(near) for g in near]
        shares = softmax([(z1[i] * y).sum() / SETTINGS.temperature for y in z2])
        logits = [sum_of([p[i][k] * q[j][k] for k in range(min(n, m))]) for j in range(m)]
        contrastive += [w[j] * (torch.log(w[j]) - torch.log(shares[j])) for j in range(m)]
        matched.append(-sum_of([w[j] * torch.log(softmax(logits)[j]) for j in range(m)]))
    score = most([v for row in there for v in row]) + most([v for row in back for v in row])
    local = mean_of(matched) - SETTINGS.score_weight * score / ((n + m) / 2)
    return sum_of(contrastive) / (n * m) + SETTINGS.local_weight * local


def reference(head: nn.Module) -> Any:
    def plain(clips: list[Clip]) -> Tensor:
        assert isinstance(head, nn.ParameterDict)
        opening, extending = (torch.log1p(torch.exp(head[name])) for name in ("opening", "extending"))
        half = len(clips) // 2
        return mean_of([video_loss(a, b, opening, extending) for a, b in zip(clips[:half], clips[half:], strict=True)])

    return plain


def test_it_equals_plain_loops() -> None:
    head = made_head("lac")
    assert head is not None
    agrees("lac", reference(head), drawn_clips([5, 3, 4, 5]), SETTINGS, head)


def test_gap_prices_begin_at_one() -> None:
    from core.objectives.registry import OBJECTIVES, HeadSizes

    build = OBJECTIVES["lac"].head
    assert build is not None
    for price in build(HeadSizes(4, 6)).parameters():
        torch.testing.assert_close(nn.functional.softplus(price), torch.ones(6, 6))


def test_a_better_alignment_costs_less() -> None:
    """As alignment should, and the released code's sign does not."""
    clips, head = drawn_clips([6, 6]), made_head("lac")
    plain, rewarded, released = (
        value_and_gradients("lac", clips, LacSettings(local_weight=1.0, score_weight=weight), head)[0]
        for weight in (0.0, 0.1, -0.1)
    )
    assert rewarded < plain < released


def test_it_needs_prices_for_the_longest_clip() -> None:
    with pytest.raises(ValueError, match="gap prices for clips of 12 steps"):
        value_and_gradients("lac", drawn_clips([12, 12]), None, made_head("lac", frames=11))
    with pytest.raises(ValueError, match="gap prices"):
        value_and_gradients("lac", drawn_clips([12, 12]))
