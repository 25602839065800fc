"""Sound in a player: what is heard when which frame is shown, on an output that only notes it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from carl_gui.player import sound as sound_module
from carl_gui.player.playback import PlaybackController
from carl_gui.player.player import PlayerPanel
from carl_gui.player.sound import Sound
from carl_gui.player.sound_output import Pull, SystemOutput
from core.base.errors import CarlError
from core.sound.decoding import RATE
from tests.conftest import VideoWriter, reached
from tests.sounding import click_and_flash

_REGULAR = [index / 30 for index in range(75)]
_VARIABLE = [index / 30 + (0.4 if index > 20 else 0) + 0.011 * (index % 3) for index in range(75)]
_FLASH = 40
_LATENCY_SECONDS = 0.08
"""Of the output: what it takes is heard so much later."""
_STEP = RATE // 200
"""Samples that it takes at once: 5 ms."""


class NullOutput:
    """Takes samples when the test says so."""

    def __init__(self) -> None:
        self.pull: Pull | None = None

    def start(self, pull: Pull) -> None:
        self.pull = pull

    def stop(self) -> None:
        self.pull = None


class Stage:
    """A player whose clock the test turns."""

    def __init__(self, qtbot: QtBot, *, with_output: bool = True) -> None:
        self.qtbot, self.seconds = qtbot, 100.0
        self.panel = PlayerPanel()
        qtbot.addWidget(self.panel)
        self.panel.show()
        self.controller = PlaybackController(self.panel, lambda: self.seconds)
        self.output = NullOutput()
        self.said: list[str] = []
        make = (lambda: self.output) if with_output else SystemOutput
        self.sound = Sound(self.controller, self.panel, self.said.append, make, lambda: self.seconds)

    def open(self, path: Path) -> None:
        self.controller.open(path)
        self.qtbot.waitUntil(lambda: len(self.controller.seconds) > 0)
        self.qtbot.waitUntil(lambda: self.sound._has_sound)

    def _is_read_ahead(self) -> bool:
        return self.sound.queue.num_ready > RATE // 5

    def run(self, seconds: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Let time pass; returns when what was taken is heard, the samples, and the frame that is due at each step."""
        at, heard, frames = [], [], []
        for _ in range(round(seconds * RATE / _STEP)):
            queue = self.sound.queue
            assert not queue.is_due or reached(self._is_read_ahead)
            heard_at = self.seconds + _LATENCY_SECONDS
            at.append(heard_at + np.arange(_STEP) / RATE)
            pull = self.output.pull if queue.is_due else None
            heard.append(np.zeros(_STEP) if pull is None else pull(_STEP, heard_at)[:, 0])
            frames.append((self.seconds, self.controller.frame_index))
            self.seconds += _STEP / RATE
            self.controller.advance()
        return np.concatenate(at), np.concatenate(heard), np.array(frames)

    def play(self) -> None:
        self.controller.toggle()
        assert not self.sound.queue.is_due or reached(lambda: self.output.pull is not None)


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    made = Stage(qtbot)
    yield made
    made.controller.close()
    assert reached(lambda: not [one for one in threading.enumerate() if one.name == "sound"]), "its thread goes on"


def _difference(stage: Stage, seconds: float) -> float:
    """By how many seconds the click is heard after the flash is due."""
    at, heard, frames = stage.run(seconds)
    click = at[np.flatnonzero(np.abs(heard) > 0.5 * np.abs(heard).max())[0]]
    flash = frames[np.flatnonzero(frames[:, 1] == _FLASH)[0], 0]
    return float(click - flash)


