"""The help pages: names, titles and texts. Works offline."""

from __future__ import annotations

from importlib import resources

ORDER = (
    "start",
    "videos",
    "train",
    "explore-pair",
    "explore-many",
    "explore-search",
    "explore-map",
    "label",
    "export",
    "metrics",
)
"""As they are listed; `explore-VIEW` for the views of Explore, else the names of the steps."""


def help_text(name: str) -> str:
    """Return a page as Markdown; KeyError: there is none."""
    if name not in ORDER:
        raise KeyError(name)
    return (resources.files("assets.help") / f"{name}.md").read_text(encoding="utf-8")


def help_title(name: str) -> str:
    """Return the heading of a page; KeyError: there is none."""
    return help_text(name).partition("\n")[0].lstrip("# ").strip()


def help_page_for(topic: str) -> str:
    """Return the page that explains what is on the screen; the first one where none is about it."""
    return topic if topic in ORDER else ORDER[0]
