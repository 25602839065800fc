"""Views of cached features whose cells are augmented as they are drawn: nothing but the clean features is computed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.augment.cells import CHANNELS, apply_cells, draw_cells
from core.augment.temporal import TemporalView
from core.config import AugmentConfig, Config
from core.data import ViewData
from core.features import FeatureFile


def augments_cells(config: Config) -> bool:
    """Whether these settings ask for views of augmented cells."""
    is_of_cells = config.backbone.name == "hog" and config.backbone.pool in ("avg", "avg2x2", "avg4x4", "avg8x8")
    return config.train.mode == "frozen" and not config.train.copies and is_of_cells


class CellSource:
    """Views of the features of a map of cells (hog), each with a draw of its own (frozen, `train.copies` = 0).

    Args:
        files: clean features of each video, (S, CHANNELS * C * C).
        differences: frames; changes of the features stand beside them (`core.model.inputs.with_changes`).
        swap: chance that a view gets the mean features of any video in place of its own (`core.data.FeatureSource`).
    """

    def __init__(
        self, files: Sequence[FeatureFile], augment: AugmentConfig, *, differences: int = 0, swap: float = 0.0
    ) -> None:
        self._files, self._augment, self._differences, self._swap = files, augment, differences, swap
        self._means = [file.mean()[None] for file in files]  # each (1, F)
        self._cells = math.isqrt(self._means[0].shape[1] // CHANNELS)

    def __len__(self) -> int:
        return len(self._files)

    def num_frames(self, video: int) -> int:
        """Length of a video."""
        return len(self._files[video])

    def load(self, video: int, view: TemporalView, generator: np.random.Generator) -> ViewData:
        """As `core.data.ViewSource`; changes are those within the view's crop."""
        drawn = draw_cells(self._augment, self._cells, generator)
        swaps, other = generator.random() < self._swap, int(generator.integers(len(self._files)))
        of_other = draw_cells(self._augment, self._cells, generator)
        crop = np.arange(view.crop.start_frame, view.crop.end_frame_exclusive)
        rows = apply_cells(self._files[video].rows(crop).astype(np.float32), drawn)  # (crop, F)
        if swaps:
            rows += apply_cells(self._means[other], of_other) - apply_cells(self._means[video], drawn)
        steps = view.indices[view.valid] - view.crop.start_frame
        return ViewData(view, torch.from_numpy(self._with_changes(rows, steps)), None)

    def _with_changes(self, rows: NDArray[np.float32], steps: NDArray[np.int64]) -> NDArray[np.float32]:
        """`with_changes(rows, differences)[steps]`, of these steps alone."""
        if not self._differences:
            return rows[steps]
        after = np.minimum(steps + self._differences, len(rows) - 1)
        before = np.maximum(steps - self._differences, 0)
        return np.concatenate((rows[steps], rows[after] - rows[before]), axis=1)
