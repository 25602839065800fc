"""The true segments of videos, from a file of labels in any format that is read: a table, ActivityNet's JSON..."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import ConfigError, LabelError
from core.base.events import Notice, Sink
from core.base.listing import some
from core.base.types import PREDICTORS, Span
from core.embedding.embedded_video import EmbeddedVideo
from core.labels.formats import activitynet
from core.labels.formats.json_files import read_json
from core.labels.formats.read_labels import FileVideo, Problem, ReadLabels
from core.labels.formats.table import read_labels
from core.labels.segments import Segment
from core.settings.config import did_you_mean
from core.video.names import VideoNames

_GRACE_SECONDS = 1.0
"""Segments in seconds may end so long after the video, as others measure its end otherwise; they are cut, and told."""


@dataclass(frozen=True)
class Truth:
    """The contents of a label file."""

    path: Path
    segments: tuple[Segment, ...]
    videos: Mapping[str, FileVideo]
    """By the name that the segments have; of ActivityNet's JSON also those without a segment."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Every class once, in alphabetical order."""
        return tuple(sorted({segment.phase for segment in self.segments}))

    def by_video(self) -> dict[str, list[Segment]]:
        """Return the segments of each video, also of those that have none."""
        found: dict[str, list[Segment]] = {name: [] for name in self.videos}
        for segment in self.segments:
            found.setdefault(segment.video, []).append(segment)
        return found


def read_truth(path: Path, sink: Sink, *, subset: str | None = None, preferred: Sequence[str] = ()) -> Truth:
    """Read what a person said; predicted spans in the file are no truth and are left out.

    Args:
        sink: hears of everything that is left out.
        subset: of ActivityNet's JSON; None: the first of `preferred` that the file has, or else all of it.

    Raises:
        LabelError: the file cannot be used, or nothing is left of it.
        ConfigError: it has no such subset.
    """
    read = _read(path)
    for problem in read.problems:
        sink(Notice(_describe(problem)))
    confirmed = tuple(segment for segment in read.segments if segment.source.casefold() not in PREDICTORS)
    if predicted := len(read.segments) - len(confirmed):
        sink(
            Notice(
                f"{path.name}: {predicted} of {len(read.segments)} segments are predictions, by their source, and "
                "not used as labels."
            )
        )
    videos = dict(read.videos)
    if path.suffix.casefold() == ".json" and activitynet.recognises(loaded := read_json(path)):
        chosen = _of_subset(path, loaded, subset, preferred, sink)
        videos = {name: video for name, video in videos.items() if name in chosen}
        confirmed = tuple(segment for segment in confirmed if segment.video in chosen)
    elif subset is not None:
        raise ConfigError(f"{path.name} has no subsets, unlike ActivityNet's JSON. Leave --subset {subset} out.")
    if not confirmed:
        raise LabelError(
            f"{path} has no labelled segment{f' of subset {subset!r}' if subset else ''}. Label some first."
        )
    return Truth(path, confirmed, videos)


def _read(path: Path) -> ReadLabels:
    loaded = read_json(path) if path.suffix.casefold() == ".json" and path.is_file() else None
    if isinstance(loaded, dict) and "results" in loaded and "database" not in loaded:
        raise LabelError(f'{path} holds predictions ("results"), not labels. Give a JSON with a "database".')
    read = read_labels([path])
    if not read.segments and loaded is not None and not activitynet.recognises(loaded):
        activitynet.database_of(path, None)  # says what is missing
    if not read.segments and read.problems:
        raise LabelError(_describe(read.problems[0]))
    return read


def _describe(problem: Problem) -> str:
    is_named = not problem.where or problem.sentence.startswith(problem.where)
    return problem.sentence if is_named else f"{problem.where}: {problem.sentence}"


def _of_subset(path: Path, loaded: Any, subset: str | None, preferred: Sequence[str], sink: Sink) -> set[str]:
    """Return the names of the videos of the subset."""
    subsets = {name: str(entry.get("subset", "")).casefold() for name, entry in loaded["database"].items()}
    there = sorted(set(subsets.values()) - {""})
    wanted = subset.casefold() if subset else next((one for one in preferred if one in there), None)
    if wanted is None:
        return set(subsets)
    if wanted not in there:
        raise ConfigError(f"{path.name} has no subset {subset!r}{did_you_mean(wanted, there)}")
    chosen = {name for name, own in subsets.items() if own == wanted}
    if len(chosen) < len(subsets):
        sink(Notice(f"{path.name}: subset {wanted!r} is used, {len(chosen)} of {len(subsets)} videos."))
    return chosen


