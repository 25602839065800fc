"""Convert landmarks to feature vectors, and make augmented copies from landmarks alone. Needs no torch.

Every part is measured in the body's own size or in radians, so that neither the distance from the camera nor the
resolution matters.

* *picture*: where the landmarks are in the picture, from the middle of the hips, in lengths of the trunk.
* *visible*: how sure it is that each can be seen.
* *joints*: fourteen angles, in the picture and in space.
* *body*: where the landmarks are in the body's own axes (side, up, front), and where down is in them. It says the same
  from whichever side a body is filmed, which makes views from different sides match.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.pose.landmarks import LEFT_HIP, LEFT_SHOULDER, OPPOSITES, RIGHT_HIP, RIGHT_SHOULDER, Landmarks, bridge_gaps

Points = NDArray[np.float64]

SMOOTHING_FRAMES = 1.0
"""Standard deviation of the Gaussian along time that takes the network's tremor away."""

LONGEST_BRIDGE_SECONDS = 0.5
"""A shorter gap in which nobody is found is bridged; the frames of a longer one have a vector of zeros."""

JOINTS = (
    *((11, 13, 15), (12, 14, 16)),  # elbows
    *((13, 11, 23), (14, 12, 24)),  # upper arms from the trunk
    *((11, 23, 25), (12, 24, 26)),  # hips
    *((23, 25, 27), (24, 26, 28)),  # knees
    *((25, 27, 31), (26, 28, 32)),  # ankles
    *((13, 11, 12), (14, 12, 11)),  # upper arms from the line of the shoulders
    *((7, 11, 23), (8, 12, 24)),  # neck
)
"""Angles at the second landmark, between the directions to the first and the third."""

_METRES, _RADIANS = 3.0, 180 / np.pi / 60
"""Make metres, and radians, vary about as much as lengths of the trunk."""

PARTS = {
    "any-side": ("picture", "picture joints", "space joints", "body"),
    "same-side": ("picture", "visible", "picture joints", "space joints"),
}
"""By the setting `backbone.pose_view`. What was measured: docs/decisions/0015."""


def width_of(kind: str) -> int:
    """Return how many numbers a frame's vector has."""
    widths = {"picture": 66, "visible": 33, "picture joints": 14, "space joints": 14, "body": 102}
    return sum(widths[part] for part in PARTS[kind])


