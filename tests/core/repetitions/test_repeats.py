"""Repetitions found through an encoder: counted, matched with their moments, and embedded alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.align.repetitions import NONE
from core.base.control import Control, Stopped
from core.model.encoder import Encoder
from core.repetitions.repeats import find_in_clip, window_lengths
from tests.core.small import small_config, small_encoder


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """It sees every frame by itself, so that even untrained it tells moments apart."""
    return small_encoder(small_config(encoder__temporal="none", encoder__embedding_dim=32)).eval()


def performance(frames: int, seed: int) -> NDArray[np.float16]:
    """(S, 512) features of one course in so many frames, with noise of its own."""
    rates = np.random.default_rng(1).uniform(1, 9, 512)
    noise = np.random.default_rng(seed).normal(size=(frames, 512))
    return (np.sin(np.linspace(0, 1, frames)[:, None] * rates) + 0.05 * noise).astype(np.float16)


@pytest.mark.parametrize("lengths", [(40,), (30, 50), (28, 44, 36, 60, 33)])
def test_repetitions_are_counted_and_matched(encoder: Encoder, lengths: tuple[int, ...]) -> None:
    clip = np.concatenate([performance(length, seed) for seed, length in enumerate(lengths, 2)])
    made = find_in_clip(encoder, [performance(40, 1)], clip)
    found = made.repetitions
    assert found.count == len(lengths)
    numbers = np.repeat(np.arange(len(lengths)) + 1, lengths)
    assert (found.numbers == numbers).mean() > 0.95
    truth = np.concatenate([np.linspace(0, 39, length) for length in lengths])
    assert np.abs(found.frames - truth)[found.frames != NONE].mean() < 2


def test_each_repetition_is_embedded_alone(encoder: Encoder) -> None:
    clip = np.concatenate([performance(length, seed) for seed, length in enumerate((30, 50), 2)])
    made = find_in_clip(encoder, [performance(40, 1)], clip)
    for span in made.repetitions.spans:
        own = slice(span.start_frame, span.end_frame_exclusive)
        alone = encoder.embed_features(torch.from_numpy(clip[own].astype(np.float32))).numpy()
        np.testing.assert_allclose(made.embeddings[own], alone, atol=1e-6)


def test_of_several_references_the_one_that_explains_best_counts(encoder: Encoder) -> None:
    clip = np.concatenate([performance(length, seed) for seed, length in enumerate((30, 50), 2)])
    foreign = np.random.default_rng(9).normal(size=(40, 512)).astype(np.float16)
    alone = find_in_clip(encoder, [performance(40, 1)], clip)
    both = find_in_clip(encoder, [foreign, performance(40, 1)], clip)
    assert both.repetitions.frames.tolist() == alone.repetitions.frames.tolist()


def test_windows_span_the_tempos_that_are_looked_for() -> None:
    lengths = window_lengths(100, 1000)
    assert lengths[0] <= 25 * 2**0.5
    assert 280 / 2**0.5 <= lengths[-1] <= 280 * 2**0.5
    assert lengths == sorted(set(lengths))
    assert window_lengths(100, 30)[-1] == 30
    assert window_lengths(1, 5) == [5]


def test_it_can_be_stopped(encoder: Encoder) -> None:
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        find_in_clip(encoder, [performance(40, 1)], performance(40, 2), control=control)
