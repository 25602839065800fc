"""Plan the import of labels into a project; `core.project.label_edits` carries it out.

A video has one track of phases. Where a file tells several tracks apart (subjects, tiers, players), one is chosen by
its name; without a choice none is imported. Of every frame at most one phase is taken: a person's before a method's;
else, where spans overlap, the one that begins first keeps its frames and the other one is cut. What lies past the end
of a video is cut too. All that is not imported as it stands is a problem.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.base.types import PREDICTORS, Span
from core.labels.formats.frame_counts import describe_difference, is_close
from core.labels.formats.read_labels import FileVideo, Problem, ReadLabels
from core.labels.segments import Segment
from core.labels.tracks import frame_of
from core.project import tracks
from core.project.label_videos import KnownVideo, VideoFinder, VideoMatch
from core.project.phase_edits import COLOURS
from core.project.rows import PhaseRow, VideoRow

_SAME_RATE = 0.01
"""Rates that differ by less than this share of the greater one are the same: headers round."""

_MOST = 20
"""So many tracks a sentence names."""


@dataclass(frozen=True)
class PlannedVideo:
    """The labels a video would get."""

    row: VideoRow
    spans: tuple[Span, ...]
    """In order of time, none over another, of phases as the project calls them."""
    before: tuple[Span, ...]
    """What it has now."""
    num_problems: int


@dataclass(frozen=True)
class PlannedPhase:
    """A phase of the imported labels."""

    name: str
    """In the project."""
    spelled: str
    """As the file has it first."""
    colour: str
    is_new: bool
    num_spans: int


@dataclass(frozen=True)
class ImportPlan:
    """Everything that would be imported, and what would not."""

    videos: tuple[PlannedVideo, ...]
    """That get a span at least, in the file's order."""
    phases: tuple[PlannedPhase, ...]
    """Known ones in the project's order, then new ones in the order in which they are first met."""
    problems: tuple[Problem, ...]
    tracks: tuple[str, ...] = ()
    """Names of the tracks, in the files' order."""
    choices: Mapping[str, int] = field(default_factory=dict)
    """The tracks with their numbers of spans; empty where there is nothing to choose, since no video has several."""
    track: str | None = None
    """What was chosen."""

    @property
    def told_of_tracks(self) -> str:
        """What is left out by the choice, or that one is missing; empty where there is nothing to choose."""
        if not self.choices:
            return ""
        others = [one for one in self.choices if self.track is None or not _same_track(one, self.track)]
        if len(others) == len(self.choices):
            return f"Choose a track: {_list(self.choices)}."
        left = {name: self.choices[name] for name in others}
        return f"Track {_track_name(self.track or '')} is used. Left out: {_list(left)}."

    @property
    def num_spans(self) -> int:
        return sum(len(video.spans) for video in self.videos)


def plan_import(
    read: ReadLabels, videos: Sequence[KnownVideo], phases: Sequence[PhaseRow], track: str | None = None
) -> ImportPlan:
    """Lay what was read on the project's videos.

    Args:
        videos: all of the project, with their labels.
        track: of a video for which the files hold several tracks, the one to take; "" is the one without a name. None:
            the one that the files mark, if they do.
    """
    asked_track, track = track, read.track if track is None else track
    planner = _Planner(VideoFinder(videos), phases, read)
    by_name: dict[tuple[str, str], list[Segment]] = {}
    for segment in read.segments:
        by_name.setdefault((segment.video, segment.digest), []).append(segment)
    by_video: dict[int, tuple[KnownVideo, list[Segment]]] = {}
    named = [_Named(name, _file_of(read, segments[0]), segments) for (name, _), segments in by_name.items()]
    for one, match in planner.match(named):
        video, segments = planner.video(one, match), one.segments
        if video is not None:  # several names may mean it
            by_video.setdefault(video.row.id, (video, []))[1].extend(segments)
    planned = []
    for video, segments in by_video.values():
        is_one = len({segment.track for segment in segments}) == 1
        if wanted := planner.choose_track(segments, asked_track if is_one else track):
            planned.append(planner.plan(video, planner.lay(video, wanted)))
    made = tuple(video for video in planned if video.spans)
    count = _count(read)
    is_choice = any(len({segment.track for segment in segments}) > 1 for _, segments in by_video.values())
    problems = tuple(planner.problems)
    choices = count if is_choice else {}
    return ImportPlan(made, planner.planned_phases(made), problems, tuple(count), choices, track)


@dataclass(frozen=True)
class _Named:
    """The segments with one name and digest."""

    name: str
    file: FileVideo
    segments: list[Segment]


def _file_of(read: ReadLabels, first: Segment) -> FileVideo:
    """Return the file's information about the video of this first segment."""
    file = read.videos.get(first.video, FileVideo(first.where))
    return dataclasses.replace(file, where=first.where, digest=first.digest) if first.digest else file


