"""Labels drawn at random, and what a file says laid back on their videos."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from core.base.types import PREDICTORS, Span
from core.labels.formats.read_labels import ReadLabels
from core.labels.segments import frame_labels, phase_names
from core.labels.tracks import Labels, Track, frame_of

PHASES = ("reach out", "grasp & lift", "<pour>", "Übergang")

NOTES = ("", "", "left hand, <slow>", "probe", "[label] both", "first line\nsecond “line”; é")

Frames = dict[Path, list[str]]
"""Of each video, the phase of every frame; "" without one."""


@st.composite
def tracks(draw: st.DrawFn, path: Path, *, shortest_seconds: float = 0.0011) -> Track:
    """Of 1 to 60 frames whose lengths vary from a millisecond to seconds, or are all as short, or are the same.

    The first one may begin later than the medium, and a frame may be shown for a minute until the next one comes.
    """
    kind = draw(st.sampled_from(("any", "short", "even")))
    longest_seconds = 2 * shortest_seconds if kind == "short" else 2.0
    lengths = draw(st.lists(st.floats(shortest_seconds, longest_seconds), min_size=1, max_size=60))
    if kind == "even":  # as most videos are
        lengths = [draw(st.sampled_from((1 / 25, 1 / 30, 1001 / 30000, 1 / 240, 1 / 700)))] * len(lengths)
    elif draw(st.booleans()):
        lengths[draw(st.integers(0, len(lengths) - 1))] = 60.0
    edges = draw(st.sampled_from((0.0, 0.08, 0.7, 1.4))) + np.concatenate(([0.0], np.cumsum(lengths)))
    cuts = sorted(draw(st.sets(st.integers(0, len(lengths)), min_size=2)))
    spans = [
        Span(
            draw(st.sampled_from(PHASES)),
            start,
            stop,
            1.0,
            draw(st.sampled_from(("label", *PREDICTORS))),
            draw(st.sampled_from(NOTES)),
        )
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


def frames_of(made: Labels, *, sources: bool = False) -> Frames:
    """What was written; with `sources`, each phase with who says it."""
    return {track.path: _names(list(track.spans), track.num_frames, sources) for track in made.tracks if track.spans}


def frames_read(read: ReadLabels, made: Labels, *, sources: bool = False) -> Frames:
    """What was read, on the same videos; names may end the path, with the suffix or without."""
    assert read.problems == ()
    found: dict[Path, list[Span]] = {}
    for segment in read.segments:
        (track,) = [
            track
            for track in made.tracks
            if str(track.path).endswith(segment.video) or str(track.path.with_suffix("")).endswith(segment.video)
        ]
        start, stop = segment.start, segment.end
        if not segment.in_frames:
            start, stop = (int(frame_of(track.edges_seconds, bound)) for bound in (start, stop))
        span = Span(segment.phase, int(start), int(stop), 1.0, segment.source)
        found.setdefault(track.path, []).append(span)
    return {
        track.path: _names(found[track.path], track.num_frames, sources) for track in made.tracks if track.path in found
    }


def _names(spans: list[Span], num_frames: int, sources: bool) -> list[str]:
    if sources:
        spans = [dataclasses.replace(span, phase=f"{span.phase} by {span.source}") for span in spans]
    phases = phase_names([spans])
    return ["" if number < 0 else phases[number] for number in frame_labels(spans, num_frames, phases)]
