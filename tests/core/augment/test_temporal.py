"""Laws of temporal views."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.augment.temporal import TemporalView, crop_lengths, draw_views
from core.settings.config import ViewsConfig

configs = st.builds(
    ViewsConfig,
    num_frames=st.integers(2, 60),
    alpha=st.sampled_from([1.0, 1.15, 1.5, 3.0]),
    beta=st.sampled_from([0.0, 0.2, 0.8, 1.0]),
    sampling=st.sampled_from(["random", "even", "warped"]),
    crop_mode=st.sampled_from(["paper", "released", "fraction"]),
    min_crop_fraction=st.sampled_from([0.01, 0.4]),
    max_crop_fraction=st.sampled_from([0.5, 1.0]),
)


def is_well_formed(view: TemporalView, num_frames: int, config: ViewsConfig) -> bool:
    count = int(view.valid.sum())
    shown = view.indices[:count]
    return (
        len(view) == config.num_frames
        and view.valid[:count].all()
        and (np.diff(shown) >= (config.sampling != "warped")).all()
        and (view.crop.start_frame <= shown).all()
        and (shown < view.crop.end_frame_exclusive).all()
        and view.crop.end_frame_exclusive <= num_frames
        and 0 <= view.indices.min() <= view.indices.max() < num_frames
        and (view.indices[count:] == (shown[-1] if count else 0)).all()
    )


@given(st.integers(2, 500), configs, st.integers(0, 2**32 - 1))
def test_views_are_ascending_frames_of_the_video_then_padding(num_frames: int, config: ViewsConfig, seed: int) -> None:
    views = draw_views(num_frames, config, np.random.default_rng(seed))
    assert all(is_well_formed(view, num_frames, config) for view in views)
    again = draw_views(num_frames, config, np.random.default_rng(seed))
    for view, same in zip(views, again, strict=True):
        np.testing.assert_array_equal(view.indices, same.indices)
        np.testing.assert_array_equal(view.valid, same.valid)


@given(st.integers(2, 500), configs, st.integers(0, 2**32 - 1))
def test_paper_layout_shows_all_it_can(num_frames: int, config: ViewsConfig, seed: int) -> None:
    config = dataclasses.replace(config, crop_mode="paper", sampling="random")
    for view in draw_views(num_frames, config, np.random.default_rng(seed)):
        assert view.valid.sum() == min(num_frames, config.num_frames)
        span = view.indices[view.valid][-1] - view.indices[0] + 1
        assert span <= max(config.num_frames, math.floor(config.alpha * config.num_frames + 1e-9))


@given(st.integers(2, 60), st.sampled_from([1.0, 1.15, 1.5]), st.integers(0, 300))
def test_crop_lengths_are_the_papers_cut_to_the_video(frames: int, alpha: float, more: int) -> None:
    config = ViewsConfig(num_frames=frames, alpha=alpha)
    num_frames = frames + more
    assert crop_lengths(num_frames, config) == (frames, min(num_frames, math.floor(alpha * frames + 1e-9)))


def test_a_product_a_hair_below_a_whole_number_counts_as_it() -> None:
    assert 1.15 * 100 < 115
    assert crop_lengths(500, ViewsConfig(num_frames=100, alpha=1.15)) == (100, 115)


def test_alpha_one_draws_consecutive_frames() -> None:
    config = ViewsConfig(num_frames=16, alpha=1.0)
    for seed in range(20):
        for view in draw_views(100, config, np.random.default_rng(seed)):
            assert (np.diff(view.indices) == 1).all()


def test_random_frames_of_a_crop_are_uniform() -> None:
    config = ViewsConfig(num_frames=20, alpha=2.0)
    generator = np.random.default_rng(0)
    gaps = np.concatenate([np.diff(draw_views(1000, config, generator)[0].indices) for _ in range(2000)])
    # T of L frames without repetition: the mean gap is (L + 1) / (T + 1), and L is uniform in [20, 40].
    np.testing.assert_allclose(gaps.mean(), 31 / 21, rtol=0.01)


def test_a_huge_video_costs_nothing() -> None:
    first, second = draw_views(10**12, ViewsConfig(), np.random.default_rng(0))
    assert first.valid.all()
    assert second.valid.all()
    assert abs(int(first.indices[0]) - int(second.indices[0])) <= 360


def test_short_video_is_padded_and_masked() -> None:
    for view in draw_views(5, ViewsConfig(num_frames=8), np.random.default_rng(0)):
        assert view.indices.tolist() == [0, 1, 2, 3, 4, 4, 4, 4]
        assert view.valid.tolist() == [True] * 5 + [False] * 3


@pytest.mark.parametrize("num_frames", [0, 1])
@pytest.mark.parametrize("layout", ["paper", "released"])
def test_a_video_without_order_is_refused(num_frames: int, layout: str) -> None:
    with pytest.raises(ValueError, match="no order"):
        draw_views(num_frames, ViewsConfig(crop_mode=layout), np.random.default_rng(0))


def test_released_layout_masks_a_fifth_of_the_steps_and_starts_at_the_beginning() -> None:
    config = ViewsConfig(num_frames=80, crop_mode="released")
    generator = np.random.default_rng(0)
    lengths = generator.integers(80, 664, 500)  # PennAction has 18 to 663 frames a video
    views = [view for length in lengths for view in draw_views(int(length), config, generator)]
    masked = 1.0 - np.mean([view.valid.mean() for view in views])
    assert masked == pytest.approx(1 - math.log(1.5) / 0.5, abs=0.01)
    assert masked == pytest.approx(0.19, abs=0.01)
    starts = np.array([view.indices[0] for view in views]) / np.repeat(lengths, 2)
    assert np.median(starts) < 0.03


def test_released_layout_draws_no_more_steps_than_a_short_video_has() -> None:
    generator = np.random.default_rng(0)
    views = [draw_views(40, ViewsConfig(num_frames=80, crop_mode="released"), generator)[0] for _ in range(500)]
    shown = np.mean([view.valid.sum() for view in views])
    assert shown == pytest.approx(40 * math.log(1.5) / 0.5, rel=0.02)


@given(st.integers(2, 400), st.sampled_from([0.1, 0.4]), st.sampled_from([0.6, 1.0]), st.integers(0, 2**32 - 1))
def test_share_layout_crops_shares_of_the_video(num_frames: int, low: float, high: float, seed: int) -> None:
    config = ViewsConfig(num_frames=16, crop_mode="fraction", min_crop_fraction=low, max_crop_fraction=high)
    for view in draw_views(num_frames, config, np.random.default_rng(seed)):
        assert max(2, low * num_frames - 1e-6) <= view.crop.num_frames <= max(2, high * num_frames + 1e-6)
        assert view.valid.sum() == min(16, view.crop.num_frames)


def test_warped_sampling_covers_the_crop_at_a_tempo_that_changes() -> None:
    generator = np.random.default_rng(0)
    config = ViewsConfig(num_frames=50, alpha=4.0, sampling="warped", tempo_std=0.8)
    views = [draw_views(1000, config, generator)[0] for _ in range(300)]
    ends = [(view.indices[0] - view.crop.start_frame) / view.crop.num_frames for view in views]
    assert np.mean(ends) < 0.03
    spread = [np.diff(view.indices[::10]) for view in views]
    assert np.mean([gaps.max() / max(gaps.min(), 1) for gaps in spread]) > 2
    steady = [draw_views(1000, dataclasses.replace(config, tempo_std=0.0), generator)[0] for _ in range(50)]
    assert np.mean([np.diff(view.indices[::10]).max() / np.diff(view.indices[::10]).min() for view in steady]) < 1.5


def test_warped_sampling_leaves_no_step_of_a_short_crop_padded() -> None:
    config = ViewsConfig(num_frames=32, crop_mode="fraction", sampling="warped")
    for view in draw_views(12, config, np.random.default_rng(0)):
        assert view.valid.all()
