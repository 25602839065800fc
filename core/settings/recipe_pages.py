"""What the manual says of each recipe, from its TOML."""

from __future__ import annotations

from core.settings.recipes import CHOOSING, PICTURES, POSE, recipe_names, recipe_text

_FIRST = (CHOOSING, "quick", POSE, PICTURES)
"""For people's own videos, in the order of use."""


def describe_recipes() -> str:
    """Return Markdown: for each recipe what it is for, and its settings."""
    names = [*_FIRST, *(name for name in recipe_names() if name not in _FIRST)]
    return "\n".join(_describe(name) for name in names)


def _describe(name: str) -> str:
    lines = recipe_text(name).splitlines()
    remarks = [line.lstrip("# ").strip() for line in lines if line.startswith("#")]
    values = "\n".join(line for line in lines if not line.startswith("#")).strip()
    return f"## {name}\n\n{' '.join(remarks)}\n\n```toml\n{values}\n```\n"
