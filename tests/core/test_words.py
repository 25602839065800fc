"""All sentences of the program: turns of phrase that must not come back; a remedy is a sentence of its own.

CONTRIBUTING.md has the glossary; `tests/carl_gui/test_words.py` has more laws for what the window says.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_FILES = sorted(file for folder in ("core", "training", "carl_gui") for file in (_ROOT / folder).rglob("*.py"))

BANISHED = {
    r"\b[Mm]end(ed|s)?\b": "fix",
    r"\banew\b": "again, a new one",
    r"(?<![Tt]here )\b(is|are) no (?!longer|better)": "is not a, has no",
    r"\bwhich (is|are) none\b": "not one of",
    r"\bstands? (there|outside|above|here|beside)\b": "is",
    r"\bis there already\b|\bthat is there\b|\bis not there\b": "already exists, does not exist",
    r"\b(is|are) gone\b": "was deleted",
    r"\b([Gg]o|[Gg]oes|[Gg]oing) on\b": "resume, continue",
    r"\brights\b": "permissions",
    r"\bpartners?\b": "match",
    r"\b[Hh]its?\b": "result",
    r"\bdepart(s|ure|ures|ed)?\b": "deviate, deviation",
    r"\b[Nn]obody\b": "no person, no one",
    r"\b(lies?|lay) (in|at|on|over|between|now|below|beside)\b": "is",
    r"\blearn(s|ed)? from (?!labels\b|single videos\b)": "trained on",
    r"\b(names?|rows?|numbers?|labels?|lines?|images?|paths?|one) an? (frame|line|row|second|video|step)\b": "per",
    r"\bis of (a|another|the) (kind|codec|format|architecture)\b": "has, uses",
    r"\bof another architecture\b": "has another architecture",
    r"\bas it is\b": "unchanged",
    r"\bby now\b|\bany more\b": "now, no longer",
    r"\bcounts? a\b": "assigns",
    r"\b(is|are) taken for\b": "is used as",
    r"\bsurely\b|\bsureness\b|\blikeness\b": "clearly, confidence, similarity",
    r"\b[Tt]ell (how|what|where)\b": "report",
    r"\b[Ff]igures\b": "metrics",
    r"\bshall\b": "is to, should",
    r"\b[Ff]arthest\b": "largest, maximum",
    r"\b[Tt]here is no (option|setting|recipe|grid|objective|protocol|layout|backbone|split) ": "Unknown",
    r"\bin place of\b": "instead of",
    r"\bsee whether (it|they) fits?\b": "Check that",
    r"\bshare from 0\b|, as a share\b": "fraction",
}
"""Patterns of what was said once, and what is said instead."""
_OF_COMMANDS = (r"\blearn(s|ed)? from (?!labels\b|single videos\b)", r"\bshare from 0\b|, as a share\b")
"""Those of `BANISHED` that the window may say, which speaks to people who train nothing else."""
_REMEDY = re.compile(
    r": (add|choose|give|name|remove|check|leave|write|rename|put|take|use|copy|change|set|save|shorten|label|export"
    r"|embed|run|start|train|find|lower|raise|update|open|restore|swap|convert|drop|keep|say|correct|fix|make|see) "
)


def _texts(file: Path) -> Iterator[tuple[int, str, bool]]:
    """(line, text with {} where something is put in, whether it is raised) of all strings but the docstrings."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    notes = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    raised = {id(one) for node in nodes if isinstance(node, ast.Raise) for one in ast.walk(node)}
    inside = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    passed_over = notes | inside
    for node in nodes:
        if id(node) in passed_over:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = [str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values]
            yield node.lineno, "".join(parts), id(node) in raised
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value, id(node) in raised


@functools.cache
def _all_texts() -> list[tuple[str, str, bool]]:
    """Return (place, text, whether it is raised) of every sentence; read when a test first asks."""
    return [
        (f"{file.relative_to(_ROOT)}:{line}", text, is_raised)
        for file in _FILES
        for line, text, is_raised in _texts(file)
        if " " in text.strip() and not text.lstrip().startswith(("SELECT ", "<", "# "))
    ]


def test_the_laws_see_the_texts() -> None:
    assert len(_all_texts()) > 1200
    assert sum(is_raised for _, _, is_raised in _all_texts()) > 300


