"""The step Explore: two players along the path, the heatmap beside them, and what is said where one is missing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.explore.embedding import EncoderBox
from carl_gui.explore.page import ExploreController
from carl_gui.explore.pair.controller import PairView
from carl_gui.explore.pair.model import Pair, PairSide, pair_of
from carl_gui.explore.pair.panel import PairPanel
from carl_gui.player import video_opener as opening
from carl_gui.widgets.editors import NameCombo
from core.base.files import content_digest
from core.embedding.folder import read_card
from core.project.rows import VideoRow
from core.project.video_edits import RemoveVideos, RenameVideo
from core.settings import config as settings_of
from core.settings.config import Config
from tests.carl_gui.embedded import course, edges, embed_by_hand
from tests.carl_gui.projects import CHILD_MS, Stand, new_project, shown, standing, tiny_video
from tests.conftest import number_of

_SAVE_ENCODER = """
import sys
from pathlib import Path
from core.model.checkpoint import save_encoder
from tests.core.small import small_config, small_encoder
config = small_config(backbone__name="hog")
save_encoder(Path(sys.argv[1]), small_encoder(config), config, {})
"""
_FRAMES = (12, 24, 6)


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    """Three videos of different lengths; frame i of film N shows 13 N + i."""
    return [tiny_video(tmp_path / "films", f"film{n}.mp4", n, frames) for n, frames in enumerate(_FRAMES, 1)]


@pytest.fixture
def project(tmp_path: Path, films: list[Path]) -> Path:
    """Film 2 does as film 1 at half the tempo; film 3 is not embedded."""
    folder = new_project(tmp_path / "project", films, decodes=True)
    slow = np.repeat(np.linspace(0, 1, 12), 2)
    embed_by_hand(folder, "run-1", [(films[0], course(np.linspace(0, 1, 12))), (films[1], course(slow))])
    return folder


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


def _staged(stand: Stand, folder: Path) -> ExploreController:
    stand.session.open(folder)
    page = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: page._embeddings.index is not None)
    return page


@pytest.fixture
def page(stand: Stand, project: Path) -> ExploreController:
    """With both players open and the pair known."""
    page = _staged(stand, project)
    view = _pair(page)
    stand.qtbot.waitUntil(lambda: view.pair is not None and None not in _numbers(view))
    return page


@pytest.fixture
def explore(page: ExploreController) -> PairView:
    """The page's view of the pair."""
    return _pair(page)


def _pair(page: ExploreController) -> PairView:
    return page.views["pair"]


def _numbers(view: PairView) -> tuple[int | None, int | None]:
    """What is read in the images of both players."""
    images = [player.view.image for player in (view.panel.a_player, view.panel.b_player)]
    a, b = (None if image is None else number_of(np.asarray(image)) for image in images)
    return a, b


def _wait(stand: Stand, view: PairView, a: int, b: int) -> None:
    stand.qtbot.waitUntil(lambda: _numbers(view) == (a, b))


def _hand_made(a: np.ndarray, b: np.ndarray) -> Pair:
    return pair_of(PairSide(edges(len(a)), a), PairSide(edges(len(b)), b))


def test_moving_in_a_moves_b_along_the_path(stand: Stand, explore: PairView) -> None:
    assert explore.chosen == (1, 2)
    for a_frame in (5, 11, 0):
        explore.players.a.seek(a_frame)
        b_frame = explore.players.frames[1]
        assert b_frame // 2 == a_frame, "film 2 shows every moment twice"
        _wait(stand, explore, 13 + a_frame, 26 + b_frame)
    explore.players.b.seek(9)
    assert explore.players.frames == (4, 9), "and the other way round"
    _wait(stand, explore, 13 + 4, 26 + 9)


