"""Copies from a few of their frames: exact where they were looked at, a straight line beside the maps in between."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor

from core.augment.maps import crop_maps
from core.augment.spatial import SpatialDraw, whole
from core.copies import Change, Copies, key_frames
from core.model.encoder import Encoder
from core.video.frame_store import FrameStore, StoredVideo
from tests.conftest import VideoWriter
from tests.core.small import small_config, small_encoder

FRAMES, SIZE = 41, 64
DRAWS = [
    None,
    SpatialDraw(crops=((0.7, 1.1),), across=0.9, down=0.2, flip=True),
    SpatialDraw(crops=((0.9, 1.0),), jitter=(("brightness", 0.6),), blur_sigma=1.0),
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return small_encoder(small_config(augment__image_size=SIZE, backbone__pool="avg2x2")).eval()


@pytest.fixture
def video(write_video: VideoWriter) -> StoredVideo:
    return FrameStore(short_side=32, max_bytes=10**8).add([write_video(frames=FRAMES)])[0]


class Counting:
    """The encoder's look at images, and how many images it saw."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder, self.seen = encoder, 0

    def __call__(self, images: Tensor, changes: Sequence[Change]) -> Tensor:
        self.seen += len(images)
        with torch.inference_mode():
            return self.encoder.features_of_changed(images, changes)


def rows(
    video: StoredVideo,
    encoder: Encoder,
    stride: int,
    *,
    chunk: int = FRAMES,
    draws: Sequence[SpatialDraw | None] = DRAWS,
) -> tuple[Tensor, int]:
    """(FRAMES, draws, F), and how many images went through the backbone."""
    look = Counting(encoder)
    copies = Copies(video, draws, image_size=SIZE, stride=stride, device=torch.device("cpu"), look=look)
    parts = [copies.rows(start, min(start + chunk, FRAMES)) for start in range(0, FRAMES, chunk)]
    return torch.cat(parts), look.seen


def test_key_frames_are_evenly_spaced_and_end_with_the_last() -> None:
    assert key_frames(10, 4).tolist() == [0, 4, 8, 9]
    assert key_frames(9, 4).tolist() == [0, 4, 8]
    assert key_frames(3, 100).tolist() == [0, 2]
    assert key_frames(1, 4).tolist() == [0]
    assert key_frames(5, 1).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("stride", [4, 7, 100])
def test_copies_are_exact_at_their_key_frames_and_clean_ones_everywhere(
    video: StoredVideo, encoder: Encoder, stride: int
) -> None:
    every, _ = rows(video, encoder, 1)
    some, _ = rows(video, encoder, stride)
    keys = key_frames(FRAMES, stride)
    torch.testing.assert_close(some[keys], every[keys], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(some[:, 0], every[:, 0], rtol=1e-4, atol=1e-4)
    assert not torch.allclose(some[1:3, 1:], every[1:3, 1:], rtol=1e-4, atol=1e-4), "they are nearly right in between"


def test_what_the_maps_do_not_tell_is_a_straight_line(video: StoredVideo, encoder: Encoder) -> None:
    frames = torch.from_numpy(video.frames_at(np.arange(FRAMES)).images)
    draw = DRAWS[1]
    assert draw is not None
    with torch.inference_mode():
        told = encoder.features_of_changed(
            whole(frames, SIZE), [lambda maps: crop_maps(maps, draw, *frames.shape[1:3])]
        )
    left = rows(video, encoder, 10)[0][:, 1] - told[:, 0]
    for start in range(0, FRAMES - 1, 10):
        bend = left[start : start + 11].diff(dim=0).diff(dim=0)
        torch.testing.assert_close(bend, torch.zeros_like(bend), rtol=0, atol=1e-4)
    corner = left.diff(dim=0).diff(dim=0)[9]
    assert corner.abs().max() > 1e-3, "there are corners at the key frames"


@pytest.mark.parametrize("chunk", [1, 3, 10, 17])
@pytest.mark.parametrize("stride", [1, 4, 15, 100])
def test_chunks_change_nothing(video: StoredVideo, encoder: Encoder, stride: int, chunk: int) -> None:
    whole_video, _ = rows(video, encoder, stride)
    in_parts, _ = rows(video, encoder, stride, chunk=chunk)
    torch.testing.assert_close(in_parts, whole_video, rtol=1e-4, atol=1e-4)


def test_only_key_frames_of_copies_are_looked_at_and_once(video: StoredVideo, encoder: Encoder) -> None:
    assert rows(video, encoder, 1)[1] == 3 * FRAMES
    assert rows(video, encoder, 10)[1] == FRAMES + 2 * 5
    assert rows(video, encoder, 10, chunk=20)[1] == FRAMES + 2 * 5 + 2, "the next chunk's first frame is seen twice"
    assert rows(video, encoder, 10, draws=[None])[1] == FRAMES
