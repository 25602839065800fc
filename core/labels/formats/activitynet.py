"""ActivityNet's JSON (Caba Heilbron et al., 2015): segments in seconds by video and subset.

Seconds are those that a player shows, with six decimals, which `boundaries` chooses so that they come back to the same
frame. What no segment covers is not labelled. A video of no split is in `training`, since its readers skip other
subsets. `digest` and `note` are ours. `core.datasets.activitynet` reads the same entries with `database_of` and
`segment_of`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.base.errors import LabelError
from core.labels.formats.json_files import as_number, read_json, write_json
from core.labels.formats.read_labels import FileVideo, Problem, ReadLabels
from core.labels.segments import Segment
from core.labels.tracks import Labels, Track, boundaries

PER_SECOND = 1_000_000
_SUBSETS = {"val": "validation"}


def write(path: Path, labels: Labels) -> None:
    """Write the file. StorageError: the disk refuses. LabelError: frames come less than a microsecond apart."""
    database = {str(stem): _entry(track) for stem, track in labels.stems()}
    taxonomy = [
        {"nodeId": index, "nodeName": phase, "parentId": None, "parentName": None}
        for index, phase in enumerate(labels.phases)
    ]
    write_json(path, {"version": "CARL Studio", "taxonomy": taxonomy, "database": database})


def _entry(track: Track) -> dict[str, Any]:
    times = boundaries(track, PER_SECOND)
    return {
        "duration": round(track.end_seconds, 6),
        "subset": _SUBSETS.get(track.subset, "training"),
        "url": "",
        **({"digest": track.digest} if track.digest else {}),
        "annotations": [
            {
                "segment": [times[frame] / PER_SECOND for frame in (span.start_frame, span.end_frame_exclusive)],
                "label": span.phase,
                **({"note": span.note} if span.note else {}),
            }
            for span in track.spans
        ],
    }


def recognises(loaded: Any) -> bool:
    """Return whether the content of a JSON file has a database."""
    return isinstance(loaded, dict) and "database" in loaded


def read(path: Path) -> ReadLabels:
    """Read the file. An annotation that is wrong is a problem; the others count. LabelError: the file is no such
    JSON."""
    segments: list[Segment] = []
    problems: list[Problem] = []
    videos: dict[str, FileVideo] = {}
    for name, entry in database_of(path, read_json(path)).items():
        where = f"{path.name}, {name}"
        digest = entry.get("digest", "")
        videos[name] = FileVideo(where, digest=digest if isinstance(digest, str) else "", others=(f"v_{name}",))
        try:
            annotations = list(annotations_of(path, name, entry))
        except LabelError as error:
            problems.append(Problem(where, f"{_after(where, error)[:-1]}; they are left out.", name))
            continue
        for where, annotation in annotations:
            try:
                segments.append(segment_of(where, name, annotation))
            except LabelError as error:
                problems.append(Problem(where, f"{_after(where, error)[:-1]}; it is left out.", name))
    return ReadLabels(tuple(segments), videos, tuple(problems))


def _after(where: str, error: LabelError) -> str:
    return str(error).removeprefix(where).removeprefix(":").strip()


def database_of(path: Path, loaded: Any) -> Mapping[str, Mapping[str, Any]]:
    """Return the entry of each video. LabelError: there is no database, or an entry is of another kind."""
    database = loaded.get("database") if isinstance(loaded, dict) else None
    if not isinstance(database, dict) or not all(isinstance(entry, dict) for entry in database.values()):
        raise LabelError(
            f'{path} has no "database" with an entry for each video, unlike ActivityNet\'s JSON. Give another file.'
        )
    return database


def annotations_of(path: Path, name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each annotation of a video with how an error about it begins. LabelError: they are no list."""
    annotations = entry.get("annotations", [])
    if not isinstance(annotations, list):
        raise LabelError(f"{path.name}, {name}: annotations must be a list, not {annotations!r}.")
    for index, annotation in enumerate(annotations):
        yield f"{path.name}, {name}, annotation {index}", annotation


class EmptySegmentError(LabelError):
    """An annotation that ends where it starts."""


def segment_of(where: str, video: str, annotation: Any) -> Segment:
    """Return what an annotation says. LabelError, which begins with `where`: it is wrong."""
    try:
        label, (start, end) = annotation["label"], (as_number(bound) for bound in annotation["segment"])
    except (KeyError, TypeError, ValueError):
        raise LabelError(
            f'{where} must be like {{"segment": [1.5, 4.0], "label": "jump"}}, not {json.dumps(annotation)}.'
        ) from None
    if not isinstance(label, str) or not label.strip():
        raise LabelError(f"{where}: the label must be text, not {label!r}.")
    if not (math.isfinite(start) and math.isfinite(end) and 0 <= start < end):
        wrong = EmptySegmentError if 0 <= start == end < math.inf else LabelError
        raise wrong(
            f"{where}: {label!r} begins at {start:g} and ends at {end:g} seconds. The end must come after the start, "
            "and neither may be negative."
        )
    note = annotation.get("note", "")
    return Segment(where, video, label, start, end, in_frames=False, note=note if isinstance(note, str) else "")
