"""Two videos side by side: a film, A at its own tempo and B at the matching frame; or a picture of two frames."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures

from core.align import NONE, warp_frames
from core.align.tables import every_frame
from core.base.control import Control
from core.base.events import Sink, ignore
from core.base.files import replacing
from core.base.progress import Meter
from core.base.types import Alignment
from core.drawing.canvas import BACKGROUND
from core.drawing.measures import Drawn, draw_measures
from core.drawing.text import A_COLOUR, B_COLOUR, VideoSource
from core.pictures.video_panel import VideoPanel, fit_size, frames_per_second
from core.video.writer import writing_video

_LEAST_HEIGHT, _MOST_HEIGHT, _MOST_WIDTH, _LEAST_WIDTH = 240, 480, 960, 200
"""Pixels of the room that a video gets; it keeps its proportions within."""


def write_side_by_side(
    path: Path,
    a: VideoSource,
    b: VideoSource,
    alignment: Alignment,
    *,
    scores: Sequence[NDArray[np.float64]] = (),
    sink: Sink = ignore,
    control: Control | None = None,
) -> None:
    """Write an MP4: each frame of A once, beside it the frame of B that belongs to it; under both place, name and time.

    While one video shows what the other lacks, the other is held, grey: frames of B without a partner play too.

    Frames per second are A's average, within 10 to 60.

    Args:
        scores: (A,) and (B,) by how many times its limit each frame deviates from right videos, 0 where it does not
            (`core.align.deviation_files.scores_of`); such frames are marked. Empty: none.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
        Stopped: `control` asked for it; nothing is written.
    """
    heights = [side.frames[0].image.shape[0] for side in (a, b)]
    left, right, canvas = _lay_out(a, b, min(max(*heights, _LEAST_HEIGHT), _MOST_HEIGHT), _MOST_WIDTH)
    for panel, of_video in zip((left, right), scores, strict=False):
        panel.mark(of_video)
    moments = _moments(alignment)
    meter = Meter(sink, "write video", len(moments), "frame")
    with writing_video(path, width=canvas.width, height=canvas.height, fps=frames_per_second(a)) as append:
        for a_moment, b_moment in moments:
            if control is not None:
                control.obey()
            for panel, (frame, is_playing) in ((left, a_moment), (right, b_moment)):
                panel.draw_moment(canvas, frame, panel.read(frame, is_playing), is_playing)
            append(np.asarray(canvas))
            meter.add()


def write_frames(
    path: Path,
    a: VideoSource,
    b: VideoSource,
    a_frame: int,
    b_frame: int,
    *,
    have_partner: tuple[bool, bool] = (True, True),
    scores: tuple[float, float] = (0.0, 0.0),
    measures: tuple[Sequence[Drawn], Sequence[Drawn]] = ((), ()),
) -> None:
    """Write a PNG: a frame of A and one of B at the size of the larger video; under both place, name and time.

    Args:
        have_partner: whether the frame of A, and that of B, belongs to the other; one that does not is grey.
        scores: by how many times its limit each deviates from right videos; 0: it does not.
        measures: lines and angles drawn on each.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    height = max(*(side.frames[0].image.shape[0] for side in (a, b)), _LEAST_HEIGHT)
    left, right, canvas = _lay_out(a, b, height, 2 * height)
    sides = zip((left, right), (a, b), (a_frame, b_frame), have_partner, scores, measures, strict=True)
    for panel, side, frame, has_partner, score, drawn in sides:
        panel.mark(np.full(len(side.frames), score))
        image = panel.read(frame, has_partner)
        panel.draw_moment(canvas, frame, None if image is None else draw_measures(image, drawn), has_partner)
    with replacing(path) as partial:
        canvas.save(partial, format="PNG")


def _lay_out(
    a: VideoSource, b: VideoSource, height: int, most_width: int
) -> tuple[VideoPanel, VideoPanel, Pictures.Image]:
    """Return the panels of A and B, and a canvas with their names, for frames of that height in pixels."""
    margin = height // 24
    left = VideoPanel(a, A_COLOUR, (margin, margin), (_width(a, height, most_width), height))
    right = VideoPanel(b, B_COLOUR, (2 * margin + left.width, margin), (_width(b, height, most_width), height))
    canvas = Pictures.new("RGB", (right.left + right.width + margin, left.bottom + margin), BACKGROUND)
    for panel in (left, right):
        panel.draw_name(canvas)
    return left, right, canvas


_Moment = tuple[int, bool]
"""A frame, and whether it plays or is only held."""


def _moments(alignment: Alignment) -> list[tuple[_Moment, _Moment]]:
    """Yield the frames of A and B, in order."""
    followers = warp_frames(alignment).tolist()
    shown: list[tuple[_Moment, _Moment]] = []
    a_held, b_held = 0, followers[0]
    for a_frame, b_frame, step in every_frame(alignment):
        if step != NONE and shown and shown[-1][0] == (a_frame, True):
            continue  # of several frames of B that go with one of A, the middle one was shown
        if step != NONE:
            a_held, b_held = a_frame, followers[a_frame]
            shown.append(((a_frame, True), (b_held, True)))
        elif b_frame == NONE:
            a_held = a_frame
            shown.append(((a_frame, True), (b_held, False)))
        else:
            b_held = b_frame
            shown.append(((a_held, False), (b_frame, True)))
    return shown


def _width(side: VideoSource, height: int, most_width: int) -> int:
    return max(fit_size(side.frames[0].image, (most_width, height))[0], _LEAST_WIDTH)