def test_a_click_on_the_heatmap_leads_both_to_its_frames(stand: Stand, explore: PairView, qtbot: QtBot) -> None:
    heatmap = explore.panel.heatmap
    for a_frame, b_frame in ((3, 20), (11, 0), (0, 23)):
        qtbot.mouseClick(heatmap, Qt.MouseButton.LeftButton, pos=heatmap.spot(a_frame, b_frame).toPoint())
        assert explore.players.frames == (a_frame, b_frame)
        _wait(stand, explore, 13 + a_frame, 26 + b_frame)
    heatmap.setFocus()
    for key, frames in ((Qt.Key.Key_Right, (1, 23)), (Qt.Key.Key_Down, (1, 22)), (Qt.Key.Key_Left, (0, 22))):
        qtbot.keyClick(heatmap, key)
        assert explore.players.frames == frames
    qtbot.keyClick(heatmap, Qt.Key.Key_Left)
    assert explore.players.frames == (0, 22), "there is nothing before the first frame"


def test_hovering_reads_out_time_frame_and_cosine(explore: PairView, qtbot: QtBot) -> None:
    panel = explore.panel
    explore.players.seek(2, 4)
    before = panel.read_out
    qtbot.mouseMove(panel.heatmap, panel.heatmap.spot(6, 15).toPoint())
    cosine = float(course(np.linspace(0, 1, 12))[6] @ course(np.linspace(0, 1, 12))[7])
    assert panel.read_out == f"A 0:00.20 · 6   B 0:00.50 · 15   similarity {cosine:.2f}"
    qtbot.mouseMove(panel.heatmap, QPoint(1, 1))
    assert panel.read_out == before
    assert before.startswith("A 0:00.07 · 2   B 0:00.13 · 4   similarity 1.00   confidence ")
    assert before.endswith(" %")
    explore.players.a.seek(2)


def test_swapping_keeps_both_frames(stand: Stand, explore: PairView) -> None:
    explore.players.seek(3, 20)
    shown(explore.side, QPushButton, "Swap A and B").click()
    assert explore.chosen == (2, 1)
    stand.qtbot.waitUntil(lambda: explore.pair is not None)
    _wait(stand, explore, 26 + 20, 13 + 3)
    assert explore.players.frames == (20, 3)
    assert (len(explore.pair.a), len(explore.pair.b)) == (24, 12)
    explore.players.a.seek(10)
    _wait(stand, explore, 26 + 10, 13 + 5)


def test_swapping_keeps_both_frames_when_the_files_open_last(
    stand: Stand, explore: PairView, monkeypatch: pytest.MonkeyPatch
) -> None:
    explore.players.seek(3, 20)
    is_known, look = threading.Event(), opening.look_at

    def look_late(video: VideoRow, folder: Path) -> tuple[Path | None, str]:
        assert is_known.wait(CHILD_MS / 1000)
        return look(video, folder)

    monkeypatch.setattr(opening, "look_at", look_late)
    shown(explore.side, QPushButton, "Swap A and B").click()
    stand.qtbot.waitUntil(lambda: explore.pair is not None)
    is_known.set()
    _wait(stand, explore, 26 + 20, 13 + 3)
    assert explore.players.frames == (20, 3)


def test_another_video_is_compared_from_its_start(stand: Stand, explore: PairView) -> None:
    explore.players.a.seek(8)
    combo = next(box for box in explore.side.findChildren(NameCombo) if box.accessibleName() == "Video B")
    assert [combo.itemText(row) for row in range(combo.count())] == ["film1.mp4", "film2.mp4"]
    combo.setCurrentIndex(0)
    combo.activated.emit(0)
    assert explore.chosen == (1, 1)
    stand.qtbot.waitUntil(lambda: explore.pair is not None)
    assert list(explore.pair.followers) == list(range(12)), "a video goes with itself"
    _wait(stand, explore, 13 + 8, 13 + 8)


