"""Laws of the spatial augmentation, and its agreement with torchvision and PIL."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torchvision.transforms.v2 import functional as reference

from core.augment import spatial
from core.augment.spatial import SpatialDraw, apply, crop_box, draw, resize_whole
from core.settings.config import AugmentConfig

GOLDEN = Path(__file__).parents[2] / "golden" / "spatial.npz"
EVERYTHING = SpatialDraw(
    crops=((0.85, 1.1),),
    across=0.3,
    down=0.9,
    flip=True,
    jitter=(("hue", 0.15), ("contrast", 1.6), ("saturation", 0.4), ("brightness", 1.3)),
    blur_sigma=1.4,
    grayscale=False,
)


def frames(count: int = 3, height: int = 37, width: int = 53) -> Tensor:
    """(count, height, width, 3) uint8 noise, with a black, a gray and a coloured corner."""
    images = torch.randint(0, 256, (count, height, width, 3), generator=torch.Generator().manual_seed(1))
    images[:, :9, :9] = 0
    images[:, -9:, :9] = 77
    images[:, -9:, -9:] = torch.tensor([255, 0, 40])
    return images.to(torch.uint8)


def after(frames: Tensor, image_size: int = 32, **changes: object) -> Tensor:
    return apply(frames, dataclasses.replace(SpatialDraw(), **changes), image_size)  # type: ignore[arg-type]


def test_every_frame_has_the_same_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    video = frames(5)
    alone = torch.cat([apply(video[i : i + 1], EVERYTHING, 32) for i in range(5)])
    torch.testing.assert_close(apply(video, EVERYTHING, 32), alone, rtol=0, atol=1e-6)
    monkeypatch.setattr(spatial, "CHUNK", 2)
    torch.testing.assert_close(apply(video, EVERYTHING, 32), alone, rtol=0, atol=1e-6)


def test_a_drawn_nothing_is_the_whole_frame() -> None:
    video = frames()
    nothing = AugmentConfig(
        min_scale=1.0, max_aspect_ratio=1.0, flip_prob=0, jitter_prob=0, blur_prob=0, grayscale_prob=0
    )
    assert torch.equal(apply(video, draw(nothing, np.random.default_rng(0)), 32), resize_whole(video, 32))


def test_the_whole_frame_is_an_antialiased_resize() -> None:
    video = frames()
    expected = reference.resize(video.permute(0, 3, 1, 2).float() / 255, [32, 32], antialias=True)
    # Rounded to bytes once for each direction, as in PIL.
    torch.testing.assert_close(resize_whole(video, 32), expected, rtol=0, atol=1.01 / 255)
    same_size = frames(2, 32, 32)
    torch.testing.assert_close(resize_whole(same_size, 32), same_size.permute(0, 3, 1, 2) / 255)


def test_flipping_twice_is_the_identity() -> None:
    video = frames()
    assert torch.equal(after(video, flip=True).flip(3), after(video))
    assert torch.equal(after(video.flip(2), flip=True), after(video))


@pytest.mark.parametrize("factor", [0.2, 0.9, 1.0, 1.8])
@pytest.mark.parametrize("name", ["brightness", "contrast", "saturation"])
def test_colour_steps_agree_with_torchvision(name: str, factor: float) -> None:
    video = frames()
    expected = getattr(reference, f"adjust_{name}")(resize_whole(video, 32), factor)
    torch.testing.assert_close(after(video, jitter=((name, factor),)), expected, rtol=0, atol=2e-6)


@pytest.mark.parametrize("turns", [-0.5, -0.2, 0.0, 0.07, 0.2, 0.5])
def test_hue_agrees_with_torchvision(turns: float) -> None:
    video = frames()
    expected = reference.adjust_hue(resize_whole(video, 32), turns)
    torch.testing.assert_close(after(video, jitter=(("hue", turns),)), expected, rtol=0, atol=5e-6)


@pytest.mark.parametrize("sigma", [0.1, 0.5, 1.0, 2.0])
def test_blur_agrees_with_torchvision(sigma: float) -> None:
    video = frames()
    taps = 2 * math.ceil(3 * sigma) + 1
    expected = reference.gaussian_blur(resize_whole(video, 32), [taps, taps], [sigma, sigma])
    torch.testing.assert_close(after(video, blur_sigma=sigma), expected, rtol=0, atol=2e-6)


def test_a_blur_wider_than_the_image_keeps_the_mean_of_a_plain_image() -> None:
    plain = torch.full((1, 20, 20, 3), 100, dtype=torch.uint8)
    torch.testing.assert_close(after(plain, 16, blur_sigma=20.0), torch.full((1, 3, 16, 16), 100 / 255))


def test_grayscale_has_equal_channels_and_agrees_with_torchvision() -> None:
    video = frames()
    gray = after(video, grayscale=True)
    assert torch.equal(gray[:, 0], gray[:, 1])
    assert torch.equal(gray[:, 0], gray[:, 2])
    expected = reference.rgb_to_grayscale(resize_whole(video, 32), num_output_channels=3)
    torch.testing.assert_close(gray, expected, rtol=0, atol=2e-6)


def test_steps_follow_the_order_of_the_released_code() -> None:
    video = frames()
    expected = resize_whole(video, 32).flip(3)
    for name, amount in EVERYTHING.jitter:
        expected = getattr(reference, f"adjust_{name}")(expected, amount)
    expected = reference.gaussian_blur(expected, [11, 11], [1.4, 1.4])
    got = apply(video, dataclasses.replace(EVERYTHING, crops=((1.0, 1.0),)), 32)
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-5)


# PIL keeps bytes between its steps, hue in 256 steps, and blurs by three box filters.
@pytest.mark.parametrize(
    ("name", "changes", "worst", "mean"),
    [
        ("brightness", {"jitter": (("brightness", 1.3),)}, 1.0, 0.5),
        ("contrast", {"jitter": (("contrast", 0.6),)}, 1.5, 0.6),
        ("saturation", {"jitter": (("saturation", 1.7),)}, 2.0, 0.6),
        ("hue", {"jitter": (("hue", 0.15),)}, 11.0, 2.0),
        ("blur", {"blur_sigma": 1.2}, 8.0, 1.5),
        ("grayscale", {"grayscale": True}, 1.0, 0.5),
    ],
)
def test_steps_agree_with_pil(name: str, changes: dict[str, object], worst: float, mean: float) -> None:
    with np.load(GOLDEN) as golden:
        small, expected = torch.from_numpy(golden["whole"])[None], torch.from_numpy(golden[name])
    gap = (after(small, 24, **changes)[0].permute(1, 2, 0) * 255 - expected).abs()  # in 1/255
    assert gap.max() <= worst
    assert gap.mean() <= mean


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("whole", {}),
        # 40 x 32 of 50 x 36, at 8 from the left and 3 from the top.
        ("crop", {"crops": ((40 * 32 / (50 * 36), 40 / 50 * 36 / 32),), "across": 8.5 / 11, "down": 3.5 / 5}),
    ],
)
def test_a_crop_is_cut_and_resized_as_by_pil(name: str, changes: dict[str, object]) -> None:
    with np.load(GOLDEN) as golden:
        source, expected = torch.from_numpy(golden["source"])[None], torch.from_numpy(golden[name])
    gap = (after(source, 24, **changes)[0].permute(1, 2, 0) * 255 - expected).abs()
    assert gap.max() <= 1.01
    assert gap.mean() <= 0.1


def test_strides_and_odd_sizes_do_not_matter() -> None:
    video = frames(8, 75, 107)
    skipped = video[::2, 1::2, ::3]
    assert not skipped.is_contiguous()
    assert torch.equal(apply(skipped, EVERYTHING, 31), apply(skipped.contiguous(), EVERYTHING, 31))
    planar = video.permute(3, 0, 1, 2).contiguous().permute(1, 2, 3, 0)
    torch.testing.assert_close(apply(planar, EVERYTHING, 31), apply(video, EVERYTHING, 31), rtol=0, atol=2.5 / 255)
    assert resize_whole(frames(2, 1, 7), 16).shape == (2, 3, 16, 16)
    assert resize_whole(frames(0), 16).shape == (0, 3, 16, 16)


def test_the_frames_are_left_alone() -> None:
    video = frames(2, 32, 32)
    before = video.clone()
    apply(video, EVERYTHING, 32)
    assert torch.equal(video, before)


def test_autocast_does_not_touch_it() -> None:
    video = frames()
    with torch.autocast("cpu", torch.bfloat16):
        result = apply(video, EVERYTHING, 32)
    assert torch.equal(result, apply(video, EVERYTHING, 32))


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_results_lie_in_the_unit_interval_and_repeat(seed: int, strength: float) -> None:
    config = AugmentConfig(brightness=strength, contrast=strength, saturation=strength, hue=strength / 2)
    drawn = draw(config, np.random.default_rng(seed))
    assert drawn == draw(config, np.random.default_rng(seed))
    result = apply(frames(1, 21, 34), drawn, 16)
    assert result.dtype == torch.float32
    assert result.shape == (1, 3, 16, 16)
    assert 0.0 <= result.min() <= result.max() <= 1.0 + 1e-6


@given(
    st.integers(1, 400),
    st.integers(1, 400),
    st.floats(0.05, 1.0),
    st.floats(0.1, 10.0),
    st.floats(0.0, 0.999999),
    st.floats(0.0, 0.999999),
)
def test_a_crop_lies_in_the_frame_and_keeps_its_area(
    height: int, width: int, share: float, ratio: float, across: float, down: float
) -> None:
    drawn = SpatialDraw(crops=((share, ratio),), across=across, down=down)
    top, left, crop_height, crop_width = crop_box(drawn, height, width)
    assert 0 <= top <= height - crop_height
    assert 0 <= left <= width - crop_width
    slack = (crop_height + crop_width + 1) / 2  # both sides are whole pixels
    if share * height * width >= max(height, width):  # else a side of one pixel is too long for the area
        assert abs(crop_height * crop_width - share * height * width) <= slack


def test_the_first_attempt_that_fits_is_taken() -> None:
    drawn = SpatialDraw(crops=((0.9, 4.0), (0.25, 1.0), (0.5, 1.0)))
    assert crop_box(drawn, 100, 100)[2:] == (50, 50)


def test_wide_video_keeps_its_edges_in_reach() -> None:
    generator = np.random.default_rng(0)
    boxes = [crop_box(draw(AugmentConfig(), generator), 360, 640) for _ in range(300)]
    areas = np.array([height * width for _, _, height, width in boxes]) / (360 * 640)
    assert 0.79 < areas.min() < 0.82
    assert 0.98 < areas.max() <= 1.0
    assert min(left for _, left, _, _ in boxes) == 0
    assert max(left + width for _, left, _, width in boxes) == 640


def test_draws_have_the_chances_and_strengths_of_the_settings() -> None:
    generator = np.random.default_rng(0)
    draws = [draw(AugmentConfig(), generator) for _ in range(4000)]
    assert np.mean([d.flip for d in draws]) == pytest.approx(0.5, abs=0.03)
    assert np.mean([d.jitter != () for d in draws]) == pytest.approx(0.8, abs=0.03)
    assert np.mean([d.blur_sigma > 0 for d in draws]) == pytest.approx(0.5, abs=0.03)
    assert np.mean([d.grayscale for d in draws]) == pytest.approx(0.2, abs=0.03)
    for name, low, high in (("brightness", 0.2, 1.8), ("contrast", 0.2, 1.8), ("saturation", 0.2, 1.8)):
        factors = [dict(d.jitter)[name] for d in draws if d.jitter]
        assert (min(factors), max(factors)) == pytest.approx((low, high), abs=0.02)
    hues = [dict(d.jitter)["hue"] for d in draws if d.jitter]
    assert (min(hues), max(hues)) == pytest.approx((-0.2, 0.2), abs=0.01)
    sigmas = [d.blur_sigma for d in draws if d.blur_sigma]
    assert (min(sigmas), max(sigmas)) == pytest.approx((0.1, 2.0), abs=0.02)
    assert len({tuple(name for name, _ in d.jitter) for d in draws if d.jitter}) == 24


@pytest.mark.parametrize(
    "wrong", [torch.zeros(3, 8, 8, 3), torch.zeros(8, 8, 3, dtype=torch.uint8), torch.zeros(3, 3, 8, 8).byte()]
)
def test_other_frames_are_refused(wrong: Tensor) -> None:
    with pytest.raises(ValueError, match="uint8, not"):
        resize_whole(wrong, 16)
