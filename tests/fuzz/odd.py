"""Values that no reader hopes for."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

Draw = Callable[[random.Random], object]

INTEGERS: tuple[int, ...] = (
    0, -1, 1, 2**31 - 1, 2**31, -(2**31), 2**32, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 2**64, 1937012351, 10**30,
    10**400,
)  # fmt: skip
FLOATS: tuple[float, ...] = (0.0, -0.0, 0.5, -1.5, 1e-320, 1e308, -1e308, float("nan"), float("inf"), float("-inf"))
TEXTS: tuple[str, ...] = (
    "", " ", "0", "-1", "nan", "NaN", "inf", "-Infinity", "1e400", "1,5", "1_000", "0x10",
    "٣", "²", "null", "true", "\0", "a\0b",
    "\n", "\r", '"', "'", ",", ";", "\t", "\\", "/", ".", "..",
    "../..", "//", "~", "~nobody/x", "C:\\video.mp4", "file:///x", "http://[",
    "%", "%s", "{}", "\ufeff", "\u202e", "e\u0301", "\ud800", "𝄞", "x" * 300, "x" * 70_000,
    "9" * 400, "9" * 5000, "/" + "d/" * 3000,
    "=1+1", "<", "&", "]]>", "sep=;",
)  # fmt: skip
DEPTHS = (50, 900, 5_000, 100_000)


def integer(source: random.Random) -> int:
    """Draw an integer at a limit of some type, or near one."""
    return source.choice(INTEGERS) + source.choice((0, 0, 0, 1, -1))


def number(source: random.Random) -> float:
    """Draw a number: huge, negative, not finite, or an integer."""
    return source.choice((integer, lambda source: source.choice(FLOATS)))(source)


def text(source: random.Random) -> str:
    """Draw a text: a number of another kind, a separator, a NUL, a very long name."""
    return source.choice(TEXTS)


def name(source: random.Random) -> str:
    """Draw a text that a file can be named by."""
    return source.choice([one for one in TEXTS if _can_name(one)])


def _can_name(one: str) -> bool:
    data = os.fsencode(one) if one.isprintable() else b""
    return (
        0 < len(data) < 250
        and not {b"/", b"\0"} & {data[index : index + 1] for index in range(len(data))}
        and bool(one.strip(". "))
    )


def tree(source: random.Random) -> object:
    """Draw a value as JSON and pickles hold it, of any type."""
    return source.choice(
        (
            lambda: None,
            lambda: source.choice((True, False)),
            lambda: number(source),
            lambda: text(source),
            lambda: [],
            lambda: {},
            lambda: [number(source)],
            lambda: {text(source): text(source)},
            lambda: [[number(source)]],
        )
    )()
