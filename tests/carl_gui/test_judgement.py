"""Whether it is any good, in words and on a scale; a pair of nonsense looks like one."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from carl_gui.embedding_index import scan_embeddings
from carl_gui.explore.page import ExploreController
from carl_gui.explore.pair.controller import PairView
from carl_gui.explore.pair.model import Pair, PairSide, pair_of
from carl_gui.explore.pair.panel import PairPanel
from carl_gui.main_window import MainWindow
from carl_gui.widgets.judgement_card import JudgementCard, is_good, words_of
from core.base.files import content_digest
from core.evaluation.judgement import Judgement, write_judgement
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import new_project, tiny_videos
from tests.carl_gui.windows import open_project

_GOOD = Judgement("d", "hog", 12, 0.99, 0.5, 66, 66, ("a", "b"), (1, 2), 0.9)


@pytest.mark.parametrize(
    ("found", "verdict", "good", "advised"),
    [
        (_GOOD, "Good", True, ""),
        (replace(_GOOD, ordered=0.8), "Fair", True, ""),
        (replace(_GOOD, ordered=0.6), "Poor", False, "Body pose"),
        (replace(_GOOD, ordered=0.99, ordered_untrained=0.97), "Good", True, ""),
        (replace(_GOOD, ordered=0.99, ordered_untrained=0.98), "No better than untrained", False, "Body pose"),
        (replace(_GOOD, ordered=0.6, num_videos=3, backbone="pose"), "Poor", False, "more videos"),
        (replace(_GOOD, num_alignable=60, worst_score=0.1), "Good", True, "worst pair"),
    ],
)
def test_what_is_said_of_it(found: Judgement, verdict: str, good: bool, advised: str) -> None:
    words = words_of(found)
    assert words.verdict == verdict
    assert is_good(found) == good
    assert (advised in words.advice) if advised else not words.advice
    assert "Chance: 50 %" in words.meaning
    assert words.number in words.meaning


def test_a_high_number_is_not_called_low() -> None:
    found = replace(_GOOD, ordered=0.99, ordered_untrained=0.97, num_videos=2, backbone="pose")
    assert "this number is low" not in words_of(found).advice
    assert "this number is low" in words_of(replace(found, ordered=0.6)).advice


def test_of_one_video_nothing_is_claimed() -> None:
    words = words_of(replace(_GOOD, ordered=math.nan, ordered_untrained=math.nan, num_videos=1, num_pairs=0))
    assert (words.verdict, words.number, words.pairs) == ("Not known", "", "")
    assert not is_good(replace(_GOOD, ordered=math.nan))


def test_the_card_shows_it_and_leads_to_the_worst_pair(qtbot: QtBot) -> None:
    card = JudgementCard()
    qtbot.addWidget(card)
    card.resize(220, 400)
    assert card.isHidden()
    card.set_judgement(_GOOD)
    card.show()
    assert "99 %" in card.text
    assert "Good" in card.text
    good = card.grab().toImage()
    card.set_judgement(replace(_GOOD, ordered=0.6))
    assert card.grab().toImage() != good
    with qtbot.waitSignal(card.worst_requested):
        qtbot.mouseClick(card.worst_button, Qt.MouseButton.LeftButton)
    card.set_judgement(None)
    assert card.isHidden()


def _side(rows: np.ndarray) -> PairSide:
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return PairSide(np.arange(len(rows) + 1) / 25, unit.astype(np.float32))


def _course(times: np.ndarray) -> np.ndarray:
    phases = np.outer(times, np.arange(1, 9))
    return np.concatenate([np.cos(phases), np.sin(phases)], axis=1)


def _pair(is_nonsense: bool) -> Pair:
    times = np.linspace(0, 3, 60)
    other = np.random.default_rng(0).permutation(times) if is_nonsense else np.linspace(0, 3, 50)
    return pair_of(_side(_course(times)), _side(_course(other)))


def _vividness(panel: PairPanel, pair: Pair) -> float:
    """Standard deviation of the heatmap's square."""
    panel.set_pair(pair, "a.mp4", "b.mp4")
    image = panel.heatmap.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    height, width = pixels.shape
    middle = pixels[height // 3 : 2 * height // 3, width // 3 : width // 2]
    return float(middle.std())


def test_a_pair_of_nonsense_looks_like_one(qtbot: QtBot) -> None:
    panel = PairPanel()
    qtbot.addWidget(panel)
    panel.resize(1000, 700)
    panel.show()
    good, nonsense = _pair(False), _pair(True)
    assert not good.is_doubtful
    assert nonsense.is_doubtful
    assert _vividness(panel, nonsense) < 0.5 * _vividness(panel, good)
    panel.set_pair(nonsense, "a.mp4", "b.mp4")
    assert "may not show the same action" in panel.choice.verdict or "Nothing in common" in panel.choice.verdict
    panel.set_pair(good, "a.mp4", "b.mp4")
    assert "may not" not in panel.choice.verdict


def test_one_video_with_itself_is_never_doubtful() -> None:
    side = _side(_course(np.linspace(0, 3, 60)))
    assert not pair_of(side, side).is_doubtful


def test_a_judgement_of_another_encoder_is_not_shown(tmp_path: Path) -> None:
    films = tiny_videos(tmp_path / "films", 2)
    folder = new_project(tmp_path / "project", films)
    embed_by_hand(folder, "run-1", [(film, course([0.1, 0.5, 0.9])) for film in films])
    file = folder / "judgements" / "run-1.json"
    (source,) = scan_embeddings(folder, []).sources
    assert source.judgement is None
    write_judgement(file, replace(_GOOD, encoder_digest=source.encoder_digest))
    (source,) = scan_embeddings(folder, []).sources
    assert source.judgement is not None
    write_judgement(file, replace(_GOOD, encoder_digest="another"))
    (source,) = scan_embeddings(folder, []).sources
    assert source.judgement is None


@pytest.fixture
def explore(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> ExploreController:
    """The page of three embedded videos, which were judged: the second and the third go together worst."""
    films = tiny_videos(tmp_path / "films", 3)
    folder = new_project(tmp_path / "project", films, decodes=True)
    moments = np.linspace(0, 1, 12)
    embed_by_hand(folder, "run-1", [(film, course(moments)) for film in films])
    (source,) = scan_embeddings(folder, []).sources
    worst = content_digest(films[1]), content_digest(films[2])
    found = replace(_GOOD, encoder_digest=source.encoder_digest, num_videos=3, worst=worst, worst_frames=(4, 7))
    write_judgement(folder / "judgements" / "run-1.json", found)
    open_project(window, folder)
    window.resize(1400, 860)
    window.show_page("explore")
    page = window.page("explore")
    assert isinstance(page, ExploreController)
    qtbot.waitUntil(lambda: page.context.scene is not None)
    return page


def test_in_the_window_the_card_leads_to_the_worst_pair(explore: ExploreController, qtbot: QtBot) -> None:
    card, pair = explore.panel.judgement, explore.views["pair"]
    assert isinstance(pair, PairView)
    assert card.isVisible()
    assert "Good" in card.text
    explore.choose_view("many")
    qtbot.mouseClick(card.worst_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: explore.panel.view == "pair" and pair.chosen == (2, 3))
    qtbot.waitUntil(lambda: pair.players.frames == (4, 7))


def test_in_the_window_the_numbers_of_a_pair_say_what_is_good(explore: ExploreController, qtbot: QtBot) -> None:
    pair = explore.views["pair"]
    assert isinstance(pair, PairView)
    qtbot.waitUntil(lambda: pair.pair is not None)
    tips = [label.toolTip() for label in explore.widget.findChildren(QLabel) if label.isVisible()]
    for meaning in ("is certain; above 80 %", "the cosine of their embeddings"):
        assert any(meaning in tip for tip in tips), meaning


def test_in_the_window_the_metrics_of_a_run_say_what_is_good(window: MainWindow, runs: Path, qtbot: QtBot) -> None:
    open_project(window, runs.parent)
    window.show_page("train")
    window.training.choose("a")
    tips = [part.toolTip() for part in window.training.details.findChildren(QWidget) if part.isVisible()]
    assert any("has learned nothing" in tip for tip in tips)