def spans_by_video(truth: Truth, videos: Sequence[EmbeddedVideo], sink: Sink) -> list[list[Span]]:
    """Return the true spans of each video, in order of time; none of those that the file does not name.

    Raises:
        LabelError: as `_place_spans`.
    """
    placed = _place_spans(truth, videos, sink)
    return [placed.get(place, []) for place in range(len(videos))]


def in_seconds(truth: Truth, videos: Sequence[EmbeddedVideo], names: Sequence[str], sink: Sink) -> Truth:
    """Return the truth of those of the videos that it names, with bounds in seconds, each video under its name here.

    Raises:
        LabelError: as `_place_spans`.
    """
    placed = _place_spans(truth, videos, sink)
    segments = [
        Segment(
            truth.path.name,
            names[place],
            span.phase,
            float(videos[place].edges_seconds[span.start_frame]),
            float(videos[place].edges_seconds[span.end_frame_exclusive]),
            in_frames=False,
        )
        for place, spans in placed.items()
        for span in spans
    ]
    return Truth(truth.path, tuple(segments), {names[place]: FileVideo(truth.path.name) for place in placed})


def _place_spans(truth: Truth, videos: Sequence[EmbeddedVideo], sink: Sink) -> dict[int, list[Span]]:
    """Return the true spans of the videos that the file names, by place, in order of time; they may lie over one
    another.

    A name means a video by digest, or by the end of its path, with the suffix or without, or with `v_` before it.

    Raises:
        LabelError: a name may mean several videos, none means any; a segment is past the end of its video.
    """
    names = VideoNames([(video.path.absolute(), index) for index, video in enumerate(videos)], stems=True)
    digests: dict[str, int] = {}
    for place, video in enumerate(videos):
        digests.setdefault(video.digest, place)
    found: dict[int, list[Span]] = defaultdict(list)
    absent = []
    for name, segments in truth.by_video().items():
        index = _place(truth, name, segments, names, digests, videos, sink)
        if index is None:
            absent.append(name)
        else:
            found[index] += [_span(segment, videos[index], sink) for segment in segments]
    if not found:
        near = did_you_mean(absent[0], [video.path.name for video in videos])
        raise LabelError(f"{truth.path.name} names no video given with --library, such as {absent[0]!r}{near}")
    if absent:
        sink(Notice(f"{truth.path.name}: left out, because not given with --library: {some(absent)}."))
    for spans in found.values():
        spans.sort(key=lambda span: (span.start_frame, span.end_frame_exclusive))
    return dict(found)


def _place(
    truth: Truth,
    name: str,
    segments: Sequence[Segment],
    names: VideoNames[int],
    digests: Mapping[str, int],
    videos: Sequence[EmbeddedVideo],
    sink: Sink,
) -> int | None:
    file = truth.videos.get(name)
    where = segments[0].where if segments else truth.path.name
    digest = (file.digest if file else "") or next((segment.digest for segment in segments if segment.digest), "")
    if digest in digests:
        return digests[digest]
    places: list[int] = []
    for called in dict.fromkeys((file.path if file and file.path else name, *(file.others if file else ()))):
        places = places or names.ending_in(called)
    if len(places) > 1:
        one, other = (videos[place].path for place in places[:2])
        raise LabelError(f"{where}: {name!r} may be {one} or {other}. Write more of its path.")
    if places and digest:
        video = videos[places[0]]
        sink(
            Notice(
                f"{where}: these labels were made for another file than {video.path} (digest {digest[:8]}, not "
                f"{video.digest[:8]}). Check that they fit."
            )
        )
    return places[0] if places else None


def _span(segment: Segment, video: EmbeddedVideo, sink: Sink) -> Span:
    end = float(video.edges_seconds[-1])
    if not segment.in_frames and end < segment.end <= end + _GRACE_SECONDS and segment.start < end:
        frame = float(video.edges_seconds[-1] - video.edges_seconds[-2])
        if segment.end > end + frame:
            sink(
                Notice(
                    f"{segment.where}: {segment.phase!r} ends at {segment.end:g} s, but {video.path} has {end:.3f} s; "
                    "its end was cut."
                )
            )
        segment = dataclasses.replace(segment, end=end)
    return segment.span(video)
