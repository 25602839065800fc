"""Lines and angles on an image, with their values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw

from core.base.types import Image
from core.drawing.canvas import font

Drawn = tuple[Sequence[tuple[float, float]], str]
"""The points of a line (two) or of an angle (three, its corner in the middle), in shares of the picture's width and
height; and its value."""
_INK, _HALO = "#ffe066", "#141414"
_OF_HEIGHT = 24
"""The height of a letter fits so often into that of the image."""


def draw_measures(image: Image, measures: Sequence[Drawn]) -> Image:
    """Return the image, (H, W, 3) RGB, with lines and angles over it."""
    if not measures:
        return image
    picture = Pictures.fromarray(image)
    draw = ImageDraw.Draw(picture)
    text = max(12, picture.height // _OF_HEIGHT)
    width, letters = max(2, text // 8), font(text)
    for points, value in measures:
        ends = [(x * picture.width, y * picture.height) for x, y in points]
        for colour, thick in ((_HALO, width + 2), (_INK, width)):
            draw.line(ends, fill=colour, width=thick, joint="curve")
        for x, y in ends:
            draw.ellipse((x - 1.5 * width, y - 1.5 * width, x + 1.5 * width, y + 1.5 * width), fill=_INK, outline=_HALO)
        x, y = ends[1] if len(ends) == 3 else np.mean(ends, axis=0)
        long = letters.getlength(value)
        corner = (min(x + text / 2, picture.width - long - 2), min(y + text / 2, picture.height - 1.5 * text))
        draw.text(corner, value, fill=_INK, font=letters, stroke_width=max(2, width // 2), stroke_fill=_HALO)
    return np.asarray(picture)
