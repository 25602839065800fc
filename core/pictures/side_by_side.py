"""Both videos side by side, A at its own tempo, B at whatever frame belongs to A's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image as Pictures

from core.align import warp_frames
from core.control import Control
from core.events import Sink, ignore
from core.pictures.captions import A_COLOUR, B_COLOUR, Side
from core.pictures.drawing import BACKGROUND
from core.pictures.video_panel import VideoPanel, fitted_size, frames_per_second
from core.progress import Meter
from core.types import Alignment
from core.video.writer import writing_video

_LEAST_HEIGHT, _MOST_HEIGHT, _MOST_WIDTH, _LEAST_WIDTH = 240, 480, 960, 200
"""Pixels of the room that a video gets; it keeps its proportions within."""


def write_side_by_side(
    path: Path, a: Side, b: Side, alignment: Alignment, *, sink: Sink = ignore, control: Control | None = None
) -> None:
    """Write an MP4: each frame of A once, beside it the frame of B that belongs to it; under both place, name and time.

    Frames per second are A's average, within 10 to 60.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
        Stopped: `control` asked for it; nothing is written.
    """
    height = min(max(a.frames[0].image.shape[0], b.frames[0].image.shape[0], _LEAST_HEIGHT), _MOST_HEIGHT)
    margin = height // 24
    left = VideoPanel(a, A_COLOUR, (margin, margin), (_width(a, height), height))
    right = VideoPanel(b, B_COLOUR, (2 * margin + left.width, margin), (_width(b, height), height))
    canvas = Pictures.new("RGB", (right.left + right.width + margin, left.bottom + margin), BACKGROUND)
    for panel in (left, right):
        panel.draw_name(canvas)
    matched = warp_frames(alignment)
    meter = Meter(sink, "write video", len(matched), "frame")
    with writing_video(path, width=canvas.width, height=canvas.height, fps=frames_per_second(a)) as append:
        for a_frame, b_frame in enumerate(matched.tolist()):
            if control is not None:
                control.raise_if_stopped()
            left.draw_moment(canvas, a_frame, left.read(a_frame))
            right.draw_moment(canvas, b_frame, right.read(b_frame))
            append(np.asarray(canvas))
            meter.add()


def _width(side: Side, height: int) -> int:
    return max(fitted_size(side.frames[0].image, (_MOST_WIDTH, height))[0], _LEAST_WIDTH)
