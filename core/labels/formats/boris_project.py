"""Projects of BORIS (Friard and Gamba, 2016) 7 to 10: JSON with an ethogram and observations of media and events.

Written is one observation a video: its file as the one medium of player 1, each phase a state event in the project's
colour, each span two events without a subject. Times are whole milliseconds, which `boundaries` chooses so that they
come back to the same frame. The comment holds the source of a span that no person made. A video below the project's
folder is named relative to it, so that both can move together. `digests`, which BORIS keeps as it is, holds what each
video contains (`core.base.files.content_digest`).

BORIS has no place for which of two events is a start: those of one subject, behavior and modifiers take turns.
"""

from __future__ import annotations

import dataclasses
import json
import math
import string
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.base.errors import LabelError
from core.base.files import write_text
from core.labels.formats.boris_media import (
    Found,
    Mark,
    Medium,
    Observation,
    add_marks,
    comment_of,
    length_seconds,
    queue_files,
)
from core.labels.formats.json_files import read_json
from core.labels.formats.read_labels import ReadLabels
from core.labels.tracks import Labels, Track, boundaries

PER_SECOND = 1000
NUM_PLAYERS = 8
_VERSION = "7.0"
"""Of the file's layout, which BORIS 7 to 10 share."""
_KEYS = string.ascii_lowercase + string.digits
_STATES = ("State event", "State event with coding map")


def write(path: Path, labels: Labels) -> None:
    """Write the file. StorageError: the disk refuses. LabelError: frames come less than a millisecond apart."""
    colours = dict(labels.colours)
    observations = {name: _observation(path, track) for name, track in labels.named()}
    digests = {_media_path(path, track): track.digest for _, track in labels.named() if track.digest}
    content = {
        "time_format": "s",
        "project_date": "",
        "project_name": "CARL Studio",
        "project_description": "",
        "project_format_version": _VERSION,
        "subjects_conf": {},
        "behaviors_conf": {
            str(index): {
                "type": _STATES[0],
                "key": _KEYS[index : index + 1],
                "code": phase,
                "description": "",
                "color": colours.get(phase, ""),
                "category": "",
                "modifiers": {},
                "excluded": "",
                "coding map": "",
            }
            for index, phase in enumerate(labels.phases)
        },
        "observations": observations,
        "behavioral_categories": [],
        "behavioral_categories_config": {},
        "independent_variables": {},
        "coding_map": {},
        "behaviors_coding_map": [],
        "converters": {},
        "digests": digests,
    }
    write_text(path, json.dumps(content, indent=1) + "\n")  # ASCII: BORIS reads it in the encoding of the system


def _media_path(path: Path, track: Track) -> str:
    file, folder = track.path.absolute(), path.absolute().parent
    return file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.as_posix()


def _observation(path: Path, track: Track) -> dict[str, object]:
    times = boundaries(track, PER_SECOND)
    medium = _media_path(path, track)
    events: list[list[object]] = []
    for span in track.spans:
        for frame, comment in ((span.start_frame, comment_of(span)), (span.end_frame_exclusive, "")):
            events.append([times[frame] / PER_SECOND, "", span.phase, "", comment, frame])
    return {
        "file": {str(player): [medium] if player == 1 else [] for player in range(1, NUM_PLAYERS + 1)},
        "type": "MEDIA",
        "date": "",
        "description": "",
        "time offset": 0.0,
        "events": events,
        "observation time interval": [0, 0],
        "independent_variables": {},
        "visualize_spectrogram": False,
        "visualize_waveform": False,
        "media_creation_date_as_offset": False,
        "media_info": {
            "length": {medium: _at_least(length_seconds(track, times))},
            "fps": {medium: round(track.fps, 6)},
            "hasVideo": {medium: True},
            "hasAudio": {medium: False},
            "offset": {"1": 0.0},
            "display": {medium: "Nothing"},
        },
    }


def _at_least(seconds: float) -> float:
    """Return the same number, in binary not below its decimals: BORIS compares both, and leaves out an event at the end
    of a medium whose length falls below it so."""
    return seconds if Decimal(seconds) >= Decimal(repr(seconds)) else math.nextafter(seconds, math.inf)


def is_project(content: Any) -> bool:
    """Return whether JSON is a BORIS project."""
    return isinstance(content, dict) and {"observations", "behaviors_conf"} <= content.keys()


