"""A project of the VGG Image Annotator 3 (Dutta and Zisserman, 2019) with temporal segments.

Seconds have six decimals, which `boundaries` chooses so that they come back to the same frame. The attribute `phase`
(anchor FILE1_Z2_XY0: a stretch of one file) has the phases as its options; what no segment covers is not labelled.

Read is every segment in time, whatever its attribute is called; where segments have several attributes, each is a
track of that name. In a view of several videos a segment is of all of them. Points in time, regions of the picture and
what is said of a whole file are no spans.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.base.errors import LabelError
from core.labels.formats.addresses import path_of
from core.labels.formats.json_files import as_number, read_json, write_json
from core.labels.formats.read_labels import FileVideo, Problem, ReadLabels
from core.labels.segments import Segment
from core.labels.tracks import Labels, boundaries

PER_SECOND = 1_000_000
_VIDEO, _LOCAL_URI, _TEXT, _CHECKBOX, _SELECT = 4, 3, 1, 2, 4
"""VIA's numbers for kinds of files, places and attributes."""
_NOTES = {
    "aname": "note",
    "anchor_id": "FILE1_Z2_XY0",
    "type": _TEXT,
    "desc": "",
    "options": {},
    "default_option_id": "",
}
"""The attribute of what a person wrote about a segment."""
_PARTS = ("attribute", "file", "metadata", "view")


def write(path: Path, labels: Labels) -> None:
    """Write the file. StorageError: the disk refuses. LabelError: frames come less than a microsecond apart."""
    named = labels.named()
    options = {str(number): phase for number, phase in enumerate(labels.phases, 1)}
    numbers = [str(number) for number in range(1, len(named) + 1)]
    files = {
        number: {
            "fid": number,
            "fname": name,
            "type": _VIDEO,
            "loc": _LOCAL_URI,
            "src": track.path.absolute().as_uri(),
        }
        for number, (name, track) in zip(numbers, named, strict=True)
    }
    write_json(
        path,
        {
            "project": {
                "pid": "__VIA_PROJECT_ID__",
                "rev": "__VIA_PROJECT_REV_ID__",
                "rev_timestamp": "__VIA_PROJECT_REV_TIMESTAMP__",
                "pname": "CARL Studio",
                "creator": "CARL Studio",
                "created": 0,
                "data_format_version": "3.1.1",
                "vid_list": numbers,
            },
            "config": {
                "file": {"loc_prefix": {"1": "", "2": "", "3": "", "4": ""}},
                "ui": {"file_content_align": "center", "file_metadata_editor_visible": True},
            },
            "attribute": {
                "1": {
                    "aname": "phase",
                    "anchor_id": "FILE1_Z2_XY0",
                    "type": _SELECT,
                    "desc": "",
                    "options": options,
                    "default_option_id": "",
                },
                **({"2": _NOTES} if labels.num_notes else {}),
            },
            "file": files,
            "metadata": _metadata(labels),
            "view": {number: {"fid_list": [number]} for number in numbers},
        },
    )


def _metadata(labels: Labels) -> dict[str, Any]:
    option = {phase: str(number) for number, phase in enumerate(labels.phases, 1)}
    found: dict[str, Any] = {}
    for view, (_, track) in enumerate(labels.named(), 1):
        times = boundaries(track, PER_SECOND)
        for number, span in enumerate(track.spans, 1):
            bounds = [times[frame] / PER_SECOND for frame in (span.start_frame, span.end_frame_exclusive)]
            found[f"{view}_{number}"] = {
                "vid": str(view),
                "flg": 0,
                "z": bounds,
                "xy": [],
                "av": {"1": option[span.phase], **({"2": span.note} if span.note else {})},
            }
    return found


def recognises(loaded: Any) -> bool:
    """Return whether the content of a JSON file is a project of VIA 3."""
    return isinstance(loaded, dict) and set(_PARTS) <= set(loaded)


def read(path: Path) -> ReadLabels:
    """Read the ranges of time; anything else is a problem. LabelError: the file is not such a project."""
    loaded = read_json(path)
    if not recognises(loaded) or not all(isinstance(loaded[part], dict) for part in _PARTS):
        raise LabelError(f"{path.name} is not a VIA 3 project, which has {', '.join(_PARTS)}. Give another file.")
    attributes, files, metadata, views = (loaded[part] for part in _PARTS)
    reader = _Reader(path.name, attributes, files, metadata, views, _prefixes(loaded))
    for key, entry in loaded["metadata"].items():
        where = f"{path.name}, metadata {key}"
        try:
            reader.take(where, entry)
        except LabelError as error:
            reader.problems.append(Problem(where, str(error)))
        except (KeyError, TypeError, ValueError, AttributeError):
            reader.problems.append(Problem(where, "this is not an entry of VIA 3; it is left out."))
    return ReadLabels(tuple(reader.segments), reader.videos, tuple(reader.problems))


def _prefixes(loaded: Mapping[str, Any]) -> Mapping[str, str]:
    """Return VIA's prefixes of file sources, by kind of location."""
    try:
        return {str(key): str(prefix) for key, prefix in loaded["config"]["file"]["loc_prefix"].items()}
    except (KeyError, TypeError, AttributeError):
        return {}


