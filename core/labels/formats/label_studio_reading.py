"""Read Label Studio's JSON and JSON-MIN exports.

A task says with `data.fps` how many numbers a second it was counted in (`frameRate="$fps"` in its configuration): then
its ranges are times. Where it does not, its numbers are taken for the video's own frames, and that is told.

An annotation is a person's; where a task has several, or regions of several tags, each is a track of that name. A
prediction of one of our methods is that method's; one of another model is a track. What is no span of time is named.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from core.base.errors import LabelError
from core.base.types import PREDICTORS
from core.labels.formats.addresses import is_address, path_of
from core.labels.formats.json_files import as_number, read_json
from core.labels.formats.read_labels import FileVideo, Problem, ReadLabels
from core.labels.segments import Segment

_UPLOAD = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?-(?=.)", re.IGNORECASE)
"""What Label Studio puts before the name of a file that is uploaded."""
_RANGES, _SECONDS = "timelinelabels", "labels"
"""Types of regions that are spans of time: in numbers of frames, and in seconds (a `Labels` of an `Audio` tag)."""


def recognises(loaded: Any) -> bool:
    """Return whether the content of a JSON file is tasks of Label Studio."""
    return any(_is_task(task) or _is_short(task) for task in _tasks(loaded))


def read(path: Path) -> ReadLabels:
    """Read the ranges of time; anything else is a problem. LabelError: the file is not such JSON."""
    loaded = read_json(path)
    if not recognises(loaded):
        raise LabelError(f"{path.name} has no Label Studio tasks. Export them there as JSON or JSON-MIN.")
    reader = _Reader(path.name)
    for number, task in enumerate(_tasks(loaded), 1):
        where = f"{path.name}, task {task.get('id', number) if isinstance(task, dict) else number}"
        if not isinstance(task, dict):
            reader.complain(where, "this is not a task; it is left out.")
        else:
            reader.take(where, task)
    reader.finish()
    return ReadLabels(tuple(reader.segments), reader.videos, tuple(reader.problems))


def _tasks(loaded: Any) -> list[Any]:
    return loaded if isinstance(loaded, list) else [loaded]


def _is_task(task: Any) -> bool:
    """Return whether it is a task of the JSON export."""
    has_labels = isinstance(task, dict) and {"annotations", "predictions", "completions"} & set(task)
    return bool(has_labels) and isinstance(task.get("data"), dict)


def _is_short(task: Any) -> bool:
    """Return whether it is a task of JSON-MIN: one line per annotation, with its regions next to the data."""
    return isinstance(task, dict) and any(_is_regions(value) for value in task.values())


def _is_said(value: Any) -> bool:
    """Return whether a person chose or drew it, as far as its keys tell."""
    parts = value if isinstance(value, list) else [value]
    return any(key == "choices" or key.endswith("labels") for one in parts for key in _dict(one))


def _is_regions(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) and {_RANGES, _SECONDS} & set(one) for one in value)


@dataclass(frozen=True)
class _Group:
    """The regions of one annotation or prediction."""

    who: str
    """The annotator, or the model."""
    source: str
    is_person: bool
    regions: tuple[tuple[str, str, Mapping[str, Any], str], ...]
    """Tag, type and value of each, and what was written about it."""


@dataclass
class _Task:
    where: str
    name: str
    fps: float | None
    digest: str
    groups: list[_Group]


@dataclass
class _Reader:
    """Reads tasks one by one; the tracks are known once all are read."""

    file_name: str
    segments: list[Segment] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    videos: dict[str, FileVideo] = field(default_factory=dict)
    _taken: list[_Task] = field(default_factory=list)

    def complain(self, where: str, sentence: str, video: str = "") -> None:
        self.problems.append(Problem(where, sentence, video))

    def take(self, where: str, task: Mapping[str, Any]) -> None:
        """Keep what a task says; what cannot be taken is a problem."""
        data = task["data"] if isinstance(task.get("data"), dict) else task
        try:
            name, file = _video(where, data, str(task.get("file_upload") or ""))
            fps = _rate(data)
        except LabelError as error:
            self.complain(where, str(error))
            return
        if _is_task(task):
            groups = [group for one in self._parts(where, task, name) if (group := self._group(where, one, name))]
        else:
            groups = [_short_group(task)] if _is_short(task) else []
            self._tell_others(where, task, name)
        same = self.videos.setdefault(name, file)
        if file.path != same.path and file.path:  # two files of one name
            name = file.path
            self.videos.setdefault(name, file)
        self._taken.append(_Task(where, name, fps, file.digest, groups))

    def _tell_others(self, where: str, task: Mapping[str, Any], name: str) -> None:
        """Report the tags of a line of JSON-MIN that are not ranges of time."""
        for tag, value in task.items():
            if not _is_regions(value) and _is_said(value):
                self.complain(where, f"{tag!r} is not a range of time; it is left out.", name)

    def _parts(self, where: str, task: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any]]:
        for kind in ("annotations", "completions", "predictions"):
            parts = task.get(kind)
            for part in parts if isinstance(parts, list) else ():
                yield kind, part
            if parts and not isinstance(parts, list):
                self.complain(where, f"its {kind} are not a list; they are left out.", name)
        if task.get("drafts"):
            self.complain(where, f"{name} has a draft that was not submitted; it is left out.", name)

    def _group(self, where: str, part: tuple[str, Any], video: str) -> _Group | None:
        """Return the regions of an annotation or prediction; None if it has none, or cannot be used."""
        kind, content = part
        if not isinstance(content, dict):
            message = f"an entry of {kind} is only the number {content!r}. Export the tasks with their {kind}."
            self.complain(where, message, video)
            return None
        result = content.get("result")
        if not result and isinstance(result, list):
            return None
        if content.get("was_cancelled"):
            self.complain(where, f"{_annotator(content)} skipped {video}, so this annotation is left out.", video)
            return None
        regions = tuple(
            (str(one.get("from_name", "")), str(one.get("type", "unknown")), _dict(one.get("value")), _note(one))
            for one in map(_dict, result if isinstance(result, list) else [result])
        )
        if kind != "predictions":
            return _Group(_annotator(content), "label", True, regions)
        model = str(content.get("model_version") or "undefined")
        return _Group(f"prediction of {model}", model.casefold() if _is_ours(model) else model, False, regions)

    def finish(self) -> None:
        """Turn all that was taken into segments."""
        pairs = [(task, group) for task in self._taken for group in task.groups]
        people: dict[str, int] = {}
        for task, group in pairs:
            people[task.name] = people.get(task.name, 0) + group.is_person
        are_several = any(count > 1 for count in people.values())
        tags = {tag for _, group in pairs for tag, kind, _, _ in group.regions if kind in (_RANGES, _SECONDS)}
        names = _distinct(pairs)
        for (task, group), who in zip(pairs, names, strict=True):
            for tag, kind, value, note in group.regions:
                parts = [who] if are_several or not (group.is_person or _is_ours(group.source)) else []
                track = ", ".join([*parts, *([tag] if len(tags) > 1 else [])])
                self._region(task, group, track, (kind, value, note))
        counted = [task for task in self._taken if task.fps is None and task.groups]
        for task in counted[:1]:
            more = f"; {len(counted) - 1} more tasks do not either" if len(counted) > 1 else ""
            self.complain(
                task.where,
                "it does not say how many frames per second Label Studio counted, so its numbers are used as the "
                f"frames of {task.name}{more}. Label Studio counts 24 if its configuration has no frameRate. If that "
                "is not the rate of the video, add it as fps to the data of the tasks.",
                task.name,
            )

    def _region(self, task: _Task, group: _Group, track: str, region: tuple[str, Mapping[str, Any], str]) -> None:
        kind, value, note = region
        bounds, wrong = _bounds(kind, value, task.fps)
        for entry in wrong:
            message = f"a region from {entry[0]!r} to {entry[1]!r} has non-numeric bounds; it is left out."
            self.complain(task.where, message, task.name)
        labels = value.get(kind) if kind in (_RANGES, _SECONDS) else None
        phases = [one.strip() for one in labels if isinstance(one, str)] if isinstance(labels, list) else []
        if isinstance(labels, list) and (others := [one for one in labels if not isinstance(one, str)]):
            self.complain(task.where, f"the label {others[0]!r} is not text; it is left out.", task.name)
        if not bounds and not wrong:
            self.complain(task.where, f"a region of type {kind!r} is not a range of time; it is left out.", task.name)
        elif not any(phases):
            self.complain(task.where, "a region has no label; it is left out.", task.name)
        for start, end in bounds:
            if not (math.isfinite(start) and math.isfinite(end) and 0 <= start < end):
                message = f"{', '.join(phases)!r} begins at {start:g} and ends at {end:g}; it is left out."
                self.complain(task.where, message, task.name)
                continue
            for phase in filter(None, phases):
                in_frames = kind == _RANGES and task.fps is None
                self.segments.append(
                    Segment(
                        task.where,
                        task.name,
                        phase,
                        start,
                        end,
                        in_frames,
                        1.0,
                        group.source,
                        track,
                        digest=task.digest,
                        note=note,
                    )
                )


_Bounds = tuple[float, float]


def _bounds(kind: str, value: Mapping[str, Any], fps: float | None) -> tuple[list[_Bounds], list[tuple[Any, Any]]]:
    """Return the bounds in seconds, or where the rate is not known in frames, and those that are no numbers; nothing of
    either where it is no span of time."""
    ranges = value.get("ranges") if kind == _RANGES else None
    entry = [_dict(one) for one in ranges] if isinstance(ranges, list) else []
    if kind == _SECONDS and "text" not in value and {"start", "end"} <= set(value):
        entry = [value]
    bounds, wrong = [], []
    for one in entry:
        try:
            start, end = as_number(one.get("start")), as_number(one.get("end"))
        except ValueError:
            wrong.append((one.get("start"), one.get("end")))
            continue
        if kind == _RANGES:
            start, end = (bound / (fps or 1) for bound in (start - 1, end))
        bounds.append((start, end))
    return bounds, wrong


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _note(region: Mapping[str, Any]) -> str:
    """Return what a person wrote about a region, which Label Studio keeps as its meta text."""
    text = _dict(region.get("meta")).get("text")
    texts = text if isinstance(text, list) else [text]
    return "; ".join(one.strip() for one in texts if isinstance(one, str) and one.strip())


def _short_group(task: Mapping[str, Any]) -> _Group:
    regions = tuple(
        (
            tag,
            next((kind for kind in (_RANGES, _SECONDS, *one) if kind in one and kind.endswith(_SECONDS)), "unknown"),
            one,
            _note(one),
        )
        for tag, value in task.items()
        if _is_regions(value)
        for one in value
        if isinstance(one, dict)
    )
    who = task.get("annotator")
    return _Group(_annotator({"completed_by": who, "id": task.get("annotation_id")}), "label", True, regions)


def _annotator(content: Mapping[str, Any]) -> str:
    who = content.get("completed_by")
    if isinstance(who, dict):
        who = who.get("email") or who.get("username") or who.get("id")
    if who in (None, ""):
        return f"annotation {content.get('id', '')}".strip()
    return f"annotator {who}" if isinstance(who, int) or str(who).isdigit() else str(who)


def _is_ours(model: str) -> bool:
    return model.casefold() in PREDICTORS


def _distinct(pairs: Iterable[tuple[_Task, _Group]]) -> list[str]:
    """Return who each is of: numbered where somebody annotated a video twice."""
    count: dict[tuple[str, str], int] = {}
    names = []
    for task, group in pairs:
        key = (task.name, group.who)
        count[key] = count.get(key, 0) + 1
        names.append(group.who if count[key] == 1 else f"{group.who} ({count[key]})")
    return names


def _video(where: str, data: Mapping[str, Any], upload: str) -> tuple[str, FileVideo]:
    """Return the name and data of the video. LabelError: there is none."""
    address = next((value for key in ("video", "video_url", "url") if isinstance(value := data.get(key), str)), "")
    address = address or next((value for value in data.values() if isinstance(value, str) and is_address(value)), "")
    digest, ours = data.get("digest", ""), data.get("name", "")
    known = FileVideo(where, digest=digest if isinstance(digest, str) else "")
    if isinstance(ours, str) and ours:
        return ours, known
    path = path_of(address)
    last = PurePosixPath(path.replace("\\", "/")).name
    bare = _UPLOAD.sub("", last)
    if not last:
        raise LabelError("the task names no video; it is left out.")
    if "/upload/" in address or last == PurePosixPath(upload).name:
        return bare, known
    known = dataclasses.replace(known, others=(bare,) if bare != last else ())
    if is_address(address):
        return last, dataclasses.replace(known, path=f"/{path.lstrip('/')}")
    return path, known


def _rate(data: Mapping[str, Any]) -> float | None:
    """Return numbers a second, as Label Studio takes them. LabelError: there is something that is no rate."""
    entry = data.get("fps", data.get("frame_rate", data.get("framerate")))
    if entry is None:
        return None
    try:
        rate = as_number(entry)
    except ValueError:
        rate = math.nan
    if not (math.isfinite(rate) and rate > 0):
        raise LabelError(f"its fps must be above 0, not {entry!r}; its annotations are left out.")
    return rate if rate >= 1 else 1 / rate
