"""Whether an encoder is any good, in a card."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from carl_gui.numbers import percent
from carl_gui.theme import colours_of
from carl_gui.widgets.factories import push_button, scaled_font
from carl_gui.widgets.help_button import HelpButton
from carl_gui.widgets.labels import wrapped_label
from carl_gui.widgets.layouts import hbox, section_title, vbox
from core.align.alignable import BOUNDARY_SCORE
from core.evaluation.judgement import CHANCE, Judgement

_GOOD, _FAIR = 0.9, 0.75
"""Shares of pairs of moments in order."""
_LEAST_GAIN = 0.05
"""By which a trained encoder is better than an untrained one, at least."""
_LEAST_WAY = 0.6
"""Of what an untrained encoder lacks to 100 %: enough where it lacks little, as on clips that look alike."""
_FEW_VIDEOS = 6


@dataclass(frozen=True)
class JudgementWords:
    """The sentences of a judgement."""

    verdict: str
    """A word or two."""
    number: str
    """`99 %`; empty where it is not defined."""
    meaning: str
    """What the number counts, beside chance and an untrained encoder."""
    pairs: str
    """How many pairs of videos go together; empty where there is no pair."""
    advice: str
    """What to try; empty: nothing."""


def words_of(found: Judgement) -> JudgementWords:
    """Return what a judgement says."""
    if math.isnan(found.ordered):
        return JudgementWords(
            QCoreApplication.translate("Judgement", "Not known"),
            "",
            QCoreApplication.translate("Judgement", "With one video there is no order to compare."),
            "",
            _more_videos(),
        )
    meaning = QCoreApplication.translate(
        "Judgement",
        "Of two moments in one video, the most alike moments in another video come in the same order {0} of the time. "
        "An untrained encoder: {1}. Chance: {2}.",
    ).format(percent(found.ordered), percent(_untrained(found)), percent(CHANCE))
    return JudgementWords(_verdict(found), percent(found.ordered), meaning, _pairs(found), _advice(found))


def is_good(found: Judgement) -> bool:
    """Return whether the learned order holds, and was learned."""
    return found.ordered >= _FAIR and _is_learned(found)


def _untrained(found: Judgement) -> float:
    return CHANCE if math.isnan(found.ordered_untrained) else found.ordered_untrained


def _is_learned(found: Judgement) -> bool:
    untrained = _untrained(found)
    return found.ordered - untrained >= min(_LEAST_GAIN, _LEAST_WAY * (1 - untrained))


def _verdict(found: Judgement) -> str:
    if not _is_learned(found):
        return QCoreApplication.translate("Judgement", "No better than untrained")
    if found.ordered >= _GOOD:
        return QCoreApplication.translate("Judgement", "Good")
    return (
        QCoreApplication.translate("Judgement", "Fair")
        if found.ordered >= _FAIR
        else QCoreApplication.translate("Judgement", "Poor")
    )


def _pairs(found: Judgement) -> str:
    if not found.num_pairs:
        return ""
    if found.num_alignable == found.num_pairs:
        return (
            QCoreApplication.translate("Judgement", "All {0} pairs looked at move alike.").format(found.num_pairs)
            if found.num_pairs > 1
            else ""
        )
    return QCoreApplication.translate(
        "Judgement", "{0} of {1} pairs looked at move alike; the others may not show the same action."
    ).format(found.num_alignable, found.num_pairs)


def _advice(found: Judgement) -> str:
    sentences = []
    if found.num_pairs and found.worst_score < BOUNDARY_SCORE:
        sentences.append(
            QCoreApplication.translate(
                "Judgement",
                "Look at the worst pair: if its videos show different actions, keep them in projects of their own.",
            )
        )
    if is_good(found):
        return " ".join(sentences)
    if found.num_videos < _FEW_VIDEOS:
        sentences.append(_more_videos())
    if found.backbone == "hog":
        sentences.append(
            QCoreApplication.translate("Judgement", "Try the recipe “Body pose” or “Pictures”: “First look” is coarse.")
        )
    if found.ordered < _FAIR:
        sentences.append(
            QCoreApplication.translate(
                "Judgement",
                "If the action repeats within a video, this number is low: turn on “Find repetitions” in the pair.",
            )
        )
    return " ".join(sentences)


def _more_videos() -> str:
    return QCoreApplication.translate("Judgement", "Add more videos of the same action.")


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
        font = scaled_font(self._number.font(), bold=True)
        self._verdict.setFont(font)
        font.setPointSizeF(font.pointSizeF() * _LARGE)
        self._number.setFont(font)
        self._scale = _Scale()
        self._meaning, self._pairs, self._advice = wrapped_label(), wrapped_label(), wrapped_label()
        self._worst = push_button(self.tr("Show the worst pair"), self.worst_requested)
        vbox(
            section_title(self.tr("Is it any good?"), self._worst),
            hbox(
                self._number, (self._verdict, 1), HelpButton("metrics", self.tr("what this number means")), spacing=10
            ),
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
        """Show both, from 0 to 1."""
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
        colour = colours.curve if self._is_good else colours.warning
        painter.setPen(QPen(QColor(colour), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(left, y), self._at(self._trained, left, right, y))
        if not math.isnan(self._untrained):
            painter.setPen(QPen(QColor(colours.muted_text), 2))
            painter.setBrush(QColor(colours.window))
            painter.drawEllipse(self._at(self._untrained, left, right, y), _RADIUS, _RADIUS)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(self._at(self._trained, left, right, y), _RADIUS + 1, _RADIUS + 1)
        painter.setPen(QColor(colours.muted_text))
        painter.setFont(scaled_font(self.font(), scale=0.85))
        below = QRectF(0, 2 * _INSET, self.width(), self.fontMetrics().height() + 2)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self.tr("chance, 50 %"))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, self.tr("100 %"))
        painter.end()

    @staticmethod
    def _at(share: float, left: float, right: float, y: float) -> QPointF:
        part = min(max((share - CHANCE) / (1 - CHANCE), 0.0), 1.0)
        return QPointF(left + part * (right - left), y)
