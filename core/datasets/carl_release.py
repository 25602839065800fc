"""Pouring, PennAction and FineGym as the authors of CARL prepared them (github.com/minghchen/CARL_code, its README).

Pouring     train.pkl, val.pkl: a list with one dictionary a video: `video_file` (below the folder, `videos/NAME.mp4`,
            25 frames a second), `frame_label` (a tensor, 5 phases), `seq_len`, `name`, `id`
PennAction  the same in a pair with a list, for each of its 13 actions, of the places of its videos; 2 to 6 phases
FineGym     gym99_train_v1.0.pkl, gym99_val.pkl, and the same for gym288: `processed_videos/EVENT.mp4`, `frame_label`
            in floating point with -1 between the elements, `event_label` (not read: there are no actions here)

Their loaders take the first `seq_len` labels and, when scoring, drop labels below 0; so does this. The names of the
phases are not in the release.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from core.base.errors import ConfigError, LabelError
from core.datasets.dataset import Action, Dataset, LabelledVideo, Split
from core.datasets.footage import Footage
from core.datasets.frame_labels import FrameLabels, number_names, validate_classes
from core.datasets.pickles import read_pickle
from core.datasets.reading import Reading
from core.settings.config import did_you_mean

PENN_ACTIONS = (
    "baseball_pitch",
    "baseball_swing",
    "bench_press",
    "bowl",
    "clean_and_jerk",
    "golf_swing",
    "jumping_jacks",
    "pushup",
    "pullup",
    "situp",
    "squat",
    "tennis_forehand",
    "tennis_serve",
)
"""In the order of the release's numbers."""
_FRAMES_PER_SECOND = 25.0
_FINEGYM_TRAIN = re.compile(r"(gym\d+)_train(_v[\d.]+)?\.pkl")


def is_pouring(path: Path) -> bool:
    return _has_pair(path) and not is_penn_action(path)


def is_penn_action(path: Path) -> bool:
    return _has_pair(path) and isinstance(read_pickle(path / "train.pkl"), tuple)


def is_finegym(path: Path) -> bool:
    return bool(_finegym_sets(path))


def read_pouring(reading: Reading) -> Dataset:
    """Read the data set. LabelError: a pickle is damaged or not of this layout, a video is missing."""
    folder = _folder_with(reading.path, "train.pkl", "val.pkl")
    return _one_action(reading, "pouring", "phase", {"train": folder / "train.pkl", "val": folder / "val.pkl"})


def read_finegym(reading: Reading) -> Dataset:
    """Read the data set. LabelError: a pickle is damaged or not of this layout, a video is missing. ConfigError: no
    such classes."""
    sets = _finegym_sets(reading.path)
    if not sets:
        raise ConfigError(
            f"{reading.path} has no gym99_train_v1.0.pkl or gym288_train_v1.0.pkl. Name the folder that has one."
        )
    name = reading.split or ("gym99" if "gym99" in sets else next(iter(sets)))
    if name not in sets:
        raise ConfigError(f"{reading.path} has no classes {name!r}{did_you_mean(name, list(sets))}")
    return _one_action(reading, "finegym", "class", {"train": sets[name], "val": reading.path / f"{name}_val.pkl"})


def read_penn_action(reading: Reading) -> Dataset:
    """Read the data set. LabelError: a pickle is damaged or not of this layout, a video is missing."""
    folder = _folder_with(reading.path, "train.pkl", "val.pkl")
    entries: dict[Split, list[_Entry]] = {}
    of_actions: dict[Split, list[list[int]]] = {}
    for split in get_args(Split):
        path = folder / f"{split}.pkl"
        loaded = read_pickle(path)
        if not (isinstance(loaded, tuple) and len(loaded) == 2):
            raise LabelError(
                f"{path} must hold the videos and the indices of those of each action, not {_kind(loaded)}. "
                "Download the file again."
            )
        entries[split] = _entries(path, loaded[0])
        of_actions[split] = _places(path, loaded[1], len(entries[split]))
    footage = reading.footage()
    videos: list[LabelledVideo] = []
    actions = []
    for index, action in enumerate(PENN_ACTIONS):
        chosen = [(split, entries[split][place]) for split in entries for place in of_actions[split][index]]
        if not chosen:
            continue
        actions.append(Action(action, number_names([one.labels for _, one in chosen], "phase", action)))
        videos += _find(chosen, footage, reading, action)
    footage.check()
    return reading.dataset(reading.folder.name, "penn_action", actions, videos, footage.missing)


