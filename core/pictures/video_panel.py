"""One video of a film with several: the frame, and below it a progress bar, the name and the time."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures
from PIL import ImageDraw

from core.base.types import Image
from core.drawing.canvas import BACKGROUND, FAINT, TEXT, font
from core.drawing.text import VideoSource, clock, elide

_LEAST_FPS, _MOST_FPS = 10.0, 60.0
_TRACK = "#343842"
_DEPARTS = "#ff9288"
_LEAST_TEXT = 13
NO_PARTNER = "no match"
"""What stands below a frame that is only held while the other video shows what this one lacks."""
_BETWEEN = "  ·  "
_GREYED = 0.35
"""How much of its brightness it keeps."""


class VideoPanel:
    """Caches the layout and redraws only what changes."""

    def __init__(
        self, side: VideoSource, colour: str, corner: tuple[int, int], room: tuple[int, int], *, note: str = ""
    ) -> None:
        """
        Args:
            corner: left and top.
            room: width and height that its frames are fitted into; the captions stand below.
            note: stands beside the time.
        """
        self._side, self._colour, self._note = side, colour, note
        self._edges = side.edges_seconds
        self._size = fit_size(side.frames[0].image, room)
        self.left, top = corner
        self.width, height = room
        self._corner = (self.left + (self.width - self._size[0]) // 2, top + (height - self._size[1]) // 2)
        text = text_size(height)
        self._strip = top + height + text // 2
        self._thick = max(4, text * 3 // 10)
        self._name_top = self._strip + self._thick + text // 2
        self._time_top = self._name_top + text * 3 // 2
        self.bottom = self._time_top + text
        self._font = font(text)
        self._drawn: tuple[int, bool] | None = None
        self._scores: NDArray[np.float64] | None = None

    def mark(self, scores: NDArray[np.float64]) -> None:
        """Mark frames that deviate: (S,) by how many times their limit; 0 where they do not."""
        self._scores = scores

    def draw_name(self, canvas: Pictures.Image) -> None:
        """Draw the static parts."""
        name = elide(self._side.name, self._fits)
        ImageDraw.Draw(canvas).text((self.left, self._name_top), name, fill=TEXT, font=self._font)

    def read(self, frame: int, has_partner: bool = True) -> Image | None:
        """Return the frame as large as it is drawn; None where it is drawn already. Any one thread may call this."""
        if (frame, has_partner) == self._drawn:
            return None
        image = _resize(self._side.frames[frame].image, self._size)
        return image if has_partner else grey_out(image)

    def draw_moment(self, canvas: Pictures.Image, frame: int, image: Image | None, has_partner: bool = True) -> None:
        """Draw the changing parts: the frame, with `image` as returned by `read`, the progress bar, the time.

        A frame that is shown where there is no partner is grey, and the caption says so.
        """
        if image is None:
            return
        self._drawn = frame, has_partner
        canvas.paste(Pictures.fromarray(image), self._corner)
        draw = ImageDraw.Draw(canvas)
        score = 0.0 if self._scores is None else float(self._scores[frame])
        if score > 0 and has_partner:
            left, top = self._corner
            box = (left, top, left + self._size[0] - 1, top + self._size[1] - 1)
            draw.rectangle(box, outline=_DEPARTS, width=max(2, self._thick // 2))
        right = self.left + self.width - 1
        whole = (self.left, self._strip, right, self._strip + self._thick - 1)
        draw.rounded_rectangle(whole, self._thick // 2, fill=_TRACK)
        share = (frame + 1) / (len(self._edges) - 1)
        done = self.left + max(self._thick, round(share * self.width)) - 1
        draw.rounded_rectangle((*whole[:2], done, whole[3]), self._thick // 2, fill=self._colour)
        draw.rectangle((self.left, self._time_top - 2, right, self.bottom + 4), fill=BACKGROUND)
        note = self._note if has_partner else NO_PARTNER
        if score > 0 and has_partner:
            note = _BETWEEN.join(filter(None, (note, f"deviates {score:.1f}×")))
        draw.text((self.left, self._time_top), self.caption(frame, note), fill=FAINT, font=self._font)

    def caption(self, frame: int, note: str) -> str:
        """Return time and note as there is room: the length is left out first, then the time, then the note is cut."""
        time, length = clock(self._edges[frame]), clock(self._edges[-1])
        for parts in ((f"{time} / {length}", note), (time, note)):
            text = _BETWEEN.join(filter(None, parts))
            if self._fits(text):
                return text
        return elide(note or time, self._fits)

    def _fits(self, text: str) -> bool:
        return self._font.getlength(text) <= self.width


def grey_out(image: Image) -> Image:
    """Return an image without colour, and dark."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) * _GREYED
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)


def text_size(height: int) -> int:
    """Return pixels of the captions below frames of that height."""
    return max(_LEAST_TEXT, height // 24)


def caption_height(height: int) -> int:
    """Return pixels below frames of that height that the strip and the captions take."""
    text = text_size(height)
    return text // 2 + max(4, text * 3 // 10) + text // 2 + text * 3 // 2 + text


def fit_size(image: Image, room: tuple[int, int]) -> tuple[int, int]:
    """Return width and height of the image, as large as fits."""
    scale = min(room[0] / image.shape[1], room[1] / image.shape[0])
    return max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))


def frames_per_second(side: VideoSource) -> float:
    """Return the average frame rate, clamped to 10 to 60."""
    edges = side.edges_seconds
    return min(max((len(edges) - 1) / float(edges[-1] - edges[0]), _LEAST_FPS), _MOST_FPS)


def _resize(image: Image, size: tuple[int, int]) -> Image:
    if (image.shape[1], image.shape[0]) == size:
        return image
    shrinks = image.shape[1] > size[0]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC).astype(np.uint8)
