"""How the loss of a run went down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator

from core.drawing.sheet import FAINT, GRID, Sheet

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _FOOT = 5.0, 2.2, 0.6, 0.15, 0.2, 0.5
"""Inches: the picture, and the margins around its curve."""
_LINE = "#2a6fdb"


def write_losses(path: Path, losses: Sequence[float]) -> None:
    """Write a PNG: the loss over the steps, from the first.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    sheet = Sheet(_WIDTH, _HEIGHT)
    axes = sheet.axes(_LEFT, _TOP, _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _FOOT)
    axes.plot(np.arange(1, len(losses) + 1), losses, color=_LINE, linewidth=1.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("step", fontsize=9, color=FAINT)
    axes.set_ylabel("loss", fontsize=9, color=FAINT)
    axes.grid(color=GRID, linewidth=0.8)
    sheet.save(path)