def _one_action(reading: Reading, layout: str, word: str, files: Mapping[Split, Path]) -> Dataset:
    chosen = [(split, entry) for split, path in files.items() for entry in _entries(path, read_pickle(path))]
    names = number_names([entry.labels for _, entry in chosen], word, str(reading.path))
    footage = reading.footage()
    videos = _find(chosen, footage, reading, "")
    footage.check()
    return reading.dataset(reading.path.name, layout, [Action("", names)], videos, footage.missing)


class _Entry:
    """One video of a pickle, checked."""

    def __init__(self, where: str, item: Any) -> None:
        if not isinstance(item, dict) or not {"video_file", "frame_label", "seq_len"} <= item.keys():
            raise LabelError(
                f"{where} is {_kind(item)}; it must be a dictionary with video_file, frame_label and seq_len."
            )
        self.where = where
        self.video = item["video_file"]
        if not isinstance(self.video, str) or not self.video:
            raise LabelError(f"{where}: video_file must be a path, not {self.video!r}.")
        labels = validate_classes(item["frame_label"], where)
        length = np.asarray(item["seq_len"])
        if length.size != 1 or length.dtype.kind not in "iuf" or not 1 <= length.item() <= len(labels):
            raise LabelError(f"{where}: seq_len is {item['seq_len']!r}, but there are {len(labels)} labels.")
        self.labels: NDArray[np.int64] = labels[: int(length.item())]


def _entries(path: Path, items: Any) -> list[_Entry]:
    if not isinstance(items, list):
        raise LabelError(f"{path} must hold a list with one dictionary per video, not {_kind(items)}.")
    return [_Entry(f"{path.name}, entry {index}", item) for index, item in enumerate(items)]


def _places(path: Path, lists: Any, count: int) -> list[list[int]]:
    """Return the indices of the videos of each action."""
    if (
        not isinstance(lists, list)
        or len(lists) != len(PENN_ACTIONS)
        or not all(isinstance(one, list) for one in lists)
    ):
        raise LabelError(
            f"{path} must list the indices of the videos of {len(PENN_ACTIONS)} actions, not {_kind(lists)}. "
            "Download the file again."
        )
    flat = [place for one in lists for place in one]
    for place in flat:
        if type(place) is not int or not 0 <= place < count:
            raise LabelError(
                f"{path}: the index of a video is {place!r}, but it holds {count}. Download the file again."
            )
    if len(set(flat)) != len(flat):
        raise LabelError(f"{path} assigns a video to two actions. Download the file again.")
    return lists


def _find(
    chosen: Sequence[tuple[Split, _Entry]], footage: Footage, reading: Reading, action: str
) -> list[LabelledVideo]:
    videos = []
    for split, entry in chosen:
        labels = FrameLabels(entry.labels, entry.where, reading.labels_fps or _FRAMES_PER_SECOND)
        if path := footage.find([entry.video], entry.where):
            videos.append(LabelledVideo(path, labels, split, action))
    return videos


def _finegym_sets(path: Path) -> dict[str, Path]:
    """Return the file to train on, by the name of the classes; the older version first, as released."""
    found = [(match, file) for file in sorted(path.glob("gym*.pkl")) if (match := _FINEGYM_TRAIN.fullmatch(file.name))]
    sets: dict[str, Path] = {}
    for match, file in found:
        if (path / f"{match[1]}_val.pkl").is_file():
            sets.setdefault(match[1], file)
    return sets


def _has_pair(path: Path) -> bool:
    return (path / "train.pkl").is_file() and (path / "val.pkl").is_file()


def _folder_with(path: Path, *names: str) -> Path:
    for name in names:
        if not (path / name).is_file():
            raise ConfigError(f"{path} has no {name}. Name the folder that holds {' and '.join(names)}.")
    return path


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return f"a dictionary with {', '.join(map(str, value)) or 'nothing'}"
    return f"a {type(value).__name__} of {len(value)}" if isinstance(value, list | tuple) else repr(value)
