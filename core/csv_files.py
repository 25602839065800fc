"""CSV as spreadsheets write and read it."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import LabelError
from core.files import replacing
from core.text_files import read_text


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file, by column."""

    where: str
    """`FILE, line N`: how every complaint about it begins."""
    cells: dict[str, str]
    decimal_comma: bool

    def __getitem__(self, column: str) -> str:
        """The cell without surrounding blanks; "" where the line is short or the column is missing."""
        return self.cells.get(column, "")

    def number(self, column: str) -> float:
        """The cell as a number. Raises LabelError where it is none."""
        text = self[column]
        try:
            return float(text.replace(",", ".") if self.decimal_comma else text)
        except ValueError:
            raise LabelError(f"{self.where}: {column} must be a number, not {text!r}.") from None

    def frame(self, column: str) -> int:
        """The cell as a frame number from 0. Raises LabelError where it is none."""
        number = self.number(column)
        if not number.is_integer() or number < 0:
            raise LabelError(f"{self.where}: {column} must be a whole number from 0, not {self[column]!r}.")
        return int(number)


def read_rows(path: Path, required: Sequence[str]) -> list[Row]:
    """The lines below the header, blank ones left out.

    Commas, semicolons or tabs separate (with semicolons and tabs, numbers may have decimal commas); UTF-8 with or
    without BOM, or UTF-16; any line ends; a first line `sep=;`, by which Excel is told the separator; columns in any
    order and case, others are kept too.

    Raises:
        LabelError: the file cannot be read, a required column is missing, or a line has more cells than the header.
    """
    told, lines = told_separator(read_text(path, "give a CSV file in UTF-8"))
    header_line = next((line for line in lines.splitlines() if line.strip()), "")
    separator = told or max(",;\t", key=header_line.count)
    reader = csv.reader(io.StringIO(lines, newline=""), delimiter=separator)
    header: list[str] | None = None
    rows = []
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            while stripped and not stripped[-1]:  # spreadsheets fill lines up
                stripped.pop()
            if not stripped:
                continue
            where = f"{path.name}, line {reader.line_num}"
            if header is None:
                header = _header(where, [cell.casefold() for cell in stripped], required)
            elif len(stripped) > len(header):
                raise LabelError(
                    f"{where}: {len(stripped)} cells, but the header has {len(header)}: remove or quote some."
                )
            else:
                cells_by_column = dict(zip(header, stripped, strict=False))
                rows.append(Row(where, cells_by_column, separator != ","))
    except csv.Error as error:
        raise LabelError(f"{path.name}, line {reader.line_num}: not CSV ({error}). Save it again as CSV.") from error
    if header is None:
        raise LabelError(f"{path} is empty: its first line must name the columns {', '.join(required)}.")
    return rows


def told_separator(text: str) -> tuple[str, str]:
    """The separator that a first line such as `sep=;` names ("" without one), and the text with that line blank."""
    found = re.match(r'"?sep=([^\r\n"])"?(?=\r|\n|$)', text, re.IGNORECASE)
    return (found[1], text[found.end() :]) if found else ("", text)


def _header(where: str, columns: list[str], required: Sequence[str]) -> list[str]:
    for column in required:
        if column not in columns:
            near = difflib.get_close_matches(column, columns, n=1)
            instead = f" (is {near[0]!r} meant?)" if near else ""
            raise LabelError(
                f"{where}: there is no column {column!r}{instead}; the columns are {', '.join(columns)}. "
                f"Needed are {', '.join(required)}."
            )
    if twice := next((column for column in columns if column and columns.count(column) > 1), None):
        raise LabelError(f"{where}: the column {twice!r} stands there twice: rename one.")
    return columns


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Iterable[object]], separator: str = ",") -> None:
    """Write a CSV file with line feeds; it is whole or as it was.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    with replacing(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=separator, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
