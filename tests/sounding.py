"""Videos with a flash in one frame, and a click in their sound at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from core.sound.decoding import RATE, Block


def click_and_flash(
    path: Path,
    times: Sequence[float],
    flash_frame: int,
    *,
    sound_from: float = 0.0,
    codec: str = "pcm_s16le",
    rate: int = RATE,
    tone: float = 0.0,
    click_seconds: float = 0.004,
) -> Path:
    """Write frames at these times, white where it flashes; the sound begins at `sound_from` seconds.

    `tone`: of a sine under the click, in hertz.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=30, options={"bf": "0"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        sound = container.add_stream(codec, rate=rate, layout="stereo")
        for index, seconds in enumerate(times):
            image = np.full((48, 64, 3), 255 if index == flash_frame else 0, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = round(seconds * 1000), Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        samples = _samples(times[-1] + 0.2 - sound_from, times[flash_frame] - sound_from, rate, tone, click_seconds)
        for start in range(0, len(samples), 1024):
            part = np.ascontiguousarray(samples[start : start + 1024].T)
            block = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            block.sample_rate, block.time_base = rate, Fraction(1, rate)
            block.pts = round(sound_from * rate) + start
            for resampled in _fitting(sound, block):
                container.mux(sound.encode(resampled))
        container.mux(sound.encode(None))
    return path


def _fitting(stream: av.AudioStream, block: av.AudioFrame) -> list[av.AudioFrame]:
    pts = block.pts
    resampler = av.AudioResampler(stream.codec_context.format or "s16", "stereo", block.sample_rate)
    parts = resampler.resample(block)
    for part in parts:
        part.pts, part.time_base = pts, Fraction(1, block.sample_rate)
    return parts


def _samples(seconds: float, click_at: float, rate: int, tone: float, click_seconds: float) -> NDArray[np.float32]:
    """(N, 2): silence or a quiet sine, and the click."""
    steps = np.arange(round(seconds * rate)) / rate
    wave = 0.2 * np.sin(2 * np.pi * tone * steps)
    wave[round(click_at * rate) : round((click_at + click_seconds) * rate)] = 0.9
    return np.repeat(wave.astype(np.float32)[:, None], 2, axis=1)


def click_time(blocks: Sequence[Block], tempo: float = 1.0) -> float:
    """When the loudest sample is half reached, in seconds of the video."""
    loudest = max(float(np.abs(block.samples).max()) for block in blocks)
    for block in blocks:
        loud = np.flatnonzero(np.abs(block.samples[:, 0]) >= loudest / 2)
        if len(loud):
            return block.start_seconds + float(loud[0]) * tempo / RATE
    raise AssertionError("there is no click")
