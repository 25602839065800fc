"""What every objective keeps: padding changes nothing, nothing becomes NaN, training on it lowers it."""

import dataclasses
import math
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from core.objectives import recursions, recursions_kernel
from core.objectives.clips import Clips
from core.objectives.kinds import KINDS, SclSettings
from core.objectives.registry import OBJECTIVES, HeadSizes
from core.objectives.scl import sequence_contrastive_loss
from core.settings.config import Config
from tests.core.objectives.drawn import WIDTH, drawn_clips, generator, made_head, value_and_gradients

NAMES = list(OBJECTIVES)
every = pytest.mark.parametrize("name", NAMES)


def longer(clips: Clips, more: int, garbage: float) -> Clips:
    """The same clips with `more` padded steps, and rubbish at all padded steps."""

    def with_rubbish(tensor: Tensor, rubbish: float) -> Tensor:
        padded = nn.functional.pad(tensor, (0, 0) * (tensor.ndim - 2) + (0, more), value=rubbish)
        padded[:, : tensor.shape[1]][~clips.valid] = rubbish
        return padded

    assert clips.labels is not None
    return replace(
        clips,
        z=with_rubbish(clips.z, garbage),
        frames=with_rubbish(clips.frames.double(), garbage),
        valid=nn.functional.pad(clips.valid, (0, more), value=False),
        labels=with_rubbish(clips.labels, 7),
    )


def test_the_names_are_those_of_the_tables() -> None:
    assert list(KINDS) == NAMES
    assert set(NAMES) >= {
        *("scl", "contrastive", "tcn", "tcc", "sal", "lav", "gta", "d3tw", "speednet", "supervised", "lac", "vsp")
    }
    assert all(name == kind.name and kind is OBJECTIVES[name].kind for name, kind in KINDS.items())


@every
def test_settings_say_what_they_are_and_begin_in_their_range(name: str) -> None:
    for leaf in dataclasses.fields(KINDS[name].settings):
        assert leaf.metadata["help"]
        assert isinstance(leaf.default, (int, float))
        assert leaf.metadata["low"] <= leaf.default <= leaf.metadata["high"]


def test_kinds_can_be_asked_without_torch() -> None:
    program = "import sys, core.objectives.kinds; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_scl_is_as_it_was() -> None:
    clips = drawn_clips([7, 5, 7, 6])
    half = ((x[:2], x[2:]) for x in (clips.z, clips.frames, clips.valid))
    expected = sequence_contrastive_loss(*(x for pair in half for x in pair))
    assert torch.equal(value_and_gradients("scl", clips)[0], expected)
    assert Config().section("scl") == SclSettings(variance=10.0, temperature=0.1)


@pytest.mark.parametrize("garbage", [0.0, 1e30, math.nan, math.inf])
@every
def test_padded_steps_change_nothing(name: str, garbage: float) -> None:
    clips, head = drawn_clips([6, 9, 6, 2], groups=(0, 1, 0, 1)), made_head(name, 14)
    expected, (grad, *head_grads) = value_and_gradients(name, longer(clips, 0, 0.0), head=head)
    loss, (wide_grad, *wide_head_grads) = value_and_gradients(name, longer(clips, 5, garbage), head=head)
    assert expected.item() != 0.0
    torch.testing.assert_close(loss, expected, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(wide_grad[:, :9], grad, rtol=1e-9, atol=1e-12)
    assert not wide_grad[:, 9:].any()
    assert not wide_grad[:, :9][~clips.valid].any()
    torch.testing.assert_close(wide_head_grads, head_grads, rtol=1e-9, atol=1e-12)


@given(
    st.sampled_from(NAMES),
    st.lists(st.integers(0, 12), min_size=1, max_size=3),
    st.integers(0, 1000),
    st.sampled_from([0.0, 1e-6, 1.0, 30.0]),
)
@settings(max_examples=150)
def test_any_clips_give_a_finite_loss_and_gradients(name: str, lengths: list[int], seed: int, scale: float) -> None:
    """Empty, short and long ones, alone or not, embeddings of no length too."""
    lengths = lengths * 2
    clips, head = drawn_clips(lengths, max(1, *lengths), seed=seed, scale=scale), made_head(name, 12)
    loss, grads = value_and_gradients(name, clips, head=head, seed=seed)
    assert loss.shape == ()
    assert loss.isfinite()
    assert all(grad.isfinite().all() for grad in grads)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("sal", "vsp")])  # they look at drawn steps
