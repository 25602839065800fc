"""Pictures of the similarity: a coarse one of the whole at once, and a sharp one of the visible part, made in a
thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage

from carl_gui.models.heatmap_look import ColourScale, Look, colour_table, scale_of
from carl_gui.models.heatmap_region import Region
from carl_gui.models.pair import Pair
from carl_gui.tasks import Tasks, in_thread
from core.align.area import Axis, mean_cosine

_MOST_PIXELS = 2048
"""Of a picture's sides, however large the screen is."""


@dataclass(frozen=True, eq=False)
class HeatmapPicture:
    """The similarity of a part of both videos, coloured."""

    region: Region
    image: QImage
    look: Look
    scale: ColourScale
    """What its colours stand for."""


@dataclass(frozen=True, eq=False)
class _Question:
    pair: Pair
    look: Look
    region: Region
    pixels: tuple[int, int]
    """Across and down."""

    def is_same(self, other: _Question | None) -> bool:
        return (
            other is not None
            and (self.pair.a, self.pair.b) == (other.pair.a, other.pair.b)
            and (self.look, self.region, self.pixels) == (other.look, other.region, other.pixels)
        )


class HeatmapPictures(QObject):
    """The pictures to draw at any moment, the last on top. The whole matrix is never in memory."""

    changed = Signal()
    """A sharper one is there."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pair: Pair | None = None
        self._look = Look()
        self._asked: _Question | None = None
        self._answered: _Question | None = None
        self._coarse: HeatmapPicture | None = None
        self._sharp: HeatmapPicture | None = None
        self._tasks = Tasks(self, self._forget_question)

    @property
    def shown(self) -> list[HeatmapPicture]:
        """From the lowest to the uppermost."""
        return [one for one in (self._coarse, self._sharp) if one is not None]

    def is_sharp(self, region: Region) -> bool:
        """Return whether that part is there as it was asked for last, in the colours that are wanted now."""
        answer = self._answered
        return answer is not None and answer is self._asked and (answer.region, answer.look) == (region, self._look)

    def set_pair(self, pair: Pair | None) -> None:
        """Of which videos; the coarse picture is there at once."""
        self._pair = pair
        self._coarse = self._sharp = self._asked = self._answered = None
        self._tasks.cancel("draw")
        if pair is not None:
            self._coarse = _coloured(Region.whole(pair), pair.cosine, self._look)

    def set_look(self, look: Look) -> None:
        """How they are coloured; what is there stays until the new one is."""
        self._look = look

    def ask(self, region: Region, size: QSize) -> None:
        """Make a sharp picture of that part, of so many pixels; what was asked for before is not made any more."""
        if self._pair is None:
            return
        pixels = min(size.width(), _MOST_PIXELS), min(size.height(), _MOST_PIXELS)
        question = _Question(self._pair, self._look, region, pixels)
        if not question.is_same(self._asked):
            self._asked = question
            self._tasks.start("draw", self._draw(question))

    async def _draw(self, question: _Question) -> None:
        self._coarse, self._sharp = await in_thread(lambda control: _answer(question))
        self._answered = question
        self.changed.emit()

    def _forget_question(self, sentence: str) -> None:
        """The coarse picture stays; the next look is drawn anew."""
        self._asked = None


def _answer(question: _Question) -> tuple[HeatmapPicture, HeatmapPicture]:
    """The whole again in the colours of the part, so that nothing jumps where both are seen; and the part."""
    pair, region = question.pair, question.region
    across, down = question.pixels
    cosine = mean_cosine(
        Axis(pair.b.embeddings, pair.b.edges_seconds, down, region.b.start, region.b.end),
        Axis(pair.a.embeddings, pair.a.edges_seconds, across, region.a.start, region.a.end),
    )
    sharp = _coloured(region, cosine, question.look)
    common = sharp.scale if sharp.scale.stops.ndim == 1 else None
    return _coloured(Region.whole(pair), pair.cosine, question.look, common), sharp


def _coloured(
    region: Region, cosine: NDArray[np.float32], look: Look, scale: ColourScale | None = None
) -> HeatmapPicture:
    """B's time upwards."""
    scale = scale or scale_of(look.scaling, cosine)
    shades = np.ascontiguousarray(scale.shades(cosine)[::-1])
    height, width = shades.shape
    image = QImage(shades.data, width, height, width, QImage.Format.Format_Indexed8)
    table = colour_table(look.colours).astype(np.uint32)
    image.setColorTable((0xFF000000 | table[:, 0] << 16 | table[:, 1] << 8 | table[:, 2]).tolist())
    return HeatmapPicture(region, image.convertToFormat(QImage.Format.Format_RGB32), look, scale)
