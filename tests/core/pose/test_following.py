"""One person is followed: the largest, or the one who was clicked on; where nobody is, nobody is found."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.base.control import Stopped
from core.base.types import Clip
from core.pose.detector import Detector
from core.pose.following import LEAST_SCORE, Follower
from core.pose.landmarks import LEFT_HIP, NAMES, OPPOSITES, RIGHT_HIP, Landmarks
from core.pose.people import Point
from core.video.frame_store import FrameStore
from tests.core.pose.figures import BACK, person
from tests.core.pose.networks import follower as follower
from tests.core.pose.networks import networks as networks

Image = NDArray[np.uint8]
EMPTY = np.full((320, 320, 3), BACK, np.uint8)


class Pictures:
    """Frames in memory, as the stored video that `Follower` reads."""

    def __init__(self, images: list[Image]) -> None:
        self._images = np.stack(images)
        self.height, self.width = self._images.shape[1:3]

    def __len__(self) -> int:
        return len(self._images)

    def frames_at(self, indices: NDArray[np.int64]) -> Clip:
        return Clip(self._images[indices], np.asarray(indices), np.asarray(indices, np.float64))


def followed(follower: Follower, images: list[Image], point: Point | None = None) -> Landmarks:
    return follower.follow([Pictures(images)], [point])[0]  # type: ignore[list-item]


def middles(landmarks: Landmarks) -> NDArray[np.float32]:
    """(S, 2) x and y of the middle of the hips."""
    return landmarks.picture[:, [LEFT_HIP, RIGHT_HIP], :2].mean(axis=1)


def test_landmarks_lie_where_they_are_drawn(follower: Follower) -> None:
    landmarks = followed(follower, [person(arm=0.6)])
    points = {name: landmarks.picture[0, place, :2] for place, name in enumerate(NAMES)}
    head = 0.8 / 8  # height of a head, as a share of the picture
    for side, sign in (("left", 1), ("right", -1)):  # who faces us has the left hand on our right
        np.testing.assert_allclose(points[f"{side} shoulder"], [0.5 + sign * 0.9 * head, 0.5 - 2.3 * head], atol=0.02)
        np.testing.assert_allclose(points[f"{side} ankle"], [0.5 + sign * 0.5 * head, 0.5 + 3.5 * head], atol=0.03)
    assert landmarks.scores[0] > 0.9
    assert landmarks.people == 1


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_turned_picture_has_turned_landmarks(follower: Follower, turned: int) -> None:
    image = person(arm=0.9)
    upright = followed(follower, [image]).picture[0, 11:, :2] - 0.5
    here = followed(follower, [np.ascontiguousarray(np.rot90(image, turned // 90))]).picture[0, 11:, :2] - 0.5
    angle = np.radians(turned)
    back = here @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).T
    assert np.abs(back - upright).max() < 0.04


def test_a_mirror_swaps_left_and_right(follower: Follower) -> None:
    image = person(x=0.4, arm=1.0)
    plain = followed(follower, [image])
    mirrored = followed(follower, [np.ascontiguousarray(image[:, ::-1])])
    expected = plain.picture[0, OPPOSITES, :2] * [-1, 1] + [1, 0]
    assert np.abs(mirrored.picture[0, 11:, :2] - expected[11:]).max() < 0.04


def test_a_person_is_followed_and_found_again(follower: Follower) -> None:
    places = np.linspace(0.3, 0.7, 12)
    images = [person(x=x, size=0.6) for x in places]
    images[5:8] = [EMPTY] * 3
    landmarks = followed(follower, images)
    seen = np.array([True] * 5 + [False] * 3 + [True] * 4)
    np.testing.assert_array_equal(landmarks.is_seen, seen)
    np.testing.assert_array_equal(landmarks.scores > 0, seen)
    assert np.isnan(landmarks.space[~seen]).all()
    assert np.abs(middles(landmarks)[seen, 0] - places[seen]).max() < 0.03


def test_the_detector_looks_once_where_nobody_is_lost(follower: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    real = Detector.__call__
    monkeypatch.setattr(Detector, "__call__", lambda self, images: looked.append(len(images)) or real(self, images))
    followed(follower, [person(arm=0.5 + 0.05 * i) for i in range(6)])
    assert looked == [1]


def two(arm: float = 0.6) -> Image:
    """A large person on the left, a smaller one on the right."""
    return person(480, 320, x=0.75, size=0.5, arm=arm, image=person(480, 320, x=0.25, size=0.75, arm=arm))


def test_the_largest_is_followed_or_the_one_who_was_clicked_on(follower: Follower) -> None:
    images = [two(0.5 + 0.1 * i) for i in range(5)]
    largest = followed(follower, images)
    assert largest.people == 2
    assert np.abs(middles(largest)[:, 0] - 0.25).max() < 0.03
    clicked = followed(follower, images, Point(2, 0.75, 0.5))  # from the middle of the video in both directions
    assert np.abs(middles(clicked)[:, 0] - 0.75).max() < 0.03
    assert clicked.is_seen.all()
    nobody = followed(follower, images, Point(0, 0.5, 0.02))
    assert np.abs(middles(nobody)[:, 0] - 0.25).max() < 0.03


def test_who_is_too_small_to_be_found_is_found_where_somebody_clicked(follower: Follower) -> None:
    def image(arm: float) -> Image:
        return person(480, 480, x=0.8, y=0.25, size=0.15, arm=arm, image=person(480, 480, x=0.3, size=0.75, arm=arm))

    images = [image(0.4 + 0.1 * i) for i in range(3)]
    assert followed(follower, images).people == 1, "in the whole picture only the large one is"
    clicked = followed(follower, images, Point(1, 0.8, 0.25))
    assert clicked.is_seen.all()
    assert np.abs(middles(clicked)[:, 0] - 0.8).max() < 0.03


def test_who_is_hidden_beside_another_is_followed(follower: Follower, shared: Path, tmp_path: Path) -> None:
    """In frame 60 the detector finds the assistant alone; the one who balances is clicked on at the hip."""
    path = shared / "videos" / "multiview_balance_sync" / "multi_cam01.mp4"
    (video,) = FrameStore(tmp_path, short_side=256, max_bytes=10**9).add([path])
    image = video.frames_at([60]).images[0]
    assert np.abs(middles(followed(follower, [image]))[0] - (0.66, 0.66)).max() < 0.05
    clicked = followed(follower, [image], Point(0, 0.4, 0.4))
    assert np.abs(middles(clicked)[0] - (0.41, 0.4)).max() < 0.05


def test_in_a_crowd_one_is_followed(follower: Follower) -> None:
    image = np.full((480, 480, 3), BACK, np.uint8)
    for place in range(10):
        row, column = divmod(place, 5)
        size = 0.45 + 0.05 * (place == 7)
        image = person(480, 480, x=0.1 + 0.2 * column, y=0.26 + 0.49 * row, size=size, arm=0.15, image=image)
    landmarks = followed(follower, [image] * 3)
    assert landmarks.people >= 3
    assert landmarks.is_seen.all()
    assert np.abs(np.diff(middles(landmarks), axis=0)).max() < 0.01


def test_half_a_person_is_found(follower: Follower) -> None:
    landmarks = followed(follower, [person(y=1.0, size=1.2)])
    assert landmarks.is_seen.all()
    visible = dict(zip(NAMES, landmarks.picture[0, :, 3], strict=True))
    assert visible["left shoulder"] > 0.9 > 0.3 > visible["left ankle"]


def test_nobody_is_found_where_nobody_is(follower: Follower) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3), dtype=np.uint8)
    for image in (EMPTY, noise, np.zeros((16, 16, 3), np.uint8), cv2.blur(noise, (9, 9))):
        landmarks = followed(follower, [image] * 3)
        assert not landmarks.is_seen.any()
        assert landmarks.people == 0
    np.testing.assert_array_equal(follower.people([EMPTY, person(), EMPTY]), [False, True, False])


def test_videos_that_go_together_do_not_change_one_another(follower: Follower) -> None:
    videos = [[person(arm=0.4 + 0.1 * i) for i in range(n)] for n in (2, 5)] + [[EMPTY] * 3]
    told: list[int] = []
    together = follower.follow([Pictures(images) for images in videos], [None] * 3, told.append)  # type: ignore[misc]
    assert sum(told) == 10
    for images, joint in zip(videos, together, strict=True):
        alone = followed(follower, images)
        np.testing.assert_allclose(joint.picture, alone.picture, atol=1e-3)


def test_a_stop_is_obeyed_at_once(follower: Follower) -> None:
    def stop(_: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        follower.follow([Pictures([person()] * 3)], [None], stop)  # type: ignore[list-item]


def test_real_footage_is_followed_throughout(follower: Follower, shared: Path, tmp_path: Path) -> None:
    store = FrameStore(tmp_path, short_side=256, max_bytes=10**9)
    (clip,) = store.add([shared / "videos" / "push_up" / "correct9.mp4"])
    found = follower.follow([clip], [None])[0]
    assert found.is_seen.all()
    assert found.scores.min() > LEAST_SCORE
    lying = found.picture[:, LEFT_HIP, 1] - found.picture[:, 0, 1]
    assert np.abs(lying).max() < 0.4  # a push-up: the head is not far above the hips