def _count(read: ReadLabels) -> dict[str, int]:
    """Return every track and its number of spans, each once though several videos have it."""
    found: dict[str, set[str]] = {}
    for segment in read.segments:
        found.setdefault(segment.track, set()).add(segment.where)
    return {name: len(spans) for name, spans in found.items()}


class _Planner:
    def __init__(self, finder: VideoFinder, phases: Sequence[PhaseRow], read: ReadLabels) -> None:
        self._finder, self._known, self.problems = finder, phases, list(read.problems)
        self._names: dict[str, str] = {phase.name: phase.name for phase in phases}
        """As a file spells them, what the project calls them."""
        self._loose: dict[str, str] = {}
        for phase in phases:
            self._loose.setdefault(_loosely(phase.name), phase.name)
        self._spelled: dict[str, str] = {}
        self._blankless = {name for name, file in read.videos.items() if not file.has_blanks}

    def choose_track(self, segments: list[Segment], track: str | None) -> list[Segment]:
        """Return the segments of the chosen track; none, and a problem, if no track is chosen or matches."""
        name = segments[0].video
        count: dict[str, int] = {}
        for segment in segments:
            count[segment.track] = count.get(segment.track, 0) + 1
        if len(count) == 1 and track is None:
            return segments
        if track is not None and (wanted := [one for one in segments if _same_track(one.track, track)]):
            return wanted
        listed = _list(count)
        if track is not None:
            message = (
                f"no track {_track_name(track)}, but {listed}: {_are(len(segments))} left out. Choose one of these."
            )
        else:
            message = (
                f"{len(count)} tracks ({listed}), but a video has one. Choose one; {_are(len(segments))} left out."
            )
        self._problem(segments[0].where, f"{name!r} has {message}", name)
        return []

    def match(self, named: Sequence[_Named]) -> list[tuple[_Named, VideoMatch]]:
        """Match each name to a video, and note for partial paths whether another name fits better."""
        matches = [self._finder.find(one.name, one.file) for one in named]
        claims: dict[tuple[str, int], list[tuple[str, float]]] = {}
        for one, match in zip(named, matches, strict=True):
            for video in match.videos:
                claims.setdefault((_label_file(one.file), video.row.id), []).append((one.name, match.num_shared))
        return [
            (one, dataclasses.replace(match, rival=_rival(one, match, claims)))
            for one, match in zip(named, matches, strict=True)
        ]

    def video(self, one: _Named, match: VideoMatch) -> KnownVideo | None:
        """Return the project's video; None, and a problem, where labels cannot be laid on one."""
        name, file, found = one.name, one.file, match.videos
        refusal = _refusal(file, found[0]) if len(found) == 1 and not match.rival else ""
        if len(found) == 1 and not match.rival and not refusal:
            doubts = _by_name_alone(name, match), _other_content(file, found[0]), _other_count(file, found[0])
            for doubt in filter(None, (*doubts, _other_rate(file, found[0]))):
                self._problem(file.where, doubt, name)
            return found[0]
        self._problem(file.where, f"{refusal or _not_found(name, match)}; {_are(len(one.segments))} left out.", name)
        return None

    def lay(self, video: KnownVideo, segments: Sequence[Segment]) -> list[tuple[Span, Segment]]:
        """Return their frames; past the end they are cut."""
        found = []
        for segment in self._placeable(video, segments):
            start, stop, problem = _frames(segment, video)
            if problem:
                self._problem(segment.where, problem, segment.video)
            if start < stop:
                span = Span(self._name(segment), start, stop, segment.confidence, segment.source, segment.note)
                found.append((span, segment))
        return found

    def _placeable(self, video: KnownVideo, segments: Sequence[Segment]) -> Sequence[Segment]:
        """Return the segments without those in seconds, where nobody knows when the frames are shown: that is a
        problem."""
        in_seconds = [segment for segment in segments if not segment.in_frames]
        if not in_seconds or video.edges_seconds is not None:
            return segments
        problem = video.times.problem.rstrip(".")
        count = f"{len(in_seconds)} labels in seconds are" if len(in_seconds) > 1 else "1 label in seconds is"
        self._problem(in_seconds[0].where, f"{problem}; {count} left out.", in_seconds[0].video)
        return [segment for segment in segments if segment.in_frames]

    def plan(self, video: KnownVideo, pairs: list[tuple[Span, Segment]]) -> PlannedVideo:
        """Return the plan, without overlaps."""
        spans = self._apart([pair for pair in pairs if not _is_predicted(pair[0])])
        predicted = self._apart([pair for pair in pairs if _is_predicted(pair[0])])
        if spans and predicted:
            filled = tracks.fill_spans(spans, predicted)
            if lost := sum(map(len, predicted)) + sum(map(len, spans)) - sum(map(len, filled)):
                where = next(segment.where for span, segment in pairs if _is_predicted(span))
                message = f"{lost} predicted frames" if lost > 1 else "1 predicted frame"
                self._problem(where, f"{message} also have a label by hand, which is used.", pairs[0][1].video)
            predicted, spans = [], list(filled)
        spans = sorted([*spans, *predicted], key=lambda span: span.start_frame)
        names = {segment.video for _, segment in pairs}
        num_problems = sum(problem.video in names for problem in self.problems)
        return PlannedVideo(video.row, tuple(spans), video.spans, num_problems)

    def _apart(self, pairs: list[tuple[Span, Segment]]) -> list[Span]:
        """Return the labels in time order, without overlaps."""
        spans: list[Span] = []
        last: Segment | None = None
        for span, segment in sorted(pairs, key=lambda pair: pair[0].start_frame):
            if last is not None and span.start_frame < spans[-1].end_frame_exclusive:
                free = spans[-1].end_frame_exclusive
                shared = min(free, span.end_frame_exclusive) - span.start_frame
                those = f"{shared} frames" if shared > 1 else "1 frame"
                message = f"{segment.phase!r} overlaps {last.phase!r} ({_short(last.where)}) by {those}"
                if span.end_frame_exclusive <= free:
                    self._problem(segment.where, f"{message}; it is left out.", segment.video)
                    continue
                self._problem(segment.where, f"{message}; it begins after them.", segment.video)
                span = dataclasses.replace(span, start_frame=free)
            spans.append(span)
            last = segment
        return spans

    def planned_phases(self, videos: Sequence[PlannedVideo]) -> tuple[PlannedPhase, ...]:
        """Return the used phases; new ones get unused colours, as long as there are some."""
        count: dict[str, int] = {}
        for video in videos:
            for span in video.spans:
                count[span.phase] = count.get(span.phase, 0) + 1
        known = {phase.name: phase.colour for phase in self._known}
        used = [
            PlannedPhase(name, self._spelled[name], known[name], False, count[name]) for name in known if name in count
        ]
        new = [name for name in count if name not in known]
        free = [colour for colour in COLOURS if colour not in known.values()]
        colours = free + [COLOURS[(len(known) + place) % len(COLOURS)] for place in range(len(new))]
        return (
            *used,
            *(
                PlannedPhase(name, self._spelled[name], colour, True, count[name])
                for name, colour in zip(new, colours, strict=False)
            ),
        )

    def _name(self, segment: Segment) -> str:
        """Return the phase's name. The same phase may be written with `_` for a blank, or in other case: each such
        spelling is told once."""
        spelled = segment.phase
        if spelled not in self._names:
            name = self._names[spelled] = self._loose.setdefault(_loosely(spelled), spelled.strip())
            is_written_so = segment.video in self._blankless and "_".join(name.split()) == spelled
            if spelled.strip() != name and not is_written_so:
                message = f"{spelled!r} is used as the phase {name!r}. Rename one if they differ."
                self._problem(segment.where, message, segment.video)
        self._spelled.setdefault(self._names[spelled], spelled)
        return self._names[spelled]

    def _problem(self, where: str, sentence: str, video: str) -> None:
        self.problems.append(Problem(where, sentence, video))


