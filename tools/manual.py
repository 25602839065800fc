"""What `make docs` adds to the pages of `assets/help`: order, and a reference made from the code (hooks of MkDocs).

Commands come from their parsers, settings from `core.settings.config`, recipes from their TOML, functions from the
docstrings of `import core as carl`. `docs/*.md` for experts stand beside them.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import core
from core.base.declaring import Value
from core.settings.config import section_types, settings
from core.settings.recipe_pages import describe_recipes

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
EXPERTS = {
    "installing.md": "Installing",
    "encoder-onnx.md": "The encoder in other programs",
    "scale.md": "Scale",
    "cluster.md": "Several computers",
    "benchmarks.md": "What was measured",
    "tested-formats.md": "Formats, and how they were tested",
}
_PICTURES = {"labels.png": ROOT / "docs" / "labels.png", "icon.svg": ROOT / "assets" / "icon.svg"}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Take the order of the pages from the window's help."""
    chapters = tomllib.loads((ROOT / "assets" / "help" / "contents.toml").read_text(encoding="utf-8"))["chapter"]
    config.nav = [{one["title"]: [f"{page}.md" for page in one["pages"]]} for one in chapters]
    config.nav[-1][chapters[-1]["title"]] += [{title: name} for name, (title, _) in _made().items()]
    config.nav.append({"For experts": [{title: name} for name, title in EXPERTS.items()]})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is made from the code, and the pages for experts."""
    from mkdocs.structure.files import File

    for name, (_, text) in _made().items():
        files.append(File.generated(config, name, content=text))
    for name in EXPERTS:
        source = ROOT / "docs" / name.removeprefix("tested-")
        files.append(File.generated(config, name, content=source.read_text(encoding="utf-8")))
    for name, picture in _PICTURES.items():
        files.append(File.generated(config, name, abs_src_path=str(picture)))
    start = next(one for one in files if one.src_uri == "start.md")
    start.dest_uri, start.name = "index.html", "index"
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """End the page of recipes as the window's help does."""
    return f"{markdown}\n{describe_recipes()}" if page.file.src_uri == "recipes.md" else markdown


def _made() -> dict[str, tuple[str, str]]:
    """Return (title, Markdown) of each page that is made from the code."""
    return {
        "commands.md": ("Commands", commands_page()),
        "settings.md": ("Settings", settings_page()),
        "api.md": ("In a notebook", api_page()),
    }


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each `python -m core.NAME`, by `core.NAME`; none of the commands is run."""
    found: list[argparse.ArgumentParser] = []
    for file in sorted((ROOT / "core" / "cli").glob("*.py")):
        module: Any = importlib.import_module(f"core.cli.{file.stem}")
        if hasattr(module, "main") and hasattr(module, "run"):
            run, module.run = module.run, lambda parser, *_: found.append(parser)
            try:
                module.main([])
            finally:
                module.run = run
    return {parser.prog.split()[-1]: parser for parser in sorted(found, key=lambda one: one.prog)}


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the commands within a command, by name."""
    inner = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    return dict(inner[0].choices) if inner else {}


def commands_page() -> str:
    """Return what each command takes."""
    parts = [
        "# Commands\n\nEverything that the window does is a command; `python -m core.NAME --help` says the same as "
        "this page. Exit status: 0 done, or stopped as asked; 2 something that you can fix, in one sentence; 1 our bug."
        "\n\nAll commands take `--events` (JSON lines instead of a progress bar) and `--control` (`stop`, `pause` and "
        "`resume` on stdin). Options with a dot are [settings](settings.md).\n"
    ]
    for name, parser in parsers().items():
        parts.append(f"## {name}\n\n{parser.description}\n\n{_usage(parser)}\n{_table(parser)}")
        for inner, its in subcommands(parser).items():
            parts.append(f"### {name} {inner}\n\n{its.description}\n\n{_usage(its)}\n{_table(its)}")
    return "\n".join(parts)


_COMMON = {"--events", "--control", "--help"}


def _own(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        is_setting = "." in action.dest
        if not (is_setting or _COMMON & {*action.option_strings} or isinstance(action, argparse._SubParsersAction)):
            yield action


def _usage(parser: argparse.ArgumentParser) -> str:
    words = [parser.prog]
    for action in _own(parser):
        word = " ".join(filter(None, (*action.option_strings[-1:], _value(action))))
        if action.required and action.nargs != "*":
            words.append(word)
        elif not action.option_strings:
            words.append(f"[{word}]")
    return f"    {' '.join(words)} [OPTION…]\n"


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    shown = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    many = "…" if action.nargs in ("+", "*") else ""
    return (" ".join(shown) if isinstance(shown, tuple) else shown) + many


def _table(parser: argparse.ArgumentParser) -> str:
    rows = [
        f"| <code>{_html(' '.join(filter(None, (', '.join(action.option_strings), _value(action)))))}</code> "
        f"| {_cell((action.help or '') % {**vars(action), 'prog': parser.prog})} |"
        for action in _own(parser)
    ]
    sections = list(dict.fromkeys(action.dest.split(".")[0] for action in parser._actions if "." in action.dest))
    if sections:
        listed = ", ".join(f"[{one}](settings.md#{one})" for one in sections)
        rows.append(f"| <code>--SECTION.NAME VALUE</code> | settings of {listed} |")
    return "\n".join(["| option | meaning |", "|---|---|", *rows, ""]) if rows else ""


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "&#124;")


