"""Labels drawn at random, and what a file says laid back on their videos."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from core.label.formats.labels import Labels, Track, frame_of
from core.label.formats.read_labels import ReadLabels
from core.segments import METHODS, frame_labels, phase_names
from core.types import Span

PHASES = ("reach out", "grasp & lift", "<pour>", "Übergang")

Frames = dict[Path, list[str]]
"""Of each video, the phase of every frame; "" without one."""


@st.composite
def tracks(draw: st.DrawFn, path: Path, *, shortest_seconds: float = 0.0011) -> Track:
    """Of 1 to 60 frames whose lengths vary from a millisecond to seconds, or are all as short, or are the same."""
    kind = draw(st.sampled_from(("any", "short", "even")))
    longest_seconds = 2 * shortest_seconds if kind == "short" else 2.0
    lengths = draw(st.lists(st.floats(shortest_seconds, longest_seconds), min_size=1, max_size=60))
    if kind == "even":  # as most videos are
        lengths = [draw(st.sampled_from((1 / 25, 1 / 30, 1001 / 30000, 1 / 240, 1 / 700)))] * len(lengths)
    edges = np.concatenate(([0.0], np.cumsum(lengths)))
    cuts = sorted(draw(st.sets(st.integers(0, len(lengths)), min_size=2)))
    spans = [
        Span(draw(st.sampled_from(PHASES)), start, stop, 1.0, draw(st.sampled_from(("label", *METHODS))))
        for start, stop in itertools.pairwise(cuts)
        if draw(st.booleans())
    ]
    return Track(path, edges, tuple(spans), digest=f"{len(lengths):032x}")


@st.composite
def labels(draw: st.DrawFn, *, shortest_seconds: float = 0.0011) -> Labels:
    """Of three videos, two with the same name; the first has a span."""
    paths = (Path("/data/day 1/clip.mp4"), Path("/data/day 2/clip.mp4"), Path("/data/day 2/other.mov"))
    made = [draw(tracks(path, shortest_seconds=shortest_seconds)) for path in paths]
    if not made[0].spans:
        made[0] = Track(paths[0], made[0].edges_seconds, (Span(PHASES[0], 0, 1),))
    return Labels(PHASES, tuple(made))


def frames_of(made: Labels) -> Frames:
    """What was written."""
    return {track.path: _names([list(track.spans)], track.num_frames) for track in made.tracks if track.spans}


def frames_read(read: ReadLabels, made: Labels, *, underscores: bool = False) -> Frames:
    """What was read, on the same videos; names may end the path, with the suffix or without."""
    assert read.problems == ()
    found: dict[Path, list[Span]] = {}
    back = {phase.replace(" ", "_") if underscores else phase: phase for phase in PHASES}
    for segment in read.segments:
        (track,) = [
            track
            for track in made.tracks
            if str(track.path).endswith(segment.video) or str(track.path.with_suffix("")).endswith(segment.video)
        ]
        start, stop = segment.start, segment.end
        if not segment.in_frames:
            start, stop = (int(frame_of(track.edges_seconds, bound)) for bound in (start, stop))
        span = Span(back[segment.phase], int(start), int(stop), 1.0, segment.source)
        found.setdefault(track.path, []).append(span)
    return {track.path: _names([found[track.path]], track.num_frames) for track in made.tracks if track.path in found}


def sources_read(read: ReadLabels) -> list[str]:
    """In order of video and time."""
    return [segment.source for segment in sorted(read.segments, key=lambda one: (one.video, one.start))]


def sources_of(made: Labels) -> list[str]:
    """As `sources_read`."""
    ordered = sorted(made.tracks, key=lambda track: str(track.path))
    return [span.source for track in ordered for span in track.spans]


def _names(spans: list[list[Span]], num_frames: int) -> list[str]:
    phases = phase_names(spans)
    return ["" if number < 0 else phases[number] for number in frame_labels(spans[0], num_frames, phases)]
