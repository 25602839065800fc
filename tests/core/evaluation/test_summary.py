"""Tables as Markdown, LaTeX and CSV."""

from __future__ import annotations

import math
from pathlib import Path

from core.base.csv_files import read_rows
from core.evaluation.summary import Figure, ResultRow, as_latex, as_markdown, as_text, best, write_csv

ROWS = [
    ResultRow("tcc", {"accuracy": Figure(0.91, 0.012, (0.9, 0.92)), "event error": Figure(0.05, 0.001, (0.05, 0.05))}),
    ResultRow("scl_2 & more|", {"accuracy": Figure(0.9104), "event error": Figure(0.04), "tau": Figure(-0.5)}),
    ResultRow("raw features", {"accuracy": Figure(0.99), "event error": Figure(math.nan)}, competes=False),
]


def test_the_best_is_the_best_of_what_competes_in_the_digits_that_are_shown() -> None:
    marked = best(ROWS)
    assert marked["accuracy"] == {"tcc", "scl_2 & more|"}
    assert marked["event error"] == {"scl_2 & more|"}, "an error is the better the lower it is"
    assert marked["tau"] == set(), "alone, nothing is the best"


def test_markdown() -> None:
    assert as_markdown(ROWS).splitlines() == [
        "|  | accuracy | event error | tau |",
        "| --- | ---: | ---: | ---: |",
        "| tcc | **0.910 ± 0.012** | 0.050 ± 0.001 | - |",
        "| scl_2 & more\\| | **0.910** | **0.040** | -0.500 |",
        "| raw features | 0.990 | - | - |",
    ]


def test_latex() -> None:
    lines = as_latex(ROWS).splitlines()
    assert lines[0] == "\\begin{tabular}{lrrr}"
    assert lines[4] == "tcc & \\textbf{0.910 $\\pm$ 0.012} & 0.050 $\\pm$ 0.001 & -- \\\\"
    assert lines[5] == "scl\\_2 \\& more| & \\textbf{0.910} & \\textbf{0.040} & $-$0.500 \\\\"
    assert lines[6] == "\\midrule"
    assert lines[-1] == "\\end{tabular}"


def test_text_stands_in_columns() -> None:
    lines = as_text(ROWS).splitlines()
    assert lines[0].split() == ["accuracy", "event", "error", "tau"]
    assert "0.910 ± 0.012*" in lines[1]
    assert "0.990" in lines[3]


def test_csv(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", ROWS)
    rows = read_rows(tmp_path / "t.csv", ("row", "figure"))
    assert [row["mean"] for row in rows] == [
        "0.910000",
        "0.050000",
        "0.910400",
        "0.040000",
        "-0.500000",
        "0.990000",
        "",
    ]
    assert [row["spread"] for row in rows][:3] == ["0.012000", "0.001000", ""]
    assert rows[0]["seeds"] == "2"
