"""The states of a video as small rounded labels with text and colour."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from carl_gui.models.messages import BadgeKind
from carl_gui.panels.widgets import lettered
from carl_gui.theme import ThemeColours, colours_of

_PADDING, _GAP = 6, 4
_SMALLER = 0.85


def chip_font(font: QFont) -> QFont:
    """Smaller than the other text."""
    small = lettered(font, scale=_SMALLER)
    return small


def chips_width(font: QFont, words: Sequence[str]) -> int:
    """That these chips take in one line."""
    letters = QFontMetrics(chip_font(font))
    return sum(letters.horizontalAdvance(word) + 2 * _PADDING + _GAP for word in words)


class ChipPainter:
    """Lays out chips in as many lines as needed."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, area: QRect, chips: Sequence[tuple[BadgeKind, str]]
    ) -> None:
        """Draw them, on the middle of the area."""
        if not chips:
            return
        font = chip_font(option.font)
        letters = QFontMetrics(font)
        height = letters.height() + 2
        lines = _lines(letters, area.width(), chips)
        top = area.center().y() + 1 - (len(lines) * (height + _GAP) - _GAP) // 2
        colours = colours_of(option.palette)
        is_on = QStyle.StateFlag.State_Selected in option.state
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font)
        for line in lines:
            left = area.left()
            for kind, word, width in line:
                box = QRectF(left + 0.5, top + 0.5, width - 1, height - 1)
                edge, fill, ink = _look(kind, colours)
                painter.setPen(QColor(colours.accent_text if is_on and fill == colours.accent else edge))
                painter.setBrush(QColor(fill))
                painter.drawRoundedRect(box, height / 2, height / 2)
                if kind == "predicted":  # as its labels are in the timeline
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(QBrush(QColor(colours.border), Qt.BrushStyle.BDiagPattern))
                    painter.drawRoundedRect(box, height / 2, height / 2)
                painter.setPen(QColor(ink))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)
                left += width + _GAP
            top += height + _GAP


def _lines(
    letters: QFontMetrics, room: int, chips: Sequence[tuple[BadgeKind, str]]
) -> list[list[tuple[BadgeKind, str, int]]]:
    lines: list[list[tuple[BadgeKind, str, int]]] = []
    left = 0
    for kind, word in chips:
        width = letters.horizontalAdvance(word) + 2 * _PADDING
        if not lines or left + width > room:
            lines.append([])
            left = 0
        lines[-1].append((kind, word, width))
        left += width + _GAP
    return lines


def _look(kind: BadgeKind, colours: ThemeColours) -> tuple[str, str, str]:
    """Edge, fill and ink."""
    if kind == "broken":
        return colours.warning, colours.warning, colours.base
    if kind == "missing":
        return colours.warning, colours.base, colours.warning
    if kind == "labelled":
        return colours.accent, colours.accent, colours.accent_text
    if kind in ("embedded", "predicted"):
        return colours.curve, colours.base, colours.curve
    return colours.border, colours.base, colours.muted_text
