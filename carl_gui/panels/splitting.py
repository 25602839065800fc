"""Splitters that remember their sizes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget


def splitter(
    name: str,
    orientation: Qt.Orientation,
    parts: Sequence[QWidget],
    sizes: Sequence[int],
    stretches: Sequence[int] = (),
) -> QSplitter:
    """A splitter that `carl_gui.layout` keeps and sets back.

    Args:
        name: by which its sizes are kept; no other splitter has it.
        sizes: of the parts at first, in pixels.
        stretches: how they share what the window grows by; none given: as their sizes.
    """
    made = QSplitter(orientation, childrenCollapsible=False)
    made.setObjectName(name)
    for part in parts:
        made.addWidget(part)
    made.setProperty("default_sizes", list(sizes))
    made.setSizes(list(sizes))
    for place, stretch in enumerate(stretches or sizes):
        made.setStretchFactor(place, stretch)
    return made