@pytest.mark.parametrize("banished", BANISHED)
def test_words_that_must_not_come_back(banished: str) -> None:
    found = [(place, text) for place, text, _ in _all_texts() if re.search(banished, text)]
    if banished in _OF_COMMANDS:
        found = [(place, text) for place, text in found if not place.startswith("carl_gui")]
    assert found == [], f"say: {BANISHED[banished]}"


def test_a_remedy_is_a_sentence_of_its_own() -> None:
    """`There is no file x. Check its name.`, not `...: check its name.`"""
    assert [(place, text) for place, text, is_raised in _all_texts() if is_raised and _REMEDY.search(text)] == []


def test_no_sentence_is_said_twice() -> None:
    assert [(place, text) for place, text, _ in _all_texts() if re.search(r"\b([A-Z][^.]{8,80}\.) \1", text)] == []


def _edit_names() -> Iterator[tuple[str, str]]:
    """(place, text) of what the edits of a project are called in Undo and Redo."""
    for file in sorted((_ROOT / "core" / "project").glob("*_edits.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            is_field = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "label"
            is_method = isinstance(node, ast.FunctionDef) and node.name == "label"
            for one in ast.walk(node) if is_field or is_method else ():
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and " " in one.value:
                    yield f"{file.name}:{one.lineno}", one.value


def test_edits_are_named_as_commands() -> None:
    """`Undo: Split label`: a capital, no article, no full stop."""
    names = list(_edit_names())
    assert len(names) >= 18
    assert [(place, name) for place, name in names if re.search(r"\b(a|an|the|which)\b|\.$", name)] == []
    assert [(place, name) for place, name in names if name[0].isalpha() and not name[0].isupper()] == []


_VERBS = frozenset(
    re.findall(
        r"\w+",
        """
    accept add align allow announce appear append apply ask assign begin blend block bridge bring build call
    cancel carry change check choose clear clip close collect colour compare compile compute continue convert
    copy correct count create crop cut darken declare decode describe deselect disable discard divide do double
    draw drop edit embed emit emphasise enable encode end enlarge enqueue evaluate evict explain export extend
    fade fill filter find finish fit fold follow forget format give go group handle hide hold ignore import
    insert install join judge keep label lay learn leave let list load look loop make map mark match measure
    mirror move name note obey offer open overwrite pad paint pair parse pass paste pause pin place play point
    poll predict prepare print propose provide put raise rank read record redraw refresh refuse remember remove
    rename render reopen repeat replace report request reserve reset resize restore resume retry return run save
    scan scatter score scroll search see seek select send set show solve sort split start step stop store swap
    switch take teach tell tick train turn undo unpin update use wait warn watch write yield zoom
        """,
    )
)


def _docstrings() -> Iterator[tuple[str, str]]:
    """(where, docstring) of functions and methods, dunder methods and properties aside."""
    for file in _FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("__"):
                continue
            decorators = {ast.unparse(one).rpartition(".")[2] for one in node.decorator_list}
            text = ast.get_docstring(node)
            if text and not decorators & {"property", "cached_property"}:
                yield f"{file.relative_to(_ROOT)}:{node.lineno}", text


def test_a_docstring_says_what_a_function_does() -> None:
    wrong = [
        f"{where}: {text.splitlines()[0]}"
        for where, text in _docstrings()
        if re.split(r"[^A-Za-z]", text, maxsplit=1)[0].lower() not in _VERBS
    ]
    assert not wrong, "A docstring begins with a verb in the imperative:\n" + "\n".join(wrong)


_VAGUE = {
    "said": "message, labels, values",
    "told": "message, entry, is_known",
    "tell": "report, send, emit",
    "meant": "candidates",
    "going": "active",
    "begin": "start",
    "look": "poll, scan, theme",
    "arguments": "args, argv",
}
"""Names that do not say what they hold or do, and what to use instead."""


def _bound(node: ast.AST) -> str:
    """The name that a function, an argument, a variable or an attribute gets here; empty: none."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name
    if isinstance(node, ast.arg):
        return node.arg
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
        return node.id if isinstance(node, ast.Name) else node.attr
    return ""


def test_names_say_what_they_hold() -> None:
    wrong = [
        f"{file.relative_to(_ROOT)}:{getattr(node, 'lineno', 0)}: {name}, rather {_VAGUE[name.lstrip('_')]}"
        for file in _FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (name := _bound(node)).lstrip("_") in _VAGUE
        if not (name.lstrip("_") == "look" and file.is_relative_to(_ROOT / "carl_gui"))  # there: how something looks
    ]
    assert wrong == []
