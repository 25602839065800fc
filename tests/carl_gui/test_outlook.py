"""What the window says of times, downloads and recipes, and when it asks."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStyle, QStyleOptionComboBox
from pytestqt.qtbot import QtBot

from carl_gui.job_control.order import VideoCounts
from carl_gui.models.recipes import FOR_VIDEOS, for_research, leads, title_of
from carl_gui.outlook import (
    _WEIGHTS,
    Outlook,
    OutlookController,
    cost_in_short,
    cost_sentence,
    recipe_reason,
    rounded_duration,
)
from carl_gui.train.fields import RecipeCombo
from carl_gui.train.form import TrainingForm
from core.base.events import RecipeMeasured, RecipeSuggested
from core.outlook.estimate import Amount
from core.settings.config import with_values
from core.settings.recipes import find_recipe, recipe_names
from tests.carl_gui.projects import Stand, new_project, standing, tiny_videos
from training.queue import JobOrder

_QUICK = RecipeMeasured("quick", "hog", 0.001, 0.0, 1e-5, 3.0, 400.0, 0.0)
_POSE = RecipeMeasured("pose", "pose", 0.02, 0.0, 1e-5, 3.0, 400.0, 0.0)
_PICTURES = RecipeMeasured("frozen", "resnet50", 0.05, 0.0, 2e-5, 3.0, 16000.0, 102_530_000.0)
_MEASURED = {one.recipe: one for one in (_QUICK, _POSE, _PICTURES)}
_AMOUNT = Amount(12, 1200)


def test_weights_are_looked_for_under_their_own_name() -> None:
    from core.model.weights import imagenet_url

    assert imagenet_url(find_recipe("frozen").backbone.name).rpartition("/")[2] == _WEIGHTS


@pytest.mark.parametrize(
    ("outlook", "recipe"),
    [
        (Outlook(), "auto"),
        (Outlook(is_asking=True), "auto"),
        (Outlook(is_asking=True, has_weights=False), "quick"),
        (Outlook(is_sample=True), "quick"),
        (Outlook(suggested="pose", has_weights=False), "auto"),
        (Outlook(suggested="frozen", has_weights=False), "auto"),
        (Outlook(suggested="quick", has_weights=False), "quick"),
    ],
)
def test_no_recipe_whose_download_may_fail_is_chosen_for_a_person(outlook: Outlook, recipe: str) -> None:
    assert outlook.recipe == recipe


def test_the_recipe_that_chooses_costs_what_it_comes_to() -> None:
    auto = find_recipe("auto")
    for name in ("pose", "frozen"):
        outlook = Outlook(measured=_MEASURED, suggested=name)
        own = outlook.estimate(name, find_recipe(name), _AMOUNT)
        assert own is not None
        assert outlook.estimate("auto", auto, _AMOUNT) == own
        assert (own.download_bytes > 0) == (name == "frozen")
    assert Outlook(measured=_MEASURED).estimate("auto", auto, _AMOUNT) is None


def test_another_network_is_not_guessed_and_one_that_is_there_is_not_downloaded() -> None:
    outlook = Outlook(measured=_MEASURED, suggested="frozen")
    other = with_values(find_recipe("frozen"), {"backbone.name": "my.onnx", "backbone.weights": "none"})
    assert outlook.estimate("frozen", other, _AMOUNT) is None
    local = with_values(find_recipe("frozen"), {"backbone.weights": "mine.pth"})
    found = outlook.estimate("frozen", local, _AMOUNT)
    assert found is not None
    assert found.download_bytes == 0
    assert "No download." in cost_sentence(found)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (38, "40 s"), (100, "2 min"), (700, "10 min"), (5000, "1 h 25 min"), (200_000, "2 d 8 h")],
)
def test_times_have_no_more_digits_than_are_known(seconds: float, words: str) -> None:
    assert rounded_duration(seconds) == words


def test_recipes_stand_in_the_order_of_use_and_those_of_papers_apart(qtbot: QtBot) -> None:
    combo = RecipeCombo()
    qtbot.addWidget(combo)
    combo.set_recipe("auto")
    data = [combo.itemData(place) for place in range(combo.count())]
    titles = [place for place, one in enumerate(data) if one == ""]
    assert [combo.itemText(place) for place in titles] == ["For your videos", "For research: as in the papers"]
    assert data[1 : titles[1]] == list(FOR_VIDEOS)
    assert set(data[titles[1] + 1 : -1]) == set(recipe_names()) - set(FOR_VIDEOS)
    for place in titles:
        assert not combo.model().flags(combo.model().index(place, 0)) & Qt.ItemFlag.ItemIsEnabled
    assert combo.currentData() == "auto"


def test_every_recipe_has_a_name_for_people_and_the_list_says_who_leads() -> None:
    for name in recipe_names():
        assert title_of(name) != name, name
    assert "contrastive" in leads("quick")
    assert "tcn" in leads("frozen")
    assert set(for_research()).isdisjoint(FOR_VIDEOS)


@pytest.fixture
def form(qtbot: QtBot) -> TrainingForm:
    made = TrainingForm()
    qtbot.addWidget(made)
    made.set_videos(VideoCounts(usable=12, val=3, frames=1200, val_frames=300))
    made.set_proposed_name("run-1")
    made.show()
    return made


def _said(form: TrainingForm) -> str:
    return "\n".join(label.text() for label in form.findChildren(QLabel) if label.isVisible()).replace("\u200b", "")


def test_the_form_tells_the_cost_and_why_and_follows_what_suits(form: TrainingForm) -> None:
    form.set_outlook(Outlook(is_asking=True))
    assert "Measuring how long it takes…" in _said(form)
    form.set_outlook(Outlook(False, False, _MEASURED, "pose", "Body pose: 12 of 12 videos show a person."))
    assert "Body pose: 12 of 12 videos show a person." in _said(form)
    assert "No download." in _said(form)
    short = _said(form)
    combo = form.findChild(RecipeCombo)
    assert "about" in combo.itemText(combo.findData("quick"))
    assert "102" in combo.itemText(combo.findData("frozen")) or "103" in combo.itemText(combo.findData("frozen"))
    assert "about" in combo.itemText(combo.findData("pouring"))
    form.set_config(with_values(find_recipe("auto"), {"train.epochs": 3000}))
    assert _said(form) != short


def test_the_box_of_recipes_has_room_for_what_it_says(form: TrainingForm) -> None:
    form.set_outlook(Outlook(False, False, _MEASURED, "pose", ""))
    form.resize(400, 700)
    combo, letters = form.findChild(RecipeCombo), form.fontMetrics()
    for name in FOR_VIDEOS:
        form.set_recipe(name)
        option = QStyleOptionComboBox()
        combo.initStyleOption(option)
        box = combo.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, combo
        )
        assert letters.horizontalAdvance(option.currentText) <= box.width(), option.currentText
        assert "about" in combo.currentText() or name == "auto", "the list says what it costs"


def test_offline_what_is_chosen_needs_no_download_and_what_needs_one_says_so(form: TrainingForm) -> None:
    blocked = _MEASURED | {"frozen": dataclasses.replace(_PICTURES, problem="no network")}
    form.set_outlook(Outlook(False, False, blocked, "quick", "No network: a first look.", has_weights=False))
    order = form.order()
    assert order is not None
    assert order.recipe == "quick"
    assert "No network: a first look." in _said(form)
    combo = form.findChild(RecipeCombo)
    combo.setCurrentIndex(combo.findData("frozen"))
    combo.activated.emit(combo.currentIndex())
    assert "cannot be downloaded now: no network" in _said(form)
    form.set_outlook(Outlook(False, False, _MEASURED, "frozen", "", has_weights=False))
    assert "cannot be downloaded" not in _said(form)
    order = form.order()
    assert order is not None
    assert order.recipe == "frozen", "what a person chose stays"


def test_words_of_what_was_chosen() -> None:
    assert "sample clips" in recipe_reason(Outlook(is_sample=True), "quick")
    assert recipe_reason(Outlook(is_sample=True), "pose") == ""
    assert "Looking at a few frames" in recipe_reason(Outlook(is_asking=True, has_weights=False), "quick")
    cost = Outlook(measured=_MEASURED).estimate("frozen", find_recipe("frozen"), _AMOUNT)
    assert cost is not None
    assert cost_in_short(cost).endswith(", 103 MB to download")


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


class _Asked:
    def __init__(self, controller: OutlookController, monkeypatch: pytest.MonkeyPatch) -> None:
        self.videos: list[list[Path]] = []
        self.stopped = 0
        monkeypatch.setattr(controller._question, "ask", lambda videos: self.videos.append(list(videos)))


def test_nothing_is_asked_before_the_start_and_beside_no_job(
    stand: Stand, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = new_project(tmp_path / "project", tiny_videos(tmp_path / "films", 2), decodes=True)
    outlook = OutlookController(stand.session, stand.jobs, stand)
    outlook._delay.setInterval(0)
    asked = _Asked(outlook, monkeypatch)
    stand.session.open(project)
    outlook._ask_if_changed()
    assert asked.videos == [], "nobody said that it may"
    outlook.start()
    outlook._ask_if_changed()
    assert asked.videos == [], "the device is not known"
    job = stand.jobs.submit(JobOrder("train", "run-1", ("core.device",), "cpu"))
    outlook.resume()
    outlook._ask_if_changed()
    assert asked.videos == [], "it would slow the job down"
    assert outlook.outlook.is_asking
    qtbot.waitUntil(lambda: job not in stand.jobs.jobs)
    qtbot.waitUntil(lambda: bool(asked.videos))
    assert [file.name for file in asked.videos[0]] == ["clip1.mp4", "clip2.mp4"]
    outlook._on_event(RecipeSuggested("quick", "why"))
    outlook._on_event(_QUICK)
    outlook._on_finished()
    outlook._ask_if_changed()
    assert len(asked.videos) == 1, "the same videos are not asked about again"
    assert (outlook.outlook.suggested, outlook.outlook.is_asking) == ("quick", False)
    assert set(outlook.outlook.measured) == {"quick"}


def test_a_question_that_a_job_cut_off_is_asked_again_and_what_is_known_stays(
    stand: Stand, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlook = OutlookController(stand.session, stand.jobs, stand)
    asked = _Asked(outlook, monkeypatch)
    monkeypatch.setattr(type(outlook._question), "is_running", property(lambda question: bool(asked.videos)))
    stand.session.open(new_project(tmp_path / "project", tiny_videos(tmp_path / "films", 2), decodes=True))
    outlook.start()
    outlook.resume()
    outlook._ask_if_changed()
    outlook._on_event(RecipeSuggested("pose", "why"))
    job = stand.jobs.submit(JobOrder("train", "run-1", ("core.device",), "cpu"))
    outlook._ask_if_changed()
    assert (outlook.outlook.suggested, outlook.outlook.is_asking) == ("pose", False), "nothing is being measured now"
    qtbot.waitUntil(lambda: job not in stand.jobs.jobs)
    outlook._ask_if_changed()
    assert len(asked.videos) == 2, "what it costs is not known yet"
    assert (outlook.outlook.suggested, outlook.outlook.reason) == ("pose", "why")
    assert outlook.outlook.is_asking
    outlook._on_event(_QUICK)
    outlook._on_finished()
    outlook._ask_if_changed()
    assert len(asked.videos) == 2
    assert not outlook.outlook.is_asking
