"""A window that is opened again is where the last one was: page, view, pair, form, filters, and what goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.explore.many.controller import ManyView
from carl_gui.explore.map.controller import MapView
from carl_gui.explore.page import ExploreController
from carl_gui.explore.pair.controller import PairView
from carl_gui.explore.search.controller import SearchView
from carl_gui.explore.search.filters import Filters
from carl_gui.label.controller import LabelController
from carl_gui.main_window import MainWindow
from carl_gui.models.scene import FrameRef, VideoRange
from carl_gui.models.video_filter import VideoFilter
from carl_gui.train.fields import RecipeCombo
from core.learning.run_folder import RunFolder
from core.project.video_edits import SetAction
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import CHILD_MS, new_project, shown, tiny_config, tiny_videos
from tests.carl_gui.windows import box_of, close, open_project, press, reopened
from tests.children import children
from training.run import Run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Four decoded videos, embedded with two runs."""
    films = tiny_videos(tmp_path / "films", 4)
    folder = new_project(tmp_path / "project", films, splits=("train", "train", "val", "none"), decodes=True)
    for run in ("run-1", "run-2"):
        with RunFolder.create(folder / "runs" / run, tiny_config(), []):
            pass
        embed_by_hand(folder, run, [(film, course(np.linspace(0, 1, 12))) for film in films])
    return folder


@contextmanager
def _next_window(settings: QSettings, project: Path, qtbot: QtBot) -> Iterator[MainWindow]:
    """The window of another day."""
    made = reopened(settings)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    try:
        open_project(made, project)
        yield made
    finally:
        close(made)


def _explore(window: MainWindow, qtbot: QtBot) -> ExploreController:
    window.show_page("explore")
    page = cast("ExploreController", window.page("explore"))
    qtbot.waitUntil(lambda: page.context.scene is not None)
    return page


@pytest.mark.parametrize("page", ["videos", "train", "explore", "label", "export"])
def test_the_page_comes_back(window: MainWindow, project: Path, settings: QSettings, qtbot: QtBot, page: str) -> None:
    open_project(window, project)
    assert window.page_id == "videos", "nobody was here before"
    window.show_page(page)
    window.close()
    with _next_window(settings, project, qtbot) as again:
        assert again.page_id == page


def test_filters_order_video_and_frame_come_back(
    window: MainWindow, project: Path, settings: QSettings, qtbot: QtBot
) -> None:
    open_project(window, project)
    library = window.library
    wanted = VideoFilter("clip", None, "train", "decoded")
    library.panel.set_filter(wanted)
    library.panel.sort_by(0, descends=True)
    qtbot.waitUntil(lambda: bool(library.badges) and len(library.panel.model.shown) == 2)
    library.panel.set_chosen(1)
    library.show_video(1)
    qtbot.waitUntil(lambda: library.playback.edges_seconds is not None)
    library.playback.seek(7)
    window.close()
    with _next_window(settings, project, qtbot) as again:
        library = again.library
        assert library.panel.filter == wanted
        assert library.panel.sorted_by == (0, True)
        assert library.panel.chosen == 1
        qtbot.waitUntil(lambda: library.playback.edges_seconds is not None and library.playback.frame_index == 7)
        assert [library.videos[one].name for one in library.panel.model.shown] == ["clip2.mp4", "clip1.mp4"]


def test_every_field_of_the_form_comes_back(
    window: MainWindow, project: Path, settings: QSettings, qtbot: QtBot, tmp_path: Path
) -> None:
    open_project(window, project)
    window.show_page("train")
    form = window.training.form
    extractor = tmp_path / "mine.onnx"
    form.set_recipe("frozen")
    form._on_network(str(extractor))
    form._fields.rows["train.epochs"].show_state(77, 1, is_wrong=False)
    form._on_setting("train.epochs")
    form._settings.set_values({"encoder.layers": 5})
    form._fields.videos.choose("train")
    form._fields.device.setCurrentIndex(form._fields.device.findData("cpu"))
    form._fields.name.clear()
    qtbot.keyClicks(form._fields.name, "mine")
    form._leads_on.setChecked(False)
    before = form.draft()
    assert before["values"] == {**before["values"], "train.epochs": 77, "encoder.layers": 5}
    window.training.choose("run-1")
    window.training.list.compared_changed.emit(("run-1", "run-2"))
    window.close()
    with _next_window(settings, project, qtbot) as again:
        training = again.training
        assert training.form.draft() == before
        assert training.form._fields.rows["train.epochs"].value() == 77
        assert training.form._fields.network.data == str(extractor)
        order = training.form.order()
        assert order is None or not order.leads_on
        assert not training.form._leads_on.isChecked()
        assert training._chosen == "run-1"
        assert training._compared == ("run-1", "run-2")


