"""From what the user names (files, folders, CSV and JSON lists) to the videos that are meant."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.errors import ConfigError

# fmt: off
VIDEO_EXTENSIONS = frozenset({
    ".3gp", ".asf", ".avi", ".flv", ".gif", ".m2ts", ".m2v", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts",
    ".mxf", ".ogv", ".ts", ".vob", ".webm", ".wmv",
})
# fmt: on
"""What is taken from a folder; a file that is named itself may have any."""

INPUT_HELP = "video files, folders, or a list (CSV or JSON)"
"""What a command says of its inputs."""

_COLUMN = "video"


def find_videos(inputs: Sequence[Path]) -> list[Path]:
    """The videos that the inputs mean, in order, each once; folders in natural order (`clip2` before `clip10`).

    Args:
        inputs: video files of any extension; folders, searched through all their subfolders for `VIDEO_EXTENSIONS`,
            hidden ones left out; `.csv` (or `.txt`) lists, with a column `video` or with one path a line, relative to
            the list's folder; `.json` lists `{"videos": ["path", ...]}` of video files, as a run's `inputs.json`:
            written by programs, so a path may be of any length and characters, and what is missing by now is left to
            whoever opens it.

    Raises:
        ConfigError: something named is missing or cannot be read, or holds no video.
    """
    if not inputs:
        raise ConfigError("No video was named: name video files, folders that hold some, or a list (CSV or JSON).")
    found: dict[str, Path] = {}
    for given in inputs:
        for video in _meant(given.expanduser()):
            found.setdefault(os.path.normcase(os.path.realpath(video)), video)
    return list(found.values())


def _meant(path: Path) -> list[Path]:
    match path.suffix.lower():
        case ".csv" | ".txt" if path.is_file():
            return _listed(path)
        case ".json" if path.is_file():
            return _listed_as_json(path)
        case _:
            return _at(path, "")


def _at(path: Path, where: str) -> list[Path]:
    if path.is_dir():
        videos = sorted(_inside(path), key=_natural)
        if not videos:
            kinds = ", ".join(sorted(VIDEO_EXTENSIONS))
            raise ConfigError(f"There is no video in the folder {path}{where}: looked for {kinds}.")
        return videos
    if not path.exists():
        raise ConfigError(f"There is no file or folder {path}{where}: check its name.")
    return [path]


def _inside(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise ConfigError(
            f"The folder {error.filename} cannot be read ({error.strerror}): change its rights or name another."
        ) from error

    for here, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and Path(name).suffix.lower() in VIDEO_EXTENSIONS:
                yield Path(here, name)


def _natural(path: Path) -> list[list[tuple[int, int, str]]]:
    """Digits compare as numbers, letters without regard to case; folder by folder."""
    return [
        [
            (0, int(word), "") if word.isdecimal() else (1, 0, word.casefold())
            for word in re.split(r"(\d+)", part)
            if word
        ]
        for part in path.parts
    ]


def _listed(path: Path) -> list[Path]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"The list {path} cannot be read ({reason}): save it as CSV in UTF-8.") from error
    videos = [
        video
        for line, name in _names(path, text.splitlines())
        for video in _at(path.parent / Path(name).expanduser(), f" (line {line} of {path})")
    ]
    if not videos:
        raise ConfigError(f"The list {path} names no video: write one path a line, or a column named {_COLUMN}.")
    return videos


def _listed_as_json(path: Path) -> list[Path]:
    try:
        names = json.loads(path.read_text(encoding="utf-8-sig"))["videos"]
    except OSError as error:
        raise _no_json_list(path, error.strerror or "the disk refuses") from error
    except UnicodeDecodeError as error:
        raise _no_json_list(path, "it is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise _no_json_list(path, "it is not JSON") from error
    except (KeyError, TypeError) as error:
        raise _no_json_list(path, 'it has no "videos"') from error
    if not isinstance(names, list) or not names:
        raise _no_json_list(path, '"videos" names none')
    for name in names:
        if not _can_be_a_path(name):
            raise _no_json_list(path, f"{name!r:.80} is no path")
    return [path.parent / name for name in names]


def _no_json_list(path: Path, reason: str) -> ConfigError:
    return ConfigError(f'The list {path} cannot be used ({reason}): write {{"videos": ["path", ...]}} in UTF-8.')


def _can_be_a_path(name: object) -> bool:
    try:
        return isinstance(name, str) and bool(name) and b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        return False


def _names(path: Path, lines: Sequence[str]) -> list[tuple[int, str]]:
    """Line numbers from 1, and the paths that stand there."""
    numbered = [(number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip()]
    if not numbered:
        return []
    header = numbered[0][1]
    separator = max(",;\t", key=header.count)
    columns = [name.strip().casefold() for name in next(csv.reader([header], delimiter=separator))]
    if _COLUMN not in columns:
        if len(columns) > 1 and not (path.parent / header.strip('"')).exists():
            raise ConfigError(f"The list {path} has no column named {_COLUMN}: its first line is {header!r}.")
        return [(number, line.strip('"')) for number, line in numbered]
    place = columns.index(_COLUMN)
    rows = [(number, next(csv.reader([line], delimiter=separator))) for number, line in numbered[1:]]
    return [(number, row[place].strip()) for number, row in rows if len(row) > place and row[place].strip()]
