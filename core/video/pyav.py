"""One interface to PyAV 18 and 19, which differ in how a file is opened and in the type of a rate."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import av
from av.container.input import InputContainer


class Ratio(Protocol):
    """A `Fraction` up to PyAV 18, an `av.rational.AVRational` from 19 on."""

    @property
    def numerator(self) -> int: ...

    @property
    def denominator(self) -> int: ...


_MAJOR_VERSION = int(av.__version__.split(".")[0])

_UNDECODABLE_METADATA: dict[str, Any] = {"metadata_errors": "replace"} if _MAJOR_VERSION < 19 else {}
"""Up to PyAV 18 a title that is no UTF-8 is an error unless told otherwise; PyAV 19 has no such option and keeps the
bytes as lone surrogates (PEP 383). We read no metadata as text: if that changes, replace the surrogates first."""


def open_input(path: Path) -> InputContainer:
    """Open a file for reading, whatever the encoding of its metadata.

    Neither a name such as `a:b.mp4` nor the content of a playlist reaches a protocol other than `file`.

    FFmpeg's log stays off. Importing torchvision (up to 0.25) turns on PyAV's Python callback for it, which needs
    the GIL; freeing a decoder, with the GIL held, while one of its threads logs an error then waits for ever.

    Raises:
        av.FFmpegError: FFmpeg cannot open the file.
        ValueError: the name cannot be passed to FFmpeg.
    """
    av.logging.set_level(None)
    container: InputContainer = av.open(f"file:{path}", options={"protocol_whitelist": "file"}, **_UNDECODABLE_METADATA)
    return container


def as_fraction(value: Ratio | None) -> Fraction | None:
    """Return a rate, time base or aspect ratio of PyAV as a `Fraction`; None where the file gives none (0 or x/0).

    PyAV 19 hands out `AVRational`: registered as a `numbers.Rational`, but `round` and `int` refuse it, and a product
    or quotient of two of them that does not fit 32 bits is silently rounded, down to 0.
    """
    if not value or not value.denominator:
        return None
    return Fraction(value.numerator, value.denominator)
