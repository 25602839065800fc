"""Decode the sound of a file, on the clock of its pictures."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container.input import InputContainer
from av.packet import Packet
from av.stream import Stream
from numpy.typing import NDArray

from core.base.errors import VideoError
from core.video.clock import clock_start_seconds
from core.video.continuity import Continuity
from core.video.pyav import as_fraction, open_input

RATE = 48_000
"""Samples a second that are given, whatever the file has."""
CHANNELS = 2
_PREROLL_SECONDS = 0.5
"""Decoded before what is asked for: codecs overlap their blocks, and containers seek roughly."""
_JITTER_SECONDS = 0.05
"""Blocks that are off by less follow one another: containers round times to milliseconds."""
_LONGEST_GAP_SECONDS = 3600.0
_SILENT_SAMPLES = RATE
_TS_DISCONT = 0x0200
"""FFmpeg's AVFMT_TS_DISCONT: recordings of such a format are joined end to end."""

Samples = NDArray[np.float32]
"""(N, 2) left and right, -1 to 1, at `RATE`."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some samples that follow one another."""

    start_seconds: float
    """Of the first one, by the medium's clock (`core.video.clock`)."""
    samples: Samples


def has_sound(file: Path) -> bool:
    """Return whether the file has a stream of sound that can be decoded here; False where it cannot be opened."""
    if not file.is_file():
        return False
    try:
        with open_input(file) as container:
            return any(stream.codec_context is not None for stream in container.streams.audio)
    except (av.FFmpegError, OSError, ValueError):
        return False


def sound_blocks(file: Path, start_seconds: float = -math.inf) -> Generator[Block]:
    """Yield the sound from that time on, without a break: silence stands where the file has none for up to an hour.

    Damaged packets are passed over. Close the iterator to close the file.

    Raises:
        VideoError: the file cannot be opened, or has no sound.
    """
    try:
        container = open_input(file)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise VideoError(f"{file} cannot be opened. Check that it is there, or copy it again.") from error
    with container:
        best = container.streams.best("audio")
        if not isinstance(best, AudioStream) or best.codec_context is None:
            raise VideoError(f"{file} has no sound that can be decoded.")
        clock_start = float(clock_start_seconds(str(container.format.name), container.start_time))
        starts_over = bool(container.format.flags & _TS_DISCONT)
        is_later = math.isfinite(start_seconds)
        if is_later and not starts_over:  # a restarted clock is only known from the first packet on
            micros = round((start_seconds + clock_start - _PREROLL_SECONDS) * 1_000_000)
            with contextlib.suppress(av.FFmpegError):  # it is read from its start then
                container.seek(max(micros, container.start_time or 0))
        earliest = start_seconds + clock_start - _PREROLL_SECONDS
        frames = _frames(container.demux(_streams(container, best, starts_over)), best, starts_over, earliest)
        yield from _from(_without_breaks(_resampled(frames, clock_start)), start_seconds)


def _streams(container: InputContainer, sound: AudioStream, starts_over: bool) -> list[Stream]:
    """Return the streams to read: with a clock that may restart, the picture also shows where."""
    picture = container.streams.best("video") if starts_over else None
    return [sound] if picture is None else [picture, sound]


def _frames(
    packets: Iterator[Packet[Stream]], sound: AudioStream, starts_over: bool, earliest: float
) -> Iterator[AudioFrame]:
    continuity = Continuity(starts_over=starts_over)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError, IndexError):  # as in `Decoding`: a file that was cut short ends there
            return
        if packet.size:
            continuity.correct(packet)
        if packet.stream is not sound or _ends_before(packet, earliest):
            continue
        with contextlib.suppress(av.FFmpegError):
            yield from sound.decode(packet)


def _ends_before(packet: Packet[Stream], seconds: float) -> bool:
    base = as_fraction(packet.time_base)
    return bool(packet.size and packet.pts is not None and base and packet.pts * base < seconds - _PREROLL_SECONDS)


def _resampled(frames: Iterator[AudioFrame], clock_start: float) -> Iterator[Block]:
    """Convert to `RATE` and two channels, each run of frames that follow one another on its own."""
    resampler: AudioResampler | None = None
    layout: tuple[int, str, str] | None = None
    start = end = 0.0
    given = 0
    for frame in frames:
        base = as_fraction(frame.time_base)
        at = end if frame.pts is None or base is None else float(frame.pts * base) - clock_start
        now = frame.sample_rate, frame.layout.name, frame.format.name
        if resampler is None or layout != now or abs(at - end) > _JITTER_SECONDS:
            resampler, layout, start, end, given = AudioResampler("flt", "stereo", RATE), now, at, at, 0
        end += frame.samples / frame.sample_rate
        frame.pts = None  # the samples are counted: they are exact where times are rounded
        for part in resampler.resample(frame):
            samples = part.to_ndarray().reshape(-1, CHANNELS)
            yield Block(start + given / RATE, np.clip(np.nan_to_num(samples), -1, 1))
            given += len(samples)


def _without_breaks(blocks: Iterator[Block]) -> Iterator[Block]:
    """Fill gaps with silence, and leave out what comes twice."""
    end: float | None = None
    for block in blocks:
        start, samples = block.start_seconds, block.samples
        missing = 0 if end is None else round((start - end) * RATE)
        if missing < 0:
            start, samples = start - missing / RATE, samples[-missing:]
        elif end is not None and missing <= _LONGEST_GAP_SECONDS * RATE:
            for first in range(0, missing, _SILENT_SAMPLES):
                number = min(_SILENT_SAMPLES, missing - first)
                yield Block(end + first / RATE, np.zeros((number, CHANNELS), np.float32))
        if len(samples):
            yield Block(start, samples)
            end = start + len(samples) / RATE


def _from(blocks: Iterator[Block], start_seconds: float) -> Iterator[Block]:
    for block in blocks:
        early = math.ceil((start_seconds - block.start_seconds) * RATE) if math.isfinite(start_seconds) else 0
        if early < len(block.samples):
            early = max(early, 0)
            yield Block(block.start_seconds + early / RATE, block.samples[early:])
