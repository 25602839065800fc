"""The pages, in order. A page is created on first use, so that starting does not import its modules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from carl_gui.translation import QT_TRANSLATE_NOOP
from carl_gui.workshop import PageController, Workshop


@dataclass(frozen=True)
class Step:
    """One page."""

    id: str
    text: str
    """Untranslated; an ampersand stands before its letter in the menu."""
    make: Callable[[Workshop], PageController]


def _videos(workshop: Workshop) -> PageController:
    from carl_gui.controllers.library import LibraryController

    return LibraryController(workshop)


def _train(workshop: Workshop) -> PageController:
    from carl_gui.controllers.training import TrainingController

    return TrainingController(workshop)


def _explore(workshop: Workshop) -> PageController:
    from carl_gui.controllers.explore.page import ExploreController

    return ExploreController(workshop)


def _label(workshop: Workshop) -> PageController:
    from carl_gui.controllers.labelling import LabelController

    return LabelController(workshop)


def _export(workshop: Workshop) -> PageController:
    from carl_gui.controllers.export import ExportController

    return ExportController(workshop)


STEPS = (
    Step("videos", QT_TRANSLATE_NOOP("Commands", "&Videos"), _videos),
    Step("train", QT_TRANSLATE_NOOP("Commands", "&Train"), _train),
    Step("explore", QT_TRANSLATE_NOOP("Commands", "&Explore"), _explore),
    Step("label", QT_TRANSLATE_NOOP("Commands", "La&bel"), _label),
    Step("export", QT_TRANSLATE_NOOP("Commands", "Ex&port"), _export),
)
