"""The bar of steps: which there are, where one is, how far each has come; and the table behind it."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible, QAction, QActionGroup
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from carl_gui.guide.step_bar import StepBar
from carl_gui.steps import STEPS
from carl_gui.theme import DARK, LIGHT, palette_of


@pytest.fixture
def bar(qtbot: QtBot) -> StepBar:
    made = StepBar()
    qtbot.addWidget(made)
    group = QActionGroup(made)
    for name, text in (("videos", "&Videos"), ("train", "&Train && test")):
        action = QAction(text, made, checkable=True)
        group.addAction(action)
        made.add_step(name, action)
    made.show()
    return made


def _buttons(bar: StepBar) -> list[QToolButton]:
    return bar.findChildren(QToolButton)


def _told(bar: StepBar) -> list[str]:
    told = [QAccessible.queryAccessibleInterface(one).text(QAccessible.Text.Name) for one in _buttons(bar)]
    return [str(one) for one in told]


def test_steps_are_numbered_and_say_how_far_they_are(bar: StepBar) -> None:
    assert bar.ids == ("videos", "train")
    assert _told(bar) == ["1 Videos", "2 Train & test"]
    bar.set_note("videos", "12 videos")
    assert (bar.note("videos"), bar.note("train")) == ("12 videos", "")
    assert _told(bar) == ["1 Videos, 12 videos", "2 Train & test"]
    bar.set_note("videos", "")
    assert _told(bar) == ["1 Videos", "2 Train & test"]


def test_a_step_is_chosen_and_shown_as_chosen(bar: StepBar) -> None:
    buttons = _buttons(bar)
    buttons[1].click()
    assert [one.isChecked() for one in buttons] == [False, True]
    buttons[0].defaultAction().trigger()
    assert [one.isChecked() for one in buttons] == [True, False]


def test_a_note_makes_room_for_itself(bar: StepBar) -> None:
    narrow = bar.sizeHint().width()
    bar.set_note("train", "a very long note about this step")
    QApplication.processEvents()
    assert bar.sizeHint().width() > narrow
    assert all(one.width() >= one.sizeHint().width() for one in _buttons(bar))


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_the_step_at_hand_is_underlined(bar: StepBar, colours: object) -> None:
    bar.setPalette(palette_of(colours))
    here, there = _buttons(bar)
    here.click()
    here.clearFocus()

    def underlined(button: QToolButton) -> bool:
        picture = button.grab().toImage()
        return picture.pixelColor(picture.width() // 2, picture.height() - 2).name() == colours.curve

    assert (underlined(here), underlined(there)) == (True, False)
    there.click()
    assert (underlined(here), underlined(there)) == (False, True)


def test_every_step_of_the_table_has_a_word_and_a_letter_of_its_own() -> None:
    assert len({step.id for step in STEPS}) == len(STEPS)
    letters = [step.text[step.text.index("&") + 1].casefold() for step in STEPS]
    assert len(set(letters)) == len(letters)
