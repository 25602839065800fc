"""The views of the Explore page, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from carl_gui.explore.explore_context import ExploreContext
from carl_gui.explore.many.controller import ManyView
from carl_gui.explore.map.controller import MapView
from carl_gui.explore.pair.controller import PairView
from carl_gui.explore.search.controller import SearchView
from carl_gui.explore.view import ExploreView
from carl_gui.translation import QT_TRANSLATE_NOOP


@dataclass(frozen=True)
class View:
    """One view."""

    id: str
    text: str
    """In English; translated where it is shown."""
    make: Callable[[ExploreContext], ExploreView[Any, Any]]


VIEWS = (
    View("pair", QT_TRANSLATE_NOOP("ExploreViews", "Pair"), PairView),
    View("many", QT_TRANSLATE_NOOP("ExploreViews", "Many"), ManyView),
    View("search", QT_TRANSLATE_NOOP("ExploreViews", "Search"), SearchView),
    View("map", QT_TRANSLATE_NOOP("ExploreViews", "Map"), MapView),
)
