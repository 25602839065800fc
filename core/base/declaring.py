"""Declare a setting: a dataclass field with its meaning, unit and range."""

from __future__ import annotations

import math
from dataclasses import field
from typing import Any

Value = int | float | bool | str


def setting(
    default: Value,
    help: str,
    *,
    unit: str = "",
    low: float = -math.inf,
    high: float = math.inf,
    choices: tuple[str, ...] = (),
) -> Any:
    """Return a dataclass field that knows its meaning, unit and range (`low` and `high` are inclusive)."""
    return field(default=default, metadata={"help": help, "unit": unit, "low": low, "high": high, "choices": choices})
