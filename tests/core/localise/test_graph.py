"""G-TAD's parts against plain loops of the paper's equations and of the released code."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from core.localise.examples import Segments, pad
from core.localise.graph import GCNeXt, SGAlign, anchors, sample_places, semantic_neighbours
from core.localise.graph_loss import balanced_loss, edge_labels, subgraph_loss
from core.localise.overlaps import overlaps

WIDTH = 6


def nodes(count: int, seed: int = 0) -> Tensor:
    return torch.randn(WIDTH, count, generator=torch.Generator().manual_seed(seed))


def nearest_in_loops(x: Tensor) -> list[list[int]]:
    """Of each node the three that are nearest to it, itself first."""
    count = x.shape[1]
    return [
        sorted(range(count), key=lambda other: (other != own, float(((x[:, own] - x[:, other]) ** 2).sum())))[:3]
        for own in range(count)
    ]


@torch.no_grad()
def test_the_block_is_its_equation_in_loops() -> None:
    torch.manual_seed(3)
    block, x = GCNeXt(WIDTH).double(), nodes(9).double()
    near = nearest_in_loops(x)
    before = torch.nn.functional.pad(torch.relu(block.temporal_in(x[None]))[0], (1, 1))
    expected = torch.empty_like(x)
    for own in range(x.shape[1]):
        window = before[:, own : own + 3]  # the node and those beside it
        grouped = torch.stack(
            [
                (block.temporal.weight[path] * window[4 * (path // 4) : 4 * (path // 4) + 4]).sum()
                + block.temporal.bias[path]  # type: ignore[index]
                for path in range(128)
            ]
        )
        temporal = block.temporal_out(torch.relu(grouped)[None, :, None])[0, :, 0]
        edges = [block.semantic(torch.cat((x[:, other], x[:, own]))[None, :, None, None]) for other in near[own]]
        semantic = torch.stack([edge[0, :, 0, 0] for edge in edges]).amax(dim=0)
        expected[:, own] = torch.relu(temporal + x[:, own] + semantic)
    torch.testing.assert_close(block(x[None], torch.ones(1, 9, dtype=torch.bool))[0], expected)


def test_neighbours_are_among_the_nodes_there_are() -> None:
    batch, valid = pad([nodes(2).T, nodes(7).T])
    places, there = semantic_neighbours(batch.transpose(1, 2), valid)
    assert there[0].sum(dim=1).tolist() == [2, 2, 0, 0, 0, 0, 0]
    assert set(places[0][there[0]].tolist()) == {0, 1}
    assert there[1].all()
    assert [row[0] for row in places[1].tolist()] == list(range(7))
    assert places[1].tolist() == nearest_in_loops(nodes(7))


@torch.no_grad()
def test_aligned_subgraphs_are_those_of_plain_loops() -> None:
    torch.manual_seed(4)
    align, x = SGAlign(WIDTH, 5).double(), nodes(8).double()
    near = nearest_in_loops(x)
    context = torch.stack([x[:, own].mean(dim=1) for own in near], dim=1)
    subgraphs = anchors(8)

    def at(values: Tensor, place: float) -> Tensor:
        """Between the two nodes, zeros outside."""
        low = math.floor(place)
        of = [values[:, node] if 0 <= node < 8 else torch.zeros(WIDTH).double() for node in (low, low + 1)]
        return of[0] * (1 - (place - low)) + of[1] * (place - low)

    said = align(x[None], torch.ones(1, 8, dtype=torch.bool), subgraphs)[0]
    for row, (first, last) in zip(said, subgraphs.tolist(), strict=True):
        length = last - first + 1
        start, whole = first - 0.5 * length, 2 * length  # widened by half on either side
        expected = align.bias.clone()
        for part in range(8):
            place = start + (part + 0.5) / 8 * whole - 0.5  # node n lies at n + 0.5 of the edges
            for layer, values in ((align.inner, x), (align.context, context)):
                expected += layer.weight.view(8, 5, WIDTH)[part] @ at(values, place)
        torch.testing.assert_close(row, expected)


def test_every_pair_of_start_and_end_is_a_subgraph() -> None:
    assert {tuple(pair) for pair in anchors(5).tolist()} == {(a, b) for a in range(5) for b in range(a, 5)}
    places = sample_places(anchors(5))
    assert places.shape == (15, 8)
    middles = anchors(5).float().mean(dim=1)
    torch.testing.assert_close(places.mean(dim=1), middles)


@pytest.mark.parametrize("smoothing", [0.0, 10.0])
def test_balanced_loss_is_the_released_one(smoothing: float) -> None:
    logits = torch.randn(40, generator=torch.Generator().manual_seed(1)).double()
    positive = torch.arange(40) % 5 == 0
    num_positive, entries = 8 + smoothing, 40 + 2 * smoothing
    ratio = entries / num_positive
    total = 0.0
    for logit, is_positive in zip(logits.tolist(), positive.tolist(), strict=True):
        p = 1 / (1 + math.exp(-logit))
        total += 0.5 * ratio * math.log(p) if is_positive else 0.5 * ratio / (ratio - 1) * math.log(1 - p)
    assert math.isclose(balanced_loss(logits, positive, smoothing).item(), -total / entries, rel_tol=1e-9)


def test_positives_and_negatives_weigh_alike() -> None:
    for count in (1, 5, 50, 99):
        assert balanced_loss(torch.zeros(100), torch.arange(100) < count).item() == pytest.approx(math.log(2))
    for count in (0, 100):
        assert math.isfinite(balanced_loss(torch.zeros(100), torch.arange(100) < count).item())


def test_edges_are_the_nodes_about_a_start_and_an_end() -> None:
    starts, ends = edge_labels(Segments(torch.tensor([[3.0, 8.0]]), torch.tensor([0])), 12)
    assert starts.nonzero().flatten().tolist() == [2, 3]
    assert ends.nonzero().flatten().tolist() == [7, 8]
    assert not edge_labels(Segments(torch.zeros(0, 2), torch.zeros(0, dtype=torch.int64)), 4).any()


def test_the_true_subgraph_has_the_least_loss() -> None:
    """What says the truth of IoU and class costs less than what says any other segment's."""
    bounds = anchors(10) + torch.tensor([0, 1])
    segments = Segments(torch.tensor([[2.0, 6.0]]), torch.tensor([1]))
    there = torch.ones(1, len(bounds), dtype=torch.bool)

    def of(start: float, end: float, number: int) -> float:
        iou = overlaps(bounds.float(), torch.tensor([[start, end]]))[:, 0].clamp(0.02, 0.98)
        classes = [torch.full_like(iou, 4.0 * (place == number)) for place in range(2)]
        said = torch.stack((iou.logit(), (iou > 0.9).float() * 8 - 4, *classes), dim=1)
        return subgraph_loss(said[None], there, bounds, [segments], torch.Generator().manual_seed(0)).item()

    right = of(2, 6, 1)
    assert all(right < of(*wrong) for wrong in ((2, 6, 0), (3, 7, 1), (5, 9, 1), (1, 9, 1)))


def test_overlaps_are_intersection_over_union() -> None:
    ones, others = torch.tensor([[0.0, 4.0], [2.0, 3.0]]), torch.tensor([[2.0, 6.0], [8.0, 9.0], [2.0, 3.0]])
    torch.testing.assert_close(overlaps(ones, others), torch.tensor([[2 / 6, 0.0, 0.25], [0.25, 0.0, 1.0]]))
