"""What the tests of the view of a pair share: two films that correspond in a known way, and what is read in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from carl_gui.explore.page import ExploreController
from carl_gui.explore.pair.controller import PairView
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import Stand, new_project, tiny_video
from tests.conftest import number_of

A_FRAMES, B_FRAMES = 12, 24


def paired_project(folder: Path) -> Path:
    """A project of film 1 and film 2, which does the same at half the tempo; frame i of film N shows 13 N + i."""
    films = [tiny_video(folder / "films", f"film{n}.mp4", n, frames) for n, frames in ((1, A_FRAMES), (2, B_FRAMES))]
    project = new_project(folder / "project", films, decodes=True)
    slow = np.repeat(np.linspace(0, 1, A_FRAMES), 2)
    embed_by_hand(project, "run-1", [(films[0], course(np.linspace(0, 1, A_FRAMES))), (films[1], course(slow))])
    return project


def staged(stand: Stand, folder: Path) -> PairView:
    """The view of the pair on its page, when it knows what is embedded."""
    stand.session.open(folder)
    page = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: page._embeddings.index is not None)
    view = page.views["pair"]
    assert isinstance(view, PairView)
    return view


def numbers(view: PairView) -> tuple[int | None, int | None]:
    """What is read in the images of both players."""
    images = [player.view.image for player in (view.panel.a_player, view.panel.b_player)]
    a, b = (None if image is None else number_of(np.asarray(image)) for image in images)
    return a, b


def wait_for(stand: Stand, view: PairView, a_frame: int, b_frame: int) -> None:
    """Until these frames of film 1 and film 2 are on the screen."""
    stand.qtbot.waitUntil(lambda: numbers(view) == (13 + a_frame, 26 + b_frame))
