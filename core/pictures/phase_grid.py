"""Film of many videos in a grid, all following the reference, which plays at its own tempo."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures

from core.base.control import Control
from core.base.events import Sink, ignore
from core.base.progress import Meter
from core.base.tiling import columns_for
from core.drawing.canvas import BACKGROUND
from core.drawing.text import A_COLOUR, B_COLOUR, VideoSource
from core.pictures.video_panel import VideoPanel, caption_height, frames_per_second
from core.video.writer import writing_video

MOST = 16
"""Videos in one grid."""
_WIDTH, _HEIGHT = 1920, 1080
"""Pixels that the whole picture may take."""
_MOST_CELL, _LEAST_CELL = 640, 180
"""Pixels of a cell's width."""
_GAP = 20


def write_phase_grid(
    path: Path,
    sides: Sequence[VideoSource],
    frames: Sequence[NDArray[np.integer]],
    partners: Sequence[NDArray[np.bool_]] | None = None,
    *,
    scores: Sequence[NDArray[np.float64]] = (),
    sink: Sink = ignore,
    control: Control | None = None,
) -> None:
    """Write an MP4: each frame of the reference once, and at it the frame of every other video that belongs to it.

    Cells are equally large; a video keeps its proportions in its own. Frames per second are the reference's average,
    within 10 to 60.

    Args:
        sides: the reference first; 16 at most.
        frames: (R,) each: what each of them shows at every frame of the reference.
        partners: (R,) each: whether that is the partner of the reference's frame; else it is shown grey. None: always.
        scores: (S,) of each: by how many times its limit a frame of its own deviates from right videos, 0 where it does
            not; such frames are marked. Empty: none.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
        Stopped: `control` asked for it; nothing is written.
    """
    if not 1 <= len(sides) <= MOST or len(frames) != len(sides) or len({len(one) for one in frames}) != 1:
        raise ValueError(f"expected 1 to {MOST} videos of equal length, got {[len(one) for one in frames]}")
    panels, size = _lay_out(sides)
    canvas = Pictures.new("RGB", size, BACKGROUND)
    for panel in panels:
        panel.draw_name(canvas)
    for panel, of_video in zip(panels, scores, strict=False):
        panel.mark(of_video)
    steps = np.stack(frames, axis=1).tolist()  # (R, videos)
    has_partner = np.ones((len(steps), len(sides)), np.bool_) if partners is None else np.stack(partners, axis=1)
    meter = Meter(sink, "write video", len(steps), "frame")
    with (
        ThreadPoolExecutor(min(len(panels), os.cpu_count() or 1)) as pool,
        writing_video(path, width=size[0], height=size[1], fps=frames_per_second(sides[0])) as append,
    ):
        for places, matched in zip(steps, has_partner.tolist(), strict=True):
            if control is not None:
                control.obey()
            images = list(pool.map(VideoPanel.read, panels, places, matched))
            for panel, place, image, is_partner in zip(panels, places, images, matched, strict=True):
                panel.draw_moment(canvas, place, image, is_partner)
            append(np.asarray(canvas))
            meter.add()


def _lay_out(sides: Sequence[VideoSource]) -> tuple[list[VideoPanel], tuple[int, int]]:
    """Return row by row, the reference first; and the size of the whole."""
    shapes = [side.frames[0].image.shape for side in sides]
    aspect = float(np.median([shape[1] / shape[0] for shape in shapes]))
    below = caption_height(_HEIGHT // 4) + _GAP
    columns = columns_for(len(sides), _WIDTH - _GAP, _HEIGHT - _GAP, aspect, below)
    rows = math.ceil(len(sides) / columns)
    across, down = (_WIDTH - _GAP) // columns - _GAP, (_HEIGHT - _GAP) // rows - below
    width = max(min(across, round(down * aspect), _MOST_CELL), min(_LEAST_CELL, across))
    height = min(max(round(width / aspect), 1), down)
    pitch = width + _GAP, height + caption_height(height) + _GAP
    panels = []
    for index, side in enumerate(sides):
        corner = _GAP + index % columns * pitch[0], _GAP + index // columns * pitch[1]
        colour, note = (B_COLOUR, "") if index else (A_COLOUR, "reference")
        panels.append(VideoPanel(side, colour, corner, (width, height), note=note))
    return panels, (_GAP + columns * pitch[0], _GAP + rows * pitch[1])
