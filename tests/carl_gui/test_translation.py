"""Every word of the window can be translated: it goes through `tr` or `translate`, and Qt's tool finds it there."""

from __future__ import annotations

import ast
import subprocess
import sys
import sysconfig
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest

from carl_gui.commands.window import COMMANDS
from carl_gui.player.commands import COMMANDS as PLAYER_COMMANDS
from carl_gui.player.commands import CONTEXT as PLAYER
from carl_gui.steps import STEPS
from carl_gui.videos.commands import COMMANDS as LIBRARY_COMMANDS
from carl_gui.videos.commands import CONTEXT as LIBRARY
from carl_gui.widgets import setting_texts

_GUI = Path(__file__).parents[2] / "carl_gui"
_FILES = sorted(_GUI.rglob("*.py"))
_SHOWING = {
    "setText",
    "setToolTip",
    "setStatusTip",
    "setWhatsThis",
    "setWindowTitle",
    "setTitle",
    "setAccessibleName",
    "setAccessibleDescription",
    "setPlaceholderText",
    "setInformativeText",
    "setPrefix",
    "setSuffix",
    "setSpecialValueText",
    "setNameFilter",
    "setNameFilters",
    "setHorizontalHeaderLabels",
    "addAction",
    "addMenu",
    "addButton",
    "addTab",
    "addRow",
    "addItem",
    "addItems",
    "drawText",
    "showMessage",
    "show_status",
    "warn",
    "say",
    "show_message",
    "notify",
    "set_message",
    "QLabel",
    "ElidedLabel",
    "QPushButton",
    "PrimaryButton",
    "QToolButton",
    "QCheckBox",
    "QRadioButton",
    "QGroupBox",
    "QAction",
    "QMenu",
    "QToolBar",
    "QProgressDialog",
    "QFileDialog",
    "QListWidgetItem",
    "QTableWidgetItem",
    "QTreeWidgetItem",
    "QMessageBox",
}
_SHOWN_WORDS = {"text", "placeholderText", "toolTip", "windowTitle", "title", "prefix", "suffix", "specialValueText"}
"""Arguments of any call by which Qt's classes take a text."""


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _literals(given: ast.expr) -> Iterator[str]:
    """Words that are shown as they stand: those within a call were translated, or are looked up by it."""
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield given.value
    elif isinstance(given, ast.JoinedStr):
        for part in given.values:
            yield from _literals(part)
    elif isinstance(given, ast.List | ast.Tuple | ast.BinOp | ast.IfExp):
        parts = given.elts if isinstance(given, ast.List | ast.Tuple) else _sides(given)
        for part in parts:
            yield from _literals(part)
    elif isinstance(given, ast.Call) and _name(given) == "format" and isinstance(given.func, ast.Attribute):
        yield from _literals(given.func.value)


def _sides(given: ast.BinOp | ast.IfExp) -> list[ast.expr]:
    return [given.left, given.right] if isinstance(given, ast.BinOp) else [given.body, given.orelse]


def _untranslated(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        given = list(call.args) if _name(call) in _SHOWING else []
        given += [word.value for word in call.keywords if word.arg in _SHOWN_WORDS]
        for text in (text for one in given for text in _literals(one)):
            if any(letter.isalpha() for letter in text) and not text.startswith("#"):  # a colour
                yield call.lineno, text


def test_the_law_sees_what_it_should() -> None:
    code = """
label.setText("Hello")
QLabel(f"{count} videos")
QPushButton(self.tr("Fine"))
label.setText(self.tr("{0} of {1}").format(1, 2))
label.setText("{0} of".format(1))
QLineEdit(placeholderText="Search")
label.setText("…")
box.addItem("One" if one else other)
"""
    assert [text for _, text in _untranslated(ast.parse(code))] == ["Hello", " videos", "{0} of", "Search", "One"]


@pytest.mark.parametrize("file", _FILES, ids=[str(file.relative_to(_GUI)) for file in _FILES])
def test_no_word_is_shown_untranslated(file: Path) -> None:
    assert list(_untranslated(ast.parse(file.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize("file", _FILES, ids=[str(file.relative_to(_GUI)) for file in _FILES])
def test_only_whole_sentences_are_translated(file: Path) -> None:
    """What is put in comes after the translation: the tool finds literals alone."""
    made = []
    for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and _name(call) == "tr":
            made += [call.lineno for one in call.args[:1] if not isinstance(one, ast.Constant)]
    assert made == []


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What `pyside6-lupdate` finds, by context."""
    tool = Path(sysconfig.get_path("scripts"), f"pyside6-lupdate{'.exe' if sys.platform == 'win32' else ''}")
    if not tool.exists():
        pytest.skip("pyside6-lupdate is not installed")
    out = tmp_path_factory.mktemp("words") / "carl.ts"
    done = subprocess.run(
        [tool, *map(str, _FILES), "-ts", str(out)], check=False, capture_output=True, text=True, encoding="utf-8"
    )
    if not out.exists():
        pytest.skip(f"pyside6-lupdate does not work here: {done.stderr.strip()[-200:]}")
    contexts = ElementTree.parse(out).getroot().iter("context")
    return {
        str(context.findtext("name")): {str(one.findtext("source")) for one in context.iter("message")}
        for context in contexts
    }


def _meant(node: ast.AST, context: str = "") -> Iterator[tuple[str, str]]:
    """Every literal that somebody means to be translated, and the context in which it is looked up when it is shown."""
    if isinstance(node, ast.ClassDef):
        context = node.name
    if isinstance(node, ast.Call) and node.args and all(isinstance(one, ast.Constant) for one in node.args[:2]):
        words = [one.value for one in node.args[:2] if isinstance(one, ast.Constant)]
        if isinstance(node.func, ast.Attribute) and node.func.attr == "tr":
            yield context, str(words[0])
        elif _name(node) in ("tr", "translate", "QT_TRANSLATE_NOOP"):
            yield str(words[0]), str(words[-1])
    elif isinstance(node, ast.Call) and _name(node) == "QT_TRANSLATE_NOOP":
        yield "a name instead of a literal", ast.unparse(node)
    for child in ast.iter_child_nodes(node):
        yield from _meant(child, context)


@pytest.mark.parametrize("file", _FILES, ids=[str(file.relative_to(_GUI)) for file in _FILES])
def test_the_tool_finds_every_word(file: Path, found: dict[str, set[str]]) -> None:
    """It goes by the names `tr` and `translate`, and by literals: another name for them hides the words from it."""
    meant = set(_meant(ast.parse(file.read_text(encoding="utf-8"))))
    assert sorted(one for one in meant if one[1] not in found.get(one[0], ())) == []


def test_the_tool_finds_words_under_the_names_by_which_they_are_asked_for(found: dict[str, set[str]]) -> None:
    assert "Recent projects" in found["StartPage"]
    assert "Give the project a name." in found["NewProjectDialog"]
    assert "Training is running" in found["CloseGuard"]
    assert "CARL Studio" in found["MainWindow"]
    tables = [(COMMANDS, "Commands"), (STEPS, "Commands"), (LIBRARY_COMMANDS, LIBRARY), (PLAYER_COMMANDS, PLAYER)]
    for table, context in tables:
        assert {row.text for row in table} <= found[context]
    assert {command.category for command in COMMANDS} <= found["Commands"]


def test_words_that_are_generated_are_listed_for_translators() -> None:
    listed = setting_texts.texts()
    assert ("Settings", "Epochs") in listed
    assert len(listed) == len(set(listed)) > 100
    assert all(context in ("Settings", "Recipes") and text.strip() for context, text in listed)
