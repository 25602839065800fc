"""What importing labels would do to a project; `core.project.label_edits` carries such a plan out.

Of every frame at most one phase is taken: where spans overlap, the one that begins first keeps its frames and the other
one is cut. What lies past the end of a video is cut too. All that is not imported as it stands is a problem.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.label.formats.labels import frame_of
from core.label.formats.read_labels import FileVideo, Problem, ReadLabels
from core.project.label_videos import KnownVideo, VideoFinder
from core.project.phase_edits import COLOURS
from core.project.rows import PhaseRow, VideoRow
from core.segments import Segment
from core.types import Span

_SAME_RATE = 0.01
"""Rates that differ by less than this share of the greater one are the same: headers round."""


@dataclass(frozen=True)
class PlannedVideo:
    """What a video would get."""

    row: VideoRow
    spans: tuple[Span, ...]
    """In order of time, none over another, of phases as the project calls them."""
    before: tuple[Span, ...]
    """What it has now."""
    num_problems: int


@dataclass(frozen=True)
class PlannedPhase:
    """A phase that the spans have."""

    name: str
    """In the project."""
    spelled: str
    """As the file has it first."""
    colour: str
    is_new: bool
    num_spans: int


@dataclass(frozen=True)
class ImportPlan:
    """All that would happen, and what would not."""

    videos: tuple[PlannedVideo, ...]
    """That get a span at least, in the file's order."""
    phases: tuple[PlannedPhase, ...]
    """Known ones in the project's order, then new ones in the order in which they are first met."""
    problems: tuple[Problem, ...]

    @property
    def num_spans(self) -> int:
        return sum(len(video.spans) for video in self.videos)


def plan_import(read: ReadLabels, videos: Sequence[KnownVideo], phases: Sequence[PhaseRow]) -> ImportPlan:
    """Lay what was read on the project's videos.

    Args:
        videos: all of the project, with their labels.
    """
    planner = _Planner(VideoFinder(videos), phases, list(read.problems))
    by_video: dict[str, list[Segment]] = {}
    for segment in read.segments:
        by_video.setdefault(segment.video, []).append(segment)
    laid: dict[int, tuple[KnownVideo, list[tuple[Span, Segment]]]] = {}
    for name, segments in by_video.items():
        file = read.videos.get(name, FileVideo(segments[0].where))
        video = planner.video(name, file, segments)
        if video is not None:
            laid.setdefault(video.row.id, (video, []))[1].extend(planner.laid(video, segments))
    planned = [planner.planned(video, pairs) for video, pairs in laid.values()]
    made = tuple(video for video in planned if video.spans)
    return ImportPlan(made, planner.planned_phases(made), tuple(planner.problems))


class _Planner:
    def __init__(self, finder: VideoFinder, phases: Sequence[PhaseRow], problems: list[Problem]) -> None:
        self._finder, self._known, self.problems = finder, phases, problems
        self._names: dict[str, str] = {phase.name: phase.name for phase in phases}
        """As a file spells them, what the project calls them."""
        self._loose: dict[str, str] = {}
        for phase in phases:
            self._loose.setdefault(_loosely(phase.name), phase.name)
        self._spelled: dict[str, str] = {}

    def video(self, name: str, file: FileVideo, segments: Sequence[Segment]) -> KnownVideo | None:
        """The project's; None, and a problem, where labels cannot be laid on one."""
        found = self._finder.find(name, file)
        if len(found) == 1 and not (refusal := _refusal(file, found[0])):
            if doubt := _other_rate(file, found[0]):
                self._problem(file.where, doubt, name)
            return found[0]
        count = f"{len(segments)} spans are" if len(segments) > 1 else "1 span is"
        if not found:
            reason = f"the project has no video {name!r}, so add it first"
        elif len(found) > 1:
            places = " or ".join(str(next(iter(video.paths), video.row.name)) for video in found[:2])
            reason = f"{name!r} may be {places}"
        else:
            reason = refusal
        self._problem(file.where, f"{reason}: {count} left out.", name)
        return None

    def laid(self, video: KnownVideo, segments: Sequence[Segment]) -> list[tuple[Span, Segment]]:
        """Their frames; past the end they are cut."""
        edges = video.edges_seconds
        assert edges is not None
        found = []
        bounds = frame_of(edges, np.array([(segment.start, segment.end) for segment in segments]))
        for segment, (first, last) in zip(segments, bounds.tolist(), strict=True):
            start, stop, complaint = _frames(segment, edges, first, last)
            if complaint:
                self._problem(segment.where, complaint, segment.video)
            if start < stop:
                span = Span(self._name(segment.phase), start, stop, segment.confidence, segment.source)
                found.append((span, segment))
        return found

    def planned(self, video: KnownVideo, pairs: list[tuple[Span, Segment]]) -> PlannedVideo:
        """Without overlaps."""
        spans: list[Span] = []
        last: Segment | None = None
        for span, segment in sorted(pairs, key=lambda pair: pair[0].start_frame):
            if last is not None and span.start_frame < spans[-1].end_frame_exclusive:
                free = spans[-1].end_frame_exclusive
                shared = min(free, span.end_frame_exclusive) - span.start_frame
                those = f"{shared} frames" if shared > 1 else "1 frame"
                told = f"{segment.phase!r} overlaps {last.phase!r} ({_short(last.where)}) by {those}"
                if span.end_frame_exclusive <= free:
                    self._problem(segment.where, f"{told}: it is left out.", segment.video)
                    continue
                self._problem(segment.where, f"{told}: it begins after them.", segment.video)
                span = dataclasses.replace(span, start_frame=free)
            spans.append(span)
            last = segment
        names = {segment.video for _, segment in pairs}
        num_problems = sum(problem.video in names for problem in self.problems)
        return PlannedVideo(video.row, tuple(spans), video.spans, num_problems)

    def planned_phases(self, videos: Sequence[PlannedVideo]) -> tuple[PlannedPhase, ...]:
        """Those that are used; new ones get colours that no known one has, as long as there are some."""
        count: dict[str, int] = {}
        for video in videos:
            for span in video.spans:
                count[span.phase] = count.get(span.phase, 0) + 1
        known = {phase.name: phase.colour for phase in self._known}
        told = [
            PlannedPhase(name, self._spelled[name], known[name], False, count[name]) for name in known if name in count
        ]
        new = [name for name in count if name not in known]
        free = [colour for colour in COLOURS if colour not in known.values()]
        colours = free + [COLOURS[(len(known) + place) % len(COLOURS)] for place in range(len(new))]
        return (
            *told,
            *(
                PlannedPhase(name, self._spelled[name], colour, True, count[name])
                for name, colour in zip(new, colours, strict=False)
            ),
        )

    def _name(self, spelled: str) -> str:
        """The same phase may be written with `_` for a blank, or in other case."""
        if spelled not in self._names:
            self._names[spelled] = self._loose.setdefault(_loosely(spelled), spelled.strip())
        self._spelled.setdefault(self._names[spelled], spelled)
        return self._names[spelled]

    def _problem(self, where: str, sentence: str, video: str) -> None:
        self.problems.append(Problem(where, sentence, video))


