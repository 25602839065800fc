"""Settings: files, and values as options give them."""

from __future__ import annotations

import json
import math
from pathlib import Path

from tests.fuzz.raw_bytes import bytes_of
from tests.fuzz.target import Target
from tests.fuzz.texts import text_of
from tests.fuzz.trees import json_of


def _make(folder: Path) -> None:
    from core.settings.config import Config, save, settings

    save(Config(), folder / "config.toml")
    options = {
        item.name: item.default for item in settings() if item.name.split(".")[0] in ("frames", "train", "views")
    }
    (folder / "options.json").write_text(json.dumps(options), encoding="utf-8")


def _read(folder: Path) -> None:
    from core.base.errors import CarlError
    from core.labels.formats.json_files import read_json
    from core.settings.config import Config, from_toml, settings, to_toml, value_of, with_values
    from core.settings.recipes import find_recipe

    refused = None
    configs = []
    try:
        configs.append(find_recipe(str(folder / "config.toml")))
    except CarlError as error:
        refused = error
    options = read_json(folder / "options.json")
    for name, value in options.items() if isinstance(options, dict) else ():
        for given in (value, str(value)):  # as a file has it, and as a command line has it
            try:
                configs.append(with_values(Config(), {name: given}, source="command line"))
            except CarlError as error:
                refused = error
    for config in {*map(to_toml, configs)}:
        made = from_toml(config, source="config")
        assert to_toml(made) == config
        numbers = [value_of(made, item.name) for item in settings() if item.type is float]
        assert all(math.isfinite(number) for number in numbers)
    if refused:
        raise refused


TARGETS = (
    Target(
        "settings",
        _make,
        (text_of("*.toml"), text_of("*.toml"), bytes_of("*.toml"), json_of("*.json"), text_of("*.json")),
        _read,
    ),
)