def read(path: Path) -> ReadLabels:
    """Read the project. An event or observation that is wrong is a problem; the others count. LabelError: the file is
    no project."""
    content = read_json(path)
    if not is_project(content) or not isinstance(content["observations"], dict):
        raise LabelError(
            f"{path.name} is not a BORIS project: it has no observations and behaviors_conf. Give another file."
        )
    found = Found()
    kinds = _kinds(content["behaviors_conf"])
    for name, entry in content["observations"].items():
        where = f"{path.name}, observation {name!r}"
        try:
            observation = _read_observation(name, where, entry)
            events = _list(entry, "events")
        except LabelError as error:
            found.problem(where, f"{error}; it is left out.", name)
            continue
        add_marks(found, observation, _marks(found, where, observation.first_path, events, kinds))
    digests = _dict(content, "digests")
    for name, video in found.videos.items():
        if isinstance(digest := digests.get(video.path), str):
            found.videos[name] = dataclasses.replace(video, digest=digest)
    return found.result()


def _kinds(entry: Any) -> dict[str, str]:
    """Return for each behavior of the ethogram whether it is a state or a point event."""
    behaviors = entry.values() if isinstance(entry, dict) else ()
    return {str(one.get("code")): str(one.get("type")).strip() for one in behaviors if isinstance(one, dict)}


def _marks(found: Found, where: str, video: str, events: list[Any], kinds: dict[str, str]) -> Iterator[Mark]:
    for number, event in enumerate(events, 1):
        here = f"{where}, event {number}"
        match event:
            case [time, str(subject), str(behavior), str(modifiers), *more] if (seconds := _seconds(time)) is not None:
                if behavior and behavior not in kinds:
                    message = f"{behavior!r} is not a behavior of the project's ethogram; it is left out. Add it there."
                    found.problem(here, message, video)
                    continue
                status = "" if kinds.get(behavior, _STATES[0]) in _STATES else "POINT"
                comment = more[0] if more and isinstance(more[0], str) else ""
                yield Mark(here, behavior, seconds, subject, comment, modifiers.strip("|"), status)
            case _:
                found.problem(here, "it has no time, subject, behavior and modifiers; it is left out.", video)


def _read_observation(name: str, where: str, entry: Any) -> Observation:
    """Read an observation. LabelError where it plays no media, or they cannot be placed."""
    if not isinstance(entry, dict):
        raise LabelError("it is not an object")
    if entry.get("type") != "MEDIA":
        raise LabelError(f"it is of the type {entry.get('type')!r}, which has no video")
    info = _dict(entry, "media_info")
    lengths, rates, offsets = (_dict(info, key) for key in ("length", "fps", "offset"))
    offset = _seconds(entry.get("time offset") or 0.0)
    if offset is None:
        raise LabelError(f"its time offset is {entry.get('time offset')!r}, not a number")
    players = {}
    for number, paths in _dict(entry, "file").items():
        if not isinstance(paths, list) or not all(isinstance(one, str) and one for one in paths):
            raise LabelError(f"the files of player {number} are not a list of paths")
        if not paths:
            continue
        if entry.get("media_creation_date_as_offset"):
            players[number] = _date_media(paths, _dict(info, "media_creation_time"), lengths, rates)
            continue
        late = _seconds(offsets.get(number) or 0.0) if number != "1" and len(paths) == 1 else 0.0
        if late is None:
            raise LabelError(f"the offset of player {number} is {offsets.get(number)!r}, not a number")
        players[number] = queue_files(
            paths,
            [_seconds(lengths.get(one)) for one in paths],
            offset + late,
            [_seconds(rates.get(one)) for one in paths],
        )
    if not players:
        raise LabelError("it has no file")
    return Observation(name, where, players)


def _date_media(
    paths: list[str], begun: Mapping[str, Any], lengths: Mapping[str, Any], rates: Mapping[str, Any]
) -> tuple[Medium, ...]:
    """Return media on the clock of the day. Raises LabelError where it is not known when one was made."""
    media = []
    for path in paths:
        start, length = _seconds(begun.get(path)), _seconds(lengths.get(path))
        if start is None or length is None:
            raise LabelError(f"its events count from the creation time of {path!r}, which is not in the file")
        media.append(Medium(path, start, start + length, _seconds(rates.get(path))))
    return tuple(media)


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _dict(entry: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = entry.get(key)
    return value if isinstance(value, dict) else {}


def _list(entry: Mapping[str, Any], key: str) -> list[Any]:
    """Return the list. LabelError where it is none."""
    value = entry.get(key)
    if not isinstance(value, list):
        raise LabelError(f"its {key} are not a list")
    return value
