"""Laws of the sequence contrastive loss."""

import json
import math
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from core.objectives.scl import sequence_contrastive_loss

GOLDEN = Path(__file__).parents[2] / "golden" / "scl.json"


def views(
    batch: int = 3, first: int = 11, second: int = 8, *, seed: int = 0, dtype: torch.dtype = torch.float32
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """z1, z2, s1, s2 of overlapping views."""
    generator = torch.Generator().manual_seed(seed)
    z1 = torch.randn(batch, first, 6, generator=generator, dtype=dtype)
    z2 = torch.randn(batch, second, 6, generator=generator, dtype=dtype)
    s1 = torch.stack([torch.randperm(30, generator=generator)[:first].sort().values for _ in range(batch)])
    s2 = torch.stack([torch.randperm(30, generator=generator)[:second].sort().values for _ in range(batch)])
    return z1, z2, s1, s2


def test_loss_equals_plain_loops() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    videos = golden["videos"]
    z1, z2 = (torch.tensor([v[name] for v in videos], dtype=torch.float64) for name in ("z1", "z2"))
    s1, s2 = (torch.tensor([v[name] for v in videos]) for name in ("s1", "s2"))
    valid1, valid2 = (torch.tensor([v[name] for v in videos], dtype=torch.bool) for name in ("valid1", "valid2"))
    expected = sum(v["loss"] for v in videos) / len(videos)
    settings = {"variance": golden["variance"], "temperature": golden["temperature"]}
    loss = sequence_contrastive_loss(z1, z2, s1, s2, valid1, valid2, **settings)
    assert loss.item() == pytest.approx(expected, rel=1e-12)
    single = sequence_contrastive_loss(z1.float(), z2.float(), s1.float(), s2, valid1, valid2)
    assert single.item() == pytest.approx(expected, rel=1e-5)
    for i, video in enumerate(videos):
        alone = sequence_contrastive_loss(*(x[i : i + 1] for x in (z1, z2, s1, s2, valid1, valid2)))
        assert alone.item() == pytest.approx(video["loss"], rel=1e-12)


@pytest.mark.parametrize("garbage", [0.0, 1e30, math.inf, math.nan])
def test_what_a_padded_step_holds_changes_nothing(garbage: float) -> None:
    z1, z2, s1, s2 = views()
    z1.requires_grad_()
    z2.requires_grad_()
    expected = sequence_contrastive_loss(z1, z2, s1, s2)
    expected.backward()
    more = torch.full((3, 4, 6), garbage)
    padded1, padded2 = (torch.cat([z.detach(), more], 1).requires_grad_() for z in (z1, z2))
    times1, times2 = (torch.cat([s.float(), more[..., 0]], 1) for s in (s1, s2))
    valid1, valid2 = (torch.arange(s.shape[1]).expand(3, -1) < s.shape[1] - 4 for s in (times1, times2))
    loss = sequence_contrastive_loss(padded1, padded2, times1, times2, valid1, valid2)
    loss.backward()
    torch.testing.assert_close(loss, expected)
    for padded, z in ((padded1, z1), (padded2, z2)):
        assert padded.grad is not None
        assert z.grad is not None
        torch.testing.assert_close(padded.grad[:, :-4], z.grad)
        assert not padded.grad[:, -4:].any()


def test_a_video_with_a_wholly_padded_view_is_left_out() -> None:
    z1, z2, s1, s2 = views()
    valid2 = torch.ones(3, 8, dtype=torch.bool)
    valid2[1] = False
    z2[1] = math.nan
    z1.requires_grad_()
    loss = sequence_contrastive_loss(z1, z2, s1, s2, None, valid2)
    kept = torch.tensor([0, 2])
    torch.testing.assert_close(loss, sequence_contrastive_loss(z1[kept], z2[kept], s1[kept], s2[kept]))
    loss.backward()
    assert z1.grad is not None
    assert z1.grad.isfinite().all()
    assert not z1.grad[1].any()
    nothing = sequence_contrastive_loss(z1, z2, s1, s2, None, torch.zeros_like(valid2))
    assert nothing.item() == 0.0


@given(st.integers(0, 10_000), st.floats(0.5, 50), st.floats(0.05, 2))
def test_swapping_the_views_changes_nothing(seed: int, variance: float, temperature: float) -> None:
    z1, z2, s1, s2 = views(seed=seed)
    one = sequence_contrastive_loss(z1, z2, s1, s2, variance=variance, temperature=temperature)
    other = sequence_contrastive_loss(z2, z1, s2, s1, variance=variance, temperature=temperature)
    torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_only_the_direction_of_an_embedding_and_differences_of_time_matter() -> None:
    z1, z2, s1, s2 = views()
    expected = sequence_contrastive_loss(z1, z2, s1, s2)
    torch.testing.assert_close(sequence_contrastive_loss(z1 * 7, z2 * 0.01, s1, s2), expected)
    torch.testing.assert_close(sequence_contrastive_loss(z1, z2, s1 + 10**9, s2 + 10**9), expected)


def test_gradient_is_the_losses() -> None:
    z1, z2, s1, s2 = views(2, 5, 4, dtype=torch.float64)
    valid = torch.tensor([[True] * 4, [True, True, True, False]])
    z1.requires_grad_()
    z2.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda a, b: sequence_contrastive_loss(a, b, s1, s2, None, valid), (z1, z2), raise_exception=True
    )


