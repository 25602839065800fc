"""Discriminative time warping against plain loops, and the law of its wrong orders."""

import torch
from torch import Tensor

from core.objectives.d3tw import wrong_orders
from core.objectives.kinds import D3twSettings
from tests.core.objectives.drawn import Clip, agrees, drawn_clips, generator, value_and_gradients
from tests.core.objectives.plain import cosine, log_minimum, mean_of, softmax, warp

SETTINGS = D3twSettings(gamma=0.3, temperature=0.5, margin=0.8, parts=3)
PAIRS = [(0, 1), (0, 2), (1, 2), (1, 0), (2, 0), (2, 1)]


def plain(clips: list[Clip]) -> Tensor:
    lengths = torch.tensor([len(clips[b]) for _, b in PAIRS])
    orders = wrong_orders(lengths, 7, SETTINGS.parts, generator())
    losses = []
    for (a, b), order in zip(PAIRS, orders, strict=True):
        u, v = clips[a], clips[b]
        costs = [[-torch.log(p) for p in softmax([cosine(x, y) / SETTINGS.temperature for y in v.z])] for x in u.z]
        wrong = [[row[j] for j in order[: len(v)].tolist()] for row in costs]
        right_end, wrong_end = (warp(c, log_minimum(SETTINGS.gamma))[-1][-1] for c in (costs, wrong))
        losses.append((SETTINGS.margin + (right_end - wrong_end) / len(u)).clamp(min=0))
    return mean_of(losses)


def test_it_equals_plain_loops() -> None:
    agrees("d3tw", plain, drawn_clips([7, 4, 5]), SETTINGS)


def test_a_wrong_order_moves_whole_parts() -> None:
    lengths, draws = torch.tensor([12, 7, 1, 2]), generator()
    seen = set()
    for _ in range(200):
        orders = wrong_orders(lengths, 14, 4, draws)
        for length, order in zip(lengths.tolist(), orders.tolist(), strict=True):
            assert sorted(order[:length]) == list(range(length))
            assert order[length:] == list(range(length, 14))
        blocks = [orders[0, i : i + 3].tolist() for i in range(0, 12, 3)]
        assert sorted(blocks) == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]
        assert blocks != sorted(blocks)
        seen.add(tuple(block[0] for block in blocks))
    assert len(seen) == 23


def test_a_pair_in_order_by_more_than_the_margin_costs_nothing() -> None:
    clips = drawn_clips([8, 8])
    clips.z[:] = 0
    for i in range(8):
        clips.z[:, i, i // 2] = 1
    assert value_and_gradients("d3tw", clips, D3twSettings(margin=0.5))[0].item() == 0.0
