"""Global temporal alignment against plain loops."""

import torch
from torch import Tensor

from core.objectives.kinds import GtaSettings
from tests.core.objectives.drawn import Clip, agrees, drawn_clips
from tests.core.objectives.plain import cosine, mean_minimum, mean_of, softmax, sum_of, warp

SETTINGS = GtaSettings(gamma=0.3, temperature=0.5, label_smoothing=0.2, alignment_weight=0.4)


def columns_softmax(matrix: list[list[Tensor]]) -> list[list[Tensor]]:
    """Softmax over the rows of every column."""
    shares = [softmax(list(column)) for column in zip(*matrix, strict=True)]
    return [list(row) for row in zip(*shares, strict=True)]


def sums(u: Clip, v: Clip) -> list[list[Tensor]]:
    shares = columns_softmax([[cosine(x, y) / SETTINGS.temperature for y in v.z] for x in u.z])
    return warp([[-torch.log(p) for p in row] for row in shares], mean_minimum(SETTINGS.gamma))


def pair_loss(u: Clip, v: Clip) -> Tensor:
    there, back = sums(u, v), sums(v, u)
    p, q = (columns_softmax([[-r for r in row] for row in table]) for table in (there, back))
    n = len(u)
    rows = []
    for k in range(n):  # row k of the product transposed
        logits = [sum_of([p[i][j] * q[j][k] for j in range(len(v))]) for i in range(n)]
        shares = softmax(logits)
        rows.append(
            -sum_of(
                [
                    ((1 - SETTINGS.label_smoothing) * (i == k) + SETTINGS.label_smoothing / n) * torch.log(shares[i])
                    for i in range(n)
                ]
            )
        )
    return mean_of(rows) + SETTINGS.alignment_weight * (there[-1][-1] + back[-1][-1])


def plain(clips: list[Clip]) -> Tensor:
    return mean_of(
        [pair_loss(u, v) for a, u in enumerate(clips) for v in clips[a + 1 :] if u.group == v.group and len(v)]
    )


def test_it_equals_plain_loops() -> None:
    agrees("gta", plain, drawn_clips([5, 4, 6], groups=(2, 2, 2)), SETTINGS)
