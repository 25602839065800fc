"""Damage of any file, byte by byte."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.target import Mutator

_LARGEST_BLOCK = 4096
_WORDS = (b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80\0\0\0", b"\0" * 8, b"\xff" * 8)


def _block(data: bytes, source: random.Random) -> tuple[int, int]:
    """Draw where a block starts and ends, short ones as often as long ones."""
    start = source.randrange(len(data) + 1)
    return start, min(len(data), start + int(_LARGEST_BLOCK ** source.random()))


def flip(data: bytes, source: random.Random) -> bytes:
    """Flip up to eight bits."""
    changed = bytearray(data)
    for _ in range(source.randint(1, 8)) if data else ():
        changed[source.randrange(len(data))] ^= 1 << source.randrange(8)
    return bytes(changed)


def truncate(data: bytes, source: random.Random) -> bytes:
    """Keep the beginning."""
    return data[: source.randrange(len(data) + 1)]


def insert(data: bytes, source: random.Random) -> bytes:
    """Insert random bytes."""
    start, end = _block(data, source)
    return data[:start] + source.randbytes(max(1, end - start)) + data[start:]


def delete(data: bytes, source: random.Random) -> bytes:
    """Remove a block."""
    start, end = _block(data, source)
    return data[:start] + data[end:]


def double(data: bytes, source: random.Random) -> bytes:
    """Repeat a block."""
    start, end = _block(data, source)
    return data[:end] + data[start:]


def swap(data: bytes, source: random.Random) -> bytes:
    """Exchange two blocks."""
    (start, end), (other_start, other_end) = sorted((_block(data, source), _block(data, source)))
    end = min(end, other_start)
    return data[:start] + data[other_start:other_end] + data[end:other_start] + data[start:end] + data[other_end:]


def zero(data: bytes, source: random.Random) -> bytes:
    """Overwrite a block with zeros, as a disk does after a crash."""
    start, end = _block(data, source)
    return data[:start] + bytes(end - start) + data[end:]


def word(data: bytes, source: random.Random) -> bytes:
    """Overwrite four or eight bytes with a number at a limit."""
    written = source.choice(_WORDS)
    start = source.randrange(max(1, len(data) - len(written) + 1))
    return data[:start] + written + data[start + len(written) :]


BYTE_MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flip, truncate, insert, delete, double, swap, zero, word,
)  # fmt: skip


def some_file(folder: Path, pattern: str, source: random.Random) -> Path:
    """Draw one of the files below a folder that fit a pattern of `Path.rglob`."""
    return source.choice(sorted(file for file in folder.rglob(pattern) if file.is_file()))


def bytes_of(pattern: str) -> Mutator:
    """Return what damages the bytes of one of the files that fit."""

    def mutate(folder: Path, source: random.Random) -> str:
        file = some_file(folder, pattern, source)
        done = source.choice(BYTE_MUTATIONS)
        file.write_bytes(done(file.read_bytes(), source))
        return f"{done.__name__} {file.relative_to(folder)}"

    return mutate
