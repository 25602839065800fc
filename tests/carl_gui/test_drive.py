"""The rows of moments along which two players are moved, against what each mode promises."""

from __future__ import annotations

import numpy as np
import pytest

from carl_gui.explore.pair.drive import MODES, PACES, DriveTrack, Mode, Pace, track_of
from carl_gui.explore.pair.model import Pair, PairSide, pair_of, realign
from tests.carl_gui.embedded import course


def pair_with(a_frames: int, b_frames: int, a_fps: float = 30, b_fps: float = 30) -> Pair:
    a, b = (course(np.linspace(0, 1, count)) for count in (a_frames, b_frames))
    return pair_of(PairSide(np.arange(a_frames + 1) / a_fps, a), PairSide(np.arange(b_frames + 1) / b_fps, b))


def track(mode: Mode, pace: Pace, pair: Pair, frames: tuple[int, int] = (0, 0)) -> DriveTrack:
    found = track_of(mode, pace, pair, frames)
    assert found is not None
    return found


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "free"])
@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (40, 25)])
def test_every_mode_goes_through_each_leading_frame_in_order(mode: Mode, pace: Pace, size: tuple[int, int]) -> None:
    pair = pair_with(*size)
    row = track(mode, pace, pair, (size[0] // 2, size[1] // 3))
    assert (np.diff(row.seconds) > 0).all()
    for side, (frames, count) in enumerate(zip((row.a_frames, row.b_frames), size, strict=True)):
        assert (np.diff(frames) >= 0).all()
        assert frames[0] >= 0
        assert frames[-1] < count
        if row.leads[side]:
            assert set(frames.tolist()) == set(range(count))
            assert [row.frames(row.moment_of(side, frame))[side] for frame in range(count)] == list(range(count))
    assert len(row.seconds) == len(row.a_frames) == len(row.b_frames)


def test_along_the_path_every_pair_is_matched() -> None:
    pair = pair_with(40, 25)
    steps = set(zip(pair.alignment.a_frames.tolist(), pair.alignment.b_frames.tolist(), strict=True))
    row = track("path", "even", pair)
    assert {row.frames(place) for place in range(len(row))} == steps
    for mode in ("a", "b"):
        led = track(mode, "a", pair)
        assert {led.frames(place) for place in range(len(led))} <= steps


@pytest.mark.parametrize(("pace", "side"), [("a", 0), ("b", 1)])
def test_at_the_tempo_of_one_its_frames_come_at_their_times(pace: Pace, side: int) -> None:
    pair = pair_with(40, 25, a_fps=50, b_fps=20)
    row, video = track("path", pace, pair), (pair.a, pair.b)[side]
    for seconds in np.linspace(0, video.duration_seconds, 200, endpoint=False):
        place = int(np.searchsorted(row.seconds, seconds + 1e-9, side="right")) - 1
        assert row.frames(place)[side] == video.frame_at(seconds + 1e-9)


def test_even_steps_take_as_long_as_both_on_average() -> None:
    pair = pair_with(40, 25)
    gaps = np.diff(track("path", "even", pair).seconds)
    assert gaps == pytest.approx(gaps[0])
    mean = (pair.a.duration_seconds + pair.b.duration_seconds) / 2
    assert gaps[0] * len(pair.alignment) == pytest.approx(mean)


@pytest.mark.parametrize("frames", [(0, 0), (10, 3), (3, 20), (39, 0), (0, 24)])
def test_an_offset_stays_and_goes_over_the_whole_of_both(frames: tuple[int, int]) -> None:
    pair = pair_with(40, 25)
    row = track("offset", "a", pair, frames)
    shown = [row.frames(place) for place in range(len(row))]
    assert frames in shown
    shift = frames[1] - frames[0]
    for a_frame, b_frame in shown:
        assert b_frame == min(max(a_frame + shift, 0), 24) or a_frame == min(max(b_frame - shift, 0), 39)
    assert {a for a, _ in shown} == set(range(40))
    assert {b for _, b in shown} == set(range(25))


def test_an_offset_of_seconds_is_kept_between_frame_rates() -> None:
    pair = pair_with(50, 120, a_fps=25, b_fps=60)
    row = track("offset", "a", pair, (10, 30))
    for a_frame, b_frame in (row.frames(place) for place in range(len(row))):
        if 0 < a_frame < 49 and 0 < b_frame < 119:
            ahead = pair.b.middle(b_frame) - pair.a.middle(a_frame)
            assert ahead == pytest.approx(pair.b.middle(30) - pair.a.middle(10), abs=1 / 25)


def test_nothing_moves_both_where_each_is_alone_or_nothing_is_known() -> None:
    assert track_of("free", "a", pair_with(4, 5), (0, 0)) is None
    assert track_of("path", "a", None, (0, 0)) is None


def test_one_frame_and_very_many() -> None:
    rows = np.ones((50_000, 4), np.float32) / 2
    pair = pair_of(PairSide(np.arange(2) / 30, rows[:1]), PairSide(np.arange(50_001) / 30, rows))
    for mode in MODES:
        for pace in PACES:
            row = track_of(mode, pace, pair, (0, 31_000))
            assert row is None or (np.diff(row.seconds) > 0).all()


def test_other_anchors_give_another_path_and_back_the_same_one() -> None:
    pair = pair_with(40, 25)
    pinned = realign(pair, [(20, 3), (90, 90), (10, 20)])
    assert pinned.anchors == ((10, 20),), "what crosses it comes later, the other one lies past the ends"
    assert (10, 20) in set(zip(pinned.alignment.a_frames, pinned.alignment.b_frames, strict=True))
    back = realign(pinned, [])
    np.testing.assert_array_equal(back.alignment.a_frames, pair.alignment.a_frames)
    np.testing.assert_array_equal(back.alignment.b_frames, pair.alignment.b_frames)
    assert pinned.cosine is pair.cosine
