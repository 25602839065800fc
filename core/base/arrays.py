"""Open NumPy files from any thread."""

from __future__ import annotations

import contextlib
import threading
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_READING = threading.Lock()
"""NumPy reads the header with the parser of `ast`, which in CPython 3.11 may raise SystemError ("AST constructor
recursion depth mismatch") where two threads parse at the same time and one of them collects garbage."""


def load_array(file: Path, *, is_mapped: bool = False) -> NDArray[Any]:
    """Return the array of a `.npy` file, or a view of it that stays on disk.

    Raises:
        OSError, ValueError: it cannot be read, or is none.
    """
    with _READING, _explaining():
        array: NDArray[Any] = np.load(file, mmap_mode="r" if is_mapped else None, allow_pickle=False)
    return array


def load_arrays(file: Path) -> dict[str, NDArray[Any]]:
    """Load all arrays of a `.npz` file by name.

    Raises:
        OSError, ValueError: it cannot be read, or is none.
    """
    with (
        _READING,
        _explaining(),
        file.open("rb") as opened,
        np.load(opened, allow_pickle=False) as arrays,
    ):  # numpy leaves it open
        return dict(arrays)


@contextlib.contextmanager
def _explaining() -> Iterator[None]:
    """Turn what NumPy and its parsers raise for a damaged file into ValueError, and say nothing of old headers."""
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except (SyntaxError, tokenize.TokenError) as error:
        raise ValueError("its header is damaged") from error
    except (TypeError, LookupError, EOFError, MemoryError, OverflowError, RecursionError, zlib.error) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    except (NotImplementedError, AttributeError, zipfile.BadZipFile) as error:
        raise ValueError(str(error)) from error


def is_finite(rows: NDArray[np.floating]) -> bool:
    """Return whether (N, D) rows hold neither NaN nor infinity; a limited number is copied at a time."""
    return all(bool(np.isfinite(rows[start : start + 4096]).all()) for start in range(0, len(rows), 4096))