def test_encoder_view_pair_and_frames_come_back(
    window: MainWindow, project: Path, settings: QSettings, qtbot: QtBot
) -> None:
    open_project(window, project)
    page = _explore(window, qtbot)
    page.choose_encoder("run-2")
    page.context.pair_requested.emit(FrameRef(3, 4), FrameRef(2, 9))
    pair = cast("PairView", page.views["pair"])
    qtbot.waitUntil(lambda: pair.players.frames == (4, 9))
    window.close()
    with _next_window(settings, project, qtbot) as again:
        page = cast("ExploreController", again.page("explore"))
        qtbot.waitUntil(lambda: page.context.scene is not None)
        pair = cast("PairView", page.views["pair"])
        assert page.context.scene is not None
        assert (page.context.scene.run, page.panel.view, pair.chosen) == ("run-2", "pair", (3, 2))
        qtbot.waitUntil(lambda: pair.players.frames == (4, 9))


def test_search_many_and_map_come_back(window: MainWindow, project: Path, settings: QSettings, qtbot: QtBot) -> None:
    open_project(window, project)
    page = _explore(window, qtbot)
    filters = Filters(k=7, least_cosine=0.25, other_videos=True, text="clip", split="train")
    search, many, drawn = (page.views[name] for name in ("search", "many", "map"))
    page.choose_view("many")
    cast("ManyView", many).choose_reference(2)
    cast("ManyView", many).check([1, 3, 4], False)
    cast("ManyView", many).check([4], True)
    cast("ManyView", many).sort("odd")
    page.choose_view("map")
    cast("MapView", drawn).choose_colour("phase")
    page.choose_view("search")
    cast("SearchView", search).search(VideoRange(1, 2, 5))
    cast("SearchView", search).search_session.filter_by(filters)
    window.close()
    with _next_window(settings, project, qtbot) as again:
        page = cast("ExploreController", again.page("explore"))
        assert page.panel.view == "search"
        search_session = cast("SearchView", page.views["search"]).search_session
        assert (search_session.video_range, search_session.filters) == (VideoRange(1, 2, 5), filters)
        qtbot.waitUntil(lambda: search_session.answer is not None)
        page.choose_view("many")
        many = cast("ManyView", page.views["many"])
        assert (many.reference, many.checked, many.save_state()["order"]) == (2, {4}, "odd")
        assert cast("MapView", page.views["map"])._by == "phase"


def test_the_video_that_was_labelled_comes_back(
    window: MainWindow, project: Path, settings: QSettings, qtbot: QtBot
) -> None:
    open_project(window, project)
    window.show_page("label")
    label = cast("LabelController", window.page("label"))
    label.choose(3)
    qtbot.waitUntil(lambda: label.playback.edges_seconds is not None)
    label.playback.seek(5)
    window.close()
    with _next_window(settings, project, qtbot) as again:
        label = cast("LabelController", again.page("label"))
        assert label.chosen == 3
        qtbot.waitUntil(lambda: label.playback.edges_seconds is not None and label.playback.frame_index == 5)


def test_which_videos_were_listed_to_label_and_how_predictions_are_taken_come_back(
    window: MainWindow, project: Path, settings: QSettings, qtbot: QtBot
) -> None:
    open_project(window, project)
    window.session.do(SetAction((1, 2), "squat"))
    window.show_page("label")
    panel = cast("LabelController", window.page("label")).panel
    panel.videos.filters.kind.setCurrentText("Action: squat")
    qtbot.keyClicks(panel.videos.filters.field, "clip")
    qtbot.waitUntil(lambda: panel.probe.threshold.isVisible())
    panel.probe.threshold.setValue(75)
    panel.probe.order.setChecked(False)
    window.close()
    with _next_window(settings, project, qtbot) as again:
        label = cast("LabelController", again.page("label"))
        panel = label.panel
        assert (panel.videos.filters.field.text(), panel.videos.filters.kind.currentText()) == ("clip", "Action: squat")
        assert [choice.key for choice in panel.videos.model.rows] == [1, 2]
        assert (panel.probe.threshold.value(), label.probe.is_ordered) == (75, False)
        again.session.do(SetAction((1, 2), "push-up"))
        assert panel.videos.filters.kind.currentText() == "All videos", "no video is of that action any more"
        assert [choice.key for choice in panel.videos.model.rows] == [1, 2, 3, 4]


