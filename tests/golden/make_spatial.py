"""Writes spatial.npz: what PIL, through which the released code augments, makes of one small picture.

Run it from the project's root: `python tests/golden/make_spatial.py`.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

SIZE = 24


def picture() -> Image.Image:
    """50 x 36: colour gradients, a hard edge, noise, and corners of pure and of no colour."""
    rows, columns = np.mgrid[0:36, 0:50]
    image = np.stack([columns * 5, rows * 7, 255 - (rows + columns) * 3], axis=2)
    image[10:20, 15:30] = (250, 40, 90)
    image += np.random.default_rng(5).integers(-20, 21, image.shape)
    image[:6, :6], image[-6:, -6:] = 128, (0, 255, 0)
    return Image.fromarray(image.clip(0, 255).astype(np.uint8))


def turned(image: Image.Image, turns: float) -> Image.Image:
    hue, saturation, value = image.convert("HSV").split()
    shifted = (np.asarray(hue).astype(int) + round(turns * 255)) % 256
    return Image.merge("HSV", (Image.fromarray(shifted.astype(np.uint8)), saturation, value)).convert("RGB")


def main() -> None:
    source = picture()
    small = source.resize((SIZE, SIZE), Image.Resampling.BILINEAR)
    results = {
        "source": source,
        "whole": small,
        "crop": source.crop((8, 3, 48, 35)).resize((SIZE, SIZE), Image.Resampling.BILINEAR),
        "brightness": ImageEnhance.Brightness(small).enhance(1.3),
        "contrast": ImageEnhance.Contrast(small).enhance(0.6),
        "saturation": ImageEnhance.Color(small).enhance(1.7),
        "hue": turned(small, 0.15),
        "blur": small.filter(ImageFilter.GaussianBlur(1.2)),
        "grayscale": small.convert("L").convert("RGB"),
    }
    arrays = {name: np.asarray(image) for name, image in results.items()}
    np.savez_compressed(Path(__file__).with_name("spatial.npz"), **arrays)


if __name__ == "__main__":
    main()
