"""The banner: one sentence at a time, and no offer is lost below another one."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from carl_gui.main_window import MainWindow
from carl_gui.theme import DARK, LIGHT
from carl_gui.widgets.banner import Banner


@pytest.fixture
def banner(qtbot: QtBot) -> Banner:
    made = Banner()
    qtbot.addWidget(made)
    made.resize(900, 60)
    return made


def _action(banner: Banner) -> QPushButton:
    return banner.findChild(QPushButton)


def _cross(banner: Banner) -> QToolButton:
    return banner.findChild(QToolButton)


def test_it_is_hidden_while_it_has_nothing_to_say(banner: Banner) -> None:
    assert (banner.isVisible(), banner.sentence) == (False, "")
    banner.show_message("The disk is full.", is_warning=True)
    assert (banner.isVisible(), banner.sentence) == (True, "The disk is full.")
    assert not _action(banner).isVisible()
    banner.clear()
    assert (banner.isVisible(), banner.sentence) == (False, "")


def test_a_deed_is_chosen_once(banner: Banner, qtbot: QtBot) -> None:
    banner.show_message("It broke off.", action="Resume")
    assert _action(banner).text() == "Resume"
    with qtbot.waitSignal(banner.action_triggered), qtbot.assertNotEmitted(banner.action_declined):
        _action(banner).click()
    assert banner.sentence == ""


def test_a_deed_is_declined(banner: Banner, qtbot: QtBot) -> None:
    banner.show_message("It broke off.", action="Resume")
    with qtbot.waitSignal(banner.action_declined), qtbot.assertNotEmitted(banner.action_triggered):
        _cross(banner).click()
    assert banner.sentence == ""


def test_an_offer_waits_below_a_warning_and_comes_back(banner: Banner, qtbot: QtBot) -> None:
    banner.show_message("It broke off.", action="Resume")
    with qtbot.assertNotEmitted(banner.action_declined):
        for sentence in ("The disk is full.", "The disk is still full."):
            banner.show_message(sentence, is_warning=True)
            assert banner.sentence == sentence
            assert not _action(banner).isVisible()
        _cross(banner).click()
    assert (banner.sentence, _action(banner).text(), _action(banner).isVisible()) == ("It broke off.", "Resume", True)
    with qtbot.waitSignal(banner.action_declined):
        _cross(banner).click()
    assert banner.sentence == ""


def test_a_newer_offer_takes_the_place_of_an_older_one(banner: Banner) -> None:
    banner.show_message("first", action="Do it")
    banner.show_message("warning", is_warning=True)
    banner.show_message("second", action="Do that")
    banner.show_message("warning", is_warning=True)
    _cross(banner).click()
    assert banner.sentence == "second"
    banner.clear()
    banner.show_message("warning", is_warning=True)
    _cross(banner).click()
    assert banner.sentence == "", "what was cleared does not come back"


def test_saying_announces_nothing(banner: Banner, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(banner.action_triggered), qtbot.assertNotEmitted(banner.action_declined):
        banner.show_message("first", action="Do it")
        banner.show_message("warning", is_warning=True)
        banner.clear()


def test_text_is_text_and_a_long_one_wraps(banner: Banner) -> None:
    banner.show_message("<b>bold</b> " + "word " * 200)
    QApplication.processEvents()
    assert banner.minimumSizeHint().width() < 500
    assert banner.heightForWidth(700) > banner.heightForWidth(3000)


def test_it_follows_the_look(window: MainWindow) -> None:
    window.warn("The disk is full.")
    for theme, colours in (("light", LIGHT), ("dark", DARK), ("light", LIGHT)):
        window.apply_theme(theme)
        QApplication.processEvents()
        picture = window.banner.grab().toImage()
        assert picture.pixelColor(1, picture.height() // 2).name() == colours.warning
        assert picture.pixelColor(picture.width() // 2, 2).name() == colours.base
    window.banner.show_message("no warning")
    assert window.banner.grab().toImage().pixelColor(1, 15).name() == LIGHT.curve
