"""Read text of other programs, in their encodings."""

from __future__ import annotations

import codecs
from pathlib import Path

from core.base.errors import LabelError

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def read_text(path: Path, remedy: str) -> str:
    """Return the whole text, its line ends as they are: UTF-8, or UTF-16 by its mark or by the zeros of its first
    letter.

    Args:
        remedy: what to give instead, as the end of a sentence.

    Raises:
        LabelError: it cannot be read, or is no such text.
    """
    try:
        return decode_text(path.read_bytes())
    except FileNotFoundError as error:
        raise LabelError(missing(path)) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise LabelError(f"{path} cannot be read ({reason}): {remedy}.") from error


def missing(path: Path) -> str:
    """Return what is said of a file that is not there."""
    return f"There is no file {path}. Check its name."


def decode_text(data: bytes) -> str:
    """Decode as `read_text`. UnicodeDecodeError: it is not such text."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding)
    if len(data) % 2 == 0 and data[:2].count(0) == 1:
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le")
    return data.decode("utf-8")