@dataclass
class _Reader:
    """Reads the entries of `metadata` one by one."""

    file_name: str
    attributes: Mapping[str, Any]
    files: Mapping[str, Any]
    metadata: Mapping[str, Any]
    views: Mapping[str, Any]
    prefixes: Mapping[str, str]
    segments: list[Segment] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    videos: dict[str, FileVideo] = field(default_factory=dict)
    _of_view: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        timed = [entry for entry in self.metadata.values() if isinstance(entry, dict) and _is_span(entry)]
        chosen = [entry["av"] for entry in timed if isinstance(entry.get("av"), dict)]
        used = {key for values in chosen for key, value in values.items() if value and key in self.attributes}
        notes = {key for key in used if _is_note(self.attributes[key])}
        is_ours = any(isinstance(one, dict) and one.get("aname") == "phase" for one in map(self.attributes.get, used))
        self._notes = notes if is_ours else set()
        self._is_choice = len(used - self._notes) > 1

    def take(self, where: str, entry: Mapping[str, Any]) -> None:
        """Take in an entry. LabelError, whose sentence does not begin with `where`: it is left out."""
        values = list(self._values(entry))
        named = ", ".join(repr(phase) for _, phase in values) or "an entry"
        videos = self._videos(str(entry["vid"]))
        if not _is_span(entry):
            raise LabelError(
                f"{named} of {' and '.join(videos)} is {_kind(entry)}, not a range of time; it is left out."
            )
        try:
            start, end = (as_number(bound) for bound in entry["z"])
        except ValueError:
            raise LabelError(f"{named} has the times {entry['z']!r}, not numbers; it is left out.") from None
        if not (math.isfinite(end) and 0 <= start < end):
            raise LabelError(f"{named} begins at {start:g} and ends at {end:g} seconds; it is left out.")
        if not values:
            raise LabelError(f"{start:g} to {end:g} seconds of {' and '.join(videos)} has no value; it is left out.")
        note = "; ".join(str(entry["av"][key]).strip() for key in sorted(self._notes) if entry["av"].get(key))
        for name in videos:
            for track, phase in values:
                track = track if self._is_choice else ""
                self.segments.append(Segment(where, name, phase, start, end, in_frames=False, track=track, note=note))

    def _values(self, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Return attribute names and values. LabelError: an option does not exist."""
        for key, value in (entry.get("av") or {}).items():
            if not value or key in self._notes:
                continue
            attribute = self.attributes.get(key)
            if attribute is None:
                raise LabelError(f"{str(value)!r} has the attribute {key!r}, which does not exist; it is left out.")
            name = str(attribute.get("aname", key))
            kind, options = attribute.get("type", _TEXT), attribute.get("options") or {}
            texts = str(value).split(",") if kind == _CHECKBOX else [str(value)]
            for text in filter(None, (one.strip() for one in texts)):
                if kind != _TEXT and text not in options:
                    raise LabelError(f"the attribute {name!r} has no option {text!r}; it is left out.")
                yield name, str(options[text] if kind != _TEXT else text).strip()

    def _videos(self, view: str) -> list[str]:
        """Return the names of a view's videos. LabelError: it has none."""
        if view not in self._of_view:
            files = [self.files[str(number)] for number in (self.views.get(view) or {}).get("fid_list", ())]
            films = [file for file in files if file.get("type") == _VIDEO]
            self._of_view[view] = [self._video(file, f"{self.file_name}, view {view}") for file in films]
            if len(films) > 1:
                names = " and ".join(self._of_view[view])
                message = f"{names} are shown at once; each gets the segments of this view."
                self.problems.append(Problem(f"{self.file_name}, view {view}", message, self._of_view[view][0]))
        if not self._of_view[view]:
            raise LabelError(f"its view {view!r} shows no video; it is left out.")
        return self._of_view[view]

    def _video(self, file: Mapping[str, Any], where: str) -> str:
        """Return the video's name, or its source if two have the same name."""
        place = str(file.get("loc", ""))
        source = path_of(self.prefixes.get(place, "") + str(file.get("src") or ""))
        name = str(file.get("fname") or source)
        others = [str(other.get("fname")) for other in self.files.values() if isinstance(other, dict)]
        name = source if source and others.count(name) > 1 else name
        self.videos.setdefault(name, FileVideo(where, path=source if place != "1" else ""))
        return name


def _is_note(attribute: Any) -> bool:
    return (
        isinstance(attribute, dict)
        and str(attribute.get("aname", "")).casefold() in ("note", "notes")
        and attribute.get("type", _TEXT) == _TEXT
    )


def _is_span(entry: Mapping[str, Any]) -> bool:
    times = entry.get("z")
    return isinstance(times, list) and len(times) == 2 and not entry.get("xy")


def _kind(entry: Mapping[str, Any]) -> str:
    if entry.get("xy"):
        return "a region of the picture"
    times = entry.get("z") or ()
    return "about the whole file" if not times else "a point in time" if len(times) == 1 else "several points in time"
