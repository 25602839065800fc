"""JSON in ActivityNet's format, which many others (THUMOS, HACS) use too.

    {"database": {ID: {"subset": "training", "annotations": [{"segment": [6.3, 9.8], "label": "Archery"}, ...]}, ...}}

Segments are seconds. `training` trains and `validation` validates; where nothing is `training` (THUMOS), `validation`
trains and `test` validates. A video without annotations is left out, as are subsets without a part in this; segments
without length are left out with a notice. Videos are `ID` or `v_ID` with any suffix, beside the file or below; they are
not in the release and some are gone from where they were published, so `--skip-missing` is common. `taxonomy`, `url`
and `duration` are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.base.errors import ConfigError
from core.datasets.dataset import Action, Dataset, LabelledVideo, Split
from core.datasets.reading import Reading
from core.datasets.segment_labels import LooseSegments
from core.labels.formats.activitynet import EmptySegmentError, annotations_of, database_of, segment_of
from core.labels.formats.json_files import read_json
from core.labels.segments import Segment

_TRAINING = frozenset({"train", "training"})
_VALIDATION = frozenset({"val", "validation"})
_TEST = frozenset({"test", "testing"})


def recognises(path: Path) -> bool:
    return path.suffix.lower() == ".json" if path.is_file() else len(_files(path)) == 1


def read(reading: Reading) -> Dataset:
    """Read the data set. LabelError: the file is damaged or an entry wrong, or a video is missing. ConfigError: there
    is no such file."""
    path = _file(reading.path)
    database = _database(path)
    subsets = {name: str(entry.get("subset", "")).casefold() for name, entry in database.items()}
    train = _TRAINING if _TRAINING & set(subsets.values()) else _VALIDATION
    val = _VALIDATION if train is _TRAINING else _TEST
    chosen: dict[str, tuple[Split, list[Segment], list[str]]] = {}
    for name, entry in database.items():
        split: Split | None = "train" if subsets[name] in train else "val" if subsets[name] in val else None
        segments, left_out = _segments(path, name, entry) if split else ([], [])
        if split and (segments or left_out):
            chosen[name] = (split, segments, left_out)
    classes = tuple(sorted({segment.phase for _, segments, _ in chosen.values() for segment in segments}))
    footage = reading.footage()
    videos = []
    for name, (split, segments, left_out) in chosen.items() if classes else ():
        if video := footage.find([f"v_{name}", name], f"{path.name}, {name}"):
            videos.append(LabelledVideo(video, LooseSegments(tuple(segments), classes, tuple(left_out)), split))
    footage.check()
    actions = [Action("", classes)] if classes else []
    return reading.dataset(path.stem, "activitynet", actions, videos, footage.missing)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def _file(path: Path) -> Path:
    files = [path] if path.is_file() else _files(path)
    if len(files) != 1:
        raise ConfigError(f"{path} holds {len(files)} JSON files. Name the one with the annotations.")
    return files[0]


def _database(path: Path) -> Mapping[str, Mapping[str, Any]]:
    return database_of(path, read_json(path))


def _segments(path: Path, name: str, entry: Mapping[str, Any]) -> tuple[list[Segment], list[str]]:
    """Return the segments of a video, and what is wrong with those that are empty, which are left out."""
    segments, left_out = list[Segment](), list[str]()
    for where, annotation in annotations_of(path, name, entry):
        try:
            segments.append(segment_of(where, name, annotation))
        except EmptySegmentError as error:
            left_out.append(f"{str(error).removesuffix('.')}; it was left out.")
    return segments, left_out
