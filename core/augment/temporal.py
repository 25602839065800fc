"""Temporal views: the frames of the two views of a training step (CARL, section 3.2).

Only indices are made here; reading frames is the frame store's work and changing them `core.augment.spatial`'s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.objectives.kinds import Needs
from core.settings.config import ViewsConfig
from core.video.sampling import Crop, even_positions, overlapping_crops, random_positions, warped_positions


@dataclass(frozen=True, slots=True)
class TemporalView:
    """The frames of one view, ascending; padding is at the end."""

    indices: NDArray[np.int64]
    """(T,) frame indices in the source video, the loss's timestamps; a padded step repeats the last valid one."""
    valid: NDArray[np.bool_]
    """(T,) False at padded steps."""
    crop: Crop
    """The run of frames of the video that the steps are drawn from."""

    def __post_init__(self) -> None:
        if self.indices.shape != self.valid.shape or self.indices.ndim != 1:
            raise ValueError(f"indices and valid must be (T,), not {self.indices.shape} and {self.valid.shape}")

    def __len__(self) -> int:
        return len(self.indices)


def draw_views(
    num_frames: int, config: ViewsConfig, generator: np.random.Generator
) -> tuple[TemporalView, TemporalView]:
    """Return two views of a video of `num_frames` = S frames, each of T = `config.frames` steps.

    Crop mode `paper`: a video shorter than T counts as padded to T at its end; two crops with lengths uniform in
    [T, alpha*T], cut to the video, share at least beta of their frames (`overlapping_crops` says what that means; the
    paper's "at least beta percent" holds exactly here, in the released code only roughly); T frames of each crop are
    drawn at random without repetition, or evenly.

    Crop mode `released` (the released code for Pouring and PennAction): the crop is S times a ratio uniform in
    [1, alpha], so it always starts at frame 0, beta is void, and the steps beyond the video are masked:
    1 - ln(alpha) / (alpha - 1) of them, 19 % at alpha = 1.5, besides those of a video shorter than T.

    Crop mode `fraction` (ours): as `paper`, with crops of `min_crop_fraction` to `max_crop_fraction` of the
    video; a crop shorter than T is padded, or with sampling `warped` shows some frames twice.

    Raises:
        ValueError: fewer than 2 frames; the caller refuses such a video by its name.
    """
    if num_frames < 2:
        raise ValueError(f"a video of {num_frames} frame(s) has no order to learn from; at least 2 are needed")
    if config.crop_mode == "released":
        crops = (_released_crop(num_frames, config, generator), _released_crop(num_frames, config, generator))
    else:
        shortest, longest = crop_lengths(num_frames, config)
        crops = overlapping_crops(max(num_frames, longest), shortest, longest, config.beta, generator)
    return _view(crops[0], num_frames, config, generator), _view(crops[1], num_frames, config, generator)


def draw_clips(
    needs: Needs, num_frames: int, config: ViewsConfig, generator: np.random.Generator
) -> tuple[TemporalView, ...]:
    """Return the clips of one video that an objective with these needs learns from, each of T steps.

    Two overlapping views where it compares views, a segment at its own and at double speed where it tells speeds apart,
    else one view.

    Raises:
        ValueError: fewer than 2 frames.
    """
    if needs is Needs.SPEEDS:
        return draw_speeds(num_frames, config.num_frames, generator)
    views = draw_views(num_frames, config, generator)
    return views if needs is Needs.VIEWS else views[:1]


def draw_speeds(num_frames: int, steps: int, generator: np.random.Generator) -> tuple[TemporalView, TemporalView]:
    """Return a segment's first half frame by frame, and all of it every second frame (SpeedNet, section 3.1).

    Both have as many valid steps, so that their number does not tell them apart: at most `steps`, at most half of the
    video's frames. Of which half of a segment the slow clip is, is drawn as well: else it would always begin where the
    fast one does.

    Raises:
        ValueError: fewer than 2 frames.
    """
    if num_frames < 2:
        raise ValueError(f"a video of {num_frames} frame(s) has no order to learn from")
    count = min(steps, num_frames // 2)
    start = int(generator.integers(num_frames - 2 * count + 1))
    slow = start + int(generator.integers(count + 1))
    return _run(slow, count, 1, steps), _run(start, count, 2, steps)


def _run(start: int, count: int, stride: int, steps: int) -> TemporalView:
    """Return `count` frames from `start` on, padded to `steps`."""
    indices = start + stride * np.minimum(np.arange(steps, dtype=np.int64), count - 1)
    return TemporalView(indices, np.arange(steps) < count, Crop(start, stride * (count - 1) + 1))


def crop_lengths(num_frames: int, config: ViewsConfig) -> tuple[int, int]:
    """Return shortest and longest crop of a video of `num_frames` frames.

    Crop mode `paper`: [T, alpha*T], cut to the video padded to T. Crop mode `fraction`: between two fractions of the
    video, so that an encoder of short clips learns from beginnings, middles and ends.
    """
    if config.crop_mode == "fraction":
        longest = max(2, math.floor(config.max_crop_fraction * num_frames + 1e-9))
        return min(longest, max(2, math.ceil(config.min_crop_fraction * num_frames - 1e-9))), longest
    longest = math.floor(config.alpha * config.num_frames + 1e-9)  # 1.15 * 100 is a hair below 115
    return config.num_frames, min(longest, max(config.num_frames, num_frames))


def _released_crop(num_frames: int, config: ViewsConfig, generator: np.random.Generator) -> Crop:
    return Crop(0, math.ceil(num_frames * generator.uniform(1.0, config.alpha)))


def _view(crop: Crop, num_frames: int, config: ViewsConfig, generator: np.random.Generator) -> TemporalView:
    """Return t steps of `crop`; those beyond the video, and those that the crop is short of, are padded."""
    # The released code draws no more steps than the video has frames, though its crop reaches beyond the video.
    count = min(config.num_frames, num_frames) if config.crop_mode == "released" else config.num_frames
    steps = crop.start_frame + _positions(crop.num_frames, count, config, generator)
    shown = steps[steps < num_frames]
    indices = np.full(config.num_frames, shown[-1] if len(shown) else 0, dtype=np.int64)
    indices[: len(shown)] = shown
    inside = Crop(crop.start_frame, min(crop.num_frames, num_frames - crop.start_frame))
    return TemporalView(indices, np.arange(config.num_frames) < len(shown), inside)


def _positions(length: int, count: int, config: ViewsConfig, generator: np.random.Generator) -> NDArray[np.int64]:
    if config.sampling == "warped":
        return warped_positions(length, count, config.tempo_std, generator)
    return (even_positions if config.sampling == "even" else random_positions)(length, count, generator)
