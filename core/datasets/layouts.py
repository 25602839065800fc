"""Detect the layout of a data set and read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import ConfigError
from core.datasets import activitynet, carl_release, ms_tcn, penn_action, segment_csv
from core.datasets.dataset import Dataset
from core.datasets.reading import Reading
from core.settings.config import did_you_mean


@dataclass(frozen=True)
class _Layout:
    about: str
    looked_for: str
    recognises: Callable[[Path], bool]
    read: Callable[[Reading], Dataset]


_READERS: dict[str, _Layout] = {
    "pouring": _Layout(
        "Pouring as prepared for CARL: train.pkl, val.pkl and the videos they name.",
        "train.pkl and val.pkl (pouring, penn_action)",
        carl_release.is_pouring,
        carl_release.read_pouring,
    ),
    "penn_action": _Layout(
        "PennAction as prepared for CARL: train.pkl, val.pkl and the videos they name; 13 actions.",
        "",
        carl_release.is_penn_action,
        carl_release.read_penn_action,
    ),
    "finegym": _Layout(
        "FineGym as prepared for CARL: gym99_train_v1.0.pkl, gym99_val.pkl (or gym288) and processed_videos.",
        "gym99_train*.pkl and gym99_val.pkl (finegym)",
        carl_release.is_finegym,
        carl_release.read_finegym,
    ),
    "penn_action_frames": _Layout(
        "PennAction as released, in frames/NNNN/*.jpg, with phases in penn_action_labels/SPLIT/ACTION.",
        "frames and penn_action_labels (penn_action_frames)",
        penn_action.recognises,
        penn_action.read,
    ),
    "ms_tcn": _Layout(
        "50Salads, GTEA, Breakfast in the layout of MS-TCN: mapping.txt, groundTruth/*.txt, splits/*.bundle, and "
        "videos.",
        "mapping.txt and groundTruth (ms_tcn)",
        ms_tcn.recognises,
        ms_tcn.read,
    ),
    "sample": _Layout(
        "What python -m core.sample writes: pour_*.mp4 and phases.csv.",
        "phases.csv (sample)",
        segment_csv.recognises_sample,
        segment_csv.read_sample,
    ),
    "segments": _Layout(
        "A segment CSV with video, phase and bounds in frames or seconds, and optionally split and action.",
        "a CSV file (segments)",
        segment_csv.recognises_csv,
        segment_csv.read_csv,
    ),
    "activitynet": _Layout(
        "JSON in ActivityNet's format, with segments in seconds, and videos next to it.",
        "a JSON file (activitynet)",
        activitynet.recognises,
        activitynet.read,
    ),
}

LAYOUTS: dict[str, str] = {name: layout.about for name, layout in _READERS.items()}
"""What is read, by name, one sentence each; in the order in which `auto` tries them."""


def read_dataset(
    path: Path,
    *,
    layout: str = "auto",
    split: str | None = None,
    videos: Path | None = None,
    val_share: float = 1 / 3,
    labels_fps: float | None = None,
    skip_missing: bool = False,
    drop: Iterable[str] = (),
) -> Dataset:
    """Read a data set as it comes; no video is opened.

    Args:
        path: its folder, or the file with its annotations.
        layout: a name in `LAYOUTS`, or `auto`: the first that has the files it needs.
        split: which of several: the number of an MS-TCN split (default the first), FineGym's `gym99` (default) or
            `gym288`.
        videos: the folder of its videos; default the data set's own.
        val_share: how many validate where the data set does not say which (segments, sample): the last of them.
        labels_fps: labels a second where there is one a frame and the layout does not say; see `FrameLabels`.
        skip_missing: leave out videos that are not there (`Dataset.missing` names them).
        drop: classes whose frames are not to be counted, such as a background.

    Raises:
        ConfigError: there is no such path, layout, split or class, no layout fits, or an option is out of range.
        LabelError: an annotation is wrong (the sentence names file and line or entry), a video is missing, or nothing
            is left to train or to validate on.
    """
    reading = Reading(path, split, videos, val_share, labels_fps, skip_missing)
    if layout != "auto" and layout not in _READERS:
        raise ConfigError(f"Unknown layout {layout!r}{did_you_mean(layout, ['auto', *_READERS])}")
    chosen = _READERS[_recognise(path) if layout == "auto" else layout]
    dataset = chosen.read(reading)
    drop = tuple(drop)
    return dataset.without(drop) if drop else dataset


def _recognise(path: Path) -> str:
    for name, layout in _READERS.items():
        if layout.recognises(path):
            return name
    looked_for = "; ".join(layout.looked_for for layout in _READERS.values() if layout.looked_for)
    records = " Convert TFRecords to videos and pickles first, with the scripts of CARL's authors."
    raise ConfigError(
        f"{path} has no known layout. Looked for {looked_for}."
        + (records if path.is_dir() and any(path.glob("*.tfrecord")) else " Name its folder or file, or pass --layout.")
    )
