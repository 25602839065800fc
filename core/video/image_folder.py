"""A folder of images as a video: one image per frame, in natural order of the names, at a given rate.

Needs no decoder: the window starts without.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from core.base.listing import some
from core.settings.config import DEFAULT_IMAGE_RATE
from core.video.natural import natural

IMAGE_EXTENSIONS = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff"})

_SAME_KIND = {".jpeg": ".jpg", ".tiff": ".tif"}


def is_image(name: str) -> bool:
    """Return whether a file of this name counts as an image; hidden ones do not."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in IMAGE_EXTENSIONS


def image_files(folder: Path) -> list[Path]:
    """Return the images directly in a folder, in the order of the video.

    Raises:
        OSError: it cannot be read, or is no folder.
    """
    with os.scandir(folder) as entries:
        return sorted((folder / entry.name for entry in entries if is_image(entry.name)), key=natural)


def is_image_folder(path: Path) -> bool:
    """Return whether a path is a folder with an image directly in it. OSErrors count as no."""
    try:
        with os.scandir(path) as entries:
            return any(is_image(entry.name) for entry in entries)
    except (OSError, ValueError):
        return False


def strays(files: Sequence[Path]) -> str:
    """Return that images of another kind than most are among them, as the rest of a sentence; empty: all are alike."""
    kinds = [_kind(file) for file in files]
    usual = Counter(kinds).most_common(1)[0][0] if kinds else ""
    names = [file.name for file, kind in zip(files, kinds, strict=True) if kind != usual]
    if not names:
        return ""
    if len(names) == 1:
        return f"1 image of another type ({names[0]}) is also used as a frame"
    return f"{len(names)} images of another type ({some(names)}) are also used as frames"


def missing_numbers(files: Sequence[Path]) -> str:
    """Return where numbers are left out in the names, as the rest of a sentence; empty: nowhere.

    Every fifth image is no gap: the step is the one that most names have. Names without such a step, as of times, have
    no numbers that could be missing.

    Args:
        files: in the order of the video.
    """
    steps = [
        (first, second, int(after[2]) - int(before[2]))
        for first, second in pairwise(files)
        if (before := _NUMBERED.fullmatch(first.name)) and (after := _NUMBERED.fullmatch(second.name))
        if before[1] == after[1]
    ]
    if not steps:
        return ""
    counts = Counter(step for _, _, step in steps)
    usual = min(counts, key=lambda step: (-counts[step], step))
    gaps = [(first.name, second.name) for first, second, step in steps if step > usual]
    if not gaps or usual < 1 or 2 * counts[usual] < len(steps):
        return ""
    more = f" and in {len(gaps) - 1} more places" if len(gaps) > 2 else " and in 1 more place" if len(gaps) > 1 else ""
    return f"numbers are missing between {gaps[0][0]} and {gaps[0][1]}{more}; frames are counted without them"


_NUMBERED = re.compile(r"(.*?)(\d+)\.[^.]*")
"""A name that ends in a number before its suffix: what stands before it, and the number."""


def _kind(file: Path) -> str:
    suffix = file.suffix.lower()
    return _SAME_KIND.get(suffix, suffix)


def as_rate(images_per_second: float) -> Fraction:
    """Return the rate as a fraction: 29.97002997 is 30000/1001."""
    return Fraction(images_per_second).limit_denominator(1001) or Fraction(images_per_second)


def folder_state(folder: Path) -> tuple[int, int]:
    """Return bytes of all images together, and a number that changes with their names, sizes and times of change.

    Raises:
        OSError: the folder cannot be read.
    """
    known = [(file.name, file.stat()) for file in image_files(folder)]
    text = "|".join(f"{name} {status.st_size} {status.st_mtime_ns}" for name, status in known)
    return sum(status.st_size for _, status in known), int(hashlib.sha256(os.fsencode(text)).hexdigest(), 16)


def folder_digest(folder: Path, image_rate: float = DEFAULT_IMAGE_RATE) -> str:
    """Return 32 hex digits that name the images' bytes, their order and the rate, wherever the folder lies.

    Raises:
        OSError: an image cannot be read.
    """
    digest = hashlib.sha256(f"images at {as_rate(image_rate)}".encode())
    for file in image_files(folder):
        with file.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()[:32]
