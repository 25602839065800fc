"""Where sound is heard: the system's output, through PortAudio (the extra `audio`)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QCoreApplication

from core.base.errors import CarlError
from core.sound.decoding import CHANNELS, RATE, Samples

Pull = Callable[[int, float], Samples]
"""Returns so many samples; the first will be heard at that time of `time.perf_counter`."""
_MOST_LATENCY_SECONDS = 2.0
"""Some systems say nothing of it, or nonsense."""


class SoundOutput(Protocol):
    """What takes samples while it runs."""

    def start(self, pull: Pull) -> None:
        """Take samples from now on, in any thread. CarlError: it cannot."""

    def stop(self) -> None:
        """Take none any more."""


class SystemOutput:
    """The default output of the system."""

    def __init__(self) -> None:
        self._stream: Any = None

    def start(self, pull: Pull) -> None:
        """Open the output. CarlError: a library or an output is missing."""
        sounddevice = _import_sounddevice()

        def on_samples_due(out: Samples, num_samples: int, times: Any, status: object) -> None:
            latency = times.outputBufferDacTime - times.currentTime
            latency = latency if 0 <= latency <= _MOST_LATENCY_SECONDS else 0.0
            out[:] = pull(num_samples, time.perf_counter() + latency)

        try:
            self._stream = sounddevice.OutputStream(
                samplerate=RATE, channels=CHANNELS, dtype="float32", latency="low", callback=on_samples_due
            )
            self._stream.start()
        except sounddevice.PortAudioError as error:
            raise CarlError(
                QCoreApplication.translate("Sound", "No sound output can be used. Connect one, then play again.")
            ) from error

    def stop(self) -> None:
        """Close the output."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.abort()
            stream.close()


def _import_sounddevice() -> Any:
    try:
        import sounddevice  # PortAudio is looked for, and opened
    except ImportError:
        sentence = QCoreApplication.translate(
            "Sound", "Playing sound needs a further library. Install it with: pip install sounddevice"
        )
        raise CarlError(sentence) from None
    except OSError:
        sentence = QCoreApplication.translate(
            "Sound", "Playing sound needs PortAudio. Install it with: sudo apt install libportaudio2"
        )
        raise CarlError(sentence) from None
    return sounddevice
