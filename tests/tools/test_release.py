"""What stands beside the code says of it what the code says: version, citation, changelog, hooks, templates."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from install import CONSTRAINTS, ROOT, requirements

from core.version import DISTRIBUTION, VERSION


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_citation_and_changelog_know_the_version() -> None:
    assert re.search(rf"^version: {re.escape(VERSION)}$", _text("CITATION.cff"), re.MULTILINE)
    changelog = _text("CHANGELOG.md")
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)
    assert "## [Unreleased]" in changelog
    assert VERSION in released or not released, "the version of the code is released, or nothing is yet"


def test_the_changelog_is_one_that_is_kept() -> None:
    headings = re.findall(r"^### (.*)$", _text("CHANGELOG.md"), re.MULTILINE)
    assert set(headings) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_citation_is_that_of_the_about_box() -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    about = pytest.importorskip("carl_gui.about", reason="Qt does not load")
    paper = yaml.safe_load(_text("CITATION.cff"))["references"][0]
    assert paper["title"] in about.BIBTEX
    assert str(paper["year"]) in about.BIBTEX
    authors = [f"{one['family-names']}, {one['given-names']}" for one in paper["authors"]]
    assert " and ".join(authors) in about.BIBTEX


def test_hooks_run_what_the_gate_runs() -> None:
    hooks = _text(".pre-commit-config.yaml")
    pinned = re.findall(r"^ruff==([\d.]+)", (CONSTRAINTS / "python3.11.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert f"rev: v{pinned[0]} " in hooks
    for tool in ("mypy", "lint-imports"):
        assert f"$(BIN)/{tool}" in _text("Makefile")
        assert f"entry: .venv/bin/{tool}\n" in hooks


_TEMPLATES = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


@pytest.mark.parametrize("template", _TEMPLATES, ids=lambda one: one.stem)
def test_templates_of_issues_are_forms(template: Path) -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    form = yaml.safe_load(template.read_text(encoding="utf-8"))
    if "body" not in form:
        assert form.keys() <= {"blank_issues_enabled", "contact_links"}
        return
    assert form["name"]
    assert form["description"]
    ids = [one["id"] for one in form["body"] if one["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0
    assert all(one["attributes"].get("label") or one["type"] == "markdown" for one in form["body"])


def test_the_manual_is_an_extra_with_a_ceiling() -> None:
    assert all(",<" in one for one in requirements(["docs"], with_ceilings=True)[-2:])


def test_the_window_says_its_version() -> None:
    pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load", exc_type=ImportError)
    command = [sys.executable, "-m", "carl_gui.app", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{DISTRIBUTION} {VERSION}\n", "")
