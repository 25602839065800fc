"""Write JSON deterministically, and read JSON of other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.base.errors import LabelError
from core.base.files import write_text
from core.base.text_files import read_text


def write_json(path: Path, value: object) -> None:
    """Write it indented, names as they are. StorageError: the disk refuses."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def read_json(path: Path) -> Any:
    """Return the content of a JSON file.

    Raises:
        LabelError: it cannot be read, or is no JSON; the line is named.
    """
    text = read_text(path, "give a JSON file in UTF-8")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise LabelError(f"{path.name}, line {error.lineno}: not JSON ({error.msg}). Export the file again.") from error
    except ValueError as error:  # a number of thousands of digits
        raise LabelError(f"{path.name} is not readable JSON ({error}). Export the file again.") from error
    except RecursionError as error:
        raise LabelError(f"{path.name} nests its values too deeply. Export the file again.") from error


def as_number(value: Any) -> float:
    """Return a number of JSON, or a text that is one, as a float. ValueError: it is none, or beyond all floats."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"{value!r} is not a number")
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError("it is out of range") from error
