"""The form of all settings: each once with an editor of its kind, nothing rounded, what contradicts is said."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QFileDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from carl_gui.train.settings_form import SettingRow, SettingsForm
from carl_gui.widgets.editors import BoolCheckBox, ChoiceBox, FileField, FloatBox, IntSpinBox, TextField, next_value
from carl_gui.widgets.setting_texts import label_of, plain_number, setting_of, texts, values_of
from core.base.declaring import Value
from core.base.errors import ConfigError
from core.objectives.kinds import KINDS
from core.settings.config import Config, Setting, settings, with_values
from core.settings.recipes import find_recipe


@pytest.fixture
def form(qtbot: QtBot) -> SettingsForm:
    """Shown, with the recipe `frozen`."""
    made = SettingsForm()
    qtbot.addWidget(made)
    made.resize(400, 800)
    made.set_recipe(find_recipe("frozen"))
    made.show()
    return made


@pytest.fixture
def rows(form: SettingsForm) -> dict[str, SettingRow]:
    return {row.item.name: row for row in form.findChildren(SettingRow)}


def _kind(item: Setting) -> type:
    if item.name in ("backbone.name", "backbone.weights", "backbone.person_table"):
        return FileField
    if item.choices:
        return ChoiceBox
    return {int: IntSpinBox, float: FloatBox, bool: BoolCheckBox, str: TextField}[item.type]


def _other(item: Setting, now: Value) -> Iterator[Value]:
    """Values at the edges of what a setting may be, and hard ones between."""
    if item.type is bool:
        yield not now
    elif item.choices:
        yield from item.choices
    elif item.type is str:
        yield "/a folder/ü 🙂.pth"
    elif item.type is int:
        yield from (value for value in (item.low, item.high, 2**31 - 1, 2**40) if item.low <= value <= item.high)
    else:
        hard = (item.low, item.high, 1e-300, 1e-9, 1e-5, 1 / 3, 0.1 + 0.2, math.nextafter(1.0, 0.0), 1.7e308)
        yield from (value for value in hard if item.low <= value <= item.high and math.isfinite(value))


def test_every_setting_has_one_editor_of_its_kind(form: SettingsForm, rows: dict[str, SettingRow]) -> None:
    assert [row.item for row in form.findChildren(SettingRow)] == list(settings())
    for name, row in rows.items():
        assert type(row.editor) is _kind(row.item), name
        assert row.editor.accessibleName() == label_of(row.item)
        assert name in row.label.toolTip()
        assert row.label.buddy() is row.editor
        assert not row.editor.hasFocus()


def test_the_rows_are_made_when_they_are_first_seen(qtbot: QtBot) -> None:
    made = SettingsForm()
    qtbot.addWidget(made)
    made.set_recipe(find_recipe("quick"))
    assert not made.is_built
    assert made.config() == find_recipe("quick")
    made.show()
    assert made.is_built


@pytest.mark.parametrize("recipe", ["frozen", "penn_action"])
def test_whatever_a_setting_is_the_form_gives_it_back(qtbot: QtBot, recipe: str) -> None:
    base = find_recipe(recipe)
    made = SettingsForm()
    qtbot.addWidget(made)
    made.set_recipe(base)
    made.show()
    num_tried = 0
    for item in settings():
        for value in _other(item, values_of(base)[item.name]):
            try:
                config = with_values(base, {item.name: value})
            except ConfigError:
                continue
            made.set_config(config)
            assert made.config() == config, (item.name, value)
            expected = {item.name: value} if config != base else {}
            assert made.values() == expected
            num_tried += 1
    assert num_tried > 150


def test_looking_at_a_number_does_not_round_it(qtbot: QtBot, form: SettingsForm, rows: dict[str, SettingRow]) -> None:
    editor = rows["augment.max_aspect_ratio"].editor
    assert editor.text() == "1.333333333"
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    editor.setFocus()
    rows["augment.flip_prob"].editor.setFocus()
    assert form.config().augment.max_aspect_ratio == 4 / 3
    assert editor.value() == 4 / 3
    assert form.values() == {}


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("2e-5", 2e-5),
        ("0,02", 0.02),
        ("3", 3.0),
        ("1e-9", 1e-9),
        ("50", 10.0),
        ("1e-30", 1e-9),
        ("0.000123456789012", None),
    ],
)
def test_numbers_are_typed_as_people_write_them(
    qtbot: QtBot, form: SettingsForm, rows: dict[str, SettingRow], typed: str, value: float | None
) -> None:
    editor = rows["train.learning_rate"].editor
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, typed)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert form.value("train.learning_rate") == (float(typed) if value is None else value)


def test_letters_cannot_be_typed_into_a_number(qtbot: QtBot, rows: dict[str, SettingRow]) -> None:
    editor = rows["train.learning_rate"].editor
    editor.selectAll()
    qtbot.keyClicks(editor, "x1y")
    assert editor.text() == "1"


def test_a_unit_stands_behind_the_number_and_may_be_left_out(
    qtbot: QtBot, form: SettingsForm, rows: dict[str, SettingRow]
) -> None:
    for name, text in (
        ("views.num_frames", "48 frames"),
        ("augment.max_blur_sigma", "2 pixels"),
        ("frames.cache_size_gb", "50 GB"),
    ):
        assert rows[name].editor.text() == text
    editor = rows["augment.max_blur_sigma"].editor
    editor.clear()
    qtbot.keyClicks(editor, "1.5")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor.text() == "1.5 pixels"
    assert form.values() == {"augment.max_blur_sigma": 1.5}


@pytest.mark.parametrize(
    ("value", "up", "down"),
    [(0.8, 0.9, 0.7), (0.9, 1.0, 0.8), (1.0, 2.0, 0.9), (1e-5, 2e-5, 9e-6), (0.0, 0.1, -0.1), (1000.0, 2000.0, 900.0)],
)
def test_a_step_changes_the_first_digit(value: float, up: float, down: float) -> None:
    assert (next_value(value, 1), next_value(value, -1)) == (up, down)


def test_numbers_are_as_short_as_can_be() -> None:
    said = {0.8: "0.8", 1e-5: "1e-5", 0.001: "0.001", 1e6: "1000000", 4 / 3: "1.333333333", 1e300: "1e300", 7: "7"}
    assert {value: plain_number(value) for value in said} == said
    assert plain_number(True) == "True"


def test_editing_says_so_and_setting_does_not(qtbot: QtBot, form: SettingsForm, rows: dict[str, SettingRow]) -> None:
    with qtbot.assertNotEmitted(form.edited):
        form.set_recipe(find_recipe("quick"))
        form.set_config(find_recipe("penn_action"))
        form.set_values({"train.epochs": 7})
        form.set_recipe(find_recipe("frozen"))
    said: list[dict[str, Value]] = []
    form.edited.connect(lambda: said.append(form.values()))
    qtbot.keyClick(rows["train.epochs"].editor, Qt.Key.Key_Up)
    qtbot.mouseClick(rows["encoder.rescale_positions"].editor, Qt.MouseButton.LeftButton, pos=QPoint(8, 10))
    rows["augment.flip_prob"].editor.stepBy(1)
    qtbot.keyClick(rows["views.crop_mode"].editor, Qt.Key.Key_Up)
    qtbot.keyClick(rows["backbone.weights"].editor.findChild(QLineEdit), "s")
    assert said[-1] == {
        "train.epochs": 31,
        "encoder.rescale_positions": False,
        "augment.flip_prob": 0.6,
        "views.crop_mode": "released",
        "backbone.weights": "simagenet",
    }
    assert len(said) == 5


def test_what_contradicts_is_one_sentence_that_names_the_rows(form: SettingsForm, rows: dict[str, SettingRow]) -> None:
    assert form.is_valid
    rows["augment.min_blur_sigma"].editor.setValue(3.0)
    assert not form.is_valid
    assert form.problem == "“Minimum blur sigma” = 3.0 > “Maximum blur sigma” = 2.0. Swap the two values."
    assert {name for name in rows if form.is_wrong(name)} == {"augment.min_blur_sigma", "augment.max_blur_sigma"}
    with pytest.raises(ConfigError, match=r"augment\.min_blur_sigma"):
        form.config()
    rows["augment.max_blur_sigma"].editor.setValue(4.0)
    assert form.is_valid
    assert form.config() == with_values(form.recipe, {"augment.min_blur_sigma": 3.0, "augment.max_blur_sigma": 4.0})


def test_a_changed_row_is_marked_and_goes_back(qtbot: QtBot, form: SettingsForm, rows: dict[str, SettingRow]) -> None:
    row = rows["train.learning_rate"]
    assert not row.reset.isVisible()
    row.editor.setValue(2e-5)
    assert row.is_changed
    assert row.label.font().bold()
    assert row.reset.isVisible()
    assert "0.001" in row.reset.toolTip()
    with qtbot.waitSignal(form.edited):
        qtbot.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    assert form.values() == {}
    assert not row.label.font().bold()
    assert not row.reset.isVisible()


def test_search_leaves_the_rows_that_have_every_word(form: SettingsForm, rows: dict[str, SettingRow]) -> None:
    search = form.findChild(QLineEdit)

    def shown() -> set[str]:
        return {name for name, row in rows.items() if row.editor.isVisible()}

    form.set_values({"augment.flip_prob": 0.7})
    search.setText("gaussian BLUR")
    assert shown() == {"augment.blur_prob"}
    assert not rows["augment.flip_prob"].reset.isVisible()
    search.setText("train.learning")
    assert shown() == {"train.learning_rate"}
    search.setText("videos_per_step")
    assert shown() == {"train.batch_size"}, "by its former name"
    search.setText("no such thing")
    assert shown() == set()
    search.clear()
    assert shown() == _of_objective("scl")
    assert rows["augment.flip_prob"].reset.isVisible()


def _of_objective(name: str) -> set[str]:
    """Settings of this objective, and of what is no objective."""
    sections = {item.name: item.name.partition(".")[0] for item in settings()}
    return {setting for setting, section in sections.items() if section == name or section not in KINDS}


def test_of_the_objectives_only_the_chosen_one_has_rows(form: SettingsForm, rows: dict[str, SettingRow]) -> None:
    def shown() -> set[str]:
        return {name for name, row in rows.items() if row.editor.isVisible()}

    assert shown() == _of_objective("scl")
    form.set_values({"scl.variance": 4.0})
    assert form.values() == {"scl.variance": 4.0}
    form.set_values({"objective.name": "tcc", "tcc.temperature": 0.3})
    assert shown() == _of_objective("tcc")
    assert form.values() == {"objective.name": "tcc", "tcc.temperature": 0.3}
    assert form.config() == with_values(form.recipe, form.values())
    form.findChild(QLineEdit).setText("gamma")
    assert shown() == set()
    form.set_values({"objective.name": "gta"})
    assert shown() == {"gta.gamma"}
    assert form.is_valid


def _wheel(widget: QWidget) -> bool:
    """Turn the wheel over it; whether it takes that for itself, instead of leaving it to what it lies in."""
    at, held, moved = QPointF(3, 3), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, widget.mapToGlobal(at), QPoint(), QPoint(0, -120), held, moved, phase, False)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def test_the_wheel_passes_editors_by(qtbot: QtBot, form: SettingsForm, rows: dict[str, SettingRow]) -> None:
    before = form.config()
    for row in rows.values():
        for widget in (row.editor, *row.editor.findChildren(QLineEdit), *row.editor.findChildren(QPushButton)):
            assert not _wheel(widget), row.item.name
            assert not widget.focusPolicy() & Qt.FocusPolicy.WheelFocus & ~Qt.FocusPolicy.StrongFocus
    assert form.config() == before
    editor = rows["train.epochs"].editor
    with qtbot.waitActive(form):
        form.activateWindow()
    editor.setFocus()
    assert _wheel(editor)
    assert form.values() == {"train.epochs": 29}


def test_tab_goes_down_the_form(form: SettingsForm, rows: dict[str, SettingRow]) -> None:
    editors = [row.editor for row in rows.values()]
    order, widget = [], form.findChild(QLineEdit).nextInFocusChain()
    while widget is not form.findChild(QLineEdit):
        if widget in editors and widget not in order:
            order.append(widget)
        widget = widget.nextInFocusChain()
    assert order == editors


def test_a_file_is_looked_for_without_holding_up_the_window(
    qtbot: QtBot, form: SettingsForm, rows: dict[str, SettingRow], tmp_path: Path
) -> None:
    editor = rows["backbone.weights"].editor
    qtbot.mouseClick(editor.findChild(QPushButton), Qt.MouseButton.LeftButton)
    dialog = editor.findChild(QFileDialog)
    assert dialog.isVisible()
    with qtbot.waitSignal(form.edited):
        dialog.fileSelected.emit(str(tmp_path / "mine.pth"))
    assert form.values() == {"backbone.weights": str(tmp_path / "mine.pth")}
    dialog.close()


def test_translators_get_every_text(form: SettingsForm, rows: dict[str, SettingRow]) -> None:
    found = texts()
    assert len(found) == len(set(found))
    listed = {text for _, text in found}
    for item in settings():
        assert {label_of(item), item.help} <= listed
        assert not item.unit or item.unit in listed
    assert ("Settings", "Optimisation") in found
    assert ("Settings", "paper, section 4.2; released code") in found
    assert any(context == "Recipes" for context, _ in found)


def test_labels_tell_settings_apart() -> None:
    for objective in KINDS:
        labels = [label_of(setting_of(name)) for name in _of_objective(objective)]
        assert len(labels) == len(set(labels))
    assert label_of(setting_of("train.learning_rate")) == "Learning rate"


def test_values_of_is_all_of_a_config() -> None:
    values = values_of(Config())
    assert list(values) == [item.name for item in settings()]
    assert dataclasses.asdict(with_values(Config(), values)) == dataclasses.asdict(Config())


def test_no_editor_is_wider_than_the_column(form: SettingsForm) -> None:
    assert form.minimumSizeHint().width() <= 320
    assert all(box.width() == 150 for box in form.findChildren(QAbstractSpinBox))
