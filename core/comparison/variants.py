"""The variants to compare: a name and the settings of each."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.base.errors import ConfigError
from core.comparison.grids import Values
from core.objectives.kinds import KINDS
from core.settings.config import Config, did_you_mean, settings, with_values
from core.settings.renamed import former_name, former_value

_NAME = "objective.name"


@dataclass(frozen=True)
class Variant:
    """One variant to compare."""

    name: str
    """In tables, such as `tcc` or `scl, encoder.layers 2`."""
    config: Config
    """With the seed of the first run."""
    former_name: str = ""
    """What it was called when its settings had their former names; empty: the same."""


def parse_objectives(words: str) -> list[str]:
    """Return the objectives of a list with commas, each once; `all`: every one. ConfigError: there is none of that
    name."""
    names = list(KINDS) if words.strip() == "all" else [word.strip() for word in words.split(",") if word.strip()]
    if not names:
        raise ConfigError(f"--objectives names none. There are: {', '.join(KINDS)}, or all.")
    for name in names:
        if name not in KINDS:
            raise ConfigError(f"Unknown objective {name!r}{did_you_mean(name, ['all', *KINDS])}")
    return list(dict.fromkeys(names))


def variants(
    base: Config, overrides: Mapping[str, object], objectives: Sequence[str], combinations: Sequence[Values]
) -> list[Variant]:
    """Return every objective with every combination of a grid.

    Args:
        base: the settings of all, as a recipe has them.
        given: dotted settings of all, from the command line. Those of one objective go to its variants.
        objectives: empty: that of the grid, or of `base`.
        combinations: of a grid; empty: the objectives alone.

    Raises:
        ConfigError: a setting is unknown, wrong, or of an objective that is not compared.
    """
    of_all = {name: value for name, value in overrides.items() if _section(name) not in KINDS}
    base = with_values(base, of_all, source="command line")
    chosen: list[Values] = []
    for objective, combination in itertools.product(objectives or [""], combinations or [{}]):
        values = {_NAME: base.objective.name, **({_NAME: objective} if objective else {}), **combination}
        if objective and combination.get(_NAME, objective) != objective:
            raise ConfigError(f"The grid sets {_NAME} = {combination[_NAME]!r}. Leave --objectives out.")
        if values not in chosen:
            chosen.append(values)
    _check_given(overrides, [str(values[_NAME]) for values in chosen])
    made = []
    before = [{former_name(key): former_value(key, value) for key, value in values.items()} for values in chosen]
    for name, former, values in zip(_names(chosen), _names(before), chosen, strict=True):
        own = {key: value for key, value in overrides.items() if _section(key) == values[_NAME]}
        config = _check(with_values(base, own | values, source=name), values)
        made.append(Variant(name, config, former if former != name else ""))
    if twice := next((one for one, other in itertools.combinations(made, 2) if one.config == other.config), None):
        raise ConfigError(f"{twice.name} would be trained twice with the same settings. Leave one of them out.")
    return made


def _check(config: Config, values: Values) -> Config:
    if "train.seed" in values:
        raise ConfigError("A grid must not set train.seed. Use --seeds to set the number of seeds.")
    if config.backbone.name == "auto":
        raise ConfigError(
            "backbone.name = 'auto' chooses for each run, so runs could not be compared. Name a recipe (--recipe "
            "pose, frozen, quick) or a backbone."
        )
    return config


def _check_given(overrides: Mapping[str, object], objectives: Sequence[str]) -> None:
    known = [item.name for item in settings()]
    for name in overrides:
        if name not in known:
            raise ConfigError(f"Unknown setting {name!r}{did_you_mean(name, known)}")
        if (section := _section(name)) in KINDS and section not in objectives:
            raise ConfigError(
                f"--{name} is a setting of the objective {section}, but {', '.join(objectives)} are compared. Leave "
                f"it out, or add {section} to --objectives."
            )


def _names(chosen: Sequence[Values]) -> list[str]:
    """Name the variants by what differs among them."""
    differing = [
        name
        for name in dict.fromkeys(name for values in chosen for name in values)
        if any(values.get(name) != chosen[0].get(name) for values in chosen)
    ]
    return [
        ", ".join(
            str(values[name]) if name == _NAME else f"{name} {_format(values[name])}"
            for name in differing or [_NAME]
            if name in values
        )
        or str(values[_NAME])
        for values in chosen
    ]


def _format(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _section(name: str) -> str:
    return name.partition(".")[0]
