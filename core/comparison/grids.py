"""Grids: settings with the values to compare, by name (in the package `assets`) or as a TOML file.

A setting with a list has each of its values, every combination of them in turn; one without a list has that value in
all. Where not all combinations are meant, each `[[row]]` is one of them, with settings of its own.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

from core.base.errors import ConfigError
from core.settings.config import did_you_mean
from core.settings.renamed import rename_settings

_FOLDER = resources.files("assets") / "grids"
_ROW = "row"

Values = dict[str, object]
"""Dotted settings."""


def grid_names() -> list[str]:
    """Return the names of the included grids, sorted numerically."""
    names = [entry.name.removesuffix(".toml") for entry in _FOLDER.iterdir() if entry.name.endswith(".toml")]
    return sorted(names, key=lambda name: (len(name), name))


def find_grid(name_or_file: str) -> list[Values]:
    """Return the combinations of a grid, in order.

    Args:
        name_or_file: one of `grid_names()`, or the path of a TOML file.

    Raises:
        ConfigError: there is no such grid, it is no TOML, or it names no setting.
    """
    if name_or_file in grid_names():
        return combinations((_FOLDER / f"{name_or_file}.toml").read_text(encoding="utf-8"), f"grid {name_or_file}")
    path = Path(name_or_file)
    if not (path.suffix or len(path.parts) > 1 or path.is_file()):
        raise ConfigError(f"Unknown grid {name_or_file!r}{did_you_mean(name_or_file, grid_names())}")
    try:
        return combinations(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The grid {path} cannot be read ({error}). Check its name and permissions.") from error


def combinations(text: str, source: str) -> list[Values]:
    """Parse the text of a grid file, as for `find_grid`; errors name `source`."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source} is not valid TOML ({error}). Fix that line.") from error
    rows = table.pop(_ROW, [{}])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ConfigError(f"{source}: a row must begin with [[{_ROW}]], followed by its settings, one per line.")
    leaves = rename_settings(dict(_leaves(table, source)), source=source)
    lists = {name: value if isinstance(value, list) else [value] for name, value in leaves.items()}
    if empty := next((name for name, values in lists.items() if not values), None):
        raise ConfigError(f"{source}: the list of {empty} is empty. Write the values to compare.")
    products = [dict(zip(lists, values, strict=True)) for values in itertools.product(*lists.values())]
    own = [rename_settings(dict(_leaves(row, source)), source=source) for row in rows]
    made = [product | row for row in own for product in products]
    if not any(made):
        raise ConfigError(f"{source} names no setting. Write one with a list, such as layers = [1, 2] under [encoder].")
    return made


def _leaves(table: Mapping[str, object], source: str) -> Iterator[tuple[str, object]]:
    for section, leaves in table.items():
        if not isinstance(leaves, dict):
            raise ConfigError(f"{source}: {section!r} is outside a section. Put it under one, such as [encoder].")
        yield from ((f"{section}.{leaf}", value) for leaf, value in leaves.items())