def test_what_is_missing_is_said_and_led_to(stand: Stand, tmp_path: Path, films: list[Path]) -> None:
    page = _staged(stand, new_project(tmp_path / "empty"))
    assert "Add some videos" in page.panel.empty.sentence
    shown(page.panel, QPushButton, "Add videos").click()
    assert stand.pages == ["videos"]
    stand.session.open(new_project(tmp_path / "no encoder", films[:2]))
    stand.qtbot.waitUntil(lambda: page.panel.empty.action == "Train an encoder")
    shown(page.panel, QPushButton, "Train an encoder").click()
    assert stand.pages == ["videos", "train"]
    assert not page.panel.encoders.isVisible()
    folder = new_project(tmp_path / "no embeddings", films)
    embed_by_hand(folder, "run-1", [])
    for file in (folder / "embeddings" / "run-1").iterdir():
        file.unlink()
    films[2].unlink()
    stand.session.open(folder)
    stand.qtbot.waitUntil(lambda: page.panel.empty.action == "Embed 2 videos")
    assert page.panel.encoders.line == "0 of 3 videos embedded with run-1. Missing or broken: film3.mp4."


def test_a_missing_video_is_compared_all_the_same(stand: Stand, project: Path, films: list[Path]) -> None:
    films[1].unlink()
    page = _staged(stand, project)
    stand.qtbot.waitUntil(lambda: _pair(page).pair is not None and _numbers(_pair(page))[0] == 13)
    stand.qtbot.waitUntil(lambda: _pair(page).panel.b_player.is_file_missing)
    _pair(page).players.a.seek(4)
    assert _pair(page).players.frames[1] // 2 == 4
    spot = _pair(page).panel.heatmap.spot(7, 2).toPoint()
    stand.qtbot.mouseClick(_pair(page).panel.heatmap, Qt.MouseButton.LeftButton, pos=spot)
    assert _pair(page).players.frames == (7, 2)


def test_embeddings_of_an_encoder_that_changed_since_are_shown_with_a_word_about_it(
    stand: Stand, page: ExploreController, explore: PairView, project: Path
) -> None:
    assert page.panel.encoders.notice == ""
    (project / "runs" / "run-1" / "encoder.safetensors").write_bytes(b"it learned more")
    stand.session.embeddings.scan()
    stand.qtbot.waitUntil(lambda: "was trained further after" in page.panel.encoders.notice)
    assert page.panel.encoders.embed_button.text() == "Embed all again"
    assert explore.pair is not None
    assert explore.panel.heatmap.isVisible()


def test_a_replaced_video_is_told(stand: Stand, project: Path, films: list[Path]) -> None:
    """Of the same size, so that only its content tells; that of a touched one is the same."""
    films[0].touch()
    content = bytearray(films[1].read_bytes())
    content[-1] ^= 1
    films[1].write_bytes(content)
    page = _staged(stand, project)
    box = page.panel.encoders
    stand.qtbot.waitUntil(lambda: "film2.mp4: the file has changed since it was embedded" in box.notice)
    assert "film1" not in box.notice


def test_one_frame_goes_with_all_of_the_other(stand: Stand, tmp_path: Path) -> None:
    films = [tiny_video(tmp_path, "one.mp4", 1, 1), tiny_video(tmp_path, "two.mp4", 2, 9)]
    folder = new_project(tmp_path / "p", films, decodes=True)
    embed_by_hand(folder, "run-1", [(films[0], course([0.4])), (films[1], course(np.linspace(0, 1, 9)))])
    page = _staged(stand, folder)
    page.context.sureness.choose(0.0)
    stand.qtbot.waitUntil(lambda: _pair(page).comparison.is_settled and None not in _numbers(_pair(page)))
    assert _pair(page).players.frames == (0, 0), "the path begins there"
    _pair(page).players.a.seek(0)
    assert _pair(page).players.frames == (0, 4), "the middle of all that it goes with"
    page.panel.grab()
    _pair(page).swap()
    stand.qtbot.waitUntil(lambda: _pair(page).pair is not None)
    assert list(_pair(page).pair.followers) == [0] * 9
    page.panel.grab()


