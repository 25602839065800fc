"""XLSX tables: read as the text that CSV would have, cell by cell, and written from rows.

What is read is what the program showed last: of a formula the value that was computed, never the formula. What is
written is never a formula: a text that begins with `=` stays text. The same rows give the same bytes.
"""

from __future__ import annotations

import datetime
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import IllegalCharacterError, InvalidFileException

from core.base.errors import LabelError
from core.base.files import replacing
from core.base.text_files import missing

MOST_BYTES = 256 << 20
"""Of all parts of a file, unpacked."""
MOST_CELLS = 10_000_000
"""Of a sheet, empty ones before the last of a row included; an empty row counts as one."""
MOST_ROWS, MOST_LETTERS = 1 << 20, 32_767
"""What XLSX has place for, in a sheet and in a cell."""

_ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    MemoryError,
)
"""What openpyxl and zipfile raise on bytes that are no such file."""
_FIXED = re.compile(r"-?\d+\.(\d{4,15})")
"""How numbers are written here in CSV, zeros at the end included; in XLSX that is a number's format."""
_FORMAT = re.compile(r"0\.(0{4,15})")


def read_sheet(path: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the titles of the sheets that have content, and the rows of the first of them: row numbers from 1, and
    cells.

    Numbers are as short as they can be (`1`, `0.5`), dates as in ISO 8601, booleans `TRUE` and `FALSE`.

    Raises:
        LabelError: the file cannot be read, is damaged, protected by a password or too large; also while the rows are
            taken: a formula has no value, or the sheet holds more than `MOST_CELLS`.
    """
    data, has_formulas = _read_checked(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl does not keep; nothing of it is a cell
            values = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True) if has_formulas else None
            titles = [sheet.title for sheet in (formulas or values).worksheets if _has_content(path, sheet)]
            if not titles:
                return [], iter(())
            rows = _rows(path, values[titles[0]], formulas and formulas[titles[0]])
    except _DAMAGE as error:
        raise _damage_error(path) from error
    return titles, rows


def _has_content(path: Path, sheet: Any) -> bool:
    return any(cell.value is not None for cells in _cells(path, sheet) for cell in cells)


def _read_checked(path: Path) -> tuple[bytes, bool]:
    """Return the file's bytes, and whether a formula may be in it. Raises LabelError where it cannot be opened
    safely."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise LabelError(missing(path)) from error
    except OSError as error:
        raise LabelError(f"{path} cannot be read ({error.strerror}). Give an XLSX file.") from error
    if data.startswith(_ENCRYPTED):
        raise LabelError(
            f"{path} is password-protected, or an old XLS file. Save it as XLSX without a password, or as CSV."
        )
    has_formulas = False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            entries = parts.infolist()
            if len(data) > MOST_BYTES or sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise LabelError(f"{path} is larger than {MOST_BYTES >> 20} MiB when unpacked. Save the table as CSV.")
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    text = parts.read(entry)
                    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                        raise LabelError(f"{path} declares XML entities, which no spreadsheet does. Save it as CSV.")
                    has_formulas |= entry.filename.startswith("xl/worksheets/") and (b"<f>" in text or b"<f " in text)
    except _DAMAGE as error:
        raise _damage_error(path) from error
    return data, has_formulas


def _damage_error(path: Path) -> LabelError:
    return LabelError(f"{path} is damaged or not an XLSX file. Save it again as XLSX, or as CSV.")


def _cells(path: Path, sheet: Any) -> Iterator[tuple[Any, ...]]:
    """Yield every row from the first, each as long as it has cells."""
    sheet.reset_dimensions()  # which a program may have set to the whole sheet
    count = 0
    for cells in sheet.iter_rows():
        count += max(len(cells), 1)
        if count > MOST_CELLS:
            raise LabelError(f"{path} has more than {MOST_CELLS:,} cells in a sheet. Save the table as CSV.")
        yield cells


def _rows(path: Path, sheet: Any, formula_sheet: Any | None) -> Iterator[tuple[int, list[str]]]:
    formulas = None if formula_sheet is None else _cells(path, formula_sheet)
    try:
        for number, cells in enumerate(_cells(path, sheet), 1):
            if formulas is not None:
                _check_formulas(f"{path.name}, row {number}", cells, next(formulas))
            yield number, [_format_cell(cell) for cell in cells]
    except _DAMAGE as error:
        raise _damage_error(path) from error


def _check_formulas(where: str, cells: Sequence[Any], formulas: Sequence[Any]) -> None:
    for cell, formula in zip(cells, formulas, strict=True):
        if cell.value is None and formula.value is not None:
            text = f"{formula.value!s:.60}"
            raise LabelError(
                f"{where}: the formula {text} has no stored value. Open and save the file in a spreadsheet program."
            )


def _format_cell(cell: Any) -> str:
    """Return a cell's text; a number that is written with four or more decimals keeps its zeros, if it loses
    nothing."""
    value = cell.value
    if isinstance(value, (int, float)) and (decimals := _FORMAT.fullmatch(cell.number_format or "")):
        text = f"{value:.{len(decimals[1])}f}"
        if float(text) == value:
            return text
    return _text(value)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        is_day = value.time() == datetime.time()
        return value.date().isoformat() if is_day else value.isoformat(" ")
    return str(value)


def write_sheet(path: Path, header: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """Write one sheet; what is a number, or a text that reads as one, is a number there.

    Raises:
        LabelError: it has no place for a text or for so many rows.
        StorageError: the disk is full or the folder cannot be written.
    """
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    try:
        sheet.append([_cell(path, sheet, name) for name in header])
        for number, row in enumerate(rows, 2):
            if number > MOST_ROWS:
                raise LabelError(f"{path} would exceed {MOST_ROWS:,} rows, the limit of XLSX. Write .csv.")
            sheet.append([_cell(path, sheet, value) for value in row])
    finally:
        sheet.close()
    packed = io.BytesIO()
    book.save(packed)
    with replacing(path) as partial:
        _without_times(packed, partial)


def _cell(path: Path, sheet: Any, value: object) -> object:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        number = _number(value)
        if number is not None and _text(number) == value:
            return number
        if number is not None and (decimals := _FIXED.fullmatch(value)):
            fixed = WriteOnlyCell(sheet, number)
            fixed.number_format = "0." + "0" * len(decimals[1])
            return fixed
    elif isinstance(value, (int, float)):
        return value
    text = str(value)
    if len(text) > MOST_LETTERS:
        raise LabelError(f"{path} cannot hold {text[:40]!r}…, which has {len(text)} characters. Write .csv.")
    try:
        cell = WriteOnlyCell(sheet, text)
    except IllegalCharacterError as error:
        raise LabelError(
            f"{path} cannot hold {text!r}. Rename it without control characters, or write .csv."
        ) from error
    cell.data_type = "s"  # else `=` at its beginning makes it a formula, and `#N/A` an error
    return cell


def _number(text: str) -> int | float | None:
    """Return the number whose text this is, so that it reads back; None where it is another text."""
    if not text[-1].isdigit():
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    if float(f"{number:.16g}") != number:  # all that XLSX keeps
        return None
    if _text(number) == text:
        return int(text) if text.lstrip("-").isdigit() else number
    fixed = _FIXED.fullmatch(text)
    return number if fixed and f"{number:.{len(fixed[1])}f}" == text and (number or text[0] == "0") else None


def _without_times(packed: io.BytesIO, to: Path) -> None:
    """Write the same file without the times at which it was made."""
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in source.infolist():
            text = source.read(entry)
            if entry.filename == "docProps/core.xml":
                text = re.sub(rb">[^<]*</dcterms:(created|modified)>", rb">2000-01-01T00:00:00Z</dcterms:\1>", text)
            plain = zipfile.ZipInfo(entry.filename, _EPOCH)
            plain.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(plain, text)