@pytest.mark.parametrize(
    ("name", "codec", "times", "sound_from"),
    [
        ("a.mov", "pcm_s16le", _REGULAR, 0.0),
        ("a.mov", "pcm_s16le", _VARIABLE, 0.0),
        ("a.mp4", "aac", _REGULAR, 0.35),
        ("a.mp4", "aac", _VARIABLE, 0.35),
        ("a.mkv", "aac", _VARIABLE, 0.35),
        ("a.ts", "aac", _REGULAR, 0.35),
    ],
)
@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_the_click_is_heard_within_a_frame_of_the_flash(
    stage: Stage, tmp_path: Path, name: str, codec: str, times: list[float], sound_from: float, speed: float
) -> None:
    # What is shorter may be among what `atempo` leaves out of a sound to quicken it.
    click = 0.03 if speed > 1 else 0.004
    path = tmp_path / name
    click_and_flash(path, times, _FLASH, codec=codec, sound_from=sound_from, tone=200, click_seconds=click)
    stage.open(path)
    stage.controller.choose_speed(speed)
    stage.controller.seek(_FLASH - 12)
    stage.play()
    lasts = times[_FLASH + 1] - times[_FLASH]
    difference = _difference(stage, 0.7 / speed) * speed
    print(f"{name} {speed}: {difference * 1000:.1f} ms of the video")
    assert abs(difference) < (lasts if speed != 1 else 0.012)


def test_a_jump_and_a_stall_do_not_part_them(stage: Stage, tmp_path: Path) -> None:
    stage.open(click_and_flash(tmp_path / "a.mov", _REGULAR, _FLASH))
    stage.play()
    stage.run(0.2)
    stage.controller.seek(30)
    stage.run(0.1)
    stage.seconds += 0.1  # nobody was asked for sound for so long
    assert abs(_difference(stage, 0.4)) < 0.012


def test_a_clock_that_runs_apart_from_the_output_is_followed(stage: Stage, tmp_path: Path) -> None:
    stage.open(click_and_flash(tmp_path / "a.mov", _REGULAR, _FLASH))
    stage.play()
    for _ in range(100):
        stage.run(0.005)
        stage.seconds += 0.0005  # the output is a tenth too slow: far more than any is
    assert abs(_difference(stage, 0.9)) < 0.012


