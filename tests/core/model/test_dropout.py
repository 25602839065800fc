"""Our dropout is torch's, from fewer random bits."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.model.dropout import Dropout


@pytest.mark.parametrize("p", [0.1, 0.2, 0.75])
def test_values_are_dropped_by_chance_and_the_mean_stays(p: float) -> None:
    torch.manual_seed(0)
    x = torch.ones(401, 503)
    out = Dropout(p)(x)
    dropped = out == 0
    assert dropped.float().mean().item() == pytest.approx(p, abs=0.005)
    torch.testing.assert_close(out[~dropped], torch.full_like(out[~dropped], 1 / (1 - p)), rtol=1e-4, atol=0)
    assert out.double().mean().item() == pytest.approx(1.0, abs=0.01)
    pairs = dropped.float() - p
    for other in (pairs.roll(1, 0), pairs.roll(1, 1), pairs.roll(3, 1)):
        assert (pairs * other).mean().abs() < 0.003, "neighbours are dropped independently"


def test_the_gradient_passes_through_what_was_kept() -> None:
    torch.manual_seed(1)
    x = torch.randn(7, 5, requires_grad=True)
    out = Dropout(0.5)(x)
    out.sum().backward()
    assert x.grad is not None
    torch.testing.assert_close(x.grad, torch.where(out == 0, 0.0, 2.0))


def test_it_depends_on_torchs_seed_alone() -> None:
    x = torch.randn(33, 3)
    outs = []
    for seed in (5, 5, 6):
        torch.manual_seed(seed)
        outs.append(Dropout(0.3)(x))
    assert torch.equal(outs[0], outs[1])
    assert not torch.equal(outs[0], outs[2])


def test_nothing_and_everything_and_eval_mode() -> None:
    x = torch.randn(4, 3)
    assert torch.equal(Dropout(0.0)(x), x)
    assert torch.equal(Dropout(1.0)(x), torch.zeros_like(x))
    assert torch.equal(Dropout(0.5).eval()(x), x)
    assert Dropout(0.5)(x.to(torch.bfloat16)).dtype == torch.bfloat16
    assert isinstance(Dropout(0.5), nn.Dropout), "exports and tests know it by that"