def test_damaged_embeddings_are_a_sentence_and_can_be_made_again(
    stand: Stand, project: Path, films: list[Path]
) -> None:
    (project / "embeddings" / "run-1" / "film2.npy").write_bytes(b"cut")
    page = _staged(stand, project)
    stand.qtbot.waitUntil(lambda: "cannot be opened" in page.panel.empty.sentence)
    assert page.panel.empty.action == "Embed all again"
    embed_by_hand(project, "run-1", [(film, course(np.linspace(0, 1, 12 * n))) for n, film in enumerate(films[:2], 1)])
    stand.session.embeddings.scan()
    stand.qtbot.waitUntil(lambda: _pair(page).pair is not None)
    (project / "embeddings" / "run-1" / "embeddings.json").write_text("{", encoding="utf-8")
    stand.session.embeddings.scan()
    stand.qtbot.waitUntil(lambda: page.panel.empty.isVisible() and page.panel.empty.action == "Embed all again")


def test_packed_embeddings_are_shown_as_those_in_files(stand: Stand, project: Path, films: list[Path]) -> None:
    shutil.rmtree(project / "embeddings" / "run-1")
    slow = np.repeat(np.linspace(0, 1, 12), 2)
    courses = [(films[0], course(np.linspace(0, 1, 12))), (films[1], course(slow))]
    embed_by_hand(project, "run-1", courses, is_packed=True)
    page = _staged(stand, project)
    stand.qtbot.waitUntil(lambda: _pair(page).pair is not None)
    assert page.panel.encoders.line.startswith("2 of 3 videos embedded")
    pair = _pair(page).pair
    assert pair is not None
    np.testing.assert_array_equal(pair.a.embeddings, courses[0][1])
    np.testing.assert_array_equal(pair.b.edges_seconds, edges(24))


def test_edits_of_the_videos_are_followed(stand: Stand, explore: PairView) -> None:
    stand.session.do(RenameVideo(2, "slow"))
    combo = next(box for box in explore.side.findChildren(NameCombo) if box.accessibleName() == "Video B")
    assert combo.currentText() == "slow"
    stand.session.do(RemoveVideos((2,)))
    assert explore.chosen == (1, 1), "what is left"
    stand.session.undo()
    assert explore.chosen == (1, 1)
    stand.session.close()
    assert explore.pair is None
    assert explore.chosen == (None, None)


def test_the_others_are_embedded_from_the_page(stand: Stand, project: Path, films: list[Path]) -> None:
    encoder = project / "runs" / "run-1" / "encoder.safetensors"
    subprocess.run([sys.executable, "-c", _SAVE_ENCODER, str(encoder)], check=True)
    page = _staged(stand, project)
    stand.qtbot.waitUntil(lambda: "was trained further after" in page.panel.encoders.notice)
    said: list[str] = []
    stand.jobs.event_received.connect(lambda *_: said.append(page.panel.encoders._progress_row.words))
    shown(page.panel, QPushButton, "Embed all again").click()
    assert not page.panel.encoders.embed_button.isVisible()
    assert page.panel.encoders._progress_row.isVisible()
    stand.qtbot.waitUntil(lambda: page.panel.encoders.line.startswith("3 videos embedded"), timeout=CHILD_MS)
    assert page.panel.encoders.notice == ""
    assert not page.panel.encoders._progress_row.isVisible()
    assert any("42" in words for words in said), "frames of all are counted"
    card = read_card(project / "embeddings" / "run-1")
    assert set(card.digests) == {content_digest(film) for film in films}
    stand.qtbot.waitUntil(lambda: _pair(page).pair is not None)


def test_embedding_can_be_cancelled_and_a_failure_is_said(
    stand: Stand, page: ExploreController, explore: PairView
) -> None:
    """The encoder is none, so that the child fails."""
    page.embedding.start()
    shown(page.panel, QPushButton, "Cancel").click()
    stand.qtbot.waitUntil(lambda: not stand.jobs.jobs, timeout=CHILD_MS)
    assert page.panel.encoders.notice == ""
    page.embedding.start()
    stand.qtbot.waitUntil(lambda: page.panel.encoders.notice != "", timeout=CHILD_MS)
    assert "run-1" in page.panel.encoders.notice
    assert explore.pair is not None


