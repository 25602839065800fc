"""The folder of a report: overwrites only its own files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from core.base.errors import ConfigError, StorageError
from core.base.files import explain_errors

SUMMARY, DURATIONS, TEMPO, DEPARTURES, TOP, UNMATCHED = (
    "summary.csv",
    "durations.csv",
    "tempo.csv",
    "departures.csv",
    "departures_top.csv",
    "unmatched.csv",
)
DEVIATIONS, DEVIATION_FRAMES, DEVIATION_VIDEOS = "deviations.csv", "deviations_frames.csv", "deviations_videos.csv"
PHASES_PICTURE, TEMPO_PICTURE, DEPARTURES_PICTURE = "phases.png", "tempo.png", "departures.png"
_OWN = (
    SUMMARY,
    DURATIONS,
    TEMPO,
    DEPARTURES,
    TOP,
    UNMATCHED,
    DEVIATIONS,
    DEVIATION_FRAMES,
    DEVIATION_VIDEOS,
    PHASES_PICTURE,
    TEMPO_PICTURE,
    DEPARTURES_PICTURE,
)
_MARK = ".carl-report"
"""A file that says that the names above are ours here and may be made anew."""


def prepare_folder(folder: Path, inputs: Iterable[Path]) -> None:
    """Make the folder, or see that it can take a report; other files in it stay.

    Raises:
        ConfigError: a file of the report would overwrite one of `inputs`.
        StorageError: it is a file, cannot be written, or holds a file of that name that is not from a report.
    """
    with explain_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise StorageError(f"No permission to write in {folder}. Choose another folder or change its permissions.")
    files = {(folder / name).resolve() for name in _OWN}
    if taken := next((input_path for input_path in inputs if input_path.resolve() in files), None):
        raise ConfigError(f"The report would overwrite {taken}, which it reads. Choose another folder for --out.")
    there = [name for name in _OWN if (folder / name).exists()]
    if there and not (folder / _MARK).exists():
        raise StorageError(f"{folder / there[0]} is not from a report. Choose another folder for --out.")
    with explain_errors(folder):
        (folder / _MARK).touch()


def clear(folder: Path) -> None:
    """Remove what an older report wrote, so that none of it is taken for the new one's."""
    with explain_errors(folder):
        for name in _OWN:
            (folder / name).unlink(missing_ok=True)
