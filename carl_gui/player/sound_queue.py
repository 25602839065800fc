"""Sound that one thread reads ahead and another takes, by the clock of the pictures."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator

import numpy as np

from carl_gui.player.playback_clock import Timing
from core.base.errors import CarlError
from core.sound.decoding import CHANNELS, RATE, Block, Samples

OpenBlocks = Callable[[float, float], Generator[Block]]
"""Returns the sound from a time of the video on, at a tempo."""
_AHEAD_SAMPLES = RATE // 2
_TOLERANCE_SECONDS = 0.010
"""By which sound may be early or late before samples are left out or silence is put in: less than a frame at 60 a
second, and more than one wants to hear."""


class SoundQueue:
    """The clock of the pictures decides: each sample taken is the one of the moment at which it will be heard.

    `fill` belongs to one thread, `pull` to another; `set_timing` to anyone.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._blocks: deque[Block] = deque()
        self._num_ready = 0
        self._timing: Timing | None = None
        self._open: OpenBlocks | None = None
        self._generation = 0
        self._reading: tuple[int, Generator[Block] | None] = (0, None)
        """What is being read, and for which generation."""
        self._is_in_step = False
        self._is_closed = False
        self.volume = 1.0

    @property
    def num_ready(self) -> int:
        """Samples that are read, and not taken yet."""
        return self._num_ready

    @property
    def is_due(self) -> bool:
        """Whether it plays."""
        return self._timing is not None

    def set_timing(self, timing: Timing | None, open_blocks: OpenBlocks | None) -> None:
        """Play by this timing from now on; None: nothing."""
        with self._changed:
            self._timing, self._open = timing, open_blocks
            self._generation += 1
            self._blocks.clear()
            self._num_ready, self._is_in_step = 0, False
            self._changed.notify_all()

    def close(self) -> None:
        """End whoever waits."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    @property
    def generation(self) -> int:
        """How often `set_timing` was called."""
        return self._generation

    def wait(self, generation: int) -> bool:
        """Wait until there is something to read, or that generation is over; False after `close`."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_closed or self._generation != generation or self._wants(self._reading)
            )
            return not self._is_closed

    def _wants(self, reading: tuple[int, Generator[Block] | None]) -> bool:
        if self._timing is None or self._open is None or self._num_ready >= _AHEAD_SAMPLES:
            return False
        generation, blocks = reading
        return blocks is not None or generation != self._generation

    def fill(self) -> bool:
        """Read one more block if one is wanted; return whether that was so."""
        with self._changed:
            generation, timing, open_blocks = self._generation, self._timing, self._open
            is_wanted = self._wants(self._reading)
        if generation != self._reading[0]:
            self._stop_reading(generation)
        if not is_wanted or timing is None or open_blocks is None:
            return False
        blocks = self._reading[1]
        if blocks is None:
            now = max(self._clock(), timing.clock_seconds)
            blocks = open_blocks(timing.media_at(now), timing.rate)
            self._reading = generation, blocks
        try:
            block = next(blocks, None)
        except CarlError:  # the picture says what is wrong with the file
            block = None
        if block is None:
            blocks.close()
            self._reading = generation, None
            return False
        with self._changed:
            if generation == self._generation:
                self._blocks.append(block)
                self._num_ready += len(block.samples)
        return True

    def _stop_reading(self, generation: int) -> None:
        blocks = self._reading[1]
        if blocks is not None:
            blocks.close()
        self._reading = generation - 1, None

    def pull(self, num_samples: int, heard_at: float) -> Samples:
        """Take (num_samples, 2), the first of which will be heard at that time of the clock; silence is where nothing
        is due."""
        heard = np.zeros((num_samples, CHANNELS), np.float32)
        with self._changed:
            if self._timing is not None:
                self._take(heard, self._timing, heard_at)
            self._changed.notify_all()
        return heard * np.float32(self.volume)

    def _take(self, heard: Samples, timing: Timing, heard_at: float) -> None:
        filled = 0
        while filled < len(heard) and self._blocks:
            at = heard_at + filled / RATE
            block = self._blocks[0]
            # Seconds by which the first sample would be heard too late; negative: too early.
            late = (timing.media_at(at) - block.start_seconds) / timing.rate
            if abs(late) > (_TOLERANCE_SECONDS if self._is_in_step else 0.5 / RATE):
                self._is_in_step = False
                if late > 0:
                    self._drop(min(max(round(late * RATE), 1), len(block.samples)), timing.rate)
                else:
                    filled += max(round(-late * RATE), 1)
                continue
            self._is_in_step = True
            number = min(len(block.samples), len(heard) - filled)
            until = max(round((timing.end_seconds - block.start_seconds) / timing.rate * RATE), 0)
            heard[filled : filled + min(number, until)] = block.samples[: min(number, until)]
            filled += number
            self._drop(number, timing.rate)

    def _drop(self, number: int, rate: float) -> None:
        block = self._blocks.popleft()
        self._num_ready -= number
        if number < len(block.samples):
            self._blocks.appendleft(Block(block.start_seconds + number * rate / RATE, block.samples[number:]))
