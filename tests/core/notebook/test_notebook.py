"""`docs/notebook.ipynb` runs from its first cell to its last, with the real functions."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

import core as carl
from tests.core.sample.drawn import share_clips

NOTEBOOK = Path(__file__).parents[3] / "docs" / "notebook.ipynb"


def code_cells() -> list[str]:
    """The code of each cell, in order."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def run_cell(code: str, names: dict[str, Any], number: int) -> object:
    """Return what a notebook would show below the cell: the value of its last line, if that is an expression."""
    body = ast.parse(code).body
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    where = f"{NOTEBOOK.name}, code cell {number}"
    exec(compile(ast.Module(body, []), where, "exec"), names)  # noqa: S102 - our own file
    return eval(compile(ast.Expression(last.value), where, "eval"), names) if isinstance(last, ast.Expr) else None  # noqa: S307


@pytest.mark.journey
def test_the_notebook_runs_and_shows_what_it_says(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    share_clips(tmp_path_factory, monkeypatch)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    shown = [run_cell(code, names, number) for number, code in enumerate(code_cells(), start=1)]
    pictures = [one for one in shown if hasattr(one, "_repr_html_")]
    assert [type(one).__name__ for one in pictures] == [
        "TrainedEncoder",
        "EmbeddedVideos",
        "AlignedPair",
        "SearchResults",
        "LabelledVideos",
    ]
    for one in pictures:
        assert "No picture" not in one._repr_html_()
    assert names["embeddings"].shape == (len(names["videos"]["pour_01.mp4"]), 128)
    assert len(names["moment"]) == 3
    assert "pour_01.mp4" not in {one.video.path.name for one in (*names["moment"], *names["movement"])}
    assert {"path.csv", "pair.svg", "moment.png", "phases.csv"} <= set(shown[-2])  # type: ignore[call-overload]
    assert names["accuracy"] > 0.6, "a fifth is chance"
    assert names["sentence"].startswith("There is no video pour_9.mp4")


def test_the_notebook_is_kept_without_outputs_and_names_every_function() -> None:
    written = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert written["nbformat"] == 4
    assert len({cell["id"] for cell in written["cells"]}) == len(written["cells"])
    for cell in written["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
    code = "\n".join(code_cells())
    for name in carl.__all__:
        if name.islower() and not name.startswith("_"):
            assert f"carl.{name}(" in code
