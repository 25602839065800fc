"""An encoder that is trained further begins as the one it comes from, or is refused in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.base.errors import ConfigError
from core.learning.further_training import begin_with, check_fits
from core.learning.run_folder import Origin
from core.learning.run_training import feature_source
from core.model.checkpoint import load_encoder, save_encoder
from core.model.encoder import build_encoder
from tests.core.small import small_config, small_encoder

CONFIG = small_config(encoder__standardise_features=True)


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    """An encoder that was trained, with a shift and a scale of its own."""
    encoder = small_encoder(CONFIG)
    encoder.input.fit([np.full((4, 512), 3.0), np.arange(2048.0).reshape(4, 512)])
    with torch.no_grad():
        for parameter in encoder.head.parameters():
            parameter.add_(0.5)
    save_encoder(tmp_path / "encoder.safetensors", encoder, CONFIG, {"steps": 9, "videos": 2, "loss": 1.5})
    return Origin.of(tmp_path / "encoder.safetensors")


class _Features:
    def chunks(self) -> Iterator[NDArray[np.float16]]:
        yield np.zeros((5, 512), np.float16)


def test_all_weights_are_taken_and_the_input_is_not_fitted_again(origin: Origin) -> None:
    encoder = small_encoder(CONFIG)
    beginning = begin_with(encoder, CONFIG, origin)
    (ancestor,) = beginning.ancestors
    assert beginning.message.endswith(": all weights fit.")
    assert beginning.has_input
    assert (ancestor["digest"], ancestor["steps"], ancestor["videos"]) == (origin.digest, 9, 2)
    mean, scale = encoder.input.mean.clone(), encoder.input.scale.clone()
    assert mean.abs().sum() > 0
    feature_source(encoder, [[_Features()]], CONFIG, fits_input=False)  # type: ignore[list-item]
    assert torch.equal(encoder.input.mean, mean)
    assert torch.equal(encoder.input.scale, scale)
    feature_source(encoder, [[_Features()]], CONFIG)  # type: ignore[list-item]
    assert not torch.equal(encoder.input.mean, mean)


def test_an_encoder_that_was_trained_on_meanwhile_is_refused(origin: Origin) -> None:
    save_encoder(origin.path, small_encoder(CONFIG), CONFIG, {"steps": 10})
    with pytest.raises(ConfigError, match="has changed since this run was started from it"):
        begin_with(small_encoder(CONFIG), CONFIG, origin)


def test_the_fixed_image_network_is_that_of_the_other_encoder(origin: Origin) -> None:
    theirs, _ = load_encoder(origin.path)
    encoder = build_encoder(small_config(encoder__standardise_features=True, train__seed=2))
    assert encoder.backbone.identity != theirs.backbone.identity
    begin_with(encoder, CONFIG, origin)
    assert encoder.backbone.identity == theirs.backbone.identity


@pytest.mark.parametrize("learnable", ["none", "layer4", "layer3+layer4"])
def test_a_block_that_learned_there_is_taken_whether_it_learns_here_or_not(tmp_path: Path, learnable: str) -> None:
    made_with = small_config(train__mode="finetune", backbone__trainable_blocks="layer4")
    theirs = small_encoder(made_with)
    with torch.no_grad():
        for value in theirs.backbone.learnable.state_dict().values():
            if value.is_floating_point():
                value.add_(0.01)
    save_encoder(tmp_path / "encoder.safetensors", theirs, made_with, {})
    config = small_config(train__mode="finetune", backbone__trainable_blocks=learnable, train__seed=7)
    encoder = build_encoder(config)
    told = begin_with(encoder, config, Origin.of(tmp_path / "encoder.safetensors")).message
    assert ("layer3 was not trained there" in told) == ("layer3" in learnable)
    frames = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        ours, expected = (one.eval().features(frames) for one in (encoder, theirs))
    if learnable == "layer3+layer4":
        assert torch.equal(
            encoder.backbone.learnable.layer4[0].conv1.weight, theirs.backbone.learnable.layer4[0].conv1.weight
        )
    else:
        torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-5)


def test_what_does_not_fit_begins_anew_and_is_told(origin: Origin) -> None:
    config = small_config(encoder__standardise_features=True, encoder__layers=2, encoder__positional_encoding="sincos")
    encoder = small_encoder(config)
    theirs, _ = load_encoder(origin.path)
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    beginning = begin_with(encoder, config, origin)
    assert "encoder.layers is 1 there and 2 here" in beginning.message
    assert "encoder.positional_encoding is 'rotary' there and 'sincos' here" in beginning.message
    there = theirs.state_dict()
    new = set(beginning.ancestors[-1]["new"])
    assert new
    for name, value in encoder.state_dict().items():
        if name in new:
            assert torch.equal(value, before[name]), name
        else:
            assert torch.equal(value, there[name]), name
    assert any(name in beginning.message for name in new)


def test_where_nothing_fits_it_is_refused(origin: Origin) -> None:
    config = small_config(encoder__mlp_dim=24, encoder__d_model=32, encoder__embedding_dim=6, encoder__ffn_dim=24)
    with pytest.raises(ConfigError, match=r"None of the weights of .* fit: .*encoder.d_model is 16 there and 32 here"):
        begin_with(small_encoder(config), config, origin)


def test_what_changes_no_weight_may_differ(origin: Origin) -> None:
    check_fits(
        small_config(encoder__standardise_features=True, encoder__dropout=0.7, views__num_frames=20), origin.path
    )
    with pytest.raises(ConfigError, match=r"backbone.name is 'resnet18' there and 'hog' here"):
        check_fits(small_config(backbone__name="hog"), origin.path)
