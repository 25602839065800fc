"""Draw with PIL: the colours and font of dark sheets, and frames scaled to fit."""

from __future__ import annotations

from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import ImageFont

from core.base.types import Image

BACKGROUND, PANEL, TEXT, FAINT = "#15171c", "#262a32", "#e8eaee", "#9aa0ab"


def font(pixels: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return DejaVu Sans, which matplotlib brings along on every system."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", name), pixels)


def fit_image(image: Image, width: int, height: int) -> Image:
    """Return the image at the largest size with its proportions that fits."""
    scale = min(width / image.shape[1], height / image.shape[0])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    if size == (image.shape[1], image.shape[0]):
        return image
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC).astype(np.uint8)
