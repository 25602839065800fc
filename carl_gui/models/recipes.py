"""Titles, purposes and order of recipes in the window. No widgets."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from carl_gui.translation import QT_TRANSLATE_NOOP
from core.settings.recipes import CHOOSING, PICTURES, POSE, recipe_names

_CONTEXT = "RecipeTitles"
QUICK = "quick"
FOR_VIDEOS = (CHOOSING, QUICK, POSE, PICTURES)
"""In the order of use. All others are for research."""
_TITLES = {
    CHOOSING: QT_TRANSLATE_NOOP("RecipeTitles", "Automatic: body pose or pictures"),
    QUICK: QT_TRANSLATE_NOOP("RecipeTitles", "First look: fast, coarse"),
    POSE: QT_TRANSLATE_NOOP("RecipeTitles", "Body pose: one person in view"),
    PICTURES: QT_TRANSLATE_NOOP("RecipeTitles", "Pictures: anything that moves"),
    "pouring": QT_TRANSLATE_NOOP("RecipeTitles", "CARL on Pouring"),
    "penn_action": QT_TRANSLATE_NOOP("RecipeTitles", "CARL on PennAction"),
    "finegym": QT_TRANSLATE_NOOP("RecipeTitles", "CARL on FineGym"),
    "kinetics400": QT_TRANSLATE_NOOP("RecipeTitles", "CARL on Kinetics-400"),
    "contrastive": QT_TRANSLATE_NOOP("RecipeTitles", "Contrastive baseline"),
    "tcn": QT_TRANSLATE_NOOP("RecipeTitles", "TCN"),
    "tcc": QT_TRANSLATE_NOOP("RecipeTitles", "TCC"),
    "sal": QT_TRANSLATE_NOOP("RecipeTitles", "Shuffle and learn"),
    "lav": QT_TRANSLATE_NOOP("RecipeTitles", "LAV"),
    "gta": QT_TRANSLATE_NOOP("RecipeTitles", "GTA"),
    "d3tw": QT_TRANSLATE_NOOP("RecipeTitles", "D3TW"),
    "speednet": QT_TRANSLATE_NOOP("RecipeTitles", "SpeedNet"),
    "supervised": QT_TRANSLATE_NOOP("RecipeTitles", "Supervised (needs labels)"),
    "lac": QT_TRANSLATE_NOOP("RecipeTitles", "LAC"),
    "vsp": QT_TRANSLATE_NOOP("RecipeTitles", "VSP"),
}
_LEADS = {
    QUICK: QT_TRANSLATE_NOOP(
        "RecipeTitles",
        "Uses “contrastive”, which leads on the drawn sample (accuracy 0.92); “scl” is close (0.91).",
    ),
    PICTURES: QT_TRANSLATE_NOOP(
        "RecipeTitles",
        "Uses “scl”, which places events best on push-ups of unseen people. In accuracy “lav” and “tcn” are level with "
        "it (0.85).",
    ),
    "contrastive": QT_TRANSLATE_NOOP(
        "RecipeTitles", "Leads on the drawn sample: accuracy 0.92, “scl” 0.91. On push-ups of unseen people 0.84, 0.85."
    ),
    "tcn": QT_TRANSLATE_NOOP(
        "RecipeTitles",
        "On push-ups of unseen people level with “scl” in accuracy (0.85); on the drawn sample 0.86, “scl” 0.91.",
    ),
    "lav": QT_TRANSLATE_NOOP(
        "RecipeTitles",
        "On push-ups of unseen people level with “scl” in accuracy (0.85) and ahead in order (tau 0.99, “scl” 0.97); "
        "on the drawn sample 0.88, “scl” 0.91.",
    ),
    "supervised": QT_TRANSLATE_NOOP(
        "RecipeTitles", "Learns from labels. Leads on push-ups of unseen people: accuracy 0.86, “scl” 0.85."
    ),
}
"""Where another objective than `scl` leads or is level: docs/benchmarks.md, three seeds over cached features."""


def title_of(name: str) -> str:
    """Return what a recipe is called; its own name where it has no other."""
    return QCoreApplication.translate(_CONTEXT, _TITLES[name]) if name in _TITLES else name


def leads(name: str) -> str:
    """Return where its objective, or another one, leads; empty where nothing was measured."""
    return QCoreApplication.translate(_CONTEXT, _LEADS[name]) if name in _LEADS else ""


def for_research() -> list[str]:
    """Return the recipes of papers: CARL's own first, then the others by their title."""
    own = [name for name in ("pouring", "penn_action", "finegym", "kinetics400") if name in recipe_names()]
    others = [name for name in recipe_names() if name not in (*FOR_VIDEOS, *own)]
    return own + sorted(others, key=lambda name: title_of(name).casefold())