def test_a_loop_is_heard_again_and_nothing_beyond_it(stage: Stage, tmp_path: Path) -> None:
    stage.open(click_and_flash(tmp_path / "a.mov", _REGULAR, _FLASH))
    stage.controller.set_loop((_FLASH - 3, _FLASH + 3))
    stage.play()
    at, heard, _ = stage.run(0.2 * 3 + 0.05)
    starts = np.flatnonzero(np.diff((np.abs(heard) > 0.1).astype(int)) == 1)
    clicks = at[starts][np.diff(starts, prepend=-RATE) > RATE // 100]
    assert np.allclose(np.diff(clicks), 0.2, atol=0.02)
    assert len(clicks) == 4
    stage.controller.toggle()
    stage.controller.set_loop((_FLASH - 10, _FLASH))
    stage.controller.seek(_FLASH - 10)
    stage.play()
    assert not stage.run(0.3)[1].any(), "the click begins at the end of the loop"


@pytest.mark.parametrize("speed", [0.1, 4.0, 8.0])
def test_what_would_not_sound_right_is_silent(stage: Stage, tmp_path: Path, speed: float) -> None:
    stage.open(click_and_flash(tmp_path / "a.mov", _REGULAR, _FLASH, tone=200))
    stage.controller.choose_speed(speed)
    stage.play()
    assert not stage.sound.queue.is_due
    assert stage.controller.rate == speed
    stage.controller.choose_speed(1.0)
    assert stage.sound.queue.is_due
    stage.controller.shuttle(-1)
    assert not stage.sound.queue.is_due, "backwards"


def test_volume_and_mute_are_kept(stage: Stage, tmp_path: Path, settings: QSettings) -> None:
    stage.open(click_and_flash(tmp_path / "a.mov", _REGULAR, _FLASH, tone=200))
    stage.play()
    stage.panel._transport._volume.setValue(100)
    loud = np.abs(stage.run(0.2)[1]).max()
    stage.panel._transport._volume.setValue(50)
    assert np.abs(stage.run(0.2)[1]).max() == pytest.approx(loud / 4, rel=0.02)
    stage.panel.commands["mute"].trigger()
    assert not stage.sound.queue.is_due
    assert "muted" in stage.panel._transport._sound.toolTip()
    other = Sound(stage.controller, stage.panel, stage.said.append, NullOutput)
    assert (other.volume, other.is_muted) == (50, True)
    stage.panel.commands["mute"].trigger()
    assert stage.sound.queue.is_due
    settings.setValue("sound/volume", "loud")
    settings.sync()
    assert Sound(stage.controller, stage.panel, stage.said.append, NullOutput).volume == 80


def test_pausing_ends_the_sound_and_the_output(stage: Stage, tmp_path: Path) -> None:
    stage.open(click_and_flash(tmp_path / "a.mov", _REGULAR, _FLASH, tone=200))
    stage.play()
    assert stage.run(0.2)[1].any()
    stage.controller.toggle()
    assert reached(lambda: stage.output.pull is None)


def test_a_video_without_sound_has_no_button(stage: Stage, tmp_path: Path, write_video: VideoWriter) -> None:
    stage.open(click_and_flash(tmp_path / "a.mov", _REGULAR, _FLASH))
    assert stage.panel._transport._sound.isVisible()
    stage.controller.open(write_video("mute.mp4", 5))
    stage.qtbot.waitUntil(lambda: len(stage.controller.seconds) == 5)
    assert not stage.panel._transport._sound.isVisible()
    stage.play()
    assert not stage.sound.queue.is_due


@pytest.mark.parametrize("error", [ImportError, OSError])
def test_without_the_library_it_is_said_once(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    monkeypatch.setattr(sound_module, "_shown_sentences", set())
    sentence = {ImportError: "pip install sounddevice", OSError: "libportaudio2"}[error]

    class Finder:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "sounddevice":
                raise error(name)

    monkeypatch.setattr("sys.meta_path", [Finder(), *__import__("sys").meta_path])
    stage = Stage(qtbot, with_output=False)
    stage.open(click_and_flash(tmp_path / "a.mov", _REGULAR, _FLASH))
    for _ in range(2):
        stage.controller.toggle()
        qtbot.waitUntil(lambda: not stage.sound.queue.is_due)
        stage.seconds += 0.2
        stage.controller.advance()
        stage.controller.toggle()
    qtbot.waitUntil(lambda: bool(stage.said))
    assert [sentence in one for one in stage.said] == [True]
    assert stage.controller.frame_index > 0, "the picture plays"
    stage.controller.close()


def test_the_system_output_asks_for_what_will_be_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    class Times:
        currentTime, outputBufferDacTime = 7.0, 7.25  # noqa: N815 - PortAudio's names

    class PortAudioError(Exception):
        pass

    class Stream:
        def __init__(self, **options: object) -> None:
            if refuses:
                raise PortAudioError("no device")
            self.options = options
            streams.append(self)

        def start(self) -> None:
            self.calls = ["start"]

        def abort(self) -> None:
            self.calls.append("abort")

        def close(self) -> None:
            self.calls.append("close")

    streams: list[Stream] = []
    refuses = False
    library = type("Library", (), {"OutputStream": Stream, "PortAudioError": PortAudioError})
    monkeypatch.setitem(__import__("sys").modules, "sounddevice", library)
    monkeypatch.setattr("time.perf_counter", lambda: 1000.0)
    asked = []

    def pull(number: int, heard_at: float) -> np.ndarray:
        asked.append((number, heard_at))
        return np.ones((number, 2), np.float32)

    output = SystemOutput()
    output.start(pull)
    out = np.zeros((64, 2), np.float32)
    streams[0].options["callback"](out, 64, Times, None)
    assert (asked, out.min()) == ([(64, 1000.25)], 1)
    output.stop()
    assert streams[0].calls == ["start", "abort", "close"]
    refuses = True
    with pytest.raises(CarlError, match="No sound output"):
        SystemOutput().start(pull)
