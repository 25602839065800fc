"""A row of `test_nothing_silent`: a file with one thing that its reader cannot place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """A file of one format, and what must be said of it."""

    reader: str
    """The format, as `FORMATS` calls it."""
    thing: str
    """What cannot be placed; the name of the test."""
    file: str
    """Its path, whose last folder or suffix says which format it is."""
    content: str | Callable[[Path], None]
    """Its text, or what writes it."""
    needles: tuple[str, ...]
    """All in one sentence: file and line, value, and what becomes of it."""
    num_spans: int = 1
    """What is imported all the same."""
    given: str = ""
    """The path that is read, where it is not the file: the folder of it."""

    def write(self, folder: Path) -> Path:
        """Put the file below `folder`; return what is to be read."""
        path = folder / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(self.content):
            self.content(path)
        else:
            path.write_text(self.content, encoding="utf-8")
        return folder / self.given if self.given else path
