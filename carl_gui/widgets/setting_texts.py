"""Texts of settings: label, help, unit and range, derived from `core.settings.config`."""

from __future__ import annotations

import functools
import inspect
import math
import re

from PySide6.QtCore import QCoreApplication

from carl_gui.translation import QT_TRANSLATE_NOOP
from core.base.declaring import Value
from core.settings.config import Config, Setting, all_tables, section_types, settings
from core.settings.recipes import describe_recipe, recipe_names

CONTEXT = "Settings"
"""Under which translators find these texts; they cannot be read off the source, so `texts` lists them."""
RECIPES = "Recipes"
"""The same for what recipes are for."""
_RANGES = (
    QT_TRANSLATE_NOOP("Settings", "{0} to {1}"),
    QT_TRANSLATE_NOOP("Settings", "at least {0}"),
    QT_TRANSLATE_NOOP("Settings", "at most {0}"),
)
_WORDS = {
    "cpu": "CPU",
    "d": "transformer",  # d_model
    "dim": "width",
    "eps": "epsilon",
    "eval": "evaluation",
    "ffn": "feed-forward",
    "grad": "gradient",
    "idm": "IDM",
    "l2": "L2",
    "max": "maximum",
    "min": "minimum",
    "mlp": "MLP",
    "model": "width",  # d_model
    "num": "number of",
    "prob": "probability",
    "std": "deviation",
}
"""What the short words of a setting's name are called in a label."""
_UNITS = ("epochs", "gb")
"""What a name ends in and a label need not: the field shows the unit."""
_DOTTED = re.compile(r"\b[a-z0-9]+\.[a-z0-9_]+\b")


def texts() -> list[tuple[str, str]]:
    """Return every (context, English text) that is generated, for a translator: once, in the order of the form."""
    found = [(CONTEXT, text) for name in section_names() for text in _titles(name)]
    for item in settings():
        found += [(CONTEXT, text) for text in (_label(item.name), item.help, item.unit)]
    found += [(RECIPES, describe_recipe(name)) for name in recipe_names()]
    return list(dict.fromkeys(pair for pair in found if pair[1]))


@functools.cache
def setting_of(name: str) -> Setting:
    """Return the setting of this dotted name. Raises StopIteration where there is none."""
    return next(item for item in settings() if item.name == name)


def section_names() -> list[str]:
    """Return `frames`, `views`, ... in the order of the form."""
    return list(dict.fromkeys(item.name.split(".")[0] for item in settings()))


def title_of(section: str) -> tuple[str, str]:
    """Return what a section is about, and where its settings come from (empty where that is not said)."""
    title, source = _titles(section)
    return _translate(title), _translate(source)


def label_of(item: Setting) -> str:
    """Return `Learning rate` for `train.learning_rate`."""
    return _translate(_label(item.name))


def help_of(item: Setting) -> str:
    """Return what it is for, in a sentence or two."""
    return _translate(item.help)


def unit_of(item: Setting) -> str:
    """Return its unit; empty where it has none."""
    return _translate(item.unit)


def range_of(item: Setting) -> str:
    """Return `1 to 100`, `at least 1`, or nothing where every value will do."""
    between, low, high = (_translate(text) for text in _RANGES)
    ends = [plain_number(end) for end in (item.low, item.high)]
    if math.isfinite(item.low) and math.isfinite(item.high):
        return between.format(*ends)
    if math.isfinite(item.low):
        return low.format(ends[0])
    return high.format(ends[1]) if math.isfinite(item.high) else ""


def plain_number(value: Value) -> str:
    """Return a number with ten digits at most, as short as possible: `0.8`, `1e-5`; other values unchanged."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e10):
        return str(int(value))
    digits, _, power = f"{value:.10g}".partition("e")
    return f"{digits}e{int(power)}" if power else digits


def name_for_people(sentence: str) -> tuple[str, set[str]]:
    """Return a sentence of `core.settings.config` with labels for dotted names, and the settings that it names."""
    labels = {item.name: label_of(item) for item in settings()}
    named = {name for name in _DOTTED.findall(sentence) if name in labels}
    return _DOTTED.sub(lambda found: f"“{labels[found[0]]}”" if found[0] in labels else found[0], sentence), named


def _label(name: str) -> str:
    section, _, leaf = name.partition(".")
    words = (section if leaf == "name" else leaf).split("_")
    if len(words) > 1 and words[-1] in _UNITS:
        words = words[:-1]
    label = " ".join(_WORDS.get(word, word) for word in words)
    return label[:1].upper() + label[1:]


def _titles(section: str) -> tuple[str, str]:
    """Return the first sentence of the section's docstring, and the source in brackets at its end."""
    kind = section_types()[section]
    first = re.split(r"(?<=\.)\s", inspect.getdoc(kind) or "", maxsplit=1)[0].removesuffix(".")
    if first.startswith(kind.__name__):  # what `dataclass` writes where there is none
        first = ""
    found = re.fullmatch(r"(.*?)\s*\(([^()]*)\)", first, re.DOTALL)
    title, source = (found[1], found[2]) if found else (first, "")
    return " ".join(title.split()) or section.capitalize(), " ".join(source.split())


def _translate(text: str) -> str:
    return QCoreApplication.translate(CONTEXT, text) if text else ""


def values_of(config: Config) -> dict[str, Value]:
    """Return every dotted setting with its value."""
    return {
        f"{section}.{leaf}": value for section, leaves in all_tables(config).items() for leaf, value in leaves.items()
    }
