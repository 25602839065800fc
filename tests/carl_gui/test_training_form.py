"""The form for a new run: what it orders is what it shows, and it says why nothing can be started."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QPushButton, QScrollArea, QToolButton
from pytestqt.qtbot import QtBot

from carl_gui.job_control.order import VideoCounts
from carl_gui.train.fields import NetworkCombo, RecipeCombo, TrainingGrid, VideosCombo
from carl_gui.train.form import TrainingForm, normalise_name, problem_with
from carl_gui.train.settings_form import SettingRow, SettingsForm
from core.settings.config import save, with_values
from core.settings.recipes import find_recipe, recipe_names, weights_values


@pytest.fixture
def form(qtbot: QtBot) -> TrainingForm:
    """Shown and ready: 48 videos, a name, the recipe `auto`."""
    made = TrainingForm()
    qtbot.addWidget(made)
    made.resize(360, 700)
    made.set_videos(VideoCounts(usable=48, val=12, labelled=5, unusable=("a.mp4", "b.mp4")))
    made.set_proposed_name("run-1")
    made.set_taken_names({"Old"})
    made.show()
    return made


def _start(form: TrainingForm) -> QPushButton:
    return next(button for button in form.findChildren(QPushButton) if button.text() == "&Start training")


def _name(form: TrainingForm) -> QLineEdit:
    return form.findChild(TrainingGrid).name


def _type_name(qtbot: QtBot, form: TrainingForm, name: str) -> None:
    _name(form).selectAll()
    qtbot.keyClick(_name(form), Qt.Key.Key_Delete)
    _name(form).insert(name)  # as an input method does: keys are Latin only


def _said(form: TrainingForm) -> str:
    """All lines that are seen."""
    lines = [label.text() for label in form.findChildren(QLabel) if label.isVisible()]
    return "\n".join(lines).replace("\u200b", "")


def _row(form: TrainingForm, name: str) -> SettingRow:
    return form.findChild(TrainingGrid).rows[name]


def _choose(combo: RecipeCombo | NetworkCombo | VideosCombo, index: int) -> None:
    """As the mouse does."""
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def test_it_orders_what_it_shows(qtbot: QtBot, form: TrainingForm) -> None:
    _row(form, "train.epochs").editor.setValue(50)
    _row(form, "train.learning_rate").editor.setValue(2e-5)
    _choose(form.findChild(VideosCombo), 1)
    with qtbot.waitSignal(form.start_requested) as wanted:
        qtbot.mouseClick(_start(form), Qt.MouseButton.LeftButton)
    order = wanted.args[0]
    assert (order.name, order.recipe, order.videos, order.device) == ("run-1", "auto", "all", "auto")
    assert order.values == {"train.epochs": 50, "train.learning_rate": 2e-5}
    assert order.config == with_values(find_recipe("auto"), order.values)


@pytest.mark.parametrize("recipe", recipe_names())
def test_another_recipe_brings_its_values_and_leaves_the_name(qtbot: QtBot, form: TrainingForm, recipe: str) -> None:
    _type_name(qtbot, form, "mine")
    _row(form, "train.epochs").editor.setValue(77)
    _choose(form.findChild(NetworkCombo), 1)
    combo = form.findChild(RecipeCombo)
    _choose(combo, combo.findData("pouring" if recipe != "pouring" else "quick"))
    _choose(combo, combo.findData(recipe))
    order = form.order()
    assert order is not None
    assert (order.name, order.recipe, order.values, order.config) == ("mine", recipe, {}, find_recipe(recipe))
    assert _row(form, "train.epochs").editor.value() == find_recipe(recipe).train.epochs
    assert form.findChild(NetworkCombo).currentText() == "As in the recipe"


def test_a_recipe_says_what_it_is_for(form: TrainingForm) -> None:
    assert "body pose (“Body pose”) if a person is seen throughout, otherwise images (“Pictures”)" in _said(form)
    form.set_recipe("frozen")
    assert "only a small part learns" in _said(form)
    form.set_recipe("quick")
    assert "A first look in a minute or two" in _said(form)


def test_a_recipe_may_be_a_file(qtbot: QtBot, form: TrainingForm, tmp_path: Path) -> None:
    config = with_values(find_recipe("quick"), {"train.epochs": 3})
    save(config, tmp_path / "mine.toml")
    (tmp_path / "bad.toml").write_text("[train]\nepochs = 0\n", encoding="utf-8")
    combo = form.findChild(RecipeCombo)
    _choose(combo, combo.count() - 1)
    dialog = combo.findChild(QFileDialog)
    with qtbot.waitSignal(dialog.finished):
        dialog.reject()
    assert combo.currentData() == "auto"
    combo.selected.emit(str(tmp_path / "mine.toml"))
    order = form.order()
    assert order is not None
    assert (order.recipe, order.config, order.values) == (str(tmp_path / "mine.toml"), config, {})
    assert combo.currentText() == "mine.toml"
    combo.selected.emit(str(tmp_path / "bad.toml"))
    assert "bad.toml: train.epochs must be at least 1" in _said(form)
    assert combo.currentText() == "mine.toml"
    assert form.order() == order


def test_what_contradicts_cannot_be_started(qtbot: QtBot, form: TrainingForm) -> None:
    settings = form.findChild(SettingsForm)
    form.findChild(QToolButton).click()
    rows = {row.item.name: row for row in settings.findChildren(SettingRow)}
    rows["views.min_crop_fraction"].editor.setValue(0.9)
    rows["views.max_crop_fraction"].editor.setValue(0.2)
    assert "“Minimum crop fraction” = 0.9 > “Maximum crop fraction” = 0.2. Swap the two values." in _said(form)
    assert form.order() is None
    assert not _start(form).isEnabled()
    with qtbot.assertNotEmitted(form.start_requested):
        qtbot.keyClick(_name(form), Qt.Key.Key_Return)
    rows["views.max_crop_fraction"].editor.setValue(1.0)
    assert form.order().values == {"views.min_crop_fraction": 0.9}


def test_few_and_all_settings_are_the_same_ones(form: TrainingForm) -> None:
    form.findChild(QToolButton).click()
    below = {row.item.name: row for row in form.findChild(SettingsForm).findChildren(SettingRow)}
    for name, row in form.findChild(TrainingGrid).rows.items():
        row.editor.stepBy(1)
        assert below[name].editor.value() == row.editor.value()
        below[name].editor.stepBy(1)
        assert below[name].editor.value() == row.editor.value() == form.order().values[name]
    num_changed = len(form.findChild(TrainingGrid).rows)
    assert form.findChild(QToolButton).text() == f"&All settings ({num_changed} changed)"


def test_the_image_network_is_what_weights_are(form: TrainingForm, tmp_path: Path) -> None:
    combo = form.findChild(NetworkCombo)
    form.set_recipe("penn_action")
    for file in ("net.onnx", "net.pth", "net.safetensors"):
        path = str(tmp_path / file)
        combo.selected.emit(path)
        order = form.order()
        assert order.config == with_values(find_recipe("penn_action"), weights_values(path))
        assert combo.currentText() == file
    _choose(combo, 1)
    assert form.order().values == {}
    assert combo.currentText().startswith("ImageNet")
    _choose(combo, 0)
    assert form.order().values == {}
    form.set_config(with_values(find_recipe("penn_action"), {"backbone.name": "resnet18"}))
    assert combo.currentText() == "As set under “All settings”"
    form.set_config(find_recipe("penn_action"))
    assert combo.currentText() == "As in the recipe"


def test_a_network_that_is_named_leaves_nothing_to_choose(form: TrainingForm, tmp_path: Path) -> None:
    """As on the command line: pictures through that network, with the settings of the recipe for them."""
    path = str(tmp_path / "net.onnx")
    _row(form, "train.epochs").editor.setValue(50)
    form.findChild(NetworkCombo).selected.emit(path)
    order = form.order()
    assert (order.recipe, form.findChild(RecipeCombo).currentData()) == ("frozen", "frozen")
    assert order.config == with_values(find_recipe("frozen"), {"train.epochs": 50, **weights_values(path)})
    assert form.findChild(NetworkCombo).currentText() == "net.onnx"


def test_body_pose_takes_no_weights(form: TrainingForm, tmp_path: Path) -> None:
    form.set_recipe("pose")
    form.findChild(NetworkCombo).selected.emit(str(tmp_path / "net.pth"))
    assert form.order() is None
    assert "Body pose brings its own networks" in _said(form)
    form.set_recipe("pose")
    assert form.order().config == find_recipe("pose")


def test_a_recipe_without_a_network_takes_no_weights(form: TrainingForm, tmp_path: Path) -> None:
    form.set_recipe("quick")
    combo = form.findChild(NetworkCombo)
    _choose(combo, 1)
    assert form.order() is None
    assert "uses no trained network (hog)" in _said(form)
    combo.selected.emit(str(tmp_path / "net.onnx"))
    assert form.order().config.backbone.name.endswith("net.onnx")


@pytest.mark.parametrize(
    ("counts", "videos", "says"),
    [
        (VideoCounts(), 0, "No usable videos yet"),
        (VideoCounts(usable=3, val=3), 0, "All usable videos are set to Validation"),
    ],
)
def test_without_videos_nothing_starts(form: TrainingForm, counts: VideoCounts, videos: int, says: str) -> None:
    form.set_videos(counts)
    _choose(form.findChild(VideosCombo), videos)
    assert form.order() is None
    assert not _start(form).isEnabled()
    assert says in _said(form)
    assert says in _start(form).accessibleDescription()


def test_before_the_videos_are_counted_it_does_not_say_that_there_are_none(qtbot: QtBot) -> None:
    form = TrainingForm()
    qtbot.addWidget(form)
    form.show()
    assert "Counting the videos…" in _said(form)
    assert "No usable videos" not in _said(form)
    assert form.order() is None


def test_it_says_which_videos_and_how_many_steps(form: TrainingForm) -> None:
    combo = form.findChild(VideosCombo)
    assert combo.currentText() == "All except Validation videos (36)", "they are kept, unless asked otherwise"
    assert "12 Validation videos kept for checking." in _said(form)
    assert "Missing or broken, left out: a.mp4, b.mp4." in _said(form)
    assert "36 videos, 30 epochs = 300 steps" in _said(form)
    form._settings.set_values({"train.patience": 3})
    form._show_state()
    assert "36 videos, at most 30 epochs = 300 steps" in _said(form)
    form._settings.set_values({"train.patience": 0})
    form._show_state()
    _choose(combo, 1)
    assert "Includes the Validation videos, so none remain for checking." in _said(form)
    assert "48 videos, 30 epochs = 360 steps" in _said(form)
    form.set_videos(VideoCounts(usable=40, val=10))
    assert combo.currentText() == "All usable videos (40)", "what the person chose stays"
    form.set_videos(VideoCounts(usable=1))
    assert "1 video, 30 epochs = 300 steps" in _said(form)
    assert "alidat" not in _said(form)
    assert combo.count() == 1, "nothing is set to Validation: nothing is to be chosen"
    form.set_videos(VideoCounts(usable=40, val=10))
    assert combo.currentText() == "All usable videos (40)"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "Give the run a name."),
        ("   ", "Give the run a name."),
        ("oLD", "A run named “oLD” already exists"),
        ("a/b", "“/”"),
        ("what?", "“?”"),
        ("dots.", "cannot end in a dot"),
        ("..", "cannot end in a dot"),
        ("Con", "“Con” is reserved by Windows"),
        ("lpt1.runs", "“lpt1.runs” is reserved by Windows"),
        ("ü" * 101, "too long"),
    ],
)
def test_a_name_that_no_folder_can_have_is_refused(qtbot: QtBot, form: TrainingForm, name: str, says: str) -> None:
    _type_name(qtbot, form, name)
    assert says in _said(form)
    assert form.order() is None
    with qtbot.assertNotEmitted(form.start_requested):
        qtbot.keyClick(_name(form), Qt.Key.Key_Return)


@pytest.mark.parametrize("name", ["run 1", "Läufe 🏃", "console", "com10", ".hidden", "a.b", "x" * 200])
def test_names_that_folders_can_have(name: str, tmp_path: Path) -> None:
    assert problem_with(normalise_name(f" {name} "), {"other"}) == ""
    (tmp_path / normalise_name(name)).mkdir()


def test_names_differ_however_their_letters_are_composed() -> None:
    assert problem_with(normalise_name("U\u0308bung"), {"übung"})
    assert problem_with("a\tb", set()) == problem_with("a\tb", {"c"}) != ""


def test_enter_in_the_name_starts(qtbot: QtBot, form: TrainingForm) -> None:
    _type_name(qtbot, form, " second ")
    with qtbot.waitSignal(form.start_requested) as wanted:
        qtbot.keyClick(_name(form), Qt.Key.Key_Return)
    assert wanted.args[0].name == "second"


def test_a_proposed_name_never_replaces_a_typed_one_until_that_was_started(qtbot: QtBot, form: TrainingForm) -> None:
    form.set_proposed_name("run-2")
    assert _name(form).text() == "run-2"
    _type_name(qtbot, form, "mine")
    form.set_proposed_name("run-3")
    assert _name(form).text() == "mine"
    form.start_requested.connect(lambda _: form.set_proposed_name("run-4"))
    qtbot.mouseClick(_start(form), Qt.MouseButton.LeftButton)
    assert _name(form).text() == "run-4"


def test_setters_order_nothing(qtbot: QtBot, form: TrainingForm) -> None:
    with qtbot.assertNotEmitted(form.start_requested), qtbot.assertNotEmitted(form.findChild(SettingsForm).edited):
        form.set_recipe("quick")
        form.set_config(find_recipe("finegym"))
        form.set_videos(VideoCounts(usable=2))
        form.set_device("auto: cpu, no graphics card was found")
        form.set_message("The disk is full: free some of it.")
        form.set_taken_names({"a"})
        form.set_proposed_name("b")
    assert "auto: cpu, no graphics card was found" in _said(form)


def test_a_message_stays_until_the_next_change(form: TrainingForm) -> None:
    form.set_message("/a/very long/folder is read-only: choose another one.")
    assert "/a/very long/folder is read-only" in _said(form)
    assert _start(form).isEnabled()
    _row(form, "train.seed").editor.setValue(9)
    assert "read-only" not in _said(form)


def test_all_settings_are_made_when_they_are_folded_out(form: TrainingForm) -> None:
    settings = form.findChild(SettingsForm)
    assert not settings.is_built
    fold = form.findChild(QToolButton)
    fold.click()
    assert settings.isVisible()
    fold.click()
    assert not settings.isVisible()


@pytest.mark.parametrize("is_open", [False, True])
def test_nothing_is_cut_off_at_the_narrowest(qtbot: QtBot, form: TrainingForm, is_open: bool) -> None:
    form.set_device("auto: a graphics card with a very long name indeed " * 3)
    form.set_recipe("frozen")
    form.findChild(NetworkCombo).selected.emit(f"/{'long' * 50}/{'name' * 40}.onnx")
    _type_name(qtbot, form, "n" * 200)
    fold = form.findChild(QToolButton)
    fold.setChecked(is_open)
    area = form.findChild(QScrollArea)
    assert area.widget().minimumSizeHint().width() <= area.viewport().width()
    assert form.minimumSizeHint().width() <= 360
    assert form.rect().contains(_start(form).mapTo(form, _start(form).rect().bottomRight()))


def test_without_long_texts_the_few_settings_need_no_scrolling(qtbot: QtBot, form: TrainingForm) -> None:
    area = form.findChild(QScrollArea)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() == 0)


def test_tab_goes_from_the_name_to_start(form: TrainingForm) -> None:
    grid = form.findChild(TrainingGrid)
    stops = [grid.name, grid.recipe, grid.videos, grid.network, grid.device]
    stops += [*(row.editor for row in grid.rows.values()), form.findChild(QToolButton), _start(form)]
    order, widget = [], grid.name
    for _ in range(400):
        if widget in stops and widget not in order:
            order.append(widget)
        widget = widget.nextInFocusChain()
    assert [stops.index(widget) for widget in order] == list(range(len(stops)))


def test_mnemonics_never_clash(form: TrainingForm) -> None:
    texts = [label.text() for label in form.findChildren(QLabel) if label.buddy()]
    texts += [form.findChild(QToolButton).text(), _start(form).text()]
    letters = [text[text.index("&") + 1].lower() for text in texts]
    assert len(letters) == len(set(letters)) >= 12
    assert not set(letters) & set("frpvhe")  # menus
    for label in form.findChildren(QLabel):
        if label.buddy() is not None:
            assert label.buddy().accessibleName()


def test_what_was_remembered_by_former_names_is_taken_up(form: TrainingForm) -> None:
    values = {"train.swap": 0.25, "views.layout": "released", "train.videos_per_step": 3, "train.of_tomorrow": 1}
    form.set_draft({"is_recipe_own": True, "recipe": "quick", "values": values})
    expected = {"train.mean_swap_prob": 0.25, "views.crop_mode": "released", "train.batch_size": 3}
    assert form.draft()["values"] == expected
