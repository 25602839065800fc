"""The words of the window: those that must not come back, real plurals, one separator of thousands, one word a thing.

CONTRIBUTING.md has the glossary.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QObject

from carl_gui import numbers
from carl_gui.english import English, choose_plural
from carl_gui.models.video_filter import Column, cell_text
from core.project.rows import VideoRow

_GUI = Path(__file__).parents[2] / "carl_gui"
_FILES = sorted(_GUI.rglob("*.py"))
_PUT_IN = re.compile(r"\{[^}]*\}|%n")
_COUNTED = r"(videos?|frames?|labels?|spans?|segments?|steps?|runs?|phases?|files?|points?|seeds?|threads?|epochs?)"

BANISHED = {
    "Take results out": "Export results",
    "Go back to a backup": "Restore backup",
    "Done again": "Redone",
    "Go on with": "Resume",
    "Theme of": "System theme",
    "layout of window": "Reset window layout",
    "path of run": "Copy run path",
    "Open the folder of a project": "Open project folder",
    "In which folder shall": "Export … to folder",
    "How right": "Accuracy",
    "on the whole": "mean confidence",
    "as they are labelled": "Cross-validated accuracy",
    "then it is seen": "to see whether",
    "Nothing to accept": "Nothing accepted",
    "Accept all from": "Accept all ≥",
    "label / probe / transfer": "label / predicted / transferred",
    "Keep to the order": "Keep phases in order",
    "Here every frame": "Mark the phases of a few videos; the rest are predicted.",
    "Its name, such as": "Phase name (e.g. reach)",
    "Let go": "Clear selection",
    "Edit the cell": "Edit",
    "Most hits": "Max. results",
    "Least cosine": "Min. similarity",
    "Seconds apart": "Min. gap",
    "ncircle": "Lasso",
    "Whole map": "Fit map",
    "Forget": "Clear, discard",
    "lies across": "Variance shown: … horizontal, … vertical",
    "in numbers": "Heatmap data",
    "that is seen as video": "Grid as video",
    "What belongs together": "Alignment table",
    "Every pixel as it is": "Actual size",
    "Work is going on": "Training is running",
    "still waits does not begin": "queued jobs will not start",
    "The window ended": "CARL Studio closed unexpectedly",
    "is not where it was": "File missing",
    "below is said why": "can be imported:",
    "To go": "Time left",
    "file manager": "Show in folder",
    "What share of each video": "Share of each phase per video",
    "nothing is left to validate": "none remain for checking",
    "nobody": "no one",
    "in the step ": "on the … page",
    "split “val”": "Validation",
    "split “train”": "Train",
    " the other {0}": "Embed 1 more video",
    "cosine {": "similarity",
    "Mean cosine": "Mean similarity",
    "partner": "match",
    "depart": "deviate",
    "sure on average": "mean confidence",
    "alike first": "similar",
    "shall lie": "location",
    "choose another place": "another location",
    "keeps for itself": "reserved by Windows",
    "as soon as it is done": "when it is done",
    "It was stopped": "Stopped",
    "brings them back": "Undo restores them",
    "is gone": "was deleted",
    "To hit": "result",
    "hits": "results",
    "Nothing on this system": "No program is set up to open",
}
"""What was said once, and what is said instead."""


def _is_shown(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in ("tr", "translate", "QT_TRANSLATE_NOOP")


def _texts(file: Path) -> Iterator[tuple[int, str, bool]]:
    """(line, text, whether a number chooses its form) of all that is translated."""
    for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and _is_shown(call):
            at = 0 if isinstance(call.func, ast.Attribute) and call.func.attr == "tr" else 1
            if len(call.args) > at and isinstance(call.args[at], ast.Constant):
                yield call.lineno, call.args[at].value, len(call.args) > at + 2


_TEXTS = [
    (f"{file.relative_to(_GUI)}:{line}", text, has_number) for file in _FILES for line, text, has_number in _texts(file)
]


def test_the_laws_see_the_texts() -> None:
    assert len(_TEXTS) > 1000


@pytest.mark.parametrize("banished", BANISHED)
def test_words_that_must_not_come_back(banished: str) -> None:
    found = [(place, text) for place, text, _ in _TEXTS if banished in text.replace("&", "")]
    assert found == [], f"say: {BANISHED[banished]}"


@pytest.mark.parametrize("file", _FILES, ids=[str(file.relative_to(_GUI)) for file in _FILES])
def test_nothing_that_was_banished_is_said_without_being_translated(file: Path) -> None:
    """Words that reach the screen by another way: alone, as literals."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    told = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, _DOCUMENTED)}
    notes = {node.value.value for node in ast.walk(tree) if _is_note(node)}
    whole = [word for word in BANISHED if len(word) > 12]
    assert [text for text in told - docs - notes for word in whole if word in text] == []


