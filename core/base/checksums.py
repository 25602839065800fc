"""Checksums of files: CRC-32 of what they hold, by zlib, which reads a gigabyte a second and releases the GIL."""

from __future__ import annotations

import os
import re
import threading
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_BLOCK_BYTES = 1 << 20
_LINE = re.compile(r"([0-9a-f]{8}) (\d+) (.+)")


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a file holds, in short."""

    crc: int
    num_bytes: int

    @classmethod
    def of_bytes(cls, data: bytes) -> Checksum:
        """Return the checksum of a file that holds these bytes."""
        return cls(zlib.crc32(data), len(data))

    @classmethod
    def of_file(cls, path: Path) -> Checksum:
        """Read a file whole. OSError: it cannot be read."""
        crc = num_bytes = 0
        with path.open("rb", buffering=0) as file:
            while block := file.read(_BLOCK_BYTES):
                crc, num_bytes = zlib.crc32(block, crc), num_bytes + len(block)
        return cls(crc, num_bytes)


def format_checksums(checksums: Mapping[str, Checksum]) -> str:
    """Return a line a file."""
    return "".join(f"{one.crc:08x} {one.num_bytes} {name}\n" for name, one in checksums.items())


def parse_checksums(lines: Iterable[str]) -> dict[str, Checksum]:
    """Return what `format_checksums` wrote. ValueError: something else."""
    found = {}
    for line in lines:
        if not (match := _LINE.fullmatch(line)):
            raise ValueError(f"{line!r} is not the checksum of a file")
        found[match[3]] = Checksum(int(match[1], 16), int(match[2]))
    return found


_State = tuple[Checksum, int, int]
_checked: dict[Path, _State] = {}
"""Files that this process has read whole, with the state in which they were then."""
_checking = threading.Lock()


def fits(path: Path, checksum: Checksum) -> bool:
    """Return whether a file holds what its checksum says.

    It is read whole the first time that this process asks, and again when its time of change is another.
    """
    try:
        state = _state(path, checksum)
        if _checked.get(path) == state:
            return True
        if os.path.getsize(path) != checksum.num_bytes or Checksum.of_file(path) != checksum:
            return False
    except OSError:
        return False
    with _checking:
        _checked[path] = state
    return True


def _state(path: Path, checksum: Checksum) -> _State:
    seen = path.stat()
    return checksum, seen.st_mtime_ns, seen.st_ino
