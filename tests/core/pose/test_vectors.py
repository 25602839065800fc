"""What vectors of a body tell, and do not: not where it is nor how large, not from which side it is filmed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.pose.landmarks import EDGES, NAMES, OPPOSITES, Landmarks, bridge_gaps, short_runs
from core.pose.vectors import PARTS, Body, width_of

FPS = 20.0


def landmarks(frames: int = 30, *, missing: slice = slice(0, 0), seed: int = 0) -> Landmarks:
    """Somebody who moves smoothly."""
    generator = np.random.default_rng(seed)
    start, speed = generator.normal(0, 0.3, (2, 1, 33, 3))
    space = start + speed * np.sin(np.linspace(0, 3, frames))[:, None, None]
    picture = np.concatenate([0.5 + 0.3 * space, np.full((frames, 33, 1), 0.9)], axis=2)
    scores = np.full(frames, 0.9)
    for array in (picture, space):
        array[missing] = np.nan
    scores[missing] = 0
    return Landmarks(picture.astype(np.float32), space.astype(np.float32), scores.astype(np.float32), 320, 240)


def vectors(of: Landmarks, kind: str = "any-side") -> NDArray[np.float32]:
    return Body.of(of, FPS).vectors(kind)


def columns(kind: str, part: str) -> slice:
    widths = {"picture": 66, "visible": 33, "picture joints": 14, "space joints": 14, "body": 102}
    before = PARTS[kind][: PARTS[kind].index(part)]
    start = sum(widths[name] for name in before)
    return slice(start, start + widths[part])


def turned(of: Landmarks, yaw: float) -> Landmarks:
    cos, sin = np.cos(yaw), np.sin(yaw)
    about = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    return Landmarks(of.picture, (of.space @ about.T).astype(np.float32), of.scores, of.width, of.height)


@pytest.mark.parametrize("kind", PARTS)
def test_vectors_are_as_wide_as_told_and_finite(kind: str) -> None:
    made = vectors(landmarks(), kind)
    assert made.shape == (30, width_of(kind))
    assert np.isfinite(made).all()
    assert {"any-side": 196, "same-side": 127}[kind] == width_of(kind)


def test_neither_place_nor_size_in_the_picture_matters() -> None:
    plain = landmarks()
    picture = plain.picture.copy()
    picture[..., :2] = 0.4 * picture[..., :2] + 0.1
    moved = Landmarks(picture, plain.space, plain.scores, plain.width, plain.height)
    np.testing.assert_allclose(vectors(moved), vectors(plain), atol=1e-4)


def test_the_shape_of_the_pixels_does_not_matter() -> None:
    plain = landmarks()
    picture = plain.picture.copy()
    picture[..., 0] /= 2
    wide = Landmarks(picture, plain.space, plain.scores, 2 * plain.width, plain.height)
    np.testing.assert_allclose(vectors(wide), vectors(plain), atol=1e-4)


def test_the_bodys_own_axes_do_not_tell_from_which_side_it_is_filmed() -> None:
    body = columns("any-side", "body")
    front, side = vectors(landmarks())[:, body], vectors(turned(landmarks(), 1.2))[:, body]
    np.testing.assert_allclose(side, front, atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(front[:, -3:], axis=1), 1.0, atol=1e-4)  # where down is
    joints = columns("any-side", "space joints")
    np.testing.assert_allclose(vectors(turned(landmarks(), 1.2))[:, joints], vectors(landmarks())[:, joints], atol=1e-4)


def test_a_right_angle_is_one() -> None:
    plain = landmarks()
    space = plain.space.copy()
    elbow, shoulder, wrist = (NAMES.index(f"left {name}") for name in ("elbow", "shoulder", "wrist"))
    space[:, elbow], space[:, shoulder], space[:, wrist] = [0, 0, 0], [0, -0.3, 0], [0.3, 0, 0]
    bent = Landmarks(plain.picture, space, plain.scores, plain.width, plain.height)
    first = columns("any-side", "space joints").start
    np.testing.assert_allclose(vectors(bent)[:, first], 90 / 60, atol=1e-3)


def test_mirroring_twice_is_the_identity() -> None:
    body = Body.of(landmarks(), FPS)
    twice = body.mirrored().mirrored()
    np.testing.assert_array_equal(twice.vectors("same-side"), body.vectors("same-side"))
    assert not np.allclose(body.mirrored().vectors("same-side"), body.vectors("same-side"))
    np.testing.assert_array_equal(OPPOSITES[OPPOSITES], np.arange(33))


@pytest.mark.parametrize("kind", PARTS)
def test_a_mirrored_body_is_that_of_a_mirrored_picture(kind: str) -> None:
    plain = landmarks()
    picture, space = plain.picture[:, OPPOSITES].copy(), plain.space[:, OPPOSITES].copy()
    picture[..., 0] = 1 - picture[..., 0]
    space[..., 0] *= -1
    mirror = Landmarks(picture, space, plain.scores, plain.width, plain.height)
    np.testing.assert_allclose(Body.of(plain, FPS).mirrored().vectors(kind), vectors(mirror, kind), atol=1e-4)


def test_copies_are_others_that_do_the_same_and_repeat_by_seed() -> None:
    body = Body.of(landmarks(), FPS)

    def copy(seed: int, mirror: float = 0.0) -> NDArray[np.float32]:
        return body.copy(np.random.default_rng(seed), mirror=mirror).vectors("any-side")

    np.testing.assert_array_equal(copy(1), copy(1))
    assert not np.allclose(copy(1), copy(2))
    assert not np.allclose(copy(1, mirror=1.0), copy(1, mirror=0.0))
    joints = columns("any-side", "space joints")
    assert np.abs(copy(1)[:, joints] - body.vectors("any-side")[:, joints]).mean() < 0.3  # under 18 degrees


def test_short_gaps_are_bridged_and_long_ones_empty() -> None:
    short, long = landmarks(missing=slice(10, 20)), landmarks(missing=slice(9, 20))  # half a second is 10 frames
    assert Body.of(short, FPS).is_known.all()
    space = bridge_gaps(short, 10).space
    np.testing.assert_allclose(space[14], space[[13, 15]].mean(axis=0), atol=1e-5)
    known = Body.of(long, FPS).is_known
    np.testing.assert_array_equal(np.flatnonzero(~known), np.arange(9, 20))
    made = vectors(long)
    assert not made[~known].any()
    assert made[known].any(axis=1).all()


def test_ends_are_held_where_they_are_short() -> None:
    ends = landmarks(missing=slice(0, 3))
    np.testing.assert_array_equal(bridge_gaps(ends, 3).picture[:3], np.repeat(ends.picture[3:4], 3, axis=0))
    assert np.isnan(bridge_gaps(ends, 2).picture[:3]).all()


def test_what_is_not_known_says_nothing_to_its_neighbours() -> None:
    whole, cut = landmarks(), landmarks(missing=slice(15, 30))
    np.testing.assert_allclose(vectors(cut)[:10], vectors(whole)[:10], atol=1e-5)
    places = slice(columns("any-side", "body").start, -3)
    last, plain = (np.linalg.norm(vectors(of)[14, places]) for of in (cut, whole))
    assert last == pytest.approx(plain, rel=0.05)  # the last frame that is known is not drawn towards zero


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_the_shortest_clips_have_vectors(frames: int) -> None:
    for of in (landmarks(frames), landmarks(frames, missing=slice(0, frames))):
        made = vectors(of)
        assert made.shape == (frames, 196)
        assert np.isfinite(made).all()


def test_nobody_at_all_is_zeros_in_every_copy() -> None:
    body = Body.of(landmarks(missing=slice(0, 30)), FPS)
    assert not body.vectors("any-side").any()
    assert not body.copy(np.random.default_rng(0), mirror=0.5).vectors("any-side").any()


def test_runs_are_told_apart_by_their_length() -> None:
    missing = np.array([1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1], bool)
    np.testing.assert_array_equal(short_runs(missing, 2), np.array([1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1], bool))


def test_the_skeleton_joins_landmarks_of_one_side_or_the_middle() -> None:
    assert all(0 <= one < 33 and 0 <= other < 33 for one, other in EDGES)
    mirrored = {tuple(sorted((int(OPPOSITES[a]), int(OPPOSITES[b])))) for a, b in EDGES}
    assert mirrored == {tuple(sorted(edge)) for edge in EDGES}


def test_shapes_that_do_not_fit_are_refused() -> None:
    plain = landmarks(3)
    with pytest.raises(ValueError, match="expected"):
        Landmarks(plain.picture, plain.space[:2], plain.scores, 10, 10)
