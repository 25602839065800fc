"""Names of videos and folders by URL (`s3://bucket/videos`), which go through the program as paths."""

from __future__ import annotations

import re
from pathlib import Path

_URL = re.compile(r"([a-z][a-z0-9+.-]+):/+(.+)", re.DOTALL)
"""As a `Path` has it, which makes one slash of two; a scheme has two letters or more, unlike a drive of Windows."""
_HERE = ("file", "local")


def url_of(path: Path | str) -> str:
    """Return the URL that a path was made of; empty where it was none, or that of a file here."""
    found = _URL.fullmatch(Path(path).as_posix())
    return f"{found[1]}://{found[2]}" if found and found[1] not in _HERE else ""


def local_path(path: Path) -> Path:
    """Return the path of a `file://` URL, and others unchanged."""
    found = _URL.fullmatch(path.as_posix())
    return Path(f"/{found[2]}") if found and found[1] in _HERE else path


def full_name(path: Path) -> str:
    """Return the absolute path, or the URL."""
    return url_of(path) or str(path.absolute())
