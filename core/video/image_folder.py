"""A folder of images is a video: an image a frame, in natural order of the names, at a rate that no file tells.

Needs no decoder: the window starts without.
"""

from __future__ import annotations

import hashlib
import os
from fractions import Fraction
from pathlib import Path

from core.config import DEFAULT_IMAGE_RATE
from core.video.natural import natural

IMAGE_EXTENSIONS = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff"})


def is_image(name: str) -> bool:
    """Whether a file of that name is taken for an image; hidden ones are not."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in IMAGE_EXTENSIONS


def image_files(folder: Path) -> list[Path]:
    """The images directly in a folder, in the order of the video.

    Raises:
        OSError: it cannot be read, or is no folder.
    """
    with os.scandir(folder) as entries:
        return sorted((folder / entry.name for entry in entries if is_image(entry.name)), key=natural)


def is_image_folder(path: Path) -> bool:
    """Whether a path is a folder with an image directly in it. OSErrors count as no."""
    try:
        with os.scandir(path) as entries:
            return any(is_image(entry.name) for entry in entries)
    except (OSError, ValueError):
        return False


def as_rate(images_per_second: float) -> Fraction:
    """The rate as a fraction: 29.97002997 is 30000/1001."""
    return Fraction(images_per_second).limit_denominator(1001) or Fraction(images_per_second)


def folder_state(folder: Path) -> tuple[int, int]:
    """Bytes of all images together, and a number that changes with their names, sizes and times of change.

    Raises:
        OSError: the folder cannot be read.
    """
    known = [(file.name, file.stat()) for file in image_files(folder)]
    said = "|".join(f"{name} {status.st_size} {status.st_mtime_ns}" for name, status in known)
    return sum(status.st_size for _, status in known), int(hashlib.sha256(os.fsencode(said)).hexdigest(), 16)


def folder_digest(folder: Path, image_rate: float = DEFAULT_IMAGE_RATE) -> str:
    """32 hex digits that name the images' bytes, their order and the rate, wherever the folder lies.

    Raises:
        OSError: an image cannot be read.
    """
    whole = hashlib.sha256(f"images at {as_rate(image_rate)}".encode())
    for file in image_files(folder):
        with file.open("rb") as opened:
            whole.update(hashlib.file_digest(opened, "sha256").digest())
    return whole.hexdigest()[:32]
