"""The one step that comes next, on every page and at every stage."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from carl_gui.guide.next_step import NextStepBar, Situation, next_step
from carl_gui.main_window import MainWindow
from core.learning.run_folder import RunFolder
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import new_project, tiny_config, tiny_videos
from tests.carl_gui.windows import open_project

_NEW = Situation(page="videos", num_videos=12)


@pytest.mark.parametrize(
    ("now", "action"),
    [
        (Situation(), None),
        (Situation(page="videos"), None),
        (Situation(page="train"), "add"),
        (Situation(page="label"), "add"),
        (replace(_NEW, is_importing=True), ""),
        (replace(_NEW, num_videos=1), "add"),
        (_NEW, "learn"),
        (replace(_NEW, page="explore"), "learn"),
        (replace(_NEW, is_waiting=True), ""),
        (replace(_NEW, learning="run-1"), ""),
        (replace(_NEW, learning="run-1", is_embedding=True), ""),
        (replace(_NEW, trained="run-1"), "embed"),
        (replace(_NEW, num_embedded=12), "pair"),
        (replace(_NEW, num_embedded=12, has_seen_pair=True), "label"),
        (replace(_NEW, num_embedded=12, page="explore"), "label"),
        (replace(_NEW, num_embedded=12, page="label", has_seen_pair=True), ""),
        (replace(_NEW, num_embedded=12, page="label", has_seen_pair=True, num_labelled=1), "export"),
        (replace(_NEW, num_embedded=12, page="export", has_seen_pair=True, num_labelled=1), None),
        (replace(_NEW, num_embedded=12, has_seen_pair=True, num_labelled=1), "export"),
        (replace(_NEW, is_read_only=True), None),
    ],
)
def test_what_comes_next(now: Situation, action: str | None) -> None:
    found = next_step(now)
    assert (None if found is None else found.action) == action
    if found is not None:
        assert found.sentence.endswith(".")
        assert bool(found.button) == bool(found.action)


def test_what_it_costs_stands_on_the_button() -> None:
    found = next_step(replace(_NEW, cost="about 40 s"))
    assert found is not None
    assert found.button == "Learn from these 12 videos, about 40 s"
    assert "Measuring" not in found.sentence
    found = next_step(replace(_NEW, is_measuring=True))
    assert found is not None
    assert "Measuring how long it takes…" in found.sentence


def test_while_videos_are_left_to_label_their_predictions_come_before_the_export() -> None:
    now = replace(_NEW, num_embedded=12, page="label", has_seen_pair=True, num_labelled=2)
    for num_labelled, is_left in ((2, True), (12, False)):
        found = next_step(replace(now, num_labelled=num_labelled))
        assert found is not None
        assert ("accept what is predicted" in found.sentence) == is_left


def test_why_fewer_videos_are_learned_from_than_there_are_is_said() -> None:
    found = next_step(replace(_NEW, num_videos=9, num_kept=3))
    assert found is not None
    assert found.button == "Learn from these 9 videos"
    assert "3 Validation videos kept for checking." in found.sentence


def test_nothing_leads_to_the_page_that_is_seen() -> None:
    for page in ("videos", "train", "explore", "label", "export"):
        for num_videos in (0, 1, 5):
            for num_embedded in (0, num_videos):
                for labelled in (0, num_videos):
                    now = Situation(page, False, num_videos, num_embedded=num_embedded, num_labelled=labelled)
                    found = next_step(now)
                    assert found is None or found.action != page


def test_nothing_is_said_before_it_is_known_what_is_embedded(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    films = tiny_videos(tmp_path / "films", 2)
    folder = new_project(tmp_path / "project", films, decodes=True)
    with RunFolder.create(folder / "runs" / "run-1", tiny_config(), []) as run:
        run.encoder_file.write_bytes(b"weights")
    embed_by_hand(folder, "run-1", [(film, course(np.linspace(0, 1, 12))) for film in films])
    open_project(window, folder)
    bar = window.findChild(NextStepBar)
    assert (bar.sentence, window.library.badges) == ("", {}), "not that they are to be embedded"
    qtbot.waitUntil(lambda: len(window.library.badges) == 2)
    assert bar.button.text() == "Go to Label"
