"""The sound of the video in a player: heard while it plays forwards, at the speeds that sound right."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from carl_gui.player.playback import PlaybackController
from carl_gui.player.playback_clock import Timing
from carl_gui.player.player import PlayerPanel
from carl_gui.player.sound_output import SoundOutput, SystemOutput
from carl_gui.player.sound_queue import SoundQueue
from carl_gui.settings import open_settings, remember_sound, saved_sound
from core.base.errors import CarlError
from core.sound.decoding import Block, has_sound, sound_blocks
from core.sound.stretching import FASTEST, SLOWEST, stretch

_shown_sentences: set[str] = set()
"""Why nothing is heard is shown once."""


class Sound(QObject):
    """Plays along with one player."""

    _found = Signal(object, bool)
    """A file, and whether it has sound."""
    _refused = Signal(str)

    def __init__(
        self,
        playback: PlaybackController,
        panel: PlayerPanel,
        show_status: Callable[[str], None],
        make_output: Callable[[], SoundOutput] = SystemOutput,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`clock`: of the playback."""
        super().__init__(playback)
        self._panel, self._show_status = panel, show_status
        self._file: Path | None = None
        self._timing: Timing | None = None
        self._has_sound = False
        self.volume, self.is_muted = saved_sound(open_settings())
        self.queue = SoundQueue(clock)
        self._thread: _SoundThread | None = None
        self._clock, self._make_output = clock, make_output
        self._found.connect(self._on_found)
        self._refused.connect(self._on_refused)
        playback.sound_file_changed.connect(self._set_file)
        playback.timing_changed.connect(self._set_timing)
        playback.closed.connect(self.close)
        panel.volume_selected.connect(self._set_volume)
        panel.mute_toggled.connect(self._set_muted)
        self._show()

    def close(self) -> None:
        """End the thread; the next file starts another."""
        self.queue.close()
        self.queue, self._thread = SoundQueue(self._clock), None
        self._show()

    def _set_file(self, file: Path | None) -> None:
        self._file, self._has_sound = file, False
        self._play()
        self._show()
        if file is not None:
            if self._thread is None:
                self._thread = _SoundThread(self.queue, self._make_output, self._found.emit, self._refused.emit)
            self._thread.look_at(file)

    def _set_timing(self, timing: Timing | None) -> None:
        self._timing = timing
        self._play()

    def _set_volume(self, volume: int) -> None:
        self.volume = volume
        self._on_chosen()

    def _set_muted(self, is_muted: bool) -> None:
        self.is_muted = is_muted
        self._on_chosen()
        self._play()

    def _on_chosen(self) -> None:
        remember_sound(open_settings(), self.volume, self.is_muted)
        self._show()

    def _show(self) -> None:
        self.queue.volume = (self.volume / 100) ** 2  # as loud as it looks
        self._panel.set_sound(self._has_sound, self.volume, is_muted=self.is_muted)

    def _on_found(self, file: Path, is_there: bool) -> None:
        if file == self._file:
            self._has_sound = is_there
            self._show()
            self._play()

    def _on_refused(self, sentence: str) -> None:
        if sentence not in _shown_sentences:
            _shown_sentences.add(sentence)
            self._show_status(sentence)

    def _play(self) -> None:
        timing, file = self._timing, self._file
        is_heard = self._has_sound and not self.is_muted and timing is not None and SLOWEST <= timing.rate <= FASTEST
        if is_heard and file is not None:
            self.queue.set_timing(timing, partial(_open, file))
        else:
            self.queue.set_timing(None, None)


def _open(file: Path, start_seconds: float, tempo: float) -> Generator[Block]:
    with contextlib.closing(sound_blocks(file, start_seconds)) as blocks:
        yield from stretch(blocks, tempo)


class _SoundThread:
    """Looks whether files have sound, fills a queue, and runs the output while something is due."""

    def __init__(
        self,
        queue: SoundQueue,
        make_output: Callable[[], SoundOutput],
        on_found: Callable[[Path, bool], object],
        on_refused: Callable[[str], object],
    ) -> None:
        self._queue, self._make_output = queue, make_output
        self._on_found, self._on_refused = on_found, on_refused
        self._file: Path | None = None
        threading.Thread(target=self._run, name="sound", daemon=True).start()

    def look_at(self, file: Path) -> None:
        """Find out soon whether the file has sound."""
        self._file = file
        self._queue.set_timing(None, None)  # it wakes up

    def _run(self) -> None:
        output: SoundOutput | None = None
        try:
            while True:
                generation = self._queue.generation
                file, self._file = self._file, None
                if file is not None:
                    found = has_sound(file)
                    with contextlib.suppress(RuntimeError):  # the window has gone
                        self._on_found(file, found)
                output = self._switched(output)
                if not self._queue.fill() and not self._queue.wait(generation):
                    return
        finally:
            self._queue.set_timing(None, None)
            self._queue.fill()
            if output is not None:
                output.stop()

    def _switched(self, output: SoundOutput | None) -> SoundOutput | None:
        """Return an output that runs while something is due; none else."""
        if self._queue.is_due and output is None:
            output = self._make_output()
            try:
                output.start(self._queue.pull)
            except CarlError as error:
                self._queue.set_timing(None, None)
                with contextlib.suppress(RuntimeError):
                    self._on_refused(str(error))
                return None
        elif not self._queue.is_due and output is not None:
            output.stop()
            return None
        return output
