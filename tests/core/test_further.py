"""An encoder that is trained further begins as the one it comes from, or is refused in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.errors import CheckpointError, ConfigError
from core.fit import feature_source
from core.further import begin_with, check_fits
from core.model.checkpoint import save_encoder
from core.model.encoder import build_encoder
from core.run_folder import Origin
from tests.core.small import small_config, small_encoder

CONFIG = small_config(encoder__standardise=True)


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
    (ancestor,) = begin_with(encoder, CONFIG, origin)
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
    with pytest.raises(ConfigError, match="has changed since this run was made"):
        begin_with(small_encoder(CONFIG), CONFIG, origin)


def test_another_image_network_of_the_same_name_is_refused(origin: Origin) -> None:
    with pytest.raises(CheckpointError, match="through another network than resnet18"):
        begin_with(build_encoder(small_config(encoder__standardise=True, train__seed=2)), CONFIG, origin)


def test_what_changes_no_weight_may_differ(origin: Origin) -> None:
    check_fits(small_config(encoder__standardise=True, encoder__dropout=0.7, views__frames=20), origin.path)
    with pytest.raises(ConfigError, match="standardise is True there and False here"):
        check_fits(small_config(), origin.path)
