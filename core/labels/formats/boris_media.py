"""Common parts of BORIS files: the media of an observation, and the position of an event in them.

An observation has one clock for all its media, on which the time offset comes first. A player plays its files one after
another, so that the second one begins where the first one ends; BORIS cuts lengths to whole milliseconds. Players play
side by side: what happens in one scene is seen in the file of each.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.base.csv_files import Row, is_no_number
from core.base.errors import LabelError
from core.base.types import PREDICTORS, Span
from core.labels.formats.read_labels import FileVideo, Problem, ReadLabels
from core.labels.segments import Segment
from core.labels.tracks import Track

NOBODY = "No focal subject"
"""As BORIS calls the subject of events without one."""
_PLAYER = re.compile(r"(?:^|[|\s])player #(\d+):\s*", re.IGNORECASE)
_SOURCE = re.compile(rf"\[({'|'.join(('label', *PREDICTORS))})\] ")
"""Before a note, where it would be taken for a source, or has one."""
_NO_MEDIA = frozenset({"", "na", "live", "not found"})
_SLACK_SECONDS = 0.0015
"""By which times and lengths in whole milliseconds may miss one another."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A file of a player, and when it plays on the clock of the observation."""

    path: str
    start_seconds: float = 0.0
    end_seconds: float = math.inf
    """Where the next one begins; infinite for the last one, whose own end is the video's."""
    fps: float | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A behavior of one subject from start to end on the clock of the observation."""

    where: str
    behavior: str
    start_seconds: float
    end_seconds: float
    subject: str = ""
    comment: str = ""
    modifiers: str = ""


def comment_of(span: Span) -> str:
    """Return the comment of its first event: the source if a method predicted it, and the note."""
    source = span.source.casefold() if span.is_predicted else ""
    if not span.note:
        return source
    is_clear = not source and _source_and_note(span.note) == ("label", span.note)
    return span.note if is_clear else f"[{source or 'label'}] {span.note}"


def _source_and_note(comment: str) -> tuple[str, str]:
    """Turn back from `comment_of`; what another program or a person wrote is a note."""
    if comment.casefold() in PREDICTORS:
        return comment.casefold(), ""
    if found := _SOURCE.match(comment):
        return found[1], comment[found.end() :]
    return "label", comment


@dataclass(frozen=True)
class Observation:
    """The media played while events were coded."""

    name: str
    where: str
    """Where it first stands in the file."""
    players: Mapping[str, Sequence[Medium]]
    """By number; without any, the observation's name has to do for a video's."""

    @property
    def media(self) -> Mapping[str, Sequence[Medium]]:
        return self.players or {"1": (Medium(self.name),)}

    @property
    def first_path(self) -> str:
        """Of the medium that the first player plays first."""
        return next(iter(self.media.values()))[0].path


def queue_files(
    paths: Sequence[str],
    lengths_seconds: Sequence[float | None],
    offset_seconds: float,
    rates: Sequence[float | None] = (),
) -> tuple[Medium, ...]:
    """Return files that a player plays one after another.

    Raises:
        LabelError: how long one of them is, behind which another one comes, is not known.
    """
    media = []
    start = offset_seconds
    rates = [*rates, *[None] * len(paths)]
    for index, path in enumerate(paths):
        end = math.inf
        if index + 1 < len(paths):
            length = lengths_seconds[index] if index < len(lengths_seconds) else None
            if length is None or not 0 < length < math.inf:
                raise LabelError(
                    f"the duration of {path!r}, after which {paths[index + 1]!r} is played, is not in the file "
                    "(export the events with a newer BORIS, or import its project)"
                )
            end = start + math.floor(round(length * 1000, 3)) / 1000
        media.append(Medium(path, start, end, rates[index]))
        start = end
    return tuple(media)


def length_seconds(track: Track, times: Mapping[int, int]) -> float:
    """Return a video's duration, in whole milliseconds and not shorter than any of its
    events: BORIS exports none that comes
    after the end.

    Args:
        times: of events in milliseconds, as `boundaries` gives them.
    """
    end = math.ceil(round(float(track.edges_seconds[-1]) * 1000, 3))
    return max(end, *times.values()) / 1000


def _observation_key(row: Row) -> tuple[str, ...]:
    """Return the key shared by rows of the same observation."""
    played = () if single_medium(row) else ("source", "media file", "media duration (s)")
    return tuple(row[column] for column in ("observation id", "time offset (s)", *played))


def single_medium(row: Row) -> str:
    """Return the file that a row names for itself alone, as BORIS 7 does; empty where it lists what every player
    plays."""
    return "" if _PLAYER.search(_source(row)) else _own_medium(row)


def _source(row: Row) -> str:
    return next((row[column] for column in ("source", "media file") if row[column].casefold() not in _NO_MEDIA), "")


def _own_medium(row: Row) -> str:
    named = (row[column] for column in ("media file name", "media file path"))
    return next((text for text in (*named, _source(row)) if text.casefold() not in _NO_MEDIA), "")


def _observation_of(row: Row) -> Observation:
    """Return the observation of a table row, from the columns of any version.

    Raises:
        LabelError: files that are played one after another have no lengths, or cannot be told apart.
    """
    name = row["observation id"]
    if is_no_number(row, "time offset (s)"):
        raise LabelError(f"time offset (s) must be a number, not {row['time offset (s)']!r}")
    offset = _number(row, "time offset (s)") or 0.0
    source = _source(row)
    if not _PLAYER.search(source):
        path = _own_medium(row)
        rate = _number(row, "fps (frame/s)") or _number(row, "fps")
        return Observation(name, row.where, {"1": (Medium(path, offset, fps=rate or None),)} if path else {})
    pieces = _PLAYER.split(source)[1:]
    listed = {number: files.strip().rstrip(";") for number, files in zip(pieces[::2], pieces[1::2], strict=True)}
    listed = {number: files for number, files in listed.items() if files}
    lengths = _by_player(row["media duration (s)"], len(listed))
    rates = _by_player(row["fps (frame/s)"] or row["fps"], len(listed))
    players = {
        number: queue_files(_files(files, length), length, offset, rate)
        for (number, files), length, rate in zip(listed.items(), lengths, rates, strict=True)
    }
    return Observation(name, row.where, players)


def _files(listed: str, lengths: Sequence[float | None]) -> list[str]:
    """Split the names: BORIS puts `;` between names, and leaves one that a name has as it is: the number of lengths
    tells them apart."""
    files = [name.strip() for name in listed.split(";")]
    if len(files) == len(lengths) or not lengths:
        return files
    if len(lengths) == 1:
        return [listed]
    raise LabelError(f"{listed!r} cannot be split into {len(lengths)} files (rename those with a semicolon)")


def _by_player(cell: str, num_players: int) -> list[list[float | None]]:
    parts = cell.strip("|").split("|") if cell else []
    if len(parts) != num_players:
        return [[] for _ in range(num_players)]
    return [[_float(text) for text in part.split(";")] for part in parts]


def _float(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _number(row: Row, column: str) -> float | None:
    try:
        return row.number(column) if row[column] else None
    except LabelError:  # NA, or several
        return None


@dataclass
class Found:
    """Collects the contents of a file, event by event."""

    segments: list[Segment] = field(default_factory=list)
    videos: dict[str, FileVideo] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _reported: set[str] = field(default_factory=set)
    """Observations of whose players it was told."""
    _modifiers: dict[str, list[Event]] = field(default_factory=dict)
    """Events with some, by the video's name."""

    def add(self, observation: Observation, event: Event) -> None:
        """Lay an event on the media of each player; what cannot be laid is a problem."""
        first = observation.first_path
        start, end = event.start_seconds, event.end_seconds
        if not event.behavior or not first:
            self.problem(event.where, "the media file or the behavior is empty; it is left out.", first)
            return
        if not start < end < math.inf:
            message = f"{event.behavior!r} begins at {start:g} and ends at {end:g} seconds; it is left out."
            self.problem(event.where, message, first)
            return
        if len(observation.media) > 1 and observation.name not in self._reported:
            self._tell_players(observation)
        for number, media in observation.media.items():
            track = event.subject or NOBODY
            if track == NOBODY and len(observation.media) > 1:
                track = f"player #{number}"
            self._lay(event, media, track)

    def _lay(self, event: Event, media: Sequence[Medium], track: str) -> None:
        source, note = _source_and_note(event.comment)
        laid = []
        for medium in media:
            start = max(event.start_seconds, medium.start_seconds)
            end = min(event.end_seconds, medium.end_seconds)
            is_whole = (start, end) == (event.start_seconds, event.end_seconds)
            if end - start > (0 if is_whole else _SLACK_SECONDS):
                first, last = (round(bound - medium.start_seconds, 6) for bound in (start, end))
                at = (event.where, medium.path, event.behavior, first, last)
                self.segments.append(Segment(*at, in_frames=False, source=source, track=track, note=note))
                self.videos.setdefault(medium.path, FileVideo(event.where, path=medium.path, fps=medium.fps))
                laid.append((medium.path, end - start))
        if event.modifiers and laid:
            self._modifiers.setdefault(laid[0][0], []).append(event)
        message = _describe(event, media, laid)
        if message:
            self.problem(event.where, message, laid[0][0] if laid else media[0].path)

    def _tell_players(self, observation: Observation) -> None:
        self._reported.add(observation.name)
        listed = "; ".join(
            f"player #{number}: {', '.join(medium.path for medium in media)}"
            for number, media in observation.media.items()
        )
        self.problem(
            observation.where,
            f"{observation.name!r} plays {len(observation.media)} videos side by side ({listed}). The file of each "
            "player gets its labels; choose a track such as 'player #1' for only one.",
            "",
        )

    def problem(self, where: str, sentence: str, video: str) -> None:
        """Report what is not imported unchanged."""
        self.problems.append(Problem(where, sentence, video))

    def result(self) -> ReadLabels:
        """Return everything collected."""
        for video, events in self._modifiers.items():
            kinds = ", ".join(repr(one) for one in list(dict.fromkeys(event.modifiers for event in events))[:3])
            count = f"{len(events)} events have" if len(events) > 1 else "1 event has"
            self.problem(
                events[0].where,
                f"{count} modifiers ({kinds}), which are left out; only behaviors become phases.",
                video,
            )
        return ReadLabels(tuple(self.segments), self.videos, tuple(self.problems))


