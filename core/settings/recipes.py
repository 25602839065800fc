"""Recipes: settings that belong together, by name (in the package `assets`) or as a TOML file.

An objective without a file there has a recipe of its name nevertheless: the defaults with the paper's positions.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Collection, Mapping
from importlib import resources
from pathlib import Path

from core.base.declaring import Value
from core.base.errors import ConfigError
from core.objectives.kinds import KINDS
from core.settings.config import Config, did_you_mean, from_toml, load, settings, value_of, with_values

_DEFAULTS = Config()
_FOLDER = resources.files("assets") / "recipes"
CHOOSING, POSE, PICTURES = "auto", "pose", "frozen"
"""The recipe of a run that nobody chose one for: once it has seen the videos it is one of the other two."""


def recipe_names() -> list[str]:
    """Return the names of the included recipes, sorted."""
    files = {entry.name.removesuffix(".toml") for entry in _FOLDER.iterdir() if entry.name.endswith(".toml")}
    return sorted(files | (KINDS.keys() - {_DEFAULTS.objective.name}))


def find_recipe(name_or_file: str) -> Config:
    """Return the settings of a recipe; what it does not name keeps its default.

    Args:
        name_or_file: one of `recipe_names()`, or the path of a TOML file, such as a run's `config.toml`.

    Raises:
        ConfigError: no such recipe (with the nearest known one), or a wrong setting in it.
    """
    names = recipe_names()
    if name_or_file in names:
        return _built_in(name_or_file)
    path = Path(name_or_file)
    if path.suffix or len(path.parts) > 1 or os.path.isfile(path):
        return load(path)
    raise ConfigError(f"Unknown recipe {name_or_file!r}{did_you_mean(name_or_file, names)}")


@functools.cache
def _built_in(name: str) -> Config:
    return from_toml(recipe_text(name), source=f"recipe {name}")


def fitting_recipe(values: Mapping[str, object]) -> str:
    """Return the recipe of a run that none was named for: `CHOOSING`, unless its network or weights are named.

    Args:
        values: dotted settings that were given.
    """
    if not values.keys() & {"backbone.name", "backbone.weights"}:
        return CHOOSING
    name = values.get("backbone.name")
    return str(name) if name in (CHOOSING, POSE) else PICTURES


def changes_of(config: Config, name: str) -> dict[str, Value]:
    """Return the dotted settings in which `config` differs from a recipe."""
    recipe = find_recipe(name)
    values = {item.name: (value_of(config, item.name), value_of(recipe, item.name)) for item in settings()}
    return {name: here for name, (here, there) in values.items() if here != there}


def turn_into(config: Config, name: str, without: Collection[str] = ()) -> Config:
    """Return another recipe's settings with what `config` changed of the recipe `CHOOSING`.

    Args:
        without: dotted settings that are the other recipe's in any case.
    """
    changed = {key: value for key, value in changes_of(config, CHOOSING).items() if key not in without}
    return with_values(find_recipe(name), changed)


def describe_recipe(name: str) -> str:
    """Return the purpose of one of `recipe_names()`, in one line: the first comment of its text."""
    return recipe_text(name).partition("\n")[0].lstrip("# ").strip()


def weights_values(weights: str) -> dict[str, str]:
    """Return the dotted settings that stand for `--weights`.

    Args:
        weights: imagenet, none, a state dict (.pth, .safetensors), or an extractor (.onnx): that one is its own
            network and has no other weights.
    """
    if weights.lower().endswith(".onnx"):
        return {"backbone.name": weights, "backbone.weights": "none", "backbone.trainable_blocks": "none"}
    return {"backbone.weights": weights}


def recipe_text(name: str) -> str:
    """Return one of `recipe_names()` as TOML: what it is for as comments, and the settings that it sets."""
    file = _FOLDER / f"{name}.toml"
    if file.is_file():
        return file.read_text(encoding="utf-8")
    kind = KINDS[name]
    return f'# {kind.title} ({kind.source}).\n[encoder]\npositional_encoding = "sincos"\n[objective]\nname = "{name}"\n'
