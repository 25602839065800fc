"""Where packed embeddings go: a folder here, or one at a URL that is written through a folder here."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.base.errors import StorageError
from core.base.files import cache_folder, make_folder
from core.base.leftovers import temporary_folder
from core.cluster.sources import explain, open_system
from core.embedding.card import CARD, FRAMES, VIDEOS
from core.video.urls import local_path, url_of

_PUSH_SECONDS = 30.0
"""What was saved here is at its URL after so long."""


class OutFolder:
    """A folder here."""

    is_elsewhere = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def push(self) -> None:
        """Do nothing: what is written is where it is to be."""

    def push_now_and_then(self) -> None:
        """Do nothing, as `push`."""


class _RemoteFolder(OutFolder):
    """A folder at a URL: what lies there is known here, and what changes here is copied there.

    A file of videos follows the frames that it names, so that the folder there is whole at any moment. One process at a
    time may write to it.
    """

    is_elsewhere = True

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(folder)
        self._url = url.rstrip("/")
        self._system, self._root = open_system(self._url)
        self._pushed: dict[Path, tuple[int, int]] = {}
        self._pushed_at = time.monotonic()

    def pull(self) -> None:
        """Copy the card, the lists of videos, and the last frames, which may be continued.

        Raises:
            StorageError: it cannot be read.
        """
        with explain(self._url, StorageError):
            self._system.invalidate_cache()
            frames, videos = (self._names(name) for name in (FRAMES, VIDEOS))
            wanted = [f"{VIDEOS}/{name}" for name in videos]
            wanted += [f"{FRAMES}/{name}" for name in videos[-1:] if name in frames]
            if self._system.exists(f"{self._root}/{CARD}"):
                wanted.append(CARD)
            for name in wanted:
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                self._system.get_file(f"{self._root}/{name}", str(self.folder / name))
        self._pushed = {file: _state(file) for file in self._files()}

    def push(self) -> None:
        """Copy what has changed. StorageError: it cannot be written."""
        for file in self._files():
            state = _state(file)
            if self._pushed.get(file) != state:
                with explain(self._url, StorageError):
                    self._system.put_file(str(file), f"{self._root}/{file.relative_to(self.folder).as_posix()}")
                self._pushed[file] = state
        for file in sorted((self.folder / FRAMES).glob("*.arrow"))[:-1]:
            file.unlink()  # full, and there by now

    def push_now_and_then(self) -> None:
        """Copy what has changed where that was not done for a while. StorageError: it cannot be written."""
        if time.monotonic() - self._pushed_at >= _PUSH_SECONDS:
            self.push()
            self._pushed_at = time.monotonic()

    def _files(self) -> list[Path]:
        """Return the folder's files, in the order in which they are to be copied."""
        files = [file for name in (FRAMES, VIDEOS) for file in sorted((self.folder / name).glob("*.arrow"))]
        return [*files, *(self.folder.glob(CARD))]

    def _names(self, name: str) -> list[str]:
        try:
            found: list[Any] = self._system.ls(f"{self._root}/{name}", detail=False)
        except FileNotFoundError:
            return []
        return sorted(Path(path).name for path in found if str(path).endswith(".arrow"))


@contextlib.contextmanager
def open_out(path: Path) -> Iterator[OutFolder]:
    """Open a folder to write packed embeddings into; at a URL, what was written is there when the block ends.

    Raises:
        ConfigError: a library for that URL is missing.
        StorageError: it cannot be read or written.
    """
    url = url_of(path)
    if not url:
        yield OutFolder(local_path(path))
        return
    make_folder(cache_folder("cluster"))
    with temporary_folder("out", cache_folder("cluster")) as folder:
        out = _RemoteFolder(url, folder)
        out.pull()
        try:
            yield out
        finally:
            out.push()


def _state(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_size, status.st_mtime_ns
