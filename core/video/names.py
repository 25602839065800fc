"""Names of videos in tables, and finding the video of a name.

Every table that names a video does so by `distinct_names`, in a column `video`, and has the digest of its content in
its last column, `DIGEST`. Names are written as they are on disk and compared in NFC: some systems take `ü` apart.
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath, PurePosixPath
from typing import Generic, TypeVar

DIGEST = "digest"
"""The column for `core.base.files.content_digest` of a video, the last of every table. Tables without it are read
too."""

_Key = TypeVar("_Key")


def compose(name: str) -> str:
    """Return the name in NFC, for comparison."""
    return unicodedata.normalize("NFC", name)


def distinct_names(paths: Sequence[Path]) -> list[str]:
    """Return a name for each video: the shortest end of its path that is unique, by which `VideoNames` finds it.

    `clip.mp4`; where two share that, `monday/clip.mp4` and `friday/clip.mp4`.
    """
    parts = [path.absolute().parts for path in paths]
    longest = max(map(len, parts), default=0)
    names = [of_path[-1] if of_path else "" for of_path in parts]
    for depth in range(2, longest + 1):
        count = Counter(map(compose, names))
        names = [
            PurePath(*of_path[-depth:]).as_posix() if count[compose(name)] > 1 else name
            for name, of_path in zip(names, parts, strict=True)
        ]
    return names


def on_disk(path: Path) -> Path:
    """Return the path as its parts are written on disk, where they differ only in how letters are composed; else as
    given."""
    if os.path.exists(path):  # False too where no file can have such a name
        return path
    found = Path(path.anchor)
    for part in path.parts[bool(path.anchor) :]:
        same = [found / part]
        if not os.path.exists(same[0]):
            same = _entries_composed_as(found, part)
        if len(same) != 1:
            return path
        found = same[0]
    return found


def _entries_composed_as(folder: Path, name: str) -> list[Path]:
    try:
        return [entry for entry in folder.iterdir() if compose(entry.name) == compose(name)]
    except OSError:
        return []


class VideoNames(Generic[_Key]):
    """Finds videos by the ends of their paths, each name looked up once.

    Args:
        places: paths, and what lies there; several paths may be of one thing.
        stems: whether a name without its suffix means a video too.
    """

    def __init__(self, places: Iterable[tuple[PurePath, _Key]], *, stems: bool = False) -> None:
        self._by_last: dict[str, list[tuple[tuple[str, ...], _Key]]] = defaultdict(list)
        for path, key in places:
            self._add(path.parts, key)
            if stems and path.stem != path.name:
                self._add((*path.parts[:-1], path.stem), key)

    def _add(self, parts: tuple[str, ...], key: _Key) -> None:
        if parts:
            self._by_last[compose(parts[-1])].append((parts, key))

    def ending_in(self, name: str) -> list[_Key]:
        """Return those whose path ends in
        `name`: letter by letter, or else in NFC and with backslashes as separators."""
        exact, loose = PurePosixPath(name).parts, _parts(name)
        if exact and (found := [key for path, key in self._with(exact) if path[-len(exact) :] == exact]):
            return list(dict.fromkeys(found))
        found = [key for path, key in self._with(loose) if loose and _fold(path)[-len(loose) :] == loose]
        return list(dict.fromkeys(found))

    def sharing_most(self, name: str, *, relative: bool = False) -> tuple[int, list[_Key]]:
        """Return the videos that share most parts at the end of `name`, a whole path such as of another computer, and
        how many.

        (0, []) where it is none, or not even the last part is shared.

        Args:
            relative: whether a path that begins at no root is taken too.
        """
        loose = _parts(name)
        if not relative and not is_whole(name):
            return 0, []
        shared = [(_num_shared(_fold(path), loose), key) for path, key in self._with(loose)]
        most = max((count for count, _ in shared), default=0)
        return most, list(dict.fromkeys(key for count, key in shared if count == most and most))

    def _with(self, parts: Sequence[str]) -> list[tuple[tuple[str, ...], _Key]]:
        return self._by_last.get(compose(parts[-1]), []) if parts else []


def is_whole(name: str) -> bool:
    """Return whether it is an absolute path, on this or another computer."""
    return name.startswith(("/", "\\")) or (name[1:2] == ":" and name[:1].isalpha())


def _parts(name: str) -> tuple[str, ...]:
    """Return the parts in NFC, with backslashes as separators too."""
    return _fold(PurePosixPath(name.replace("\\", "/")).parts)


def _fold(parts: Sequence[str]) -> tuple[str, ...]:
    """Return the path in NFC, with its root normalised."""
    return tuple(compose(part).rstrip("\\/") or "/" for part in parts)


def _num_shared(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many parts at the end of both are the same."""
    count = 0
    for mine, theirs in zip(reversed(one), reversed(other), strict=False):
        if mine != theirs:
            break
        count += 1
    return count
