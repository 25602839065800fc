"""Natural order of file names: `clip2` before `clip10`."""

from __future__ import annotations

import re
from pathlib import Path


def natural(path: Path) -> tuple[list[list[tuple[int, int, str]]], str]:
    """Return a key by which digits compare as numbers, letters without regard to case; folder by folder; then the
    name."""
    words = [
        [
            (0, int(word), "") if word.isdecimal() else (1, 0, word.casefold())
            for word in re.split(r"(\d+)", part)
            if word
        ]
        for part in path.parts
    ]
    return words, str(path)
