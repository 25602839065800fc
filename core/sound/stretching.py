"""Sound slower or faster, at the same pitch."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame

from core.sound.decoding import CHANNELS, RATE, Block, Samples

SLOWEST, FASTEST = 0.25, 2.0
"""Beyond these speech is no longer understood, and a blow sounds as several."""
_SLOWEST_FILTER = 0.5
"""What one of FFmpeg's `atempo` can do."""
_BASE = Fraction(1, RATE)
_LEAD_SECONDS = 0.017
"""By which `atempo` gives what it slows too early: the median over clicks and decaying tones at 0.25 to 0.75 is 15 to
23 ms of the video, and single ones are off from it by up to 10 ms. What it quickens lies around 0, off by up to 22."""


def stretch(blocks: Iterator[Block], tempo: float) -> Iterator[Block]:
    """Yield the sound at that tempo, by FFmpeg's `atempo`; times are still those of the video.

    Args:
        blocks: each where the one before ended (`sound_blocks`).
        tempo: `SLOWEST` to `FASTEST`; at 1 nothing changes.
    """
    if tempo == 1:
        yield from blocks
        return
    graph = _new_graph(tempo)
    lead = _LEAD_SECONDS if tempo < 1 else 0.0
    start, given, pts = None, 0, 0
    for block in blocks:
        start = block.start_seconds + lead if start is None else start
        packed = np.ascontiguousarray(block.samples).reshape(1, -1)
        frame = AudioFrame.from_ndarray(packed, format="flt", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, pts, _BASE
        pts += len(block.samples)
        graph.push(frame)
        for samples in _pulled(graph):
            yield Block(start + given * tempo / RATE, samples)
            given += len(samples)
    if start is not None:
        graph.push(None)
        for samples in _pulled(graph):
            yield Block(start + given * tempo / RATE, samples)
            given += len(samples)


def _new_graph(tempo: float) -> av.filter.Graph:
    graph = av.filter.Graph()
    nodes = [graph.add_abuffer(sample_rate=RATE, format="flt", layout="stereo", time_base=_BASE)]
    nodes += [graph.add("atempo", f"{factor:.6f}") for factor in _factors(tempo)]
    graph.link_nodes(*nodes, graph.add("abuffersink")).configure()
    return graph


def _factors(tempo: float) -> list[float]:
    """Return tempos that one filter each can do, whose product this is."""
    factors = []
    while tempo < _SLOWEST_FILTER:
        factors.append(_SLOWEST_FILTER)
        tempo /= _SLOWEST_FILTER
    return [*factors, tempo]


def _pulled(graph: av.filter.Graph) -> Iterator[Samples]:
    """Yield what the filters have ready."""
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        yield frame.to_ndarray().reshape(-1, CHANNELS).astype(np.float32, copy=False)