def test_each_project_has_its_own_and_a_window_keeps_them_apart(
    window: MainWindow, project: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    other = new_project(tmp_path / "other", tiny_videos(tmp_path / "more", 2))
    open_project(window, project)
    window.library.panel.set_filter(VideoFilter("clip2"))
    window.show_page("explore")
    open_project(window, other)
    assert window.page_id == "videos"
    assert window.library.panel.filter == VideoFilter(), "that was of the other project"
    window.show_page("train")
    open_project(window, project)
    assert window.page_id == "explore"
    assert window.library.panel.filter == VideoFilter("clip2")


def test_what_a_window_that_is_killed_had_kept_comes_back(
    window: MainWindow, project: Path, settings: QSettings, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_project(window, project)
    window.show_page("train")
    combo = window.training.form.findChild(RecipeCombo)
    combo.setCurrentIndex(combo.findData("frozen"))
    combo.activated.emit(combo.currentIndex())  # as the mouse does
    timer = window._whereabouts._timer
    assert timer.isActive()
    assert timer.interval() <= 5000
    timer.timeout.emit()
    monkeypatch.setattr(window._whereabouts, "keep", lambda: None)  # it says no goodbye
    window.close()
    with _next_window(settings, project, qtbot) as again:
        assert again.page_id == "train"
        assert again.training.form.draft()["recipe"] == "frozen"


@pytest.mark.parametrize(
    "damage",
    [
        "no JSON",
        "[]",
        '{"page": "nowhere", "pages": 7}',
        '{"page": "train", "pages": {"train": {"form": {"recipe": "gone.toml", "values": {"no.such": 1, '
        '"train.epochs": "many"}, "videos": 3}, "compared": [1, {}], "run": []}}}',
        '{"page": "explore", "pages": {"explore": {"encoder": 5, "view": "none", "views": {"pair": {"a": 99, '
        '"b": "x"}, "many": {"reference": {}, "checked": ["a"], "order": 1}, "search": {"asked": [1, 9, 2], '
        '"filters": "["}, '
        '"map": {"method": 3, "colour": [], "clusters": 1000, "video": 99}}}}}',
        '{"page": "videos", "pages": {"videos": {"filter": {"split": 9, "state": "x", "action": "gone"}, "column": 99, '
        '"video": 99}, "label": {"video": true}}}',
    ],
)
def test_damaged_memory_is_no_memory(
    window: MainWindow, project: Path, settings: QSettings, qtbot: QtBot, damage: str
) -> None:
    open_project(window, project)
    window.close()
    (key,) = [one for one in settings.allKeys() if one.startswith("whereabouts/") and not one.endswith("order")]
    settings.setValue(key, damage)
    settings.sync()
    with _next_window(settings, project, qtbot) as again:
        for page in ("videos", "train", "explore", "label", "export"):
            again.show_page(page)
        qtbot.waitUntil(lambda: cast("ExploreController", again.page("explore")).context.scene is None)
        assert not again.banner.isVisible()


def _until(qtbot: QtBot, holds: Callable[[], bool]) -> None:
    qtbot.waitUntil(holds, timeout=CHILD_MS)


def test_a_run_that_was_left_running_is_seen_at_once_and_can_be_stopped(
    window: MainWindow, project: Path, settings: QSettings, qtbot: QtBot
) -> None:
    open_project(window, project)
    window.show_page("train")
    training = window.training
    training.form.set_recipe("quick")
    training.form.set_config(tiny_config(epochs=20_000))
    _until(qtbot, lambda: training.form.order() is not None)
    qtbot.mouseClick(shown(training.widget, QPushButton, "Start training"), Qt.MouseButton.LeftButton)
    _until(qtbot, lambda: training.run_state == "running" and training.rows[0].step > 0)
    (child,) = children()
    window.show_page("videos")
    window.close()
    press(box_of(window), "Keep running")
    assert not window.isVisible()
    with _next_window(settings, project, qtbot) as again:
        assert again.page_id == "videos"
        _until(qtbot, lambda: again.status.chip.isVisible() and "Training run-3" in again.status.chip.text())
        qtbot.mouseClick(again.status.chip, Qt.MouseButton.LeftButton)
        assert again.page_id == "train"
        again.training.choose("run-3")
        qtbot.mouseClick(shown(again.training.widget, QPushButton, "Stop"), Qt.MouseButton.LeftButton)
        _until(qtbot, lambda: again.training.run_state == "stopped")
        assert not again.status.chip.isVisible()
    with suppress(psutil.NoSuchProcess):
        child.wait(CHILD_MS / 1000)
    assert not Run.open(project / "runs" / "run-3").files.is_running()
