"""docs/formats.md says of every format what was checked, and names tests that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.labels.formats.table import FORMATS, READABLE

ROOT = Path(__file__).resolve().parents[4]
PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
_TABLE = [line for line in PAGE.splitlines() if line.startswith("| ")]
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in _TABLE[1:]]


def test_every_format_has_one_row() -> None:
    named = [row[0].strip("`") for row in ROWS if row[0] != "-"]
    assert sorted(named) == sorted(FORMATS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_a_row_is_complete_and_its_tests_exist(row: list[str]) -> None:
    assert len(row) == 6
    assert row[2] in ("in", "out", "in, out")
    assert all(row)
    assert "memory" not in " ".join(row)
    for name in row[5].split():
        assert "def test_" in (ROOT / name).read_text(encoding="utf-8"), name


def test_every_suffix_that_is_read_is_named() -> None:
    for suffix in set(READABLE) - {".xlsm"}:  # XLSX with macros, which are not run
        assert suffix in PAGE or suffix[1:].upper() in PAGE, suffix
