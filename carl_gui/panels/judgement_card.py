"""A card that says whether an encoder is any good: a number on its scale, a sentence, and what to try."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from carl_gui.models.judgement import is_good, words_of
from carl_gui.panels.ink_label import wrapped_label
from carl_gui.panels.layouts import hbox, vbox
from carl_gui.panels.section import section_title
from carl_gui.panels.widgets import lettered, push_button
from carl_gui.theme import colours_of
from core.evaluation.judgement import CHANCE, Judgement

_LARGE = 1.7
_RADIUS, _INSET = 5, 8


class JudgementCard(QWidget):
    """Hidden while nothing is known."""

    worst_requested = Signal()
    """The pair that goes together worst is to be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Is it any good?"))
        self._found: Judgement | None = None
        self._number, self._verdict = QLabel(), wrapped_label()
        font = lettered(self._number.font(), bold=True)
        self._verdict.setFont(font)
        font.setPointSizeF(font.pointSizeF() * _LARGE)
        self._number.setFont(font)
        self._scale = _Scale()
        self._meaning, self._pairs, self._advice = wrapped_label(), wrapped_label(), wrapped_label()
        self._worst = push_button(self.tr("Show the worst pair"), self.worst_requested)
        vbox(
            section_title(self.tr("Is it any good?"), self._worst),
            hbox(self._number, (self._verdict, 1), spacing=10),
            self._scale,
            self._meaning,
            self._pairs,
            self._advice,
            self._worst,
            on=self,
            spacing=6,
        )
        self.hide()

    @property
    def found(self) -> Judgement | None:
        """What it shows."""
        return self._found

    @property
    def text(self) -> str:
        """All that it says."""
        labels = (self._number, self._verdict, self._meaning, self._pairs, self._advice)
        return "\n".join(label.text() for label in labels if not label.isHidden())

    @property
    def worst_button(self) -> QPushButton:
        return self._worst

    def set_judgement(self, found: Judgement | None) -> None:
        """Show this one; None: nothing is known."""
        if found == self._found:
            return
        self._found = found
        self.setVisible(found is not None)
        if found is None:
            return
        words = words_of(found)
        for label, text in (
            (self._number, words.number),
            (self._verdict, words.verdict),
            (self._meaning, words.meaning),
            (self._pairs, words.pairs),
            (self._advice, words.advice),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        self._scale.set_shares(found.ordered, found.ordered_untrained, is_good=is_good(found))
        self._worst.setVisible(found.num_pairs > 1)


class _Scale(QWidget):
    """The scale from chance to all in order: a ring for the untrained encoder, a dot for the trained one."""

    def __init__(self) -> None:
        super().__init__()
        self._trained = self._untrained = math.nan
        self._is_good = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_shares(self, trained: float, untrained: float, *, is_good: bool) -> None:
        """Both from 0 to 1."""
        self._trained, self._untrained, self._is_good = trained, untrained, is_good
        self.setVisible(not math.isnan(trained))
        self.setToolTip(self.tr("Dot: this encoder. Ring: an untrained one. Left: chance. Right: all in order."))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, 2 * _INSET + self.fontMetrics().height() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right, y = float(_INSET), float(self.width() - _INSET), float(_INSET)
        painter.setPen(QPen(QColor(colours.border), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        told = colours.curve if self._is_good else colours.warning
        painter.setPen(QPen(QColor(told), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(left, y), self._at(self._trained, left, right, y))
        if not math.isnan(self._untrained):
            painter.setPen(QPen(QColor(colours.muted_text), 2))
            painter.setBrush(QColor(colours.window))
            painter.drawEllipse(self._at(self._untrained, left, right, y), _RADIUS, _RADIUS)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(told))
        painter.drawEllipse(self._at(self._trained, left, right, y), _RADIUS + 1, _RADIUS + 1)
        painter.setPen(QColor(colours.muted_text))
        painter.setFont(lettered(self.font(), scale=0.85))
        below = QRectF(0, 2 * _INSET, self.width(), self.fontMetrics().height() + 2)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self.tr("chance, 50 %"))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, self.tr("100 %"))
        painter.end()

    @staticmethod
    def _at(share: float, left: float, right: float, y: float) -> QPointF:
        part = min(max((share - CHANCE) / (1 - CHANCE), 0.0), 1.0)
        return QPointF(left + part * (right - left), y)
