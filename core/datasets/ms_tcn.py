"""The layout in which MS-TCN published 50Salads, GTEA and Breakfast.

mapping.txt                 `NUMBER NAME` a line: the classes
groundTruth/NAME.txt        the name of the class of each frame, one a line
splits/train.splitN.bundle  the files of groundTruth to train on; test.splitN.bundle those to validate on
videos/NAME.mp4             (or any other suffix, in any folder below) not in that release, which has features instead

How many labels a second there are is not said (50Salads 30, GTEA and Breakfast 15): `--labels-fps` where the videos
have another rate. Backgrounds are classes like others there (`background`, `SIL`, `action_start`); in our own export,
which says so in its card, `background` is none, nor is `(unlabelled)` anywhere: those frames have no label.
"""

from __future__ import annotations

import os
import re
from collections.abc import Set
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.errors import ConfigError, LabelError
from core.datasets.dataset import Action, Dataset, LabelledVideo, Split
from core.datasets.frame_labels import FrameLabels
from core.datasets.reading import Reading
from core.labels.formats.ms_tcn import UNLABELLED_CLASS
from core.labels.formats.set_card import read_card
from core.labels.segments import UNLABELLED
from core.settings.config import did_you_mean

_TRAIN_BUNDLE = re.compile(r"train\.split(.+)\.bundle")


def recognises(path: Path) -> bool:
    return (path / "mapping.txt").is_file() and (path / "groundTruth").is_dir()


def read(reading: Reading) -> Dataset:
    """Read the data set. LabelError: a file is missing or a line of it wrong, or a video is missing. ConfigError: no
    such split."""
    without = {UNLABELLED_CLASS, read_card(reading.path).unlabelled}
    classes = [name for name in _mapping(reading.path / "mapping.txt") if name not in without]
    split_name = _split_name(reading)
    footage = reading.footage()
    videos = []
    splits: dict[Split, str] = {"train": "train", "val": "test"}
    for split, word in splits.items():
        bundle = reading.path / "splits" / f"{word}.split{split_name}.bundle"
        for number, line in _lines(bundle):
            where = f"{bundle.name}, line {number}"
            name = _find_named(reading.path / "groundTruth", line.replace("\\", "/").removesuffix(".txt"), where)
            file = reading.path / "groundTruth" / f"{name}.txt"
            found = _frame_classes(file, classes, without)
            labels = FrameLabels(found, f"groundTruth/{name}.txt", reading.labels_fps)
            if path := footage.find([name], where):
                videos.append(LabelledVideo(path, labels, split))
    footage.check()
    name = f"{reading.path.name}, split {split_name}"
    return reading.dataset(name, "ms_tcn", [Action("", tuple(classes))], videos, footage.missing)


def _find_named(folder: Path, line: str, where: str) -> str:
    """Return the video that a line of a bundle means: as it stands, or without folders before it. LabelError: none."""
    parts = line.split("/")
    names = ["/".join(parts[place:]) for place in range(len(parts))]
    for name in names:
        if name and not name.startswith("/") and os.path.isfile(folder / f"{name}.txt"):
            return name
    raise LabelError(f"{where}: there is no {folder / f'{names[-1]}.txt'}. Put it there or remove the line.")


def _split_name(reading: Reading) -> str:
    """Return the one that was asked for, else the first."""
    files = sorted((reading.path / "splits").glob("train.split*.bundle"))
    names = [match[1] for file in files if (match := _TRAIN_BUNDLE.fullmatch(file.name))]
    if not names:
        raise LabelError(
            f"{reading.path} has no splits/train.split1.bundle, which says which videos to train on. Put it there."
        )
    if reading.split is not None and reading.split not in names:
        raise ConfigError(f"{reading.path} has no split {reading.split!r}{did_you_mean(reading.split, names)}")
    return reading.split or names[0]


def _mapping(path: Path) -> list[str]:
    """Return the classes in the order of their numbers."""
    by_number: dict[int, str] = {}
    for number, line in _lines(path):
        key, _, name = line.partition(" ")
        if not key.isdecimal() or not name.strip():
            raise LabelError(
                f"{path.name}, line {number}: must be a number and a name, such as '0 pour', not {line!r}."
            )
        if int(key) in by_number or name.strip() in by_number.values():
            raise LabelError(f"{path.name}, line {number}: {line!r} appears twice. Remove one.")
        by_number[int(key)] = name.strip()
    if not by_number:
        raise LabelError(f"{path} is empty. Write a number and a name for each class.")
    return [by_number[key] for key in sorted(by_number)]


def _frame_classes(path: Path, classes: list[str], without: Set[str]) -> NDArray[np.int64]:
    numbers = {name: index for index, name in enumerate(classes)} | dict.fromkeys(without, UNLABELLED)
    labels = []
    for number, name in _lines(path):
        if name not in numbers:
            raise LabelError(
                f"{path.name}, line {number}: the class {name!r} is not in mapping.txt{did_you_mean(name, classes)}"
            )
        labels.append(numbers[name])
    if not labels:
        raise LabelError(f"{path} is empty. Write the class of each frame, one per line.")
    return np.array(labels, np.int64)


def _lines(path: Path) -> list[tuple[int, str]]:
    """Return the lines with their numbers from 1; empty ones at the end are left out, as elsewhere."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise LabelError(f"{path} cannot be read ({reason}). The MS-TCN layout needs it.") from error
    return [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