def test_an_embedding_that_is_not_a_number_is_not_hidden(name: str) -> None:
    clips, head = drawn_clips([9, 9, 8, 9]), made_head(name)
    clips.labels[:] = 1  # type: ignore[index]
    clips.z[0, 3] = math.nan
    assert value_and_gradients(name, clips, head=head)[0].isnan()


@every
def test_a_batch_of_one(name: str) -> None:
    views = 2 if KINDS[name].needs.name == "VIEWS" else 1
    for length in (1, 2, 9):
        loss, grads = value_and_gradients(name, drawn_clips([length] * views), head=made_head(name))
        assert loss.isfinite()
        assert all(grad.isfinite().all() for grad in grads)


@every
def test_long_clips_stay_finite_in_single_precision(name: str) -> None:
    clips, head = drawn_clips([240, 180], scale=3.0), made_head(name, 240)
    narrow, _ = value_and_gradients(name, replace(clips, z=clips.z.float()), head=head and head.float())
    wide, grads = value_and_gradients(name, clips, head=head and head.double())
    assert all(grad.isfinite().all() for grad in grads)
    torch.testing.assert_close(narrow.double(), wide, rtol=1e-3, atol=1e-4)


@every
def test_half_precision_is_computed_in_single(name: str) -> None:
    clips, head = drawn_clips([9, 7, 8, 9]), made_head(name)
    z, head = clips.z.to(torch.bfloat16), head and head.float()
    expected, _ = value_and_gradients(name, replace(clips, z=z.float()), head=head)
    with torch.autocast("cpu", torch.bfloat16):
        loss = OBJECTIVES[name].loss(replace(clips, z=z), KINDS[name].settings(), head, generator())
    assert loss.dtype == torch.float32
    assert torch.equal(loss, expected)


@every
def test_the_draws_depend_on_the_generator_alone(name: str) -> None:
    clips, head = drawn_clips([12, 12, 9, 12]), made_head(name, 12)
    torch.manual_seed(0)
    one, _ = value_and_gradients(name, clips, head=head, seed=3)
    torch.manual_seed(1)
    assert torch.equal(value_and_gradients(name, clips, head=head, seed=3)[0], one)


@every
def test_training_on_it_lowers_it(name: str) -> None:
    clips, objective, torch_seed = drawn_clips([9, 9, 8, 9]), OBJECTIVES[name], 5
    torch.manual_seed(torch_seed)
    head = objective.head and objective.head(HeadSizes(WIDTH, 9, classes=3)).double()
    z = clips.z.clone().requires_grad_()
    optimiser = torch.optim.Adam([z, *(head.parameters() if head else ())], lr=0.05)
    losses = []
    for _ in range(60):
        loss = objective.loss(replace(clips, z=z), objective.kind.settings(), head, generator())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.02 * abs(losses[0])


@pytest.mark.parametrize("name", ["lav", "gta", "d3tw", "lac"])
def test_the_way_of_other_devices_gives_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clips, head = drawn_clips([9, 7, 8, 9]), made_head(name)
    expected = value_and_gradients(name, clips, head=head)
    monkeypatch.setattr(recursions, "_is_compiled", lambda tensor: False)
    monkeypatch.setattr(recursions_kernel, "warp", None)
    monkeypatch.setattr(recursions_kernel, "local", None)
    torch.testing.assert_close(value_and_gradients(name, clips, head=head), expected, rtol=1e-9, atol=1e-12)


@every
def test_both_devices_agree(name: str) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    clips, head = drawn_clips([9, 7, 8, 9]), made_head(name)
    expected, grads = value_and_gradients(name, clips, head=head)
    there = replace(
        clips, **{f: getattr(clips, f).cuda() for f in ("z", "frames", "valid", "num_frames", "labels", "is_fast")}
    )
    loss, cuda_grads = value_and_gradients(name, there, head=head and head.cuda())
    torch.testing.assert_close(loss.cpu(), expected, rtol=1e-6, atol=1e-9)
    torch.testing.assert_close([grad.cpu() for grad in cuda_grads], grads, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frames": torch.zeros(2, 4)}, r"frames is \(2, 4\), but z is \(2, 5, 4\)"),
        ({"num_frames": torch.zeros(3)}, r"num_frames is \(3,\)"),
        ({"groups": (0,)}, "with 1"),
        ({"valid": torch.ones(2, 5)}, "valid must be bool"),
        ({"valid": torch.tensor([[True] * 5, [True, False, True, True, True]])}, "after a padded one"),
        ({"labels": torch.zeros(2, 6)}, "labels"),
        ({"is_fast": torch.zeros(1)}, "is_fast"),
    ],
)
def test_clips_that_do_not_agree_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(drawn_clips([5, 5]), **changes)  # type: ignore[arg-type]