def test_released_value() -> None:
    """The released code: KL divergence with 1e-6 inside the log, mean over the frames of both views."""
    # Narrow embeddings would have shares below the 1e-6, where the two values must differ.
    z1, z2 = torch.randn(2, 1, 40, 128, generator=torch.Generator().manual_seed(3))
    z2 = z2[:, :25]
    s1, s2 = torch.arange(40)[None] * 2, torch.arange(25)[None] * 3
    cosines = torch.nn.functional.cosine_similarity(z1[0, :, None], z2[0, None], dim=2)
    released, entropies = [], []
    for similar, gap in ((cosines, s1.T - s2), (cosines.T, s2.T - s1)):
        near = torch.exp(-(gap**2) / 20.0)
        w = near / near.sum(1, keepdim=True)
        shares = torch.exp(similar / 0.1) / torch.exp(similar / 0.1).sum(1, keepdim=True)
        released.append((torch.special.xlogy(w, w) - w * torch.log(shares + 1e-6)).sum(1).mean())
        entropies.append(-torch.special.xlogy(w, w).sum(1).mean())
    loss = sequence_contrastive_loss(z1, z2, s1, s2)
    value, entropy = sum(released).item() / 2, sum(entropies).item() / 2
    assert value > 1.0
    assert loss.item() / 2 - entropy == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_single(dtype: torch.dtype) -> None:
    z1, z2, s1, s2 = views()
    z1, z2 = z1.to(dtype), z2.to(dtype)
    expected = sequence_contrastive_loss(z1.float(), z2.float(), s1, s2)
    loss = sequence_contrastive_loss(z1, z2, s1, s2)
    assert loss.dtype == torch.float32
    assert torch.equal(loss, expected)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(sequence_contrastive_loss(z1, z2, s1, s2), expected)
    torch.testing.assert_close(sequence_contrastive_loss(z1, z2, s1.half(), s2.half()), expected)


def test_views_far_apart_put_all_weight_on_the_nearest_frame() -> None:
    z1, z2, _, _ = views(1, 4, 3)
    z1.requires_grad_()
    s1, s2 = torch.arange(4)[None] * 5, torch.arange(3)[None] * 5 + 100_000
    loss = sequence_contrastive_loss(z1, z2, s1, s2)
    loss.backward()
    assert z1.grad is not None
    assert z1.grad.isfinite().all()
    cosines = torch.nn.functional.cosine_similarity(z1[0, :, None], z2[0, None], dim=2) / 0.1
    expected = -cosines.log_softmax(1)[:, 0].mean() - cosines.log_softmax(0)[-1].mean()
    torch.testing.assert_close(loss, expected)


def test_an_embedding_of_zero_length_stays_finite() -> None:
    z1, z2, s1, s2 = views()
    z1[0, 0] = 0.0
    z1.requires_grad_()
    loss = sequence_contrastive_loss(z1, z2, s1, s2)
    loss.backward()
    assert loss.isfinite()
    assert z1.grad is not None
    assert z1.grad.isfinite().all()


def test_one_frame_each_costs_nothing() -> None:
    z1, z2, s1, s2 = views(2, 1, 1)
    assert sequence_contrastive_loss(z1, z2, s1, s2).item() == pytest.approx(0.0, abs=1e-6)


def test_training_on_it_finds_the_time() -> None:
    z1, z2, _, _ = views(1, 12, 12)
    z1.requires_grad_()
    z2.requires_grad_()
    times = torch.arange(12)[None] * 3
    optimiser = torch.optim.Adam([z1, z2], lr=0.1)
    for _ in range(150):
        optimiser.zero_grad()
        sequence_contrastive_loss(z1, z2, times, times).backward()
        optimiser.step()
    cosines = torch.nn.functional.cosine_similarity(z1[0, :, None], z2[0, None], dim=2)
    assert cosines.argmax(1).tolist() == list(range(12))


@pytest.mark.parametrize(
    ("position", "shape", "message"),
    [
        (0, (3, 11), r"z1 and z2 must be .* not \(3, 11\) and \(3, 8, 6\)"),
        (1, (2, 8, 6), r"\(2, 8, 6\)"),
        (1, (3, 8, 5), r"\(3, 8, 5\)"),
        (2, (3, 8), r"s1 is \(3, 8\)"),
        (3, (3, 11), r"s2 is \(3, 11\)"),
        (4, (3, 8), r"valid1 is \(3, 8\)"),
        (5, (1, 8), r"valid2 is \(1, 8\)"),
    ],
)
def test_shapes_that_do_not_agree_are_refused(position: int, shape: tuple[int, ...], message: str) -> None:
    arguments = [*views(), torch.ones(3, 11, dtype=torch.bool), torch.ones(3, 8, dtype=torch.bool)]
    arguments[position] = torch.ones(shape, dtype=arguments[position].dtype)
    with pytest.raises(ValueError, match=message):
        sequence_contrastive_loss(*arguments)


def test_a_mask_of_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="bool"):
        sequence_contrastive_loss(*views(), torch.ones(3, 11), torch.ones(3, 8))
