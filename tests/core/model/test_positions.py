from __future__ import annotations

import math

import torch

from core.model.positions import rotate, rotation, sincos
from tests.core.model.tiny import random


def test_sincos_is_the_formula_of_its_paper() -> None:
    positions = torch.tensor([[0.0, 1.0, 2.5]])
    embedded = sincos(positions, 8)
    for step, position in enumerate(positions[0].tolist()):
        for pair in range(4):
            angle = position / 10_000 ** (2 * pair / 8)
            assert math.isclose(embedded[0, step, 2 * pair], math.sin(angle), abs_tol=1e-6)
            assert math.isclose(embedded[0, step, 2 * pair + 1], math.cos(angle), abs_tol=1e-6)


def test_rotation_keeps_lengths_and_products_depend_on_differences_alone() -> None:
    query, key = random(2, 3, 5, 8) - 0.5, random(2, 3, 5, 8, seed=1) - 0.5
    positions = random(2, 5, seed=2) * 40

    def products(shift: float) -> torch.Tensor:
        by = rotation(positions + shift, 8, 1000.0)
        return rotate(query, by) @ rotate(key, by).transpose(-1, -2)

    here = rotate(query, rotation(positions, 8, 1000.0))
    torch.testing.assert_close(here.norm(dim=-1), query.norm(dim=-1))
    torch.testing.assert_close(products(17.25), products(0.0), rtol=1e-4, atol=1e-5)
    assert (products(0.0) - query @ key.transpose(-1, -2)).abs().max() > 0.1


def test_the_base_sets_the_slowest_wavelength() -> None:
    cos, sin = rotation(torch.tensor([[1.0]]), 4, 100.0)
    torch.testing.assert_close(torch.atan2(sin, cos).flatten(), torch.tensor([1.0, 0.1]))


def test_rotation_is_computed_in_float32_and_keeps_the_type() -> None:
    heads = random(1, 1, 2, 4).bfloat16()
    by = rotation(torch.tensor([[1000.0, 1001.0]]), 4, 1000.0)
    turned = rotate(heads, by)
    assert turned.dtype == torch.bfloat16
    torch.testing.assert_close(turned, rotate(heads.float(), by).bfloat16())
