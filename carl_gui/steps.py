"""The pages, in order. A page is created on first use, so that starting does not import its modules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from carl_gui.app_context import AppContext, PageController
from carl_gui.translation import QT_TRANSLATE_NOOP


@dataclass(frozen=True)
class Step:
    """One page."""

    id: str
    text: str
    """Untranslated; an ampersand stands before its letter in the menu."""
    make: Callable[[AppContext], PageController]


def _videos(app_context: AppContext) -> PageController:
    from carl_gui.videos.controller import LibraryController

    return LibraryController(app_context)


def _train(app_context: AppContext) -> PageController:
    from carl_gui.train.controller import TrainingController

    return TrainingController(app_context)


def _explore(app_context: AppContext) -> PageController:
    from carl_gui.explore.page import ExploreController

    return ExploreController(app_context)


def _label(app_context: AppContext) -> PageController:
    from carl_gui.label.controller import LabelController

    return LabelController(app_context)


def _export(app_context: AppContext) -> PageController:
    from carl_gui.export.controller import ExportController

    return ExportController(app_context)


STEPS = (
    Step("videos", QT_TRANSLATE_NOOP("Commands", "&Videos"), _videos),
    Step("train", QT_TRANSLATE_NOOP("Commands", "&Train"), _train),
    Step("explore", QT_TRANSLATE_NOOP("Commands", "&Explore"), _explore),
    Step("label", QT_TRANSLATE_NOOP("Commands", "La&bel"), _label),
    Step("export", QT_TRANSLATE_NOOP("Commands", "Ex&port"), _export),
)
