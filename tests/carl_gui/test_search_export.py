"""Hits are exported as the command line writes them; what goes wrong is a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.explore.page import ExploreController
from carl_gui.explore.search.controller import SearchView
from carl_gui.explore.search.filters import Filters
from carl_gui.models.scene import FrameRef, VideoRange
from core.base.control import Control
from core.cli.search import main
from core.search import results
from tests.carl_gui.projects import Stand, shown, standing
from tests.carl_gui.searches import searched_project, wait
from tests.carl_gui.windows import settle


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


@pytest.fixture
def view(stand: Stand, tmp_path: Path) -> SearchView:
    stand.session.open(searched_project(tmp_path))
    page = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: page.context.scene is not None)
    page.choose_view("search")
    stand.qtbot.waitUntil(lambda: page.context.embedded is not None)
    return page.views["search"]


def _ask(stand: Stand, view: SearchView, command: str, target: Path) -> None:
    """By the command, and the dialog that it opens."""
    view.export.box.commands[command].trigger()
    (dialog,) = stand.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(target))
    dialog.close()
    settle()


def _written(stand: Stand, view: SearchView, target: Path) -> None:
    stand.qtbot.waitUntil(lambda: view.export.box.result.startswith("Wrote "))
    assert str(target) in view.export.box.result


def _by_command(tmp_path: Path, *words: str) -> str:
    folder, out = tmp_path / "project", tmp_path / "expected.csv"
    encoder = folder / "runs" / "run-1" / "encoder.safetensors"
    given = [str(tmp_path / "films" / "film1.mp4"), *words, "--library", str(folder / "embeddings" / "run-1")]
    assert main([*given, "--encoder", str(encoder), "--out", str(out), "-k", "60"]) == 0
    return out.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("video_range", "words"),
    [
        (VideoRange(1, 20, 21), ("--frame", "20", "--exclude-seconds", "0.99")),
        (VideoRange(1, 10, 30), ("--span", "10", "30", "--exclude-seconds", "0")),
    ],
)
def test_a_table_is_that_of_the_command(
    stand: Stand, view: SearchView, tmp_path: Path, video_range: VideoRange, words: tuple[str, ...]
) -> None:
    view.search_session.filter_by(Filters(least_cosine=-1.0))
    view.search(video_range)
    wait(stand, view)
    target = tmp_path / "hits.csv"
    _ask(stand, view, "hits_csv", target)
    _written(stand, view, target)
    written = target.read_text(encoding="utf-8-sig")
    assert written == _by_command(tmp_path, *words)
    assert len(written.splitlines()) == len(view.panel.model.rows) + 1 > 5


def test_frames_that_were_chosen_have_no_cosine(stand: Stand, view: SearchView, tmp_path: Path) -> None:
    view.show_moments([FrameRef(3, 8), FrameRef(1, 2)], "Cluster")
    target, sheet = tmp_path / "hits.csv", tmp_path / "hits.png"
    _ask(stand, view, "hits_csv", target)
    _written(stand, view, target)
    digests = [stand.session.videos[number].digest for number in (3, 1)]
    assert target.read_text(encoding="utf-8-sig").splitlines() == [
        "rank,video,frame,seconds,cosine,digest",
        f"1,film3.mp4,8,0.266667,,{digests[0]}",
        f"2,film1.mp4,2,0.066667,,{digests[1]}",
    ]
    _ask(stand, view, "hits_sheet", sheet)
    _written(stand, view, sheet)
    with Image.open(sheet) as picture:
        assert picture.width > 2 * 200


@pytest.mark.parametrize("video_range", [VideoRange(1, 20, 21), VideoRange(1, 10, 30)])
def test_a_contact_sheet_shows_query_and_hits(
    stand: Stand, view: SearchView, tmp_path: Path, video_range: VideoRange
) -> None:
    view.search(video_range)
    wait(stand, view)
    target = tmp_path / "hits.png"
    _ask(stand, view, "hits_sheet", target)
    _written(stand, view, target)
    with Image.open(target) as picture:
        picture.load()
        assert min(picture.size) > 300
    assert "left blank" not in view.export.box.result


def test_what_cannot_be_written_is_a_sentence(stand: Stand, view: SearchView, tmp_path: Path) -> None:
    view.search(VideoRange(1, 20, 21))
    wait(stand, view)
    film = tmp_path / "films" / "film1.mp4"
    before = film.read_bytes()
    for target, words in (
        (film, "does not end in .csv"),
        (tmp_path / "project" / "embeddings" / "hits.csv", "a folder of the project"),
        (tmp_path / "nowhere.csv" / "hits.csv", "nowhere.csv"),
    ):
        if "nowhere" in words:
            (tmp_path / "nowhere.csv").write_text("a file", encoding="utf-8")
        _ask(stand, view, "hits_csv", target)
        stand.qtbot.waitUntil(lambda words=words: words in view.export.box.result)
    assert film.read_bytes() == before


def test_a_sheet_can_be_cancelled(
    stand: Stand, view: SearchView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.search(VideoRange(1, 20, 21))
    wait(stand, view)
    real = results.draw_matches

    def slow(*words: object) -> None:
        control = words[-1]
        assert isinstance(control, Control)
        assert control._stop.wait(30)
        real(*words)

    monkeypatch.setattr(results, "draw_matches", slow)
    target = tmp_path / "hits.png"
    _ask(stand, view, "hits_sheet", target)
    box = view.export.box
    assert box.progress == "Writing hits.png…"
    shown(box, QPushButton, "Cancel").click()
    stand.qtbot.waitUntil(lambda: box.result == "Cancelled; nothing was written.")
    assert not target.exists()
    assert box.progress == ""
