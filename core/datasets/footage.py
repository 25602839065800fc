"""Find the videos that a data set names."""

from __future__ import annotations

import functools
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from core.base.errors import LabelError
from core.video.inputs import VIDEO_EXTENSIONS
from core.video.names import compose, on_disk


class Footage:
    """Looks up videos in folders and all their subfolders, and remembers missing ones."""

    def __init__(self, folder: Path, *, skip_missing: bool) -> None:
        self.folder = folder
        self.num_asked = 0
        self.missing: list[str] = []
        self._skip_missing = skip_missing
        self._first_error = ""

    def find(self, names: Sequence[str], where: str, *, any_suffix: bool = True) -> Path | None:
        """Return the video of one of these names (a path's end, tried in order); None where it is missing.

        Args:
            any_suffix: `a.mp4`, and a plain `a`, may be `a.mkv` too.

        Raises:
            LabelError: two videos may be meant.
        """
        self.num_asked += 1
        for name in names:
            wanted = PurePosixPath(name.replace("\\", "/"))
            if os.path.isfile(direct := on_disk(self.folder / str(wanted))):  # no, where no file can have that name
                return direct
            candidates = self._by_stem.get(compose(_stem(wanted.name)), [])
            found = [path for path in candidates if _ends(path, wanted, any_suffix)]
            if len(found) > 1:
                raise LabelError(
                    f"{where}: {name!r} may be {found[0]} or {found[1]}. Write more of its path, or keep one of them."
                )
            if found:
                return found[0]
        self.missing.append(names[0])
        self._first_error = self._first_error or f"{where}: there is no video {names[0]!r} in {self.folder}"
        return None

    def check(self) -> None:
        """Raise LabelError where videos are missing that nobody said to skip."""
        if self.missing and not self._skip_missing:
            raise LabelError(
                f"{self._first_error} ({len(self.missing)} of {self.num_asked} are missing). Put them there, "
                "name their folder with --videos, or leave them out with --skip-missing."
            )

    @functools.cached_property
    def _by_stem(self) -> dict[str, list[Path]]:
        found: defaultdict[str, list[Path]] = defaultdict(list)
        for path in _inside(self.folder):
            found[compose(path.stem)].append(path)
        return found


def _inside(folder: Path) -> Iterator[Path]:
    """Find videos in subfolders, following links, because large data sets are often linked."""
    seen: set[str] = set()
    for here, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(here)
        folders[:] = [] if real in seen else sorted(name for name in folders if not name.startswith("."))
        if real not in seen:
            yield from (Path(here, name) for name in sorted(files) if Path(name).suffix.lower() in VIDEO_EXTENSIONS)
        seen.add(real)


def _stem(name: str) -> str:
    return Path(name).stem if Path(name).suffix.lower() in VIDEO_EXTENSIONS else name


def _ends(path: Path, wanted: PurePosixPath, any_suffix: bool) -> bool:
    named, here = [tuple(map(compose, one.parts)) for one in (wanted, path)]
    return here[-len(named) : -1] == named[:-1] and (any_suffix or here[-1] == named[-1])
