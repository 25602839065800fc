"""Damage of text: tables, lists, XML, TOML, by line, by field and by character."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

from tests.fuzz import odd
from tests.fuzz.raw_bytes import some_file
from tests.fuzz.target import Mutator

_FIELD = re.compile(r"[^,;\t\n\r\"<>=\[\]{}:]+")


def _odd_text(source: random.Random) -> str:
    return str(source.choice((odd.integer, odd.number, odd.text))(source))


def _replace(text: str, source: random.Random, by: Callable[[str], str]) -> str:
    fields = list(_FIELD.finditer(text))
    if not fields:
        return _odd_text(source)
    field = source.choice(fields)
    return text[: field.start()] + by(field[0]) + text[field.end() :]


def odd_field(text: str, source: random.Random) -> str:
    """Put a huge, negative or infinite number, a NUL, a separator or a very long name in place of a field."""
    return _replace(text, source, lambda field: _odd_text(source))


def longer_field(text: str, source: random.Random) -> str:
    """Add such a value to a field."""
    return _replace(text, source, lambda field: source.choice((field + _odd_text(source), _odd_text(source) + field)))


def no_field(text: str, source: random.Random) -> str:
    """Empty a field."""
    return _replace(text, source, lambda field: "")


def double_field(text: str, source: random.Random) -> str:
    """Write a field twice, with or without a separator."""
    return _replace(text, source, lambda field: field + source.choice(("", ",", ";", "\t", "\n")) + field)


def other_field(text: str, source: random.Random) -> str:
    """Put another field of the same text in place of one."""
    others = _FIELD.findall(text) or [""]
    return _replace(text, source, lambda field: source.choice(others))


def lines(text: str, source: random.Random) -> str:
    """Remove, double, move, shorten or empty a line."""
    every = text.splitlines(keepends=True) or [""]
    index, other = source.randrange(len(every)), source.randrange(len(every))
    match source.randrange(5):
        case 0:
            del every[index]
        case 1:
            every.insert(other, every[index])
        case 2:
            every[index], every[other] = every[other], every[index]
        case 3:
            every[index] = every[index][: source.randrange(len(every[index]) + 1)]
        case _:
            every[index] = "\n"
    return "".join(every)


def insertion(text: str, source: random.Random) -> str:
    """Insert an odd text anywhere."""
    start = source.randrange(len(text) + 1)
    return text[:start] + _odd_text(source) + text[start:]


def nesting(text: str, source: random.Random) -> str:
    """Insert brackets, braces or elements, one within another."""
    depth, start = source.choice(odd.DEPTHS), source.randrange(len(text) + 1)
    opening, closing = source.choice((("[", "]"), ('{"a":', "}"), ("<a>", "</a>"), ("(", ")"), ('"', '"')))
    return text[:start] + opening * depth + closing * source.choice((0, depth)) + text[start:]


def character(text: str, source: random.Random) -> str:
    """Remove a character."""
    start = source.randrange(len(text) + 1)
    return text[:start] + text[start + 1 :]


TEXT_MUTATIONS: tuple[Callable[[str, random.Random], str], ...] = (
    odd_field, odd_field, longer_field, no_field, double_field, other_field, lines, insertion, nesting, character,
)  # fmt: skip
_ENCODINGS = ("utf-8",) * 20 + ("utf-8-sig", "utf-16", "utf-16-be", "latin-1", "utf-32")


def text_of(pattern: str) -> Mutator:
    """Return what damages the text of one of the UTF-8 files that fit, once to three times."""

    def mutate(folder: Path, source: random.Random) -> str:
        file = some_file(folder, pattern, source)
        text = file.read_bytes().decode()
        done = source.choices(TEXT_MUTATIONS, k=source.choice((1, 1, 2, 3)))
        for one in done:
            text = one(text, source)
        encoding = source.choice(_ENCODINGS)
        data = text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")
        file.write_bytes(data)
        return f"{', '.join(one.__name__ for one in done)} {file.relative_to(folder)} ({encoding})"

    return mutate
