"""File names that identify the drawn sample, without the code that draws it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

PHASES_FILE = "phases.csv"
OURS = re.compile(r"pour_\d{2,}\.mp4|phases\.csv")


def is_sample(paths: Sequence[Path]) -> bool:
    """Return whether these videos are clips of the sample, all in one folder with its phases; asks the disk."""
    folders = {path.parent for path in paths}
    return (
        len(folders) == 1
        and all(OURS.fullmatch(path.name) for path in paths)
        and (next(iter(folders)) / PHASES_FILE).is_file()
    )
