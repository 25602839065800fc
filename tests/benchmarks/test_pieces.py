"""The truth of partial pairs, which `benchmarks/partial_pairs.py` judges by."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
EVENTS_A, EVENTS_B = np.array([20, 50, 80]), np.array([10, 40, 60])


@pytest.fixture
def pieces(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module, which lies beside the programs."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("pairs.pieces")


def video(pieces: Any, num_frames: int, events: np.ndarray) -> Any:
    return pieces.whole(np.arange(2 * num_frames, dtype=np.float16).reshape(-1, 2), events)


def test_of_two_whole_videos_every_frame_has_a_partner(pieces: Any) -> None:
    a, b = video(pieces, 100, EVENTS_A), video(pieces, 70, EVENTS_B)
    inner = pieces.truth(a, b, still_ends=False)[2:-4]  # the shorter one's last frame is a little nearer to the end
    assert (inner == pieces.PARTNER).all()
    assert (pieces.truth(a, b, still_ends=True) == pieces.PARTNER).all()


def test_frames_of_what_was_cut_off_have_none(pieces: Any) -> None:
    a, b = video(pieces, 100, EVENTS_A), video(pieces, 70, EVENTS_B)
    found = pieces.truth(a, b.part(25, 50), still_ends=True)  # halfway to the second event, halfway to the third
    assert (found[:33] == pieces.NONE).all()
    assert (found[37:62] == pieces.PARTNER).all()
    assert (found[66:] == pieces.NONE).all()
    assert (found == pieces.NOT_COUNTED).sum() == 2 * 2 * pieces.EDGE


def test_any_frame_of_a_still_phase_is_a_partner(pieces: Any) -> None:
    a, b = video(pieces, 100, EVENTS_A), video(pieces, 70, EVENTS_B)
    assert (pieces.truth(a, b.part(6, 70), still_ends=True)[:18] == pieces.PARTNER).all()
    assert (pieces.truth(a, b.part(8, 70), still_ends=True)[:18] == pieces.NOT_COUNTED).all()
    assert (pieces.truth(a, b.part(10, 70), still_ends=True)[:18] == pieces.NONE).all()


def test_foreign_frames_have_none_and_the_others_keep_theirs(pieces: Any) -> None:
    a, b = video(pieces, 100, EVENTS_A), video(pieces, 70, EVENTS_B)
    other = np.zeros((50, 2), np.float16)
    mixed = pieces.with_foreign(a, [other], np.random.default_rng(1))
    found = pieces.truth(mixed, b, still_ends=True)
    foreign = mixed.origin < 0
    assert foreign.sum() == 20
    assert set(found[foreign]) == {pieces.NONE, pieces.NOT_COUNTED}
    assert set(found[~foreign]) == {pieces.PARTNER, pieces.NOT_COUNTED}
    np.testing.assert_array_equal(mixed.features[~foreign], a.features)
    assert (pieces.truth(b, mixed, still_ends=True) == pieces.PARTNER).all()


def test_a_third_is_a_third_of_consecutive_frames(pieces: Any) -> None:
    part = pieces.third(video(pieces, 90, EVENTS_A), np.random.default_rng(2))
    assert len(part.features) == 30
    assert (np.diff(part.origin) == 1).all()
    assert part.at(int(part.origin[7])) == 7
    assert part.at(int(part.origin[-1]) + 1) == -1
