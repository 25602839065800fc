"""The sound of a file: on the clock of its pictures from wherever it is read, slowed at its pitch, as peaks."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest

from core.base.control import Control, Stopped
from core.base.errors import VideoError
from core.base.files import cache_folder
from core.sound.decoding import RATE, Block, _without_breaks, has_sound, sound_blocks
from core.sound.peaks import Peaks, known_peaks, peaks_of_video
from core.sound.stretching import stretch
from core.video.reader import VideoReader
from tests.conftest import VideoWriter
from tests.sounding import click_and_flash, click_time

_REGULAR = [index / 30 for index in range(60)]
_VARIABLE = [index / 30 + (0.4 if index > 20 else 0) + 0.011 * (index % 3) for index in range(60)]
_MILLISECOND = 0.001


@pytest.mark.parametrize(
    ("name", "codec", "rate", "tolerance"),
    [
        ("a.mov", "pcm_s16le", 48_000, 0.0011),
        ("a.mov", "pcm_s16le", 44_100, 0.0011),
        ("a.mp4", "aac", 44_100, 0.006),  # the codec smears the click over some milliseconds
        ("a.mkv", "aac", 48_000, 0.006),
        ("a.ts", "aac", 48_000, 0.006),  # its clock begins at 1.4 s
    ],
)
@pytest.mark.parametrize("times", [_REGULAR, _VARIABLE], ids=["regular", "variable"])
@pytest.mark.parametrize("sound_from", [0.0, 0.35])
def test_a_click_is_where_the_flash_is(
    tmp_path: Path, name: str, codec: str, rate: int, tolerance: float, times: list[float], sound_from: float
) -> None:
    path = click_and_flash(tmp_path / name, times, 40, codec=codec, rate=rate, sound_from=sound_from)
    with VideoReader(path) as video:
        flash = next(index for index, frame in enumerate(video) if frame.image.mean() > 200)
        seconds = float(video.edges_seconds[flash])
    for start in (-np.inf, 0.5, seconds - 0.01):
        blocks = list(sound_blocks(path, start))
        assert click_time(blocks) == pytest.approx(seconds, abs=tolerance)
        ends = [block.start_seconds + len(block.samples) / RATE for block in blocks]
        starts = [block.start_seconds for block in blocks]
        assert np.allclose(starts[1:], ends[:-1], atol=1e-6), "nothing is missing between them"


def test_what_is_read_from_the_middle_is_what_lies_there(tmp_path: Path) -> None:
    path = click_and_flash(tmp_path / "a.mov", _REGULAR, 40, tone=440)
    whole = np.concatenate([block.samples for block in sound_blocks(path)])
    for start in (0.0, 0.3, 1.234):
        blocks = list(sound_blocks(path, start))
        assert 0 <= blocks[0].start_seconds - start < 1.5 / RATE
        first = round(blocks[0].start_seconds * RATE)
        part = np.concatenate([block.samples for block in blocks])
        assert np.abs(whole[first:] - part).max() < _MILLISECOND


def test_a_gap_in_the_sound_is_silence_and_what_comes_twice_is_left_out() -> None:
    ones = np.ones((RATE, 2), np.float32)
    given = [Block(1.0, ones), Block(4.5, ones), Block(5.25, ones), Block(5.3, ones[:10])]
    joined = list(_without_breaks(iter(given)))
    samples = np.concatenate([block.samples for block in joined])[:, 0]
    assert (joined[0].start_seconds, len(samples)) == (1.0, round(5.25 * RATE))
    assert samples[:RATE].all()
    assert not samples[RATE : round(3.5 * RATE)].any()
    assert samples[round(3.5 * RATE) :].all()
    assert max(len(block.samples) for block in joined) <= RATE, "a long gap takes no memory"


def test_real_sound_lasts_as_long_as_its_video(shared: Path) -> None:
    blocks = list(sound_blocks(shared / "videos" / "golf_swing" / "swing1.mp4"))
    assert sum(len(block.samples) for block in blocks) / RATE == pytest.approx(5.18, abs=0.05)


def test_a_video_without_sound_says_so(write_video: VideoWriter, tmp_path: Path) -> None:
    path = write_video("mute.mp4", 5)
    assert not has_sound(path)
    assert not has_sound(tmp_path / "none.mp4")
    with pytest.raises(VideoError, match="has no sound"):
        next(sound_blocks(path))
    assert has_sound(click_and_flash(tmp_path / "a.mov", _REGULAR, 4))


@pytest.mark.parametrize("tempo", [0.25, 0.5, 0.75, 1.0, 1.5, 2.0])
def test_a_slower_sound_lasts_longer_at_the_same_pitch(tempo: float) -> None:
    steps = np.arange(4 * RATE)
    samples = np.repeat((0.1 * np.sin(2 * np.pi * 440 * steps / RATE))[:, None], 2, axis=1).astype(np.float32)
    clicks = [RATE, 2 * RATE, 3 * RATE]
    for at in clicks:
        samples[at : at + 1200] += 0.8 * np.exp(-np.arange(1200) / 300)[:, None].astype(np.float32)
    given = list(stretch((Block(5 + at / RATE, samples[at : at + 1000]) for at in range(0, len(samples), 1000)), tempo))
    heard = np.concatenate([block.samples for block in given])[:, 0]
    assert len(heard) == pytest.approx(len(samples) / tempo, rel=0.03)
    quiet = heard[: round(0.9 * RATE / tempo)]
    loudest = np.argmax(np.abs(np.fft.rfft(quiet * np.hanning(len(quiet)))))
    assert loudest / len(quiet) * RATE == pytest.approx(440, abs=3)
    for at in clicks:
        near = [block for block in given if abs(block.start_seconds - 5 - at / RATE) < 0.3]
        assert click_time(near, tempo) == pytest.approx(5 + at / RATE, abs=0.030)


def test_peaks_show_the_click_at_every_zoom_and_are_kept(tmp_path: Path) -> None:
    path = click_and_flash(tmp_path / "a.mov", _REGULAR, 40)
    seconds = 40 / 30
    peaks = peaks_of_video("d" * 32, path)
    for columns in (3, 40, 700, 20_000):
        edges = np.linspace(0, 2, columns + 1)
        highest = peaks.between(edges)[:, 1]
        column = int(np.argmax(highest))
        assert edges[column] - 2 * _MILLISECOND - 2 / columns <= seconds <= edges[column + 1] + 2 * _MILLISECOND
        assert highest[column] == pytest.approx(0.9, abs=0.02)
    assert not peaks.between(np.array([50.0, 51.0])).any(), "later there is nothing"
    path.unlink()
    kept = peaks_of_video("d" * 32, path)
    assert np.array_equal(kept.levels[0], peaks.levels[0])
    (file,) = cache_folder("sound").glob("*/peaks.npy")
    file.write_bytes(b"damaged")
    assert known_peaks("d" * 32) is None


def test_a_click_is_seen_whatever_is_drawn_between() -> None:
    bins = np.zeros((5000, 2), np.int16)
    bins[3210] = -32767, 32767
    peaks = Peaks(bins)
    rng = np.random.default_rng(1)
    for columns in (1, 7, 100, 999):
        edges = np.sort(np.append(rng.uniform(0, 5, columns - 1), [0, 5]))
        found = peaks.between(edges)
        assert (found.min(), found.max()) == (-1, 1)


def test_decoding_stops_when_it_is_asked_to(tmp_path: Path) -> None:
    path = click_and_flash(tmp_path / "a.mov", _REGULAR, 4)
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        peaks_of_video("e" * 32, path, control)
    assert known_peaks("e" * 32) is None
    with contextlib.closing(sound_blocks(path)) as blocks:
        assert next(blocks).start_seconds == 0