def test_a_hidden_page_only_comes_forward(stand: Stand, explore: PairView) -> None:
    explore.players.a.toggle()
    assert explore.players.a.rate
    stand.hide()
    assert explore.players.a.rate == 0, "nobody sees it"
    explore.panel.commands["swap"].trigger()
    assert stand.pages == ["explore"]
    assert explore.chosen == (1, 2)


def test_keys_of_the_players_are_the_same(explore: PairView) -> None:
    explore.panel.a_player.commands["play"].setShortcut("Ctrl+Y")
    assert explore.panel.b_player.commands["play"].shortcut() == "Ctrl+Y"


def test_setters_announce_nothing(qtbot: QtBot) -> None:
    panel, encoders = PairPanel(), EncoderBox()
    qtbot.addWidget(panel)
    qtbot.addWidget(encoders)
    pair = _hand_made(course([0, 1]), course([0, 0.5, 1]))
    with (
        qtbot.assertNotEmitted(panel.heatmap.frames_selected),
        qtbot.assertNotEmitted(panel.choice.a_selected),
        qtbot.assertNotEmitted(encoders.embed_requested),
        qtbot.assertNotEmitted(encoders.encoder_selected),
    ):
        panel.set_pair(pair, "a", "b")
        panel.set_frames(1, 2)
        panel.choice.set_videos([], None, None)
        encoders.set_encoders([], None)
        encoders.set_state("line", "notice", "action")
        encoders.set_progress(0.5, "half")
        encoders.set_progress(None, "")


def test_a_pair_that_is_too_long_is_compared_near_the_diagonal_and_says_so(qtbot: QtBot) -> None:
    moments = np.linspace(0, 1, 60)
    a, b = PairSide(edges(60), course(moments)), PairSide(edges(60), course(moments))
    whole, banded = pair_of(a, b), pair_of(a, b, most_cells=900)
    assert whole.band is None
    assert banded.band == pytest.approx(0.125)
    np.testing.assert_array_equal(banded.alignment.a_frames, whole.alignment.a_frames)
    panel = PairPanel()
    qtbot.addWidget(panel)
    panel.set_pair(banded, "a", "b")
    assert "12 % of a video" in panel.choice._note.text()


def _learned_from(project: Path, films: Sequence[Path]) -> None:
    """As if `run-1` had learned from these."""
    folder = project / "runs" / "run-1"
    settings_of.save(Config(), folder / "config.toml")
    known = {str(film): {"digest": content_digest(film), "relative": ""} for film in films}
    told = {"videos": [str(film) for film in films], "known": known}
    (folder / "inputs.json").write_text(json.dumps(told), encoding="utf-8")


def test_it_is_said_when_training_further_would_help_and_one_click_begins_it(
    stand: Stand, project: Path, films: list[Path]
) -> None:
    _learned_from(project, films[:2])
    page = _staged(stand, project)
    box = page.panel.encoders
    assert box.advice == "run-1 was not trained on 1 of 3 videos. Train further to align it better."
    box.further_button.click()
    assert stand.furthered == ["run-1"]
    _learned_from(project, films[:1])
    stand.session.embeddings.scan()
    stand.qtbot.waitUntil(lambda: "not trained on 2 of 3 videos. Train further to align them better" in box.advice)
    _learned_from(project, films)
    stand.session.embeddings.scan()
    stand.qtbot.waitUntil(lambda: box.advice == "")
    assert box.further_button.isHidden()


def test_nothing_is_advised_where_it_is_not_known_what_was_learned_from(page: ExploreController) -> None:
    assert page.panel.encoders.advice == ""


def test_one_new_video_among_many_is_no_reason_to_train(stand: Stand, project: Path, films: list[Path]) -> None:
    _learned_from(project, films[:2])
    page = _staged(stand, project)
    source = page._embeddings.index.source("run-1")
    assert source is not None
    many = [*stand.session.videos.values()]
    seen = [video for video in many if video.digest in source.learned]
    assert page.embedding._advice(source, many) != ""
    assert page.embedding._advice(source, [*many, *seen * 10]) == ""