def _loosely(name: str) -> str:
    return "_".join(name.split()).casefold()


def _short(where: str) -> str:
    """Of `FILE, line N`, the line alone."""
    return where.partition(", ")[2] or where


def _refusal(file: FileVideo, video: KnownVideo) -> str:
    """Why no label can be laid on this video; empty where they can."""
    edges = video.edges_seconds
    if edges is None:
        return f"when the frames of {video.row.name} are shown is not known yet; add the video again to have it read"
    num_frames = len(edges) - 1
    if file.num_frames is not None and file.num_frames != num_frames:
        rate, as_if = num_frames / float(edges[-1]), file.num_frames / float(edges[-1])
        return (
            f"the file has {file.num_frames} labels, but {video.row.name} has {num_frames} frames (as if it had "
            f"{as_if:.3g} a second, not {rate:.3g}); write one for every frame"
        )
    return ""


def _other_rate(file: FileVideo, video: KnownVideo) -> str:
    """What speaks for labels of the same video at another frame rate; empty where nothing does."""
    edges = video.edges_seconds
    assert edges is not None
    rate = (len(edges) - 1) / float(edges[-1])
    if file.fps is not None and abs(file.fps - rate) > _SAME_RATE * max(file.fps, rate):
        return (
            f"the file says that {video.row.name} has {file.fps:.5g} frames a second, but it has {rate:.5g}: times in "
            "seconds are taken as they stand; see whether they fit."
        )
    for frame, seconds in file.clock:
        if frame >= len(edges):
            continue
        half = (edges[min(frame + 1, len(edges) - 1)] - edges[max(frame - 1, 0)]) / 2
        if abs(edges[frame] - seconds) > max(half, 0.001):
            return (
                f"frame {frame} of {video.row.name} is at {seconds:.3f} s in the file, but at {edges[frame]:.3f} s in "
                "the video, which may have another frame rate: frames count; see whether they fit."
            )
    return ""


def _frames(segment: Segment, edges: NDArray[np.float64], first: int, last: int) -> tuple[int, int, str]:
    """First frame, end (exclusive) and a complaint; no frames where it is left out.

    Args:
        first: where its bounds lie, if they are seconds; so is `last`.
    """
    num_frames = len(edges) - 1
    has = f"{num_frames} frames" if segment.in_frames else f"{edges[-1]:.3f} seconds"
    begins, ends = f"{segment.phase!r} begins at {segment.start:g}", f"{segment.phase!r} ends at {segment.end:g}"
    if segment.in_frames:
        start, stop = int(min(segment.start, num_frames)), int(min(segment.end, num_frames))
        is_cut = segment.end > num_frames
    else:
        start, stop = first, last
        is_cut = segment.end > 2 * edges[-1] - edges[-2]  # a frame of grace: others measure the end otherwise
    if start >= num_frames:
        return 0, 0, f"{begins}, but the video has {has}: it is left out."
    if start >= stop:
        return 0, 0, f"no frame lies between {segment.start:g} and {segment.end:g} seconds: it is left out."
    return start, stop, f"{ends}, but the video has {has}: it is cut there." if is_cut else ""
