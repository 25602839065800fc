"""Help: on what is on the screen, without a network; what the metrics mean is told where they are shown."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QHelpEvent, QTextDocument
from PySide6.QtWidgets import QApplication, QMessageBox, QToolBar, QToolTip
from pytestqt.qtbot import QtBot

from carl_gui.about import BIBTEX
from carl_gui.explore.pair.model import PairSide, pair_of
from carl_gui.explore.pair.read_out import tips_of_facts
from carl_gui.explore.pair.strip import PathStrip
from carl_gui.explore.right_panel import RightDialog
from carl_gui.help import (
    HelpWindow,
    chapters,
    help_page_for,
    help_picture,
    help_text,
    help_title,
    page_names,
)
from carl_gui.main_window import MainWindow
from carl_gui.models.metric_messages import EXPLAINED, metric_meaning, metric_tip, metric_title
from carl_gui.models.rows import Choice
from carl_gui.steps import STEPS
from carl_gui.widgets.help_button import HelpButton
from tests.carl_gui.embedded import edges
from tests.carl_gui.windows import open_project


def _help(window: MainWindow) -> HelpWindow:
    return window.findChild(HelpWindow)


def test_the_key_opens_help_on_the_start_page(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert _help(window).isVisible()
    assert _help(window).name == "start"
    assert "First steps" in _help(window).text.toPlainText()
    qtbot.keyClick(_help(window).text, Qt.Key.Key_F1)
    assert not _help(window).isVisible()


def test_every_page_and_view_has_help_of_its_own(window: MainWindow, runs: Path, qtbot: QtBot) -> None:
    open_project(window, runs.parent)
    shown = []
    for step in STEPS:
        window.show_page(step.id)
        views = list(window.page("explore").views) if step.id == "explore" else [""]
        for view in views:
            if view:
                window.page("explore").choose_view(view)
            window.commands.actions["help.page"].trigger()
            shown.append(_help(window).name)
            assert len(_help(window).text.toPlainText()) > 300, shown[-1]
            assert _help(window).pages.currentItem().text() == help_title(shown[-1])
    assert shown == list(next(one.pages for one in chapters() if one.title == "The window"))


def test_the_toolbar_has_a_question_mark(window: MainWindow, runs: Path) -> None:
    open_project(window, runs.parent)
    tools = window.findChild(QToolBar, "tools")
    button = tools.widgetForAction(window.commands.actions["help.page"])
    assert button.text() == "?"
    assert "F1" in button.toolTip()
    button.click()
    assert _help(window).name == "videos"


def test_no_page_needs_a_network(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", lambda *_: pytest.fail("it asks the network"))
    for name in page_names():
        window.show_help(name)
        assert _help(window).name == name
        assert "://" not in help_text(name)
        assert _help(window).text.toPlainText().startswith(help_title(name))


def test_a_link_leads_to_its_page(window: MainWindow) -> None:
    window.show_help("train")
    _help(window).text.anchorClicked.emit(QUrl("metrics.md"))
    assert _help(window).name == "metrics"
    assert help_page_for("nothing") == "start"


@pytest.mark.parametrize(("page", "large"), [("start", "sample"), ("explore-pair", "pair")])
def test_pictures_are_shown_as_wide_as_the_text_at_most(window: MainWindow, page: str, large: str) -> None:
    """In lists, too."""
    window.show_help(page)
    text = _help(window).text
    for width in (900, 500, 1000):
        _help(window).resize(width, 600)
        address = QUrl(f"pictures/{large}.png")
        picture = text.document().resource(QTextDocument.ResourceType.ImageResource.value, address)
        room, seen = text.viewport().width(), picture.width() / picture.devicePixelRatio()
        assert room - 100 < seen < room
        assert text.horizontalScrollBar().maximum() == 0


def test_help_reads_nothing_but_its_own_pictures(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    for path in ("pictures/none.png", "../icon.svg", str(tmp_path / "secret.png"), "pictures"):
        with pytest.raises(KeyError):
            help_picture(path)


def test_chapters_are_headings_and_no_pages(window: MainWindow, qtbot: QtBot) -> None:
    window.show_help("start")
    pages = _help(window).pages
    headings = [pages.item(row) for row in range(pages.count()) if not pages.item(row).flags()]
    assert [heading.text() for heading in headings] == [chapter.title for chapter in chapters()]
    for _ in page_names()[1:]:
        qtbot.keyClick(pages, Qt.Key.Key_Down)
    assert _help(window).name == page_names()[-1], "the arrow keys go from page to page"


_KEY = re.compile(r"`((?:(?:Ctrl|Shift|Alt)\+)*(?:[A-Z]|F\d+|[\[\],.?]))`")


def test_keys_that_are_named_do_something(window: MainWindow, runs: Path) -> None:
    open_project(window, runs.parent)
    for step in STEPS:
        window.show_page(step.id)
    known = {
        key.toString(key.SequenceFormat.PortableText)
        for one in window.commands.actions.values()
        for key in one.shortcuts()
    }
    named = {(page, key) for page in page_names() for key in _KEY.findall(help_text(page))}
    assert len(named) > 40
    assert {(page, key) for page, key in named if key not in known} == set()


@pytest.mark.parametrize("name", EXPLAINED)
def test_a_metric_is_explained_with_what_is_good_and_what_is_not(name: str) -> None:
    meaning = metric_meaning(name)
    assert re.search(r"is good|Good:|good and|1 is perfect|Below 0.05 is good", meaning), meaning
    assert re.search(r"poor|doubtful|compare it with|learned nothing|by heart|no better", meaning), meaning
    assert meaning.replace("’", "'")[:20] in metric_tip(name).replace("&#x27;", "'").replace("’", "'")
    assert metric_title(name)[0].isupper()


def test_a_metric_of_some_labels_is_explained_as_the_whole_one() -> None:
    assert metric_meaning("accuracy, 10% of labels") == metric_meaning("accuracy")
    assert metric_title("AP@5") == "AP@5"
    assert "Lower is better" in metric_tip("cut, by DTW")
    assert "Higher is better" in metric_tip("tau")


def test_the_page_of_metrics_tells_of_all_of_them() -> None:
    text = help_text("metrics").casefold()
    for word in ("tau", "cosine", "event error", "validation loss", "confidence", "accuracy", "similarity", "distance"):
        assert word in text


def test_the_numbers_of_a_pair_say_what_they_mean() -> None:
    tips = tips_of_facts()
    assert "doubtful" in tips["Mean similarity on the path"]
    assert "doubtful" in tips["Mean confidence"]


def test_a_triangle_of_the_strip_says_what_it_marks(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    strip = PathStrip()
    qtbot.addWidget(strip)
    strip.resize(600, 160)
    strip.show()
    rows = np.linspace(0, 1.5, 80)[:, None] * (1, 0) + (0, 1)
    deviating = rows.copy()
    deviating[35:45] = (1, -0.2)
    sides = [
        PairSide(edges(80), (r / np.linalg.norm(r, axis=1, keepdims=True)).astype(np.float32))
        for r in (rows, deviating)
    ]
    pair = pair_of(*sides, least_confidence=0.0)
    strip.set_pair(pair)
    peak = int(pair.curves.peaks[0])
    said = strip.tip_at(QPointF(strip.x_of(peak), 3))
    assert f"{pair.curves.distance[peak]:.2f}" in said
    assert "Large difference" in said
    shown = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, *_: shown.append(text))
    at = QPoint(round(strip.x_of(peak)), 3)
    QApplication.sendEvent(strip, QHelpEvent(QEvent.Type.ToolTip, at, strip.mapToGlobal(at)))
    assert shown == [said], "a mouse that rests there is told"
    assert "1 minus their similarity" in strip.tip_at(QPointF(strip.x_of(peak), strip.height() * 0.3))
    assert "tempo" in strip.tip_at(QPointF(strip.x_of(peak), strip.height() * 0.75))
    strip.set_pair(None)
    assert strip.tip_at(QPointF(10, 3)) == ""


def test_a_question_mark_beside_numbers_opens_their_page(window: MainWindow, runs: Path) -> None:
    open_project(window, runs.parent)
    window.show_page("train")
    buttons = window.page("train").widget.findChildren(HelpButton)
    assert {button.page for button in buttons} == {"metrics", "recipes"}
    for button in buttons:
        button.click()
        assert _help(window).name == button.page


def test_a_question_mark_in_a_dialog_opens_help_that_can_be_used(window: MainWindow, qtbot: QtBot) -> None:
    """A dialog holds up every window but its own; its key is that of the window's command."""
    window.show()
    dialog = RightDialog([Choice(1, "a.mp4")], {}, window)
    dialog.open()
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.keyClick(dialog.field, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: dialog.findChild(HelpWindow) is not None)
    shown = dialog.findChild(HelpWindow)
    assert shown.name == "deviations"
    dialog.findChild(HelpButton).click()
    assert dialog.findChildren(HelpWindow) == [shown]
    dialog.reject()


def test_every_question_mark_names_a_page() -> None:
    folder = Path(__file__).parents[2] / "carl_gui"
    named = [
        page
        for file in folder.rglob("*.py")
        for page in re.findall(r'(?:HelpButton|show_help)\("([a-z-]+)"', file.read_text(encoding="utf-8"))
    ]
    assert len(named) > 8
    assert set(named) <= set(page_names())


def test_about_names_licence_and_citation(window: MainWindow) -> None:
    window.show_about()
    box = window.findChild(QMessageBox)
    assert "MIT" in box.informativeText()
    assert "Apache" in box.informativeText()
    assert "Frame-wise Action Representations" in box.informativeText()
    assert box.detailedText() == BIBTEX