def _loosely(name: str) -> str:
    return "_".join(name.split()).casefold()


def _is_predicted(span: Span) -> bool:
    return span.source.casefold() in PREDICTORS


def _same_track(name: str, chosen: str) -> bool:
    return name.strip().casefold() == chosen.strip().casefold()


def _track_name(track: str) -> str:
    return repr(track) if track else "one without a name"


def _list(count: Mapping[str, int]) -> str:
    named = [f"{_track_name(one)} ({number})" for one, number in count.items()]
    return ", ".join(named if len(named) <= _MOST else [*named[: _MOST - 1], f"{len(named) - _MOST + 1} more"])


def _are(num_spans: int) -> str:
    return f"{num_spans} labels are" if num_spans > 1 else "1 label is"


def _short(where: str) -> str:
    """Return the line of `FILE, line N`."""
    return where.partition(", ")[2] or where


def _label_file(file: FileVideo) -> str:
    """Return the file of `FILE, line N`."""
    return file.where.partition(", ")[0]


def _rival(one: _Named, match: VideoMatch, claims: Mapping[tuple[str, int], list[tuple[str, float]]]) -> str:
    """Return another name in the same file that fits the video as well or better; empty where the name is the best."""
    if len(match.videos) != 1 or math.isinf(match.num_shared):
        return ""
    others = claims[_label_file(one.file), match.videos[0].row.id]
    return next((other for other, right in others if other != one.name and right >= match.num_shared), "")


