"""Captions of pictures: sources of frames, shortened names, readable times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.base.colours import ON_DARK, ON_LIGHT
from core.base.types import Frame

A_COLOUR, B_COLOUR = ON_DARK
"""The two videos keep their colours in every picture; these are for dark ones."""
A_ON_WHITE, B_ON_WHITE = ON_LIGHT
"""And these for white ones."""


class Frames(Protocol):
    """Frames by index: a `VideoReader` or a `StoredVideo`."""

    @property
    def edges_seconds(self) -> NDArray[np.float64]:
        """(S + 1,) start of every frame and end of the last, by the medium's clock."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Frame: ...


@dataclass(frozen=True)
class VideoSource:
    """One of the two videos."""

    name: str
    """Shown beside its frames; a long one is shortened."""
    frames: Frames

    @property
    def edges_seconds(self) -> NDArray[np.float64]:
        """(S + 1,)"""
        return self.frames.edges_seconds


def elide(text: str, fits: Callable[[str], bool]) -> str:
    """Return `text`, printable, with its middle left out until it `fits`; the end, which tells files apart, stays
    longest."""
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    shortened = text
    for kept in range(len(text) - 1, 1, -1):
        if fits(shortened):
            break
        head = kept // 3
        shortened = f"{text[:head]}…{text[len(text) - kept + head :]}"
    return shortened


def clock(seconds: float) -> str:
    """Return minutes, seconds and hundredths: `0:04.25`."""
    hundredths = round(seconds * 100)
    return f"{hundredths // 6000}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"
