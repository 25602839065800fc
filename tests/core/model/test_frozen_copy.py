"""The copy of a ResNet's frozen part: the same maps, in the precision of the pass, compiled or not."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from core.model.backbone import Backbone
from core.model.frozen_copy import FrozenCopy
from tests.core.model.tiny import random, tiny_encoder

FRAMES = random(7, 3, 32, 32)


@pytest.fixture
def backbone() -> Backbone:
    made = tiny_encoder(backbone__trainable_blocks="layer4", backbone__chunk_size=4).backbone
    return made.train()


def maps(backbone: Backbone, precision: torch.dtype) -> Tensor:
    with torch.autocast("cpu", precision, enabled=precision != torch.float32):
        return copy.deepcopy(backbone)(FRAMES)


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_it_gives_the_maps_of_autocast(backbone: Backbone, precision: torch.dtype) -> None:
    expected = maps(backbone, precision)
    backbone.run_copy(precision)
    made = maps(backbone, precision)
    assert made.dtype == expected.dtype
    torch.testing.assert_close(made, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("precision", [torch.float32, torch.float16])
def test_it_does_not_run_in_a_pass_of_another_precision(backbone: Backbone, precision: torch.dtype) -> None:
    """Such as that in which a batch is computed again which overflowed."""
    expected = maps(backbone, precision)
    backbone.run_copy(torch.bfloat16)
    assert torch.equal(maps(backbone, precision), expected)


def test_weights_state_and_identity_are_those_of_the_original(backbone: Backbone) -> None:
    names, identity = list(backbone.state_dict()), backbone.identity
    backbone.run_copy(torch.bfloat16)
    assert list(backbone.state_dict()) == names
    assert backbone.identity == identity
    assert all(value.dtype in (torch.float32, torch.int64) for value in backbone.state_dict().values())
    assert not any("copy" in name for name, _ in backbone.named_modules())


def _compiling_by(patch: pytest.MonkeyPatch, backend: object) -> None:
    patch.setattr(torch, "compile", functools.partial(torch.compile, backend=backend))


@pytest.mark.filterwarnings("ignore:Guards may run slower:RuntimeWarning")  # torch's, of Python 3.13.0 itself
def test_only_the_given_sizes_are_compiled(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = list[int]()

    def note(graph: torch.fx.GraphModule, inputs: list[Tensor]) -> Callable[..., object]:
        compiled.extend(len(one) for one in inputs if one.shape[1:] == (3, 32, 32))
        return graph.forward

    _compiling_by(monkeypatch, note)
    made = FrozenCopy(backbone.frozen, torch.float32, {3, 4})
    for count in (4, 7, 3, 4, 2):
        torch.testing.assert_close(made(FRAMES[:count]), backbone.frozen(FRAMES[:count]), rtol=1e-4, atol=1e-5)
    assert sorted(compiled) == [3, 4]


def test_where_compiling_fails_it_runs_uncompiled_and_says_so_once(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(graph: torch.fx.GraphModule, inputs: list[Tensor]) -> Callable[..., object]:
        raise RuntimeError("no C++ compiler was found")

    _compiling_by(monkeypatch, fail)
    sentences = list[str]()
    made = FrozenCopy(backbone.frozen, torch.float32, {4}, sentences.append)
    for _ in range(2):
        assert torch.equal(made(FRAMES[:4]), backbone.frozen(FRAMES[:4]))
    (sentence,) = sentences
    assert "no C++ compiler was found" in sentence


def test_memory_that_runs_out_is_no_failure_to_compile(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    made = FrozenCopy(backbone.frozen, torch.float32, {4})

    def full(frames: Tensor) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(made, "_compiled", full)
    with pytest.raises(torch.OutOfMemoryError):
        made(FRAMES[:4])


def test_a_chunk_that_learns_keeps_its_size_and_one_that_does_not_is_larger_on_a_gpu(backbone: Backbone) -> None:
    cuda, cpu = torch.device("cuda", 0), torch.device("cpu")
    assert (backbone.frames_at_once(cpu), backbone.frames_at_once(cuda)) == (4, 4)
    assert backbone.chunk_sizes(10) == {3, 4}
    backbone.eval()
    assert (backbone.frames_at_once(cpu), backbone.frames_at_once(cuda)) == (4, 24)