def _cell(text: str) -> str:
    """Return text for a cell of a table: options and file names in it keep their letters."""
    return re.sub(r"([*_`\[\]])", r"\\\1", _html(" ".join(text.split())))


def settings_page() -> str:
    """Return every setting, by section."""
    parts = [
        "# Settings\n\nSettings that belong together are a [recipe](recipes.md). Each is an option of the command line "
        "(`--train.epochs 60`), a line in a recipe's TOML, and a field under **All settings** on the page Train.\n"
    ]
    for section, kind in section_types().items():
        rows = [
            f"| <code>{item.name}</code> | {_cell(item.help)} | {_cell(_range(item.low, item.high, item.choices))} "
            f"| {_cell(item.unit)} | {_cell(_shown(item.default))} |"
            for item in settings()
            if item.name.split(".")[0] == section
        ]
        about = inspect.cleandoc(kind.__doc__ or "")
        head = "| setting | meaning | values | unit | default |\n|---|---|---|---|---|"
        parts.append("\n".join([f"## {section}\n", f"{about}\n", head, *rows, ""]))
    return "\n".join(parts)


def _range(low: float, high: float, choices: tuple[str, ...]) -> str:
    if choices:
        return ", ".join(choices)
    finite = [abs(bound) != float("inf") for bound in (low, high)]
    match finite:
        case [True, True]:
            return f"{low:g} to {high:g}"
        case [True, False]:
            return f"at least {low:g}"
        case [False, True]:
            return f"at most {high:g}"
    return ""


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def api_page() -> str:
    """Return the functions and classes of `import core as carl`."""
    parts = [
        "# In a notebook\n\nThe commands as functions: `import core as carl`. Nothing heavy is imported before one of "
        "them is called.\n"
    ]
    names = [name for name in core.__all__ if not name.startswith("_")]
    for name in sorted(names, key=lambda one: (one[0].isupper(), one)):
        made = getattr(core, name)
        parts.append(f"## {name}\n\n{_documented(made, name)}")
        if inspect.isclass(made):
            for inner, member in vars(made).items():
                what = member.fget if isinstance(member, property) else member
                if not inner.startswith("_") and inspect.isfunction(what):
                    parts.append(f"### {name}.{inner}\n\n{_documented(what, '' if what is not member else inner)}")
    return "\n".join(parts)


_SECTION = re.compile(r"^(Args|Returns|Raises|Yields|Example):$")
_ITEM = re.compile(r"^    (\S.*?): (.*)$")
_WIDE = 80


def _documented(made: Any, name: str) -> str:
    """Return its signature (without a name: none) and its docstring, whose sections become lists."""
    lines = [f"```python\n{name}{_signature(made)}\n```\n"] if name else []
    section = ""
    for line in inspect.cleandoc(made.__doc__ or "").splitlines():
        if found := _SECTION.match(line):
            section = found[1]
            lines += ["", f"**{section}**", ""] + (["```python"] if section == "Example" else [])
        elif section == "Example" or not section:
            lines.append(line.removeprefix("    ") if section else _text(line))
        elif item := _ITEM.match(line):
            lines.append(f"* `{item[1]}`: {_text(item[2])}")
        elif section in ("Args", "Raises"):
            lines.append(f"  {_text(line.strip())}")
        else:
            lines.append(_text(line.strip()))
    return "\n".join([*lines, *(["```"] if section == "Example" else []), ""])


def _text(line: str) -> str:
    return line.replace("[", "\\[").replace("<", "&lt;")


def _signature(made: Any) -> str:
    """Return the parameters as they are written, on lines of their own where they are many."""
    signature, shown, is_keyword = inspect.signature(made), list[str](), False
    for one in signature.parameters.values():
        if one.name == "self":
            continue
        if one.kind is one.KEYWORD_ONLY and not is_keyword:
            shown.append("*")
            is_keyword = True
        kind = "" if one.annotation is one.empty else f": {_annotation(one.annotation)}"
        shown.append(f"{one.name}{kind}" + ("" if one.default is one.empty else f" = {one.default!r}"))
    gives = "" if inspect.isclass(made) else _annotation(signature.return_annotation)
    returned = f" -> {gives}" if gives else ""
    line = f"({', '.join(shown)}){returned}"
    return line if len(line) < _WIDE else "(\n    " + ",\n    ".join(shown) + f",\n){returned}"


def _annotation(annotation: object) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