def _describe(event: Event, media: Sequence[Medium], laid: Sequence[tuple[str, float]]) -> str:
    """Return the notice about an event that is split, cut or left out; empty if it is imported unchanged."""
    lasts = event.end_seconds - event.start_seconds
    if not laid:
        return (
            f"{event.behavior!r} is at {event.start_seconds:g} to {event.end_seconds:g} seconds, when no medium of "
            f"the observation is played (the first begins at {media[0].start_seconds:g}); it is left out."
        )
    if sum(length for _, length in laid) + 2 * _SLACK_SECONDS < lasts:
        return (
            f"{event.behavior!r} begins at {event.start_seconds:g} seconds, partly when no medium of the observation "
            f"is played (the first begins at {media[0].start_seconds:g}); it is cut."
        )
    if len(laid) > 1:
        return f"{event.behavior!r} continues from {' into '.join(path for path, _ in laid)}; it is split there."
    return ""


def observations(table: Iterable[Row], found: Found) -> Iterator[tuple[Observation, list[Row]]]:
    """Yield each observation of a table with its rows; those that cannot be placed are problems of `found`."""
    by_key: dict[tuple[str, ...], list[Row]] = {}
    for row in table:
        by_key.setdefault(_observation_key(row), []).append(row)
    for rows in by_key.values():
        try:
            observation = _observation_of(rows[0])
        except LabelError as error:
            _leave_out(found, rows, error)
        else:
            yield observation, rows


