"""What is known beforehand of a run's batches holds for every one that is drawn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.augment.temporal import draw_clips
from core.learning.fixed_shapes import compiled_sizes, has_fixed_shapes
from core.objectives.kinds import KINDS
from core.settings.config import with_values
from tests.core.small import small_config, small_encoder

CPU, CUDA = torch.device("cpu"), torch.device("cuda", 0)
LEARNING = {"train__mode": "finetune", "backbone__trainable_blocks": "layer4"}


@given(
    lengths=st.lists(st.integers(2, 60), min_size=1, max_size=4),
    mode=st.sampled_from(["paper", "released", "fraction"]),
    sampling=st.sampled_from(["random", "even", "warped"]),
    objective=st.sampled_from(["scl", "speednet", "tcn"]),
    seed=st.integers(0, 1000),
)
def test_where_shapes_are_fixed_no_view_is_padded(
    lengths: list[int], mode: str, sampling: str, objective: str, seed: int
) -> None:
    config = small_config(views__crop_mode=mode, views__sampling=sampling, objective__name=objective)
    if not has_fixed_shapes(config, lengths):
        return
    generator = np.random.default_rng(seed)
    for length in lengths:
        for view in draw_clips(KINDS[objective].needs, length, config.views, generator):
            assert view.valid.all()
            assert len(view) == config.views.num_frames


def test_long_videos_have_fixed_shapes_and_one_short_one_has_not() -> None:
    assert has_fixed_shapes(small_config(), [10, 30])
    assert not has_fixed_shapes(small_config(), [9, 30])


@pytest.mark.usefixtures("narrow")
def test_compiling_is_for_a_long_training_on_a_gpu_or_where_it_is_asked_for() -> None:
    long = small_config(**LEARNING, backbone__chunk_size=4, train__epochs=10**6)
    backbone = small_encoder(long).backbone
    assert set(compiled_sizes(long, backbone, CUDA, [10, 30])) == {3, 4}, "10 frames in three chunks"
    assert not compiled_sizes(long, backbone, CPU, [10, 30])
    assert not compiled_sizes(long, backbone, CUDA, [9, 30])
    assert not compiled_sizes(with_values(long, {"train.epochs": 3}), backbone, CUDA, [10, 30])
    assert not compiled_sizes(with_values(long, {"train.compile": "off"}), backbone, CUDA, [10, 30])
    asked = with_values(long, {"train.compile": "on", "train.epochs": 1})
    assert set(compiled_sizes(asked, backbone, CPU, [9, 30])) == {3, 4}
    assert not compiled_sizes(small_config(train__compile="on"), backbone, CUDA, [10, 30])
