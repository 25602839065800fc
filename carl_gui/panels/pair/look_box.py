"""Options for the heatmap's colours and their scale."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from carl_gui.models.choices import Choice
from carl_gui.models.heatmap_look import COLOUR_MAPS, SCALINGS, Look
from carl_gui.panels.layouts import vbox
from carl_gui.panels.name_combo import NameCombo
from carl_gui.panels.section import section_title


class HeatmapLookBox(QWidget):
    """Displays what `set_look` gives it; emits the requests of the user."""

    look_selected = Signal(object)
    """A `Look`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = Look()
        self._colours = NameCombo(self.tr("Colours of the heatmap"))
        self._scaling = NameCombo(self.tr("Heatmap colour scale"))
        self._colours.chosen.connect(lambda colours: self._choose(Look(colours, self._look.scaling)))
        self._scaling.chosen.connect(lambda scaling: self._choose(Look(self._look.colours, scaling)))
        vbox(section_title(self.tr("Heatmap"), self._colours), self._colours, self._scaling, on=self, spacing=6)
        self.set_look(self._look)

    @property
    def look(self) -> Look:
        """What is shown as chosen."""
        return self._look

    def set_look(self, look: Look) -> None:
        """Show this as chosen."""
        self._look = look
        self._colours.set_choices(_choices(COLOUR_MAPS, self._colour_words()), look.colours)
        self._scaling.set_choices(_choices(SCALINGS, self._scaling_words()), look.scaling)

    def _choose(self, look: Look) -> None:
        if look != self._look:
            self._look = look
            self.look_selected.emit(look)

    def _colour_words(self) -> list[tuple[str, str]]:
        return [
            (self.tr("Magma"), self.tr("Black through red to yellow")),
            (self.tr("Viridis"), self.tr("Blue through green to yellow")),
            (self.tr("Cividis"), self.tr("Blue to yellow; safe for colour blindness")),
            (self.tr("Grey"), self.tr("Black to white")),
        ]

    def _scaling_words(self) -> list[tuple[str, str]]:
        return [
            (
                self.tr("Same scale in every pair"),
                self.tr("Similarity from 0 to 1: dark means dissimilar, in every heatmap"),
            ),
            (
                self.tr("Stretched to the view"),
                self.tr("From the lowest to the highest hundredth within the view; shows weak patterns"),
            ),
            (
                self.tr("Whole range, −1 to 1"),
                self.tr("Same in every pair too, down to opposite frames"),
            ),
            (
                self.tr("By rank"),
                self.tr("Every colour equally often; shows patterns where most frames are about equally similar"),
            ),
            (
                self.tr("Best match of each frame of A"),
                self.tr("Each column from its worst to its best match within the view"),
            ),
            (
                self.tr("Best match of each frame of B"),
                self.tr("Each row from its worst to its best match within the view"),
            ),
        ]


def _choices(keys: Sequence[str], words: Sequence[tuple[str, str]]) -> list[Choice]:
    return [Choice(key, text, tip=tip) for key, (text, tip) in zip(keys, words, strict=True)]
