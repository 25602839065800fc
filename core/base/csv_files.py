"""Tables of spreadsheets: CSV, and XLSX (`core.base.xlsx_files`) wherever CSV is accepted."""

from __future__ import annotations

import csv
import difflib
import io
import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import LabelError
from core.base.files import replacing
from core.base.text_files import read_text

SHEETS = (".xlsx", ".xlsm")
"""Suffixes of what `core.base.xlsx_files` reads; the first one is written."""
TABLE_SUFFIXES = (".csv", SHEETS[0])
"""Of tables that are written; the first is the usual one."""
TAB_SUFFIXES = (".tsv", SHEETS[0])
"""Of tables that are written with tabs in place of commas."""


def suffixes_beside(suffix: str) -> tuple[str, ...]:
    """Return all that a file may end in whose usual suffix is this: a table may be a sheet; none for a folder's ""."""
    tables = next((kinds for kinds in (TABLE_SUFFIXES, TAB_SUFFIXES) if suffix in kinds), None)
    return tables or tuple(filter(None, (suffix,)))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file, by column."""

    where: str
    """`FILE, line N`, or `FILE, row N` of a sheet: how every error about it begins."""
    cells: dict[str, str]
    decimal_comma: bool

    def __getitem__(self, column: str) -> str:
        """The cell without surrounding blanks; "" where the line is short or the column is missing."""
        return self.cells.get(column, "")

    def number(self, column: str) -> float:
        """Return the cell as a finite number. Raises LabelError where it is none."""
        text = self[column]
        try:
            return _finite(text.replace(",", ".") if self.decimal_comma else text)
        except ValueError:
            raise LabelError(f"{self.where}: {column} must be a number, not {text!r}{_with_point(text)}.") from None

    def frame(self, column: str) -> int:
        """Return the cell as a frame number from 0. Raises LabelError where it is none."""
        value = self.number(column)
        if not value.is_integer() or value < 0:
            raise LabelError(f"{self.where}: {column} must be a whole number from 0, not {self[column]!r}.")
        return int(value)


def _finite(text: str) -> float:
    """Return the number of a cell. ValueError: it is no number, or `nan` or `inf`, which nothing can be placed by."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _with_point(text: str) -> str:
    """Return the remedy where a comma stands for the point, as the end of a sentence; else nothing."""
    mended = text.replace(",", ".")
    try:
        _finite(mended)
    except ValueError:
        return ""
    return f"; write {mended}" if mended != text else ""


def is_no_number(row: Row, column: str) -> bool:
    """Return whether the cell holds something that is neither a number nor a sign that there is none (`NA`)."""
    if not row[column] or row[column].casefold() in ("na", "n/a", "none", "null", "nan", "-"):
        return False
    try:
        row.number(column)
    except LabelError:
        return True
    return False


@dataclass(frozen=True, slots=True)
class Line:
    """One non-empty line of a file, with cells stripped and trailing empty cells removed."""

    where: str
    """As in `Row`."""
    cells: list[str]
    decimal_comma: bool


def read_rows(path: Path, required: Sequence[str]) -> list[Row]:
    """Return the lines below the header, blank ones left out.

    Of CSV, commas, semicolons or tabs separate (with semicolons and tabs, numbers may have decimal commas); UTF-8 with
    or without BOM, or UTF-16; any line ends; a first line `sep=;`, by which Excel is told the separator. Of XLSX, the
    first sheet that has content. Columns in any order and case, others are kept too.

    Raises:
        LabelError: the file cannot be read, a required column is missing, or a line has more cells than the header.
    """
    header: list[str] | None = None
    rows = []
    for line in read_lines(path):
        if header is None:
            header = _header(line.where, [cell.casefold() for cell in line.cells], required)
        elif len(line.cells) > len(header):
            raise LabelError(
                f"{line.where}: {len(line.cells)} cells, but the header has {len(header)}. Remove or quote some."
            )
        else:
            rows.append(Row(line.where, dict(zip(header, line.cells, strict=False)), line.decimal_comma))
    if header is None:
        raise LabelError(f"{path} is empty. Its first line must name the columns {', '.join(required)}.")
    return rows


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a table that are not blank, as they come; `read_rows` says of which files.

    Raises:
        LabelError: the file cannot be read.
    """
    if path.suffix.casefold() in SHEETS:
        from core.base.xlsx_files import read_sheet  # openpyxl

        for row_number, cells in read_sheet(path)[1]:
            if kept := _strip(cells):
                yield Line(f"{path.name}, row {row_number}", kept, True)
        return
    line_separator, lines = split_separator(read_text(path, "give a CSV file in UTF-8"))
    header_line = next((line for line in lines.splitlines() if line.strip()), "")
    separator = line_separator or max(",;\t", key=header_line.count)
    reader = csv.reader(io.StringIO(lines, newline=""), delimiter=separator)
    try:
        for cells in reader:
            if kept := _strip(cells):
                yield Line(f"{path.name}, line {reader.line_num}", kept, separator != ",")
    except csv.Error as error:
        raise LabelError(f"{path.name}, line {reader.line_num}: not CSV ({error}). Save it again as CSV.") from error


def _strip(cells: Iterable[str]) -> list[str]:
    stripped = [cell.strip() for cell in cells]
    while stripped and not stripped[-1]:  # spreadsheets fill lines up
        stripped.pop()
    return stripped


def columns_of(path: Path) -> set[str]:
    """Return the columns of the first line, in lower case. Raises LabelError if the file cannot be read."""
    return {cell.casefold() for line in itertools.islice(read_lines(path), 1) for cell in line.cells}


def unread_sheets(path: Path) -> str:
    """Return a notice about an XLSX file with several non-empty sheets; empty if there is only one.

    Raises:
        LabelError: the file cannot be read.
    """
    if path.suffix.casefold() not in SHEETS:
        return ""
    from core.base.xlsx_files import read_sheet  # openpyxl

    titles = read_sheet(path)[0]
    others = ", ".join(map(repr, titles[1:]))
    return f"only the sheet {titles[0]!r} is read, not {others}. Save each sheet as its own file." if others else ""


def split_separator(text: str) -> tuple[str, str]:
    """Return the separator that a first line such as `sep=;` names ("" without one), and the text with that line
    blank."""
    found = re.match(r'"?sep=([^\r\n"])"?(?=\r|\n|$)', text, re.IGNORECASE)
    return (found[1], text[found.end() :]) if found else ("", text)


def _header(where: str, columns: list[str], required: Sequence[str]) -> list[str]:
    for column in required:
        if column not in columns:
            near = difflib.get_close_matches(column, columns, n=1)
            instead = f" (is {near[0]!r} meant?)" if near else ""
            raise LabelError(
                f"{where}: there is no column {column!r}{instead}. The columns are {', '.join(columns)}; required "
                f"are {', '.join(required)}."
            )
    if twice := next((column for column in columns if column and columns.count(column) > 1), None):
        raise LabelError(f"{where}: the column {twice!r} appears twice. Rename one.")
    return columns


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Iterable[object]], separator: str = ",") -> None:
    """Write CSV with line feeds, or XLSX where `path` ends so; the file is whole or as it was.

    Raises:
        LabelError: XLSX has no place for a text or for so many rows.
        StorageError: the disk is full or the folder cannot be written.
    """
    if path.suffix.casefold() in SHEETS:
        from core.base.xlsx_files import write_sheet  # openpyxl

        write_sheet(path, header, rows)
        return
    with replacing(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=separator, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
