"""All targets by name, those of each module of `tests/fuzz/targets`."""

from __future__ import annotations

import importlib
import pkgutil

import tests.fuzz.targets
from tests.fuzz.broken import BROKEN
from tests.fuzz.target import Target

TARGETS: dict[str, Target] = {
    target.name: target
    for module in pkgutil.iter_modules(tests.fuzz.targets.__path__)
    for target in importlib.import_module(f"tests.fuzz.targets.{module.name}").TARGETS
}


def target_named(name: str) -> Target:
    """Return a target, or one of those readers that break on purpose."""
    return TARGETS[name] if name in TARGETS else BROKEN[name]