class Body:
    """A person through a video, as points, from which vectors and copies are made.

    Attributes:
        picture: (S, 33, 2) in heights of the frame, to the right and down.
        visible: (S, 33) 0..1.
        space: (S, 33, 3) metres.
        is_known: (S,) False in frames of long gaps, whose other values mean nothing (finite).
    """

    def __init__(self, picture: Points, visible: Points, space: Points, is_known: NDArray[np.bool_]) -> None:
        self.picture, self.visible, self.space, self.is_known = picture, visible, space, is_known

    @classmethod
    def of(cls, landmarks: Landmarks, fps: float) -> Body:
        """Bridge short gaps and smooth along time, across nothing that is not known."""
        bridged = bridge_gaps(landmarks, max(1, round(LONGEST_BRIDGE_SECONDS * fps)))
        known = bridged.is_seen
        picture = bridged.picture.astype(np.float64)
        picture[..., 0] *= landmarks.width / landmarks.height
        smooth = _smooth(np.concatenate([picture[..., :2], bridged.space], axis=2), known)
        return cls(smooth[..., :2], np.where(known[:, None], picture[..., 3], 0.0), smooth[..., 2:], known)

    def vectors(self, kind: str) -> NDArray[np.float32]:
        """Return (S, width_of(kind)); rows of zeros where nobody is known.

        Args:
            kind: a key of `PARTS`.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            rows = np.concatenate([_MAKERS[part](self) for part in PARTS[kind]], axis=1)
        return np.where(self.is_known[:, None], np.nan_to_num(rows), 0.0).astype(np.float32)

    def mirrored(self) -> Body:
        """Return the body as a mirror shows it: left is right."""
        picture, space = self.picture[:, OPPOSITES].copy(), self.space[:, OPPOSITES].copy()
        picture[..., 0] *= -1
        space[..., 0] *= -1
        return Body(picture, self.visible[:, OPPOSITES], space, self.is_known)

    def copy(self, generator: np.random.Generator, *, mirror: float) -> Body:
        """Return another body that does the same: one draw for the whole video, and slow noise.

        The picture is turned and stretched, the body is turned about its height, its limbs have other lengths.

        Args:
            mirror: chance of a mirror image.
        """
        base = self.mirrored() if generator.random() < mirror else self
        turn, yaw = generator.uniform(-0.2, 0.2), generator.uniform(-0.5, 0.5)  # radians
        stretch = np.exp(generator.uniform(-0.15, 0.15, 2))
        limbs = np.exp(generator.normal(0.0, 0.05, (1, base.space.shape[1], 1)))
        turned = _about_view(turn)
        picture = base.picture @ (turned[:2, :2] * stretch[:, None]).T
        space = base.space @ (turned @ _about_height(yaw)).T * limbs
        return Body(
            picture + _slow_noise(generator, picture.shape, 0.006),
            base.visible,
            space + _slow_noise(generator, space.shape, 0.015),
            base.is_known,
        )


def _smooth(points: Points, known: NDArray[np.bool_]) -> Points:
    """Return a Gaussian over known frames alone; 0 elsewhere."""
    from scipy.ndimage import gaussian_filter1d

    weights = gaussian_filter1d(known.astype(np.float64), SMOOTHING_FRAMES, mode="nearest")[:, None, None]
    filled = np.where(known[:, None, None], points, 0.0)
    blurred = gaussian_filter1d(filled, SMOOTHING_FRAMES, axis=0, mode="nearest")
    return np.where(known[:, None, None], blurred / np.maximum(weights, 1e-9), 0.0)


def _about_view(angle: float) -> Points:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])


def _about_height(angle: float) -> Points:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, 0.0, sin], [0.0, 1.0, 0.0], [-sin, 0.0, cos]])


def _slow_noise(generator: np.random.Generator, shape: tuple[int, ...], deviation: float) -> Points:
    """Return noise of that standard deviation that changes over some four frames."""
    from scipy.ndimage import gaussian_filter1d

    sigma = 2.0
    gain = np.sqrt(2.0 * np.sqrt(np.pi) * sigma)  # what the blur takes from white noise
    noise: Points = np.asarray(gaussian_filter1d(generator.normal(0.0, 1.0, shape), sigma, axis=0))
    noise *= gain * deviation
    return noise


def _in_picture(body: Body) -> Points:
    hips = (body.picture[:, LEFT_HIP] + body.picture[:, RIGHT_HIP]) / 2
    shoulders = (body.picture[:, LEFT_SHOULDER] + body.picture[:, RIGHT_SHOULDER]) / 2
    trunk = np.maximum(np.linalg.norm(shoulders - hips, axis=-1), 1e-3)
    places: Points = (body.picture - hips[:, None]) / trunk[:, None, None]
    return places.reshape(len(hips), -1)


def _joints(points: Points) -> Points:
    first, middle, last = (points[:, list(column)] for column in zip(*JOINTS, strict=True))
    one, other = first - middle, last - middle
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    angles: Points = np.arccos(np.clip((one * other).sum(-1) / np.maximum(lengths, 1e-9), -1.0, 1.0))
    return angles * _RADIANS


def _in_body(body: Body) -> Points:
    left_hip, right_hip = body.space[:, LEFT_HIP], body.space[:, RIGHT_HIP]
    left_shoulder, right_shoulder = body.space[:, LEFT_SHOULDER], body.space[:, RIGHT_SHOULDER]
    up = _unit(left_shoulder + right_shoulder - left_hip - right_hip)
    side = left_hip - right_hip + left_shoulder - right_shoulder
    side = _unit(side - (side * up).sum(-1, keepdims=True) * up)
    axes = np.stack([side, up, np.cross(side, up)], axis=1)  # (S, 3 axes, 3)
    places = _METRES * np.einsum("sij,skj->ski", axes, body.space)  # (S, 33, 3 axes)
    return np.concatenate([places.reshape(len(axes), -1), axes[:, :, 1]], axis=1)  # y points down


def _unit(directions: Points) -> Points:
    lengths: Points = np.linalg.norm(directions, axis=-1, keepdims=True)
    return directions / np.maximum(lengths, 1e-6)


_MAKERS: dict[str, Callable[[Body], Points]] = {
    "picture": _in_picture,
    "visible": lambda body: body.visible,
    "picture joints": lambda body: _joints(body.picture),
    "space joints": lambda body: _joints(body.space),
    "body": _in_body,
}
