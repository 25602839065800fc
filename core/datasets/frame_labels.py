"""Per-frame labels of data sets, assigned to the frames that a video really has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.base.errors import LabelError
from core.base.events import Notice, Sink
from core.labels.formats.frame_counts import describe_difference, is_close
from core.labels.segments import UNLABELLED

_MOST_CLASSES = 100_000
_SAME_SECONDS, _SAME_SHARE = 0.5, 0.02


@dataclass(frozen=True, eq=False)
class FrameLabels:
    """(L,) classes of consecutive frames; L may differ from the frames that decode.

    With as many labels as frames, they are taken as they are. Else, in this order:

    1. `spans_all`: the labels are spread evenly over the video (PennAction's own preparation does so).
    2. `per_second` is known and the labels last as long as the video (within 0.5 s or 2 %): each frame takes the
       label of its middle; frames after the last label have none.
    3. They are nearly as many (`frame_counts.is_close`): the end is cut, or filled up with frames that have none.
    4. LabelError.
    """

    classes: NDArray[np.int64]
    where: str
    """The file (and line) they come from: how an error begins."""
    per_second: float | None = None
    """At what rate they were made."""
    spans_all: bool = False

    def on(self, name: str, edges_seconds: NDArray[np.float64], sink: Sink) -> NDArray[np.int64]:
        """Return (S,) class of each frame, -1 where it has none. LabelError where they do not fit."""
        num_labels, num_frames = len(self.classes), len(edges_seconds) - 1
        if num_labels == num_frames:
            return self.classes.copy()
        message = f"{self.where} has {num_labels} labels, but {name} has {num_frames} frames"
        seconds = float(edges_seconds[-1] - edges_seconds[0])
        if self.spans_all:
            sink(Notice(f"{message}: they were spread over the whole video."))
            return self.classes[np.arange(num_frames) * num_labels // num_frames]
        if self.per_second is not None:
            labelled_seconds = num_labels / self.per_second
            if abs(labelled_seconds - seconds) <= max(_SAME_SECONDS, _SAME_SHARE * seconds):
                sink(
                    Notice(
                        f"{message}: each frame took the label of its time, at {self.per_second:g} labels per second."
                    )
                )
                middles = (edges_seconds[:-1] + edges_seconds[1:]) / 2 - edges_seconds[0]  # labels begin with a frame
                return self._at((middles * self.per_second).astype(np.int64))
        if is_close(num_labels, num_frames):
            sink(Notice(f"{message}: {describe_difference(num_labels, num_frames)}."))
            return self._at(np.arange(num_frames))
        raise LabelError(f"{message} ({seconds:.1f} seconds): {self._remedy()}")

    def _at(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        filled = np.append(self.classes, UNLABELLED)
        return filled[np.minimum(places, len(self.classes))]

    def _remedy(self) -> str:
        if self.per_second is None:
            return "give the number of labels per second with --labels-fps, or use the video they were made for."
        return (
            f"at {self.per_second:g} per second they last {len(self.classes) / self.per_second:.1f} seconds; use the "
            "video they were made for, or give their rate with --labels-fps."
        )


def validate_classes(values: ArrayLike, where: str) -> NDArray[np.int64]:
    """Return (L,) whole numbers, everything below 0 as -1.

    Raises:
        LabelError: they are not one row of whole numbers, or there are none.
    """
    labels = np.asarray(values)
    if labels.ndim != 1 or labels.dtype.kind not in "iuf" or not len(labels):
        raise LabelError(
            f"{where}: labels must be one number per frame, not {labels.dtype} of the shape {labels.shape}."
        )
    if labels.dtype.kind == "f" and not np.all((labels == np.round(labels)) & (np.abs(labels) < 2**53)):
        wrong = labels[~((labels == np.round(labels)) & (np.abs(labels) < 2**53))][0]
        raise LabelError(f"{where}: a label must be a whole number, not {wrong:g}.")
    return np.maximum(labels.astype(np.int64), UNLABELLED)


def number_names(labels: Sequence[NDArray[np.int64]], word: str, where: str) -> tuple[str, ...]:
    """Return `phase 0`, `phase 1` and on, up to the highest number: for data sets that name no classes.

    Raises:
        LabelError: no frame has a class, or a number is out of all reason.
    """
    highest = max((int(one.max()) for one in labels), default=UNLABELLED)
    if not 0 <= highest < _MOST_CLASSES:
        raise LabelError(f"{where}: the highest class is {highest}, but must be from 0 to {_MOST_CLASSES - 1}.")
    return tuple(f"{word} {number}" for number in range(highest + 1))
