"""The manual: what its pages name is there: links, pictures, commands, options, buttons, sentences, figures.

`tests/carl_gui/test_help.py` has what the window shows of it.
"""

from __future__ import annotations

import argparse
import ast
import functools
import importlib.util
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from manual import EXPERTS, ROOT, api_page, commands_page, parsers, settings_page, subcommands

import core
from core.labels.formats.table import FORMATS
from core.settings.config import settings
from core.settings.recipe_pages import describe_recipes
from core.settings.recipes import recipe_names, recipe_text

HELP = ROOT / "assets" / "help"
CHAPTERS = tomllib.loads((HELP / "contents.toml").read_text(encoding="utf-8"))["chapter"]
PAGES = [page for chapter in CHAPTERS for page in chapter["pages"]]
TEXTS = {page: (HELP / f"{page}.md").read_text(encoding="utf-8") for page in PAGES}
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)]*)\)")
_BLOCK = re.compile(r"^ {4,}(?:\d+\. )?(\S.*)$", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_MOST_BYTES = 150_000
_ANY = "\0"
"""Stands for what is put into a sentence."""


def test_every_page_is_in_the_contents() -> None:
    assert sorted(PAGES) == sorted(file.stem for file in HELP.glob("*.md"))
    assert all(text.startswith("# ") for text in TEXTS.values())


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_are_there(page: str) -> None:
    for mark, words, target in _LINK.findall(TEXTS[page]):
        assert words, "a picture says what it shows, a link where it leads"
        assert (HELP / target).is_file(), target
        assert bool(mark) == target.startswith("pictures/"), target


def test_pictures_are_small_and_used() -> None:
    shown = {target for text in TEXTS.values() for mark, _, target in _LINK.findall(text) if mark}
    pictures = {f"pictures/{file.name}": file.stat().st_size for file in (HELP / "pictures").iterdir()}
    assert shown == pictures.keys()
    assert max(pictures.values()) < _MOST_BYTES


@functools.cache
def _parsers() -> dict[str, argparse.ArgumentParser]:
    return parsers()


def _all_options(parser: argparse.ArgumentParser) -> set[str]:
    own = {option for action in parser._actions for option in action.option_strings}
    return own.union(*map(_all_options, subcommands(parser).values()))


def test_there_is_a_parser_of_every_command() -> None:
    files = {file for file in (ROOT / "core").rglob("*.py") if 'run_module("core.cli.' in file.read_text("utf-8")}
    names = {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__") for file in files}
    assert names == _parsers().keys()


@pytest.mark.parametrize("page", PAGES)
def test_commands_are_taken_by_their_parsers(page: str) -> None:
    """Each as it stands there, its options and their values included."""
    for line in _BLOCK.findall(TEXTS[page]) + _SPAN.findall(TEXTS[page]):
        if line.startswith("python -m "):
            _, _, name, *words = shlex.split(line)
            if words:
                _parsers()[name].parse_args(words)
            assert name in _parsers(), line


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_options_that_are_named_exist(page: str) -> None:
    options = set().union(*map(_all_options, _parsers().values()))
    for span in _SPAN.findall(TEXTS[page]):
        for option in re.findall(r"(?<!\S)--[a-z][\w.-]*", span):
            assert option in options, span
        for name in re.findall(r"\bcore(?:\.[a-z]+)+\b", span):
            assert name in _parsers(), span


def _strings(folder: str) -> Iterator[str]:
    """Every text of the code, with `_ANY` where something is put in."""
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                yield "".join(str(one.value) if isinstance(one, ast.Constant) else _ANY for one in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _translated() -> Iterator[str]:
    """Every text that the window may show: those that translators find."""
    for file in (ROOT / "carl_gui").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                if called in ("tr", "translate", "QT_TRANSLATE_NOOP"):
                    said = [one.value for one in call.args[:2] if isinstance(one, ast.Constant)]
                    yield from (text for text in said if isinstance(text, str))


@functools.cache
def _window_texts() -> tuple[set[str], list[re.Pattern[str]]]:
    """What the window says: word by word, and with numbers or names put in."""
    plain, put_in = set[str](), []
    for text in _translated():
        shown = text.replace("&", "")
        if not re.search(r"%n|\{\d*\}", shown):
            plain.add(shown)
        elif len(re.sub(r"%n|\{\d*\}|\W", "", shown)) >= 8:  # else it fits anything
            pattern = re.escape(shown).replace(r"\(s\)", "s?").replace("%n", r"\d+")
            put_in.append(re.compile(re.sub(r"\\\{\d*\\\}", ".+", pattern)))
    return plain, put_in


def _is_in_the_window(words: str) -> bool:
    plain, put_in = _window_texts()
    return words in plain or any(pattern.fullmatch(words) for pattern in put_in)


@pytest.mark.parametrize("page", PAGES)
def test_what_is_bold_stands_in_the_window(page: str) -> None:
    """Buttons, fields and menu paths; a whole sentence is bold because it matters."""
    bold = [words for words in _BOLD.findall(TEXTS[page]) if not words.endswith(".")]
    assert [words for words in bold if not all(map(_is_in_the_window, words.split(" → ")))] == []


def _told() -> Iterator[str]:
    """Every sentence of the program, without the choices that a number makes."""
    for folder in ("core", "carl_gui", "training", "tools"):
        for text in _strings(folder):
            yield re.sub(r"\(([^|()]*)\|([^|()]*)\)", r"\2", " ".join(re.sub(r"%n|\{\w*\}", _ANY, text).split()))


def _holds(told: str, parts: list[str]) -> bool:
    """Whether a sentence has these parts, with something put in between them."""
    at = 0
    for part in filter(None, parts):
        found = told.find(part, at)
        if found < 0 or (at and _ANY not in told[at:found]):
            return False
        at = found + len(part)
    return True


def test_sentences_of_troubleshooting_are_those_of_the_program() -> None:
    cells = re.findall(r"^\| (“.+”) \|", TEXTS["troubleshooting"], re.MULTILINE)
    quoted = [words for cell in cells for words in cell.strip("“”").split("” with “")]
    assert len(quoted) > 20
    told = list(_told())
    assert [one for one in quoted if not any(_holds(text, one.split("NAME")) for text in told)] == []


def test_figures_are_those_that_were_measured() -> None:
    measured = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    figures = re.findall(r"\b0\.\d{3}\b", TEXTS["metrics"])
    assert len(figures) > 20
    assert [one for one in figures if one not in measured] == []


def test_formats_have_every_format() -> None:
    assert [name for name in FORMATS if f"`{name}`" not in TEXTS["formats"]] == []


def test_recipes_have_every_recipe() -> None:
    text = describe_recipes()
    for name in recipe_names():
        assert f"## {name}\n" in text
        assert recipe_text(name).splitlines()[-1] in text


def test_the_reference_has_every_command_option_setting_and_function() -> None:
    text = commands_page()
    for name, parser in _parsers().items():
        assert f"\n## {name}\n" in text
        for inner in subcommands(parser):
            assert f"### {name} {inner}\n" in text
        for option in _all_options(parser):
            assert option in text or "." in option, (name, option)
    assert all(f"<code>{one.name}</code>" in settings_page() for one in settings())
    assert all(f"\n## {name}\n" in api_page() for name in core.__all__ if name != "__version__")


def test_the_pages_for_experts_are_there() -> None:
    assert all((ROOT / "docs" / name.removeprefix("tested-")).is_file() for name in EXPERTS)


@pytest.mark.skipif(importlib.util.find_spec("material") is None, reason="MkDocs is not installed (the extra docs)")
def test_the_site_is_built_and_asks_the_network_for_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr  # quiet, it would count no warnings
    assert [line for line in done.stderr.splitlines() if not line.startswith("INFO")] == []
    pages = {file.stem for file in (tmp_path / "site").glob("*.html")}
    assert pages >= {*PAGES, "commands", "settings", "api", "index"} - {"start"}
    loaded = re.compile(r"<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)=[\"']?((?:https?:)?//[^\"' >]*)")
    for file in (tmp_path / "site").glob("*.html"):
        assert loaded.findall(file.read_text(encoding="utf-8")) == [], file.name
    assert (tmp_path / "site" / "search" / "search_index.js").is_file(), "search works without a server"