def _not_found(name: str, match: VideoMatch) -> str:
    """Return why a name matches no video of the project, or several."""
    if not match.videos:
        return f"the project has no video {name!r} (add it first)"
    if len(match.videos) > 1:
        return f"{name!r} may be {' or '.join(map(_place, match.videos[:2]))}"
    message = f"the project has no video {name!r} (its {_place(match.videos[0])} may be {match.rival!r} as well)"
    return f"{message}; add it first"


def _by_name_alone(name: str, match: VideoMatch) -> str:
    """Return a warning if the folders in a name differ from the video's; empty if not."""
    if not match.end:
        return ""
    by = "its name" if match.num_shared == 1 else f"its end {match.end!r}"
    return f"{name!r} was matched to {_place(match.videos[0])} only by {by}. Check that it is right."


def _place(video: KnownVideo) -> str:
    return str(next(iter(video.paths), video.row.name))


def _refusal(file: FileVideo, video: KnownVideo) -> str:
    """Return why labels cannot be imported for this video; empty if they can."""
    num_frames, edges = video.num_frames, video.rough_edges_seconds
    if num_frames is None:
        return f"the frame times of {video.row.name} are not known yet (add the video again)"
    if file.num_frames is not None and not is_close(file.num_frames, num_frames):
        message = f"the file has {file.num_frames} labels, but {video.row.name} has {num_frames} frames"
        if edges is not None:
            seconds = float(edges[-1] - edges[0])
            message += f", as if it had {file.num_frames / seconds:.3g} per second, not {num_frames / seconds:.3g}"
        return f"{message} (write one for every frame)"
    return ""


def _other_count(file: FileVideo, video: KnownVideo) -> str:
    """Return a notice if there are somewhat more or fewer labels than frames; empty if equally many."""
    num_frames = video.num_frames
    if file.num_frames is None or num_frames is None or file.num_frames == num_frames:
        return ""
    message = f"the file has {file.num_frames} labels, but {video.row.name} has {num_frames} frames"
    return f"{message}: {describe_difference(file.num_frames, num_frames)}."


def _other_content(file: FileVideo, video: KnownVideo) -> str:
    """Return a warning if the labels were made for another file; empty if not."""
    if file.digest in ("", video.row.digest):
        return ""
    return (
        f"the labels were made for another file than {video.row.name} (digest {file.digest[:8]}, not "
        f"{video.row.digest[:8]}); they were matched by name. Check that they fit."
    )


def _other_rate(file: FileVideo, video: KnownVideo) -> str:
    """Return a warning if the labels may be of another frame rate; empty if not."""
    edges = video.rough_edges_seconds
    if edges is None:
        return ""
    rate = (len(edges) - 1) / float(edges[-1] - edges[0])
    if file.fps is not None and abs(file.fps - rate) > _SAME_RATE * max(file.fps, rate):
        return (
            f"the file says that {video.row.name} has {file.fps:.5g} frames per second, but it has {rate:.5g}; times "
            "in seconds are used unchanged. Check that they fit."
        )
    for frame, seconds in file.clock:
        if frame >= len(edges):
            continue
        half = (edges[min(frame + 1, len(edges) - 1)] - edges[max(frame - 1, 0)]) / 2
        if abs(edges[frame] - seconds) > max(half, 0.001):
            return (
                f"frame {frame} of {video.row.name} is at {seconds:.3f} s in the file, but at {edges[frame]:.3f} s "
                "in the video, which may have another frame rate; the frame numbers are used. Check that they fit."
            )
    return ""


def _frames(segment: Segment, video: KnownVideo) -> tuple[int, int, str]:
    """Return first frame, end (exclusive) and a warning; no frames if it is left out."""
    unit = "" if segment.in_frames else " s"
    begins, ends = (
        f"{segment.phase!r} {word} at {bound:g}{unit}"
        for word, bound in (("begins", segment.start), ("ends", segment.end))
    )
    if segment.in_frames:
        num_frames = video.num_frames or 0
        has = f"{num_frames} frames"
        start, stop = int(min(segment.start, num_frames)), int(min(segment.end, num_frames))
        is_cut = segment.end > num_frames
    else:
        edges = video.edges_seconds
        assert edges is not None
        num_frames = len(edges) - 1
        has = f"{edges[-1]:.3f} s"
        start, stop = (int(frame) for frame in frame_of(edges, np.array((segment.start, segment.end))))
        is_cut = segment.end > 2 * edges[-1] - edges[-2]  # a frame of grace: others measure the end otherwise
    if start >= num_frames:
        return 0, 0, f"{begins}, but the video has {has}; it is left out."
    if start >= stop:
        return 0, 0, f"no frame is between {segment.start:g} and {segment.end:g} seconds; it is left out."
    return start, stop, f"{ends}, but the video has {has}; it is cut there." if is_cut else ""
