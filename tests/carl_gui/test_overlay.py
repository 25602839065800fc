"""Two frames as one picture."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from carl_gui.explore.pair.both_view import BothView
from carl_gui.models.overlay import LOOKS, Look, overlay


def image(*size: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)


def test_a_picture_differs_nowhere_from_itself() -> None:
    one = image(48, 64)
    assert not overlay(one, one, "difference", 0.5).any()
    np.testing.assert_array_equal(overlay(one, one, "blend", 0.3), one)


def test_the_difference_is_the_same_both_ways() -> None:
    one, other = image(48, 64), image(48, 64, seed=1)
    np.testing.assert_array_equal(overlay(one, other, "difference", 0), overlay(other, one, "difference", 1))
    expected = np.abs(one.astype(int) - other).astype(np.uint8)
    np.testing.assert_array_equal(overlay(one, other, "difference", 0.5), expected)


def test_the_share_says_how_much_of_b_is_seen() -> None:
    one, other = image(48, 64), image(48, 64, seed=1)
    np.testing.assert_array_equal(overlay(one, other, "blend", 0), one)
    np.testing.assert_array_equal(overlay(one, other, "blend", 1), other)
    half = overlay(one, other, "blend", 0.5).astype(int)
    assert abs(half - (one.astype(int) + other) / 2).max() <= 1


def test_onion_skin_is_grey_where_both_agree_and_coloured_where_not() -> None:
    grey = np.full((20, 30, 3), 120, np.uint8)
    dark = np.zeros_like(grey)
    same = overlay(grey, grey, "onion", 0.5).astype(int)
    assert np.ptp(same, axis=2).max() <= 1
    assert abs(same - 120).max() <= 1
    only_a, only_b = overlay(grey, dark, "onion", 0.5)[0, 0], overlay(dark, grey, "onion", 0.5)[0, 0]
    assert only_a[2] > only_a[0] + 60, "A is blue"
    assert only_b[0] > only_b[2] + 60, "B is orange"
    assert not overlay(grey, dark, "onion", 1).any(), "A is not seen"


@pytest.mark.parametrize("look", [look for look in LOOKS if look != "side"])
@pytest.mark.parametrize("size", [(24, 32), (96, 128), (10, 100), (100, 10), (1, 1)])
def test_b_is_fitted_into_a_s_picture(look: Look, size: tuple[int, int]) -> None:
    assert overlay(image(48, 64), image(*size), look, 0.5).shape == (48, 64, 3)


def test_b_keeps_its_proportions() -> None:
    white = np.full((100, 10, 3), 255, np.uint8)
    seen = overlay(np.zeros((40, 80, 3), np.uint8), white, "blend", 1.0)
    columns = np.flatnonzero(seen[20, :, 0])
    assert (columns.min(), columns.max()) == (38, 41)


def test_large_pictures_are_made_smaller() -> None:
    large = np.zeros((2160, 3840, 3), np.uint8)
    assert overlay(large, large, "blend", 0.5).shape == (1080, 1920, 3)


def test_the_view_shows_both_as_soon_as_both_are_there(qtbot: QtBot) -> None:
    view = BothView()
    qtbot.addWidget(view)
    view.set_look("difference", 0.5)
    view.set_image(0, image(48, 64))
    assert view.view.sentence == "B has no picture."
    view.set_image(1, image(24, 32))
    assert view.view.image is not None
    view.view.set_zoom(3.0)
    view.set_image(0, image(24, 32))
    assert view.view.zoom == 3.0, "a smaller image of the same video changes no zoom"
    view.set_image(0, None)
    assert view.view.sentence == "A has no picture."
