"""Laws of the differentiable recursions: brute force over all paths, gradients, padding, both ways to compute them."""

import itertools
import math
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from core.objectives import recursions_diagonals as diagonals
from core.objectives import recursions_kernel as kernel
from core.objectives.recursions import last_cells, local_scores, warp_sums, whole_score
from tests.core.objectives.plain import mean_minimum, warp

SHAPES = [(1, 1), (1, 4), (3, 1), (2, 2), (3, 4), (5, 3)]


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def paths(rows: int, columns: int) -> Iterator[list[tuple[int, int]]]:
    """All paths of steps (1, 1), (1, 0), (0, 1) from the first cell to the last."""
    if rows == 1 and columns == 1:
        yield [(0, 0)]
        return
    for down, right in ((1, 1), (1, 0), (0, 1)):
        if rows > down and columns > right:
            for path in paths(rows - down, columns - right):
                yield [*path, (rows - 1, columns - 1)]


@pytest.mark.parametrize("gamma", [0.05, 1.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_soft_dtw_is_the_soft_minimum_over_all_paths(shape: tuple[int, int], gamma: float) -> None:
    costs = drawn(2, *shape)
    sums = warp_sums(costs, gamma)
    for b in range(2):
        totals = torch.stack([torch.stack([costs[b, i, j] for i, j in path]).sum() for path in paths(*shape)])
        expected = -gamma * torch.logsumexp(-totals / gamma, 0)
        assert sums[b, -1, -1].item() == pytest.approx(expected.item(), rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_mean_minimum_equals_plain_loops_in_all_cells(shape: tuple[int, int]) -> None:
    costs = drawn(2, *shape).requires_grad_()
    weights = drawn(2, *shape, seed=1)
    sums = warp_sums(costs, 0.1, minimum="mean")
    cells = [[list(row) for row in matrix] for matrix in costs]
    plain = torch.stack([torch.stack([torch.stack(row) for row in warp(c, mean_minimum(0.1))]) for c in cells])
    torch.testing.assert_close(sums, plain, rtol=1e-12, atol=1e-12)
    got = torch.autograd.grad((sums * weights).sum(), costs, retain_graph=True)[0]
    expected = torch.autograd.grad((plain * weights).sum(), costs)[0]
    torch.testing.assert_close(got, expected, rtol=1e-9, atol=1e-12)


def alignments(rows: int, columns: int) -> Iterator[list[tuple[int, int]]]:
    """All ways to match frames in order, one match at least, as cells."""
    cells = list(itertools.product(range(rows), range(columns)))
    for count in range(1, min(rows, columns) + 1):
        for chosen in itertools.combinations(cells, count):
            if all(a[0] < b[0] and a[1] < b[1] for a, b in itertools.pairwise(chosen)):
                yield list(chosen)


def gap_price(before: tuple[int, int], after: tuple[int, int], opening: Tensor, extending: Tensor) -> Tensor:
    """What the frames left out between two matches cost: first those of the second video, then those of the first."""
    price = opening.new_zeros(())
    row, column = before
    for place in range(column + 1, after[1]):
        price = price + (opening if place == column + 1 else extending)[row, place]
    for place in range(row + 1, after[0]):
        price = price + (opening if place == row + 1 else extending)[place, after[1] - 1]
    return price


@pytest.mark.parametrize("temperature", [0.3, 1.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_local_alignment_is_the_soft_maximum_over_all_alignments(shape: tuple[int, int], temperature: float) -> None:
    similar, opening, extending = (drawn(2, *shape), drawn(*shape, seed=1), drawn(*shape, seed=2))
    scores = local_scores(similar, opening, extending, temperature)
    whole = whole_score(scores, torch.ones(2, *shape, dtype=torch.bool), temperature)
    for b in range(2):
        totals = []
        for matches in alignments(*shape):
            total = torch.stack([similar[b, i, j] for i, j in matches]).sum()
            for before, after in itertools.pairwise(matches):
                total = total - gap_price(before, after, opening, extending)
            totals.append(total)
        expected = temperature * torch.logsumexp(torch.stack(totals) / temperature, 0)
        assert whole[b].item() == pytest.approx(expected.item(), rel=1e-12)


def _warped(minimum: str) -> Callable[[Tensor], Tensor]:
    return lambda costs: warp_sums(costs, 0.2, minimum=minimum)


@pytest.mark.parametrize("minimum", ["log", "mean"])
def test_gradients_of_warping(minimum: str) -> None:
    assert torch.autograd.gradcheck(_warped(minimum), drawn(2, 4, 3).requires_grad_())


def test_gradients_of_local_alignment() -> None:
    inputs = [drawn(2, 4, 3).requires_grad_(), *(drawn(4, 3, seed=seed).requires_grad_() for seed in (1, 2))]
    assert torch.autograd.gradcheck(lambda s, o, e: local_scores(s, o, e, 0.5), inputs)


@pytest.mark.parametrize("is_mean", [False, True])
@pytest.mark.parametrize("shape", [*SHAPES, (9, 17)])
def test_anti_diagonals_and_compiled_loops_agree_on_warping(shape: tuple[int, int], is_mean: bool) -> None:
    costs, grad = 5 * drawn(3, *shape), drawn(3, *shape, seed=1)
    sums, shares = torch.empty_like(costs), costs.new_empty(*costs.shape, 3)
    kernel.warp(costs.numpy(), 0.1, is_mean, sums.numpy(), shares.numpy())
    by_diagonals = diagonals.warp(costs, 0.1, is_mean)
    torch.testing.assert_close(by_diagonals, (sums, shares), rtol=1e-10, atol=1e-12)
    back = grad.clone()
    kernel.warp_back(shares.numpy(), back.numpy())
    torch.testing.assert_close(diagonals.warp_back(shares, grad), back, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("shape", [*SHAPES, (9, 17)])
def test_anti_diagonals_and_compiled_loops_agree_on_local_alignment(shape: tuple[int, int]) -> None:
    similar, opening, extending = (drawn(3, *shape, seed=seed) for seed in range(3))
    scores, shares = similar.new_empty(*similar.shape, 3), similar.new_empty(*similar.shape, 8)
    kernel.local(similar.numpy(), opening.numpy(), extending.numpy(), 0.5, scores.numpy(), shares.numpy())
    by_diagonals = diagonals.local(similar, opening, extending, 0.5)
    torch.testing.assert_close(by_diagonals[0][..., 0], scores[..., 0], rtol=1e-10, atol=1e-12)
    grads = torch.nn.functional.pad(drawn(3, *shape, seed=4)[..., None], (0, 2))
    back = grads.clone()
    kernel.local_back(shares.numpy(), back.numpy())
    other = diagonals.local_back(by_diagonals[1], grads)
    torch.testing.assert_close(other[..., 0], back[..., 0], rtol=1e-10, atol=1e-12)
    other_shares = by_diagonals[1]  # the gradients of the prices; gaps that cannot be reached have none
    torch.testing.assert_close(other[..., 1:2] * other_shares[..., 3:5], back[..., 1:2] * shares[..., 3:5])
    torch.testing.assert_close(other[..., 2:] * other_shares[..., 5:], back[..., 2:] * shares[..., 5:])


@pytest.mark.parametrize("minimum", ["log", "mean"])
def test_what_stands_beyond_the_last_cell_changes_nothing(minimum: str) -> None:
    small = drawn(1, 3, 4).requires_grad_()
    large = torch.full((1, 6, 7), 1e6, dtype=torch.float64)
    large[:, :3, :4] = small.detach()
    large.requires_grad_()
    lengths = torch.tensor([3]), torch.tensor([4])
    value, expected = (last_cells(warp_sums(x, 0.1, minimum=minimum), *lengths) for x in (large, small))
    torch.testing.assert_close(value, expected, rtol=0, atol=0)
    value.backward()
    expected.backward()
    assert large.grad is not None
    assert small.grad is not None
    torch.testing.assert_close(large.grad[:, :3, :4], small.grad, rtol=0, atol=0)
    large.grad[:, :3, :4] = 0
    assert not large.grad.any()


def test_long_videos_in_single_precision_stay_exact() -> None:
    costs = 4 * drawn(1, 240, 240)
    for minimum in ("log", "mean"):
        wide, narrow = (warp_sums(c, 0.1, minimum=minimum)[0, -1, -1].item() for c in (costs, costs.float()))
        assert narrow == pytest.approx(wide, rel=1e-6)
        assert math.isfinite(wide)


def test_the_smaller_gamma_the_nearer_the_least_path() -> None:
    costs = drawn(1, 4, 5)
    least = min(sum(costs[0, i, j].item() for i, j in path) for path in paths(4, 5))
    assert warp_sums(costs, 1e-3)[0, -1, -1].item() == pytest.approx(least, abs=1e-2)
    assert warp_sums(costs, 1e-3, minimum="mean")[0, -1, -1].item() == pytest.approx(least, abs=1e-2)
    assert warp_sums(costs, 1.0)[0, -1, -1].item() < least <= warp_sums(costs, 1.0, minimum="mean")[0, -1, -1].item()


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match=r"not \(3, 3\), 0.1 and 'log'"):
        warp_sums(drawn(3, 3), 0.1)
    with pytest.raises(ValueError, match="gamma above 0"):
        warp_sums(drawn(1, 3, 3), 0.0)
    with pytest.raises(ValueError, match="'least'"):
        warp_sums(drawn(1, 3, 3), 0.1, minimum="least")
    with pytest.raises(ValueError, match=r"\(3, 4\)"):
        local_scores(drawn(1, 3, 3), drawn(3, 4), drawn(3, 3), 1.0)