_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _is_note(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def test_a_number_before_a_thing_chooses_its_form() -> None:
    """`{0} frames` would read `1 frames`."""
    plain = re.compile(rf"(?<!of )(?<!to )\{{[^}}]*\}} {_COUNTED}\b")
    always_many = {"{0} videos share {1} colours. Hover over a point to see its video; click to select it."}
    always_many |= {"UMAP needs {1} frames or more; these videos have {0}."}  # at least 20
    found = [(place, text) for place, text, has_number in _TEXTS if plain.search(text) and text not in always_many]
    known = {"{0} × {1} · {2} frames/s", "{0} phases"}  # the second names a file
    assert [(place, text) for place, text in found if text not in known] == []


def test_a_thing_before_a_number_is_no_way_out() -> None:
    """`Frames: {0}`, where a sentence is meant."""
    listed = re.compile(rf"\b{_COUNTED}: \{{\d\}}", re.IGNORECASE)
    known = {"Frame {0}: {1}", "This video: {0}, similarity {1}, {2} to fill.", "Browse for a file: {0}"}
    known |= {"This video: similarity {0}, {1} to fill."}
    assert [(place, text) for place, text, _ in _TEXTS if listed.search(text) and text not in known] == []


def test_forms_are_chosen_where_a_number_is_given_and_nowhere_else() -> None:
    for place, text, has_number in _TEXTS:
        forms = re.search(r"(?<=\w)\((s|es)\)|\(\w+\|\w+\)", text)
        assert bool(has_number) or not ("%n" in text or forms) or "models/runs.py" in place, (place, text)


def test_every_form_reads_well(qapp: QCoreApplication) -> None:
    for place, text, has_number in _TEXTS:
        if has_number:
            one, many = choose_plural(text, 1), choose_plural(text, 2)
            assert not re.search(r"\b1 \w+s\b(?<!is)(?<!was)(?<!this) ?(?=[a-z]*)(?<=videos|frames|labels)", one), place
            assert "(" not in re.sub(r"\(%n\)|\(.*\)$|\([A-Z{+2].*?\)", "", many) or "(2" in many, (place, many)
            assert "%n" not in one + many


@pytest.mark.parametrize(
    ("text", "one", "many"),
    [
        ("%n video(s)", "1 video", "1\u202f200 videos"),
        ("%n stretch(es)", "1 stretch", "1\u202f200 stretches"),
        ("%n video(s) (is|are) missing.", "1 video is missing.", "1\u202f200 videos are missing."),
        ("Find (it|them)…", "Find it…", "Find them…"),
        ("All usable videos (%n)", "All usable videos (1)", "All usable videos (1\u202f200)"),
    ],
)
def test_english_forms(text: str, one: str, many: str) -> None:
    assert (choose_plural(text, 1), choose_plural(text, 1200)) == (one, many)


def test_none_is_many(qapp: QCoreApplication) -> None:
    assert choose_plural("%n video(s)", 0) == "0 videos"
    assert QObject().tr("%n frame(s)", "", 1) == "1 frame"
    assert QObject().tr("%n frame(s)", "", 12345) == "12\u202f345 frames"
    assert QObject().tr("Only %n as it stands") == "Only %n as it stands"
    assert len(qapp.findChildren(English)) == 1


def test_thousands_are_parted_in_one_way() -> None:
    assert numbers.count(1234567) == "1\u202f234\u202f567"
    row = VideoRow.__new__(VideoRow)
    object.__setattr__(row, "num_frames", 1193)
    assert cell_text(row, Column.FRAMES, None) == "1\u202f193"
    assert numbers.frames(7035) == "7\u202f035 frames"


@pytest.mark.parametrize("file", _FILES, ids=[str(file.relative_to(_GUI)) for file in _FILES])
def test_no_number_is_written_with_another_separator(file: Path) -> None:
    """Neither by a format of Python's nor by Qt's idea of the system."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    commas = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.FormattedValue) and _has_comma(node)]
    assert file.name == "numbers.py" or commas == []
    text = file.read_text(encoding="utf-8")
    assert "QLocale().toString(" not in text or file.parent.name == "projects"  # a date
    assert "formattedDataSize" not in text


def _has_comma(node: ast.FormattedValue) -> bool:
    spec = node.format_spec
    return spec is not None and any("," in part.value for part in spec.values if isinstance(part, ast.Constant))


def test_quotes_are_of_one_kind() -> None:
    assert [(place, text) for place, text, _ in _TEXTS if '"' in text] == []


def test_sentences_do_not_begin_twice_with_a_colon() -> None:
    """A remedy is a sentence of its own: `Nothing here. Add some.`"""
    colon = re.compile(r": (add|choose|see|find|let|leave|mark|train|embed|label|select) ", re.IGNORECASE)
    known = ("Shortcuts", "Zoom")
    found = [(place, text) for place, text, _ in _TEXTS if colon.search(text) and not text.startswith(known)]
    assert found == []


def test_the_first_letter_of_a_title_is_a_capital_and_no_other() -> None:
    from carl_gui.command_tables import TABLES
    from carl_gui.explore import command_tables as exports

    names = {"UMAP", "A", "B", "CARL", "Studio", "PNG", "SVG", "CSV", "NPZ", "MP4", "Explore", "Videos", "Alt"}
    for text in (table.text_of(command) for table in (*TABLES, *exports.TABLES) for command in table):
        words = re.findall(r"[A-Za-z0-9]+", text.replace("&", ""))
        assert words[0][0].isupper(), text
        assert [word for word in words[1:] if word[0].isupper() and word not in names | {"Up", "Down"}] == []


def test_the_recipe_of_real_videos_says_for_whom_it_is() -> None:
    recipe = Path(__file__).parents[2] / "assets" / "recipes" / "frozen.toml"
    assert "For your own videos." in recipe.read_text(encoding="utf-8").partition("\n")[0]
