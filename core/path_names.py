"""How files name other files: on another computer, with backslashes, in composed or decomposed letters."""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath


def composed(name: str) -> str:
    """Return the name in Unicode's form C: macOS writes `ü` as two code points, others as one."""
    return unicodedata.normalize("NFC", name)


def parts_of(name: str) -> tuple[str, ...]:
    """Return the parts of a path as any system writes it, composed: `C:\\a\\b.mp4` is `C:`, `a`, `b.mp4`."""
    return PurePosixPath(composed(name).replace("\\", "/")).parts


def parts_of_path(path: Path) -> tuple[str, ...]:
    """Return the parts of a path of this computer, made absolute and composed."""
    return tuple(composed(part) for part in path.absolute().parts)


def is_whole(parts: Sequence[str]) -> bool:
    """Whether the parts begin at a root or a drive: then their first ones mean something on one computer alone."""
    return bool(parts) and (parts[0].startswith("/") or parts[0].endswith(":"))


def num_shared(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many parts at the end of both are the same."""
    count = 0
    for mine, theirs in zip(reversed(one), reversed(other), strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def matches(names: Iterable[str], known: Sequence[Sequence[str]]) -> dict[str, list[int]]:
    """Return for each of the names in a file the places in `known` that it may mean: none, one, or several.

    Those whose end it is. Else, where it is a whole path and there is no such file here, those that share most of its
    end: it comes from another computer, or from before the files were moved. Two such names never mean one file; it is
    that of the name that shares more of its path, and of neither where they share as much.

    Args:
        known: of paths, by `parts_of_path`.
    """
    found: dict[str, list[int]] = {}
    guessed: dict[str, int] = {}
    by_last: defaultdict[str, list[int]] = defaultdict(list)
    for place, parts in enumerate(known):
        by_last[parts[-1] if parts else ""].append(place)
    for name in dict.fromkeys(names):
        wanted = parts_of(name)
        near = by_last.get(wanted[-1], []) if wanted else []
        found[name] = [place for place in near if tuple(known[place][-len(wanted) :]) == wanted]
        if not found[name] and near and is_whole(wanted) and not _is_there(Path(name)):
            guessed[name] = max(num_shared(wanted, known[place]) for place in near)
            found[name] = [place for place in near if num_shared(wanted, known[place]) == guessed[name]]
    return {name: places if _is_best(name, found, guessed) else [] for name, places in found.items()}


def _is_best(name: str, found: Mapping[str, list[int]], guessed: Mapping[str, int]) -> bool:
    """Whether no other name means the same file as surely as this one does."""
    if name not in guessed or len(found[name]) != 1:
        return True
    others = (other for other in found if other != name and found[other] == found[name])
    return all(other in guessed and guessed[other] < guessed[name] for other in others)


def existing(path: Path) -> Path | None:
    """Return the path of a file or folder that is there: this one, or one whose letters are composed otherwise."""
    if _is_there(path):
        return path
    if path.name in ("", "..") or path.parent == path:
        return None
    folder = existing(path.parent)
    if folder is None:
        return None
    if path.name.isascii():
        return folder / path.name if _is_there(folder / path.name) else None
    wanted = composed(path.name)
    found = [folder / name for name in _names_in(folder) if composed(name) == wanted]
    return found[0] if len(found) == 1 else None


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _names_in(folder: Path) -> Iterable[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
