"""Whether it is any good, in words and on a scale; a pair of nonsense looks like one."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from carl_gui.models.judgement import is_good, words_of
from carl_gui.models.pair import Pair, Side, pair_of
from carl_gui.panels.judgement_card import JudgementCard
from carl_gui.panels.pair.pair import PairPanel
from core.judgement import Judgement

_GOOD = Judgement("d", "hog", 12, 0.99, 0.5, 66, 66, ("a", "b"), (1, 2), 0.9)


@pytest.mark.parametrize(
    ("found", "verdict", "good", "advised"),
    [
        (_GOOD, "Good", True, ""),
        (replace(_GOOD, ordered=0.8), "Fair", True, ""),
        (replace(_GOOD, ordered=0.6), "Poor", False, "Body pose"),
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
    with qtbot.waitSignal(card.worst_wanted):
        qtbot.mouseClick(card.worst_button, Qt.MouseButton.LeftButton)
    card.set_judgement(None)
    assert card.isHidden()


def _side(rows: np.ndarray) -> Side:
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return Side(np.arange(len(rows) + 1) / 25, unit.astype(np.float32))


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
    from carl_gui.models.embedding_sources import survey
    from core.judgement import write_judgement
    from tests.carl_gui.embedded import course, embed_by_hand
    from tests.carl_gui.projects import new_project, tiny_videos

    films = tiny_videos(tmp_path / "films", 2)
    folder = new_project(tmp_path / "project", films)
    embed_by_hand(folder, "run-1", [(film, course([0.1, 0.5, 0.9])) for film in films])
    file = folder / "judgements" / "run-1.json"
    (source,) = survey(folder, []).sources
    assert source.judgement is None
    write_judgement(file, replace(_GOOD, encoder_digest=source.encoder_digest))
    (source,) = survey(folder, []).sources
    assert source.judgement is not None
    write_judgement(file, replace(_GOOD, encoder_digest="another"))
    (source,) = survey(folder, []).sources
    assert source.judgement is None
