"""Damage of values within values, by path: JSON and pickles."""

from __future__ import annotations

import copy
import json
import pickle
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.fuzz import odd
from tests.fuzz.raw_bytes import some_file
from tests.fuzz.target import Mutator


def _slots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each list or dict within a value with a key of it."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _slots(value[key])


def change_tree(root: Any, source: random.Random) -> tuple[Any, str]:
    """Remove, double, empty, nest, rename or replace one value, and return the whole and what was done."""
    holder = [copy.deepcopy(root)]
    parent, key = source.choice(list(_slots(holder)))
    done = source.choice(("odd", "odd", "odd", "remove", "double", "nest", "rename", "other", "text"))
    match done:
        case "remove" if parent is not holder:
            del parent[key]
        case "double" if isinstance(parent, list) and parent is not holder:
            parent.insert(key, copy.deepcopy(parent[key]))
        case "nest":
            for _ in range(source.choice((1, 1, 2, 50))):
                parent[key] = source.choice(([parent[key]], {"a": parent[key]}))
        case "rename" if isinstance(parent, dict):
            parent[odd.text(source)] = parent.pop(key)
        case "other":
            other, other_key = source.choice(list(_slots(holder)))
            parent[key] = copy.deepcopy(other[other_key])
        case "text":
            parent[key] = str(parent[key])
        case _:
            parent[key] = odd.tree(source)
    return holder[0], f"{done} at {key!r:.40}"


def _write_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _tree_of(pattern: str, load: Callable[[bytes], Any], dump: Callable[[Any], bytes]) -> Mutator:
    def mutate(folder: Path, source: random.Random) -> str:
        file = some_file(folder, pattern, source)
        tree, notes = load(file.read_bytes()), []
        for _ in range(source.choice((1, 1, 1, 2, 3))):
            tree, note = change_tree(tree, source)
            notes.append(note)
        file.write_bytes(dump(tree))
        return f"{', '.join(notes)} of {file.relative_to(folder)}"

    return mutate


def json_of(pattern: str) -> Mutator:
    """Return what damages values of one of the JSON files that fit."""
    return _tree_of(pattern, json.loads, _write_json)


def pickle_of(pattern: str) -> Mutator:
    """Return what damages values of one of the pickles that fit, which this program wrote."""
    return _tree_of(pattern, pickle.loads, pickle.dumps)


def json_lines_of(pattern: str) -> Mutator:
    """Return what damages values of one line of one of the files that fit, which hold a JSON value a line."""

    def mutate(folder: Path, source: random.Random) -> str:
        file = some_file(folder, pattern, source)
        lines = file.read_bytes().splitlines()
        index = source.randrange(len(lines))
        tree, note = change_tree(json.loads(lines[index]), source)
        lines[index] = _write_json(tree)
        file.write_bytes(b"\n".join(lines) + b"\n")
        return f"{note} of line {index + 1} of {file.relative_to(folder)}"

    return mutate
