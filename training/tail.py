"""Read a run's events as they are written, or from the end, never all of a long file at once."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from core.base.events import Event, decode
from core.base.files import explain_errors

_MOST_BYTES = 1 << 17
"""About 500 steps: some milliseconds."""
_MARK_BYTES = 256
_BLOCK_BYTES = 1 << 16


class Tail:
    """Follows an events file that may grow, shrink, be replaced or not exist yet.

    Args:
        file: `RunFolder.events_file`.
        most_bytes: that one `read` takes, so that it never lasts; one event that is longer is read whole.
    """

    def __init__(self, file: Path, *, most_bytes: int = _MOST_BYTES) -> None:
        self._file, self._most_bytes = file, most_bytes
        self._offset = 0
        self._mark = b""
        self.restarted = False
        """Whether the last `read` found another file, or a shorter one, and began again from its start."""
        self.is_stale = False
        """Whether the last `read` left whole events for the next one."""

    def read(self) -> list[Event]:
        """Return the events that were finished since the last call, in order; a half-written one waits.

        Raises:
            StorageError: the file is there but cannot be read.
        """
        chunk = self._chunk()
        end = chunk.rfind(b"\n") + 1
        if end:
            self._offset += end
            self._mark = (self._mark + chunk[:end])[-_MARK_BYTES:]
        lines = chunk[:end].split(b"\n")
        return [event for line in lines if (event := decode(line.decode("utf-8", "replace"))) is not None]

    def _chunk(self) -> bytes:
        """Return the next unread bytes: whole lines if there are any."""
        self.restarted = self.is_stale = False
        with explain_errors(self._file), contextlib.ExitStack() as opened:
            try:
                file = opened.enter_context(self._file.open("rb"))
            except FileNotFoundError:
                self._restart()
                return b""
            file.seek(self._offset - len(self._mark))
            if file.read(len(self._mark)) != self._mark:  # by content: a new file may have the inode of the old one
                self._restart()
                file.seek(0)
            chunk = file.read(self._most_bytes)
            while b"\n" not in chunk and (more := file.read(self._most_bytes)):
                chunk += more
            self.is_stale = len(chunk) >= self._most_bytes and file.seek(0, os.SEEK_END) > self._offset + len(chunk)
        return chunk

    def _restart(self) -> None:
        self.restarted = self._offset > 0
        self._offset, self._mark = 0, b""


def newest_first(file: Path, *, block_bytes: int = _BLOCK_BYTES) -> Iterator[Event]:
    """Yield the events of a file from the last to the first, read from the end only as far as they are asked for.

    Raises:
        StorageError: the file is there but cannot be read.
    """
    if not file.is_file():
        return
    with explain_errors(file), file.open("rb") as opened:
        start = opened.seek(0, os.SEEK_END)
        head = b""  # of the line that began in the block before
        while start:
            length = min(block_bytes, start)
            start -= length
            opened.seek(start)
            head, *lines = (opened.read(length) + head).split(b"\n")
            for line in reversed(lines):
                if event := decode(line.decode("utf-8", "replace")):
                    yield event
        if event := decode(head.decode("utf-8", "replace")):
            yield event
