"""Addresses of videos in web programs: convert them to and from file names."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, unquote, urlsplit

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")
_DRIVE = re.compile(r"^/[A-Za-z]:[/\\]")


def is_address(text: str) -> bool:
    """Return whether `text` is an address and no plain path: `SCHEME://...`, or one of Label Studio's own."""
    return bool(_SCHEME.match(text)) or text.startswith(("/data/upload/", "/data/local-files/"))


def path_of(address: str) -> str:
    """Return the path that an address leads to, decoded: of `file:///C:/a%20b.mp4` it is `C:/a b.mp4`.

    Where the file stands in the query (`/data/local-files/?d=a/b.mp4`) it is taken from there. A plain path is
    returned as it stands.
    """
    if not is_address(address):
        return address
    parts = urlsplit(address)
    for values in parse_qs(parts.query).values() if parts.path.endswith("/") else ():
        if "." in values[0]:
            return values[0]
    path = unquote(parts.path)
    return path[1:] if _DRIVE.match(path) else path


def with_prefix(prefix: str, name: str) -> str:
    """Return the address of the video called `name` below `prefix`; the name itself where there is no prefix."""
    return prefix + quote(name) if prefix else name