def _leave_out(found: Found, rows: Sequence[Row], error: LabelError) -> None:
    """Report that none of an observation's rows is imported."""
    name = rows[0]["observation id"]
    count = f"all {len(rows)} rows of {name!r} are" if len(rows) > 1 else f"the one row of {name!r} is"
    message = f"{error}; {count} left out."
    found.problem(rows[0].where, message, rows[0]["observation id"])


@dataclass(frozen=True, slots=True)
class Mark:
    """A key press: START or STOP of a state, or POINT."""

    where: str
    behavior: str
    seconds: float
    subject: str = ""
    comment: str = ""
    modifiers: str = ""
    status: str = ""
    """START, STOP or POINT; empty: by turns, as in a project."""


def add_marks(found: Found, observation: Observation, marks: Iterable[Mark]) -> None:
    """Pair the marks of an observation in order of time: of one subject, behavior and modifiers, a START with the STOP
    that comes next. What has no partner, and what is a point, is a problem."""
    open_marks: dict[tuple[str, str, str], Mark] = {}
    video = observation.first_path
    for mark in sorted(marks, key=lambda mark: mark.seconds):
        kind = (mark.subject, mark.behavior, mark.modifiers)
        status = mark.status or ("STOP" if kind in open_marks else "START")
        if status == "POINT":
            found.problem(mark.where, f"{mark.behavior!r} is a point event without a duration; it is left out.", video)
        elif status == "START":
            if kind in open_marks:
                found.problem(open_marks[kind].where, _unpaired(open_marks[kind], "starts", "STOP"), video)
            open_marks[kind] = mark
        elif status == "STOP":
            start = open_marks.pop(kind, None)
            if start is None:
                found.problem(mark.where, _unpaired(mark, "stops", "START"), video)
                continue
            event = Event(
                start.where, mark.behavior, start.seconds, mark.seconds, mark.subject, start.comment, mark.modifiers
            )
            found.add(observation, event)
        else:
            found.problem(mark.where, f"{status!r} is not START, STOP or POINT; it is left out.", video)
    for mark in open_marks.values():
        found.problem(mark.where, _unpaired(mark, "starts", "STOP"), video)


def _unpaired(mark: Mark, does: str, lacks: str) -> str:
    of = f" of {mark.subject!r}" if mark.subject not in ("", NOBODY) else ""
    return f"{mark.behavior!r}{of} {does} at {mark.seconds:g} seconds without a {lacks}; it is left out."


def modifiers_of(row: Row) -> str:
    """Return the cells of a row that hold modifiers, as a project writes them."""
    named = (row.cells[column] for column in row.cells if column.startswith("modifier"))
    return "|".join(text for text in named if text and text not in ("None", "NA"))
