"""Shuffle and learn against plain loops, and the laws of its triplets."""

import itertools

import pytest
import torch
from torch import Tensor

from core.objectives.kinds import SalSettings
from core.objectives.sal import triplets
from tests.core.objectives.drawn import Clip, agrees, drawn_clips, generator, made_head, value_and_gradients
from tests.core.objectives.plain import mean_of, softmax

SETTINGS = SalSettings(triplets=4, shuffled_fraction=0.5)


def test_it_equals_plain_loops() -> None:
    clips = drawn_clips([8, 4, 5])
    head = made_head("sal")
    assert head is not None

    def plain(apart: list[Clip]) -> Tensor:
        chosen, in_order = triplets(clips.lengths, SETTINGS, generator())
        losses = []
        for r, clip in enumerate(apart):
            for k in range(4):
                if len(clip) >= 5:
                    shares = softmax(list(head(torch.cat([clip.z[i] for i in chosen[r, k].tolist()])[None])[0]))
                    losses.append(-torch.log(shares[int(in_order[r, k])]))
        return mean_of(losses)

    agrees("sal", plain, clips, SETTINGS, head)


def test_triplets_are_what_the_paper_says() -> None:
    lengths = torch.tensor([5, 12, 4, 0])
    seen: list[set[tuple[int, ...]]] = [set(), set()]
    draws = generator()
    for _ in range(300):
        chosen, in_order = triplets(lengths, SalSettings(), draws)
        assert in_order.sum(1).tolist() == [2, 2, 2, 2]
        assert not chosen[2:].any()
        for row, (a, b, c) in itertools.product(range(2), [(0, 1, 2)]):
            for k in range(8):
                triplet = tuple(chosen[row, k, i].item() for i in (a, b, c))
                assert 1 <= triplet[0] < triplet[2] <= int(lengths[row]) - 2
                assert (triplet[0] < triplet[1] < triplet[2]) == bool(in_order[row, k])
                assert 0 <= triplet[1] < int(lengths[row])
                seen[row].add(triplet)
    assert seen[0] == {(1, 2, 3), (1, 0, 3), (1, 4, 3)}
    assert len(seen[1]) > 150


def test_it_needs_a_head() -> None:
    with pytest.raises(ValueError, match="needs a head"):
        value_and_gradients("sal", drawn_clips([8]))
