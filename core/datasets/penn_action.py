"""PennAction as released, with the phase labels published later.

Penn_Action/frames/NNNN/NNNNNN.jpg            the frames of each video; no frame rate is given
Penn_Action/labels/NNNN.mat                   action, joints, boxes, and a split of its own; no phases; not read
penn_action_labels/SPLIT/ACTION/NNNN.npy      the phase of each frame, and the split, `train` or `val`, that the
                                              papers on alignment use; a release of its own, linked from CARL's code

`penn_action_labels` may lie beside `Penn_Action` or in it. Where numbers of labels and frames differ, the labels are
spread over the video, as CARL's preparation does.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.errors import ConfigError, LabelError
from core.base.files import NPY_DAMAGE
from core.datasets.dataset import Action, Dataset, LabelledVideo, Split
from core.datasets.frame_labels import FrameLabels, number_names, validate_classes
from core.datasets.reading import Reading

_LABELS = "penn_action_labels"
_SPLITS: dict[str, Split] = {"train": "train", "val": "val"}


def recognises(path: Path) -> bool:
    return _folders(path) is not None


def read(reading: Reading) -> Dataset:
    """Read the data set. LabelError: labels are damaged, or frames missing. ConfigError: it is not of this layout."""
    folders = _folders(reading.path)
    if folders is None:
        raise ConfigError(
            f"{reading.path} has no folder frames with {_LABELS} in it or beside it. Name the folder that has both."
        )
    frames, labels = folders
    of_actions: defaultdict[str, list[tuple[Split, Path]]] = defaultdict(list)
    for name, split in _SPLITS.items():
        for file in sorted(labels.glob(f"{name}/*/*.npy")):
            of_actions[file.parent.name].append((split, file))
    actions, videos, missing = [], [], []
    for action, files in sorted(of_actions.items()):
        read_here = [(split, file, _classes(file)) for split, file in files]
        actions.append(Action(action, number_names([classes for _, _, classes in read_here], "phase", action)))
        for split, file, classes in read_here:
            folder = (reading.videos or frames) / file.stem
            if folder.is_dir():
                videos.append(LabelledVideo(folder, FrameLabels(classes, str(file), spans_all=True), split, action))
            elif reading.skip_missing:
                missing.append(file.stem)
            else:
                raise LabelError(
                    f"{file} labels the frames in {folder}, which does not exist. Put them there, or leave them out "
                    "with --skip-missing."
                )
    return reading.dataset(reading.path.name, "penn_action_frames", actions, videos, missing)


def _folders(path: Path) -> tuple[Path, Path] | None:
    """Return the folders of frames and labels."""
    for frames in (path / "frames", path / "Penn_Action" / "frames"):
        for labels in (path / _LABELS, path.absolute().parent / _LABELS):
            if frames.is_dir() and labels.is_dir():
                return frames, labels
    return None


def _classes(file: Path) -> NDArray[np.int64]:
    try:
        values = np.load(file, allow_pickle=False)
    except NPY_DAMAGE as error:
        raise LabelError(f"{file} is not a label array ({error}). Download it again.") from error
    return validate_classes(np.atleast_1d(np.squeeze(values)), str(file))
