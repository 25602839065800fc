"""Both videos side by side, A at its own tempo, B at whatever frame belongs to A's."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw

from core.align import warp_frames
from core.control import Control
from core.events import Sink, ignore
from core.pictures.captions import A_COLOUR, B_COLOUR, Side, clock, elided
from core.pictures.drawing import BACKGROUND, FAINT, TEXT, font
from core.progress import Meter
from core.types import Alignment, Image
from core.video.writer import writing_video

_LEAST_HEIGHT, _MOST_HEIGHT, _MOST_WIDTH, _LEAST_WIDTH = 240, 480, 960, 200
"""Pixels of the room that a video gets; it keeps its proportions within."""

_LEAST_FPS, _MOST_FPS = 10.0, 60.0
_TRACK = "#343842"


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
    left = _Panel(a, A_COLOUR, height, margin := height // 24)
    right = _Panel(b, B_COLOUR, height, 2 * margin + left.width)
    canvas = Pictures.new("RGB", (right.left + right.width + margin, left.bottom + margin), BACKGROUND)
    for panel in (left, right):
        panel.draw_name(canvas)
    matched = warp_frames(alignment)
    meter = Meter(sink, "write video", len(matched), "frame")
    with writing_video(path, width=canvas.width, height=canvas.height, fps=_fps(a)) as append:
        for a_frame, b_frame in enumerate(matched):
            if control is not None:
                control.raise_if_stopped()
            left.draw_moment(canvas, a_frame)
            right.draw_moment(canvas, int(b_frame))
            append(np.asarray(canvas))
            meter.add()


def _fps(side: Side) -> float:
    edges = side.edges_seconds
    return min(max((len(edges) - 1) / float(edges[-1]), _LEAST_FPS), _MOST_FPS)


class _Panel:
    """One video's part of the picture: the frame, under it a strip that fills, its name and its time."""

    def __init__(self, side: Side, colour: str, height: int, left: int) -> None:
        first = side.frames[0].image
        self._side, self._colour = side, colour
        self._edges = side.edges_seconds
        scale = min(height / first.shape[0], _MOST_WIDTH / first.shape[1])
        self._size = (max(1, round(first.shape[1] * scale)), max(1, round(first.shape[0] * scale)))
        self.left, self.width = left, max(self._size[0], _LEAST_WIDTH)
        self._top = height // 24
        self._corner = (left + (self.width - self._size[0]) // 2, self._top + (height - self._size[1]) // 2)
        text = max(13, height // 24)
        self._strip = self._top + height + text // 2
        self._thick = max(4, height // 80)
        self._name_top = self._strip + self._thick + text // 2
        self._time_top = self._name_top + text * 3 // 2
        self.bottom = self._time_top + text
        self._font = font(text)
        self._drawn: int | None = None

    def draw_name(self, canvas: Pictures.Image) -> None:
        """What stays."""
        name = elided(self._side.name, lambda text: self._font.getlength(text) <= self.width)
        ImageDraw.Draw(canvas).text((self.left, self._name_top), name, fill=TEXT, font=self._font)

    def draw_moment(self, canvas: Pictures.Image, frame: int) -> None:
        """What changes: the frame, the strip, the time."""
        if frame == self._drawn:
            return
        self._drawn = frame
        canvas.paste(Pictures.fromarray(_resized(self._side.frames[frame].image, self._size)), self._corner)
        draw = ImageDraw.Draw(canvas)
        right = self.left + self.width - 1
        whole = (self.left, self._strip, right, self._strip + self._thick - 1)
        draw.rounded_rectangle(whole, self._thick // 2, fill=_TRACK)
        share = (frame + 1) / (len(self._edges) - 1)
        done = self.left + max(self._thick, round(share * self.width)) - 1
        draw.rounded_rectangle((*whole[:2], done, whole[3]), self._thick // 2, fill=self._colour)
        draw.rectangle((self.left, self._time_top - 2, right, canvas.height), fill=BACKGROUND)
        time = f"{clock(self._edges[frame])} / {clock(self._edges[-1])}"
        draw.text((self.left, self._time_top), time, fill=FAINT, font=self._font)


def _resized(image: Image, size: tuple[int, int]) -> Image:
    if (image.shape[1], image.shape[0]) == size:
        return image
    shrinks = image.shape[1] > size[0]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC).astype(np.uint8)
