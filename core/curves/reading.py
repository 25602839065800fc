"""Read curves from CSV, XLSX and NPZ, every problem with its line."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import load_arrays
from core.base.csv_files import SHEETS, Row, read_lines
from core.base.errors import LabelError
from core.base.text_files import missing
from core.curves.curves import Curves

TIME_COLUMNS = ("seconds", "time", "t", "time_s", "time (s)", "time [s]", "timestamp")
"""In any case; the first that is there counts. Always in seconds."""
SUFFIXES = (".csv", ".tsv", ".txt", ".npz", *SHEETS)
_NO_VALUE = ("", "na", "n/a", "nan", "null", "none", "-")


def read_curves(path: Path) -> Curves:
    """Read a table whose header names a column of times and the channels, or an NPZ of arrays with such names.

    Raises:
        LabelError: the file cannot be read, or a line of it cannot be used.
    """
    return _read_arrays(path) if path.suffix.casefold() == ".npz" else _read_table(path)


def _read_table(path: Path) -> Curves:
    header, rows = _rows(path)
    column = _time_column(header, path.name)
    seconds = np.array([_time_of(row, column) for row in rows])
    _check_times(seconds, lambda index: rows[index].where)
    names = [name for name in header if name not in (column, "")]
    channels = {name: np.array([_value_of(row, name) for row in rows]) for name in names}
    return _with_channels(path, seconds, channels)


def _rows(path: Path) -> tuple[list[str], list[Row]]:
    """Return the header as it is written, and the lines below it."""
    header: list[str] = []
    rows = []
    for line in read_lines(path):
        if not header:
            header = line.cells
            twice = next((name for name in header if name and header.count(name) > 1), None)
            if twice is not None:
                raise LabelError(f"{line.where}: the column {twice!r} appears twice. Rename one.")
        elif len(line.cells) > len(header):
            raise LabelError(
                f"{line.where}: {len(line.cells)} cells, but the header has {len(header)}. Where numbers have decimal "
                "commas, separate the columns by semicolons."
            )
        else:
            rows.append(Row(line.where, dict(zip(header, line.cells, strict=False)), line.decimal_comma))
    if not rows:
        raise LabelError(f"{path.name} has no line below its header. Export the measurements again.")
    return header, rows


def _time_of(row: Row, column: str) -> float:
    if row[column].casefold() in _NO_VALUE:
        raise LabelError(f"{row.where}: the time is missing. Add it, or remove the line.")
    return row.number(column)


def _value_of(row: Row, column: str) -> float:
    return np.nan if row[column].casefold() in _NO_VALUE else row.number(column)


def _time_column(names: Iterable[str], where: str) -> str:
    found = [name for name in names if name]
    by_case = {name.casefold(): name for name in found}
    column = next((by_case[name] for name in TIME_COLUMNS if name in by_case), None)
    if column is None:
        listed = ", ".join(map(repr, found[:8])) or "none"
        raise LabelError(f"{where}: no column of times among {listed}. Name the one with seconds 'seconds'.")
    return column


def _check_times(seconds: NDArray[np.float64], where: Callable[[int], str]) -> None:
    """Check that times rise. LabelError: names the first that does not."""
    wrong = np.flatnonzero(np.diff(seconds) <= 0)
    if not len(wrong):
        return
    index = int(wrong[0]) + 1
    before, now = float(seconds[index - 1]), float(seconds[index])
    if before == now:
        raise LabelError(f"{where(index)}: the time {now:g} s appears twice. Keep one of the two.")
    raise LabelError(f"{where(index)}: the time {now:g} s comes after {before:g} s. Sort the file by time.")


def _with_channels(path: Path, seconds: NDArray[np.float64], channels: dict[str, NDArray[np.float64]]) -> Curves:
    if not channels:
        raise LabelError(f"{path.name} has no column besides the times. Add one for each channel.")
    if not any(np.isfinite(values).any() for values in channels.values()):
        raise LabelError(f"{path.name} has no value in any channel. Export the measurements again.")
    return Curves(seconds, channels)


def _read_arrays(path: Path) -> Curves:
    try:
        arrays = load_arrays(path)
    except FileNotFoundError as error:
        raise LabelError(missing(path)) from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise LabelError(f"{path.name} is not an NPZ file of numbers. Write it again with numpy.savez.") from error
    column = _time_column(arrays, path.name)
    seconds = _numbers(path, column, arrays[column])
    if seconds.ndim != 1 or not len(seconds):
        raise LabelError(f"{path.name}: {column!r} must be one row of times, not of shape {seconds.shape}.")
    bad = np.flatnonzero(~np.isfinite(seconds))
    if len(bad):
        raise LabelError(f"{path.name}, {column}[{bad[0]}]: the time is {seconds[bad[0]]}. Remove that measurement.")
    _check_times(seconds, lambda index: f"{path.name}, {column}[{index}]")
    channels: dict[str, NDArray[np.float64]] = {}
    for name, array in arrays.items():
        if name != column:
            channels |= _channels_of(path, name, _numbers(path, name, array), len(seconds))
    return _with_channels(path, seconds, channels)


def _channels_of(path: Path, name: str, values: NDArray[np.float64], count: int) -> dict[str, NDArray[np.float64]]:
    if values.ndim not in (1, 2) or len(values) != count:
        raise LabelError(
            f"{path.name}: {name!r} has the shape {values.shape}, but there are {count} times. Give it one row a time."
        )
    values = np.where(np.isfinite(values), values, np.nan)
    return {name: values} if values.ndim == 1 else {f"{name}[{at}]": values[:, at] for at in range(values.shape[1])}


def _numbers(path: Path, name: str, array: NDArray[np.generic]) -> NDArray[np.float64]:
    if array.dtype.kind not in "fiub":
        raise LabelError(f"{path.name}: {name!r} holds no real numbers ({array.dtype}). Remove it, or convert it.")
    return array.astype(np.float64)
