"""Our own segment CSV (`core.labels.segments`) as a data set, and the sample, which uses it.

Two more columns count, if they are there: `split` (`train`, `val`) and `action`, each the same on all lines of a video.
Without `split`, the last third of each action's videos validates, in the order in which the file first names them.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.base.csv_files import SHEETS, Row, read_rows
from core.base.errors import ConfigError, LabelError
from core.base.events import Notice, Sink
from core.base.sample_files import PHASES_FILE
from core.datasets.dataset import Action, Dataset, LabelledVideo, Split
from core.datasets.reading import Reading
from core.datasets.segment_labels import ExactSegments, in_order_of_time
from core.labels.segments import Segment, of_videos, read_segments
from core.settings.config import did_you_mean

_SPLITS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "val": "val",
    "validation": "val",
    "test": "val",
}


def recognises_csv(path: Path) -> bool:
    return path.suffix.lower() in (".csv", *SHEETS) if path.is_file() else len(_files(path)) == 1


def recognises_sample(path: Path) -> bool:
    return (path / PHASES_FILE).is_file()


def read_csv(reading: Reading) -> Dataset:
    """Read the data set. LabelError: a line is wrong, or a video is missing. ConfigError: there is no such file."""
    files = [reading.path] if reading.path.is_file() else _files(reading.path)
    if len(files) != 1:
        raise ConfigError(
            f"{reading.path} holds {len(files)} CSV files with the columns video and phase. Name one of them."
        )
    return _read(reading, files[0], files[0].stem, "segments")


def read_for(
    path: Path,
    videos: Sequence[Path],
    sink: Sink,
    *,
    digests: Mapping[Path, str] | None = None,
    actions: Mapping[Path, str] | None = None,
    val_share: float = 1 / 3,
) -> Dataset:
    """Return what a segment CSV says of these very videos, wherever they lie; lines of other videos are passed over.

    Args:
        digests: of the videos' contents, as far as they are known.
        actions: of any of the videos; of the others that of the file.
        val_share: as of `Reading`.

    Raises:
        LabelError: the file cannot be used, labels none of them, or leaves nothing to train or to validate on.
    """
    from core.label.tables import read_labels  # brings scikit-learn, which not every run needs

    rows = {row.where: row for row in read_rows(path, ("video", "phase"))}
    segments = read_labels(path, sink)
    matched = of_videos(segments, list(videos), digests)
    if others := len(segments) - len(matched):
        sink(Notice(f"{path.name}: {others} of {len(segments)} segments are of videos that were not given."))
    found: dict[Path, _Video] = {}
    for segment, file in matched:
        video = found.setdefault(file, _Video(file, (actions or {}).get(file, "")))
        video.segments.append(dataclasses.replace(segment, video=file.name))
        video.rows.append(rows[segment.where])
    return _assemble(list(found.values()), Reading(path, val_share=val_share), path.stem, "segments", ())


def read_sample(reading: Reading) -> Dataset:
    """Read the sample, as `read_csv` does."""
    if not recognises_sample(reading.path):
        raise ConfigError(f"{reading.path} has no {PHASES_FILE}. Make a sample with python -m core.sample --out DIR.")
    return _read(reading, reading.path / PHASES_FILE, reading.path.absolute().name, "sample")


class _Video:
    """The rows of one video."""

    def __init__(self, path: Path, action: str = "") -> None:
        self.path = path
        self._action = action
        self.segments: list[Segment] = []
        self.rows: list[Row] = []

    def common_value(self, column: str) -> str:
        """Return the common value of all rows in this column. LabelError: two differ."""
        for row in self.rows:
            if row[column] != self.rows[0][column]:
                raise LabelError(
                    f"{row.where}: the {column} of {row['video']} is {row[column]!r}, but {self.rows[0][column]!r} "
                    f"in {self.rows[0].where.rpartition(', ')[2]}. A video has one {column}."
                )
        return self.rows[0][column]

    @property
    def action(self) -> str:
        """As it is known from elsewhere, else as the lines say. LabelError where two differ."""
        return self._action or self.common_value("action")

    def split(self) -> Split | None:
        name = self.common_value("split")
        if not name:
            return None
        if name.casefold() not in _SPLITS:
            raise LabelError(f"{self.rows[0].where}: unknown split {name!r}{did_you_mean(name, list(_SPLITS))}")
        return _SPLITS[name.casefold()]


def _files(folder: Path) -> list[Path]:
    """Return the CSV files in it that may hold segments: others, such as a list of people, lie beside them."""
    return [file for file in sorted(folder.glob("*.csv")) if {"video", "phase"} <= _first_words(file)]


def _first_words(file: Path) -> set[str]:
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        return set(re.findall(r"\w+", lines.readline(10_000).casefold()))


def _read(reading: Reading, path: Path, name: str, layout: str) -> Dataset:
    footage = reading.footage()
    found: dict[Path, _Video] = {}
    paths: dict[str, Path | None] = {}
    for segment, row in zip(read_segments(path), read_rows(path, ("video", "phase")), strict=True):
        if segment.video not in paths:
            paths[segment.video] = footage.find([segment.video], segment.where, any_suffix=False)
        if file := paths[segment.video]:
            video = found.setdefault(file, _Video(file))
            video.segments.append(dataclasses.replace(segment, video=file.name))
            video.rows.append(row)
    footage.check()
    return _assemble(list(found.values()), reading, name, layout, footage.missing)


def _assemble(found: Sequence[_Video], reading: Reading, name: str, layout: str, missing: Sequence[str]) -> Dataset:
    splits = _splits(found, reading)
    videos, actions = [], []
    for action in dict.fromkeys(video.action for video in found):
        of_action = [video for video in found if video.action == action]
        classes = in_order_of_time([video.segments for video in of_action])
        actions.append(Action(action, classes))
        for video in of_action:
            labels = ExactSegments(tuple(video.segments), classes)
            videos.append(LabelledVideo(video.path, labels, splits[video.path], action))
    return reading.dataset(name, layout, actions, videos, missing)


def _splits(videos: Sequence[_Video], reading: Reading) -> dict[Path, Split]:
    by_path = {video.path: split for video in videos if (split := video.split())}
    if by_path:
        for video in videos:
            if video.path not in by_path:
                raise LabelError(f"{video.rows[0].where}: the split of {video.path.name} is empty. Fill it in.")
        return by_path
    counts = Counter(video.action for video in videos)
    before: Counter[str] = Counter()
    splits: dict[Path, Split] = {}
    for video in videos:
        splits[video.path] = reading.split_of(before[video.action], counts[video.action])
        before[video.action] += 1
    return splits
