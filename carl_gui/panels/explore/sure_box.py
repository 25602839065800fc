"""Choice of the minimum confidence of a match."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QLabel, QSlider, QWidget

from carl_gui.models.sureness import LEVELS, level_words
from carl_gui.panels.layouts import vbox
from carl_gui.panels.section import section_title
from carl_gui.panels.training.setting_editors import NoWheelMixin


class _Slider(NoWheelMixin, QSlider):
    """A slider that ignores the mouse wheel."""


class SureBox(QWidget):
    """Displays what `set_level` gives it; emits the requests of the user."""

    level_selected = Signal(float)
    """One of `LEVELS`: while a slider is dragged, when it is let go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider = _Slider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, len(LEVELS) - 1)
        self._slider.setPageStep(1)
        self._slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self._slider.setTickInterval(1)
        self._slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._slider.setAccessibleName(self.tr("Minimum match confidence"))
        self._slider.setToolTip(
            self.tr(
                "Frames whose best match is below this confidence have no match. At the left end, every "
                "frame gets a match."
            )
        )
        self._words = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._words.setMinimumWidth(1)
        self._slider.valueChanged.connect(self._on_result)
        self._slider.sliderReleased.connect(lambda: self.level_selected.emit(self.level))
        vbox(section_title(self.tr("Match confidence"), self._slider), self._slider, self._words, on=self, spacing=4)
        self._describe()

    @property
    def level(self) -> float:
        """What is shown as chosen."""
        return LEVELS[self._slider.value()]

    @property
    def words(self) -> str:
        """What stands below the slider."""
        return self._words.text()

    def set_level(self, level: float) -> None:
        """Show this as chosen."""
        with QSignalBlocker(self._slider):
            self._slider.setValue(LEVELS.index(level))
        self._describe()

    def _on_result(self) -> None:
        self._describe()
        if not self._slider.isSliderDown():
            self.level_selected.emit(self.level)

    def _describe(self) -> None:
        self._words.setText(level_words(self.level))
        self._slider.setAccessibleDescription(self._words.text())
