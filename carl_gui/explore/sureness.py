"""The least confidence of a match, for all views."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QLabel, QSlider, QWidget

from carl_gui.numbers import percent
from carl_gui.settings import open_settings
from carl_gui.widgets.editors import NoWheelMixin
from carl_gui.widgets.layouts import section_title, vbox
from core.align.confidence import LEAST_CONFIDENCE

LEVELS = (0.0, 0.1, 0.3, LEAST_CONFIDENCE, 0.7, 0.9, 0.99)
"""The least confidences to choose from; at 0 every frame gets a match."""


def level_of(stored: object) -> float:
    """Return the stored level, or the default if it is missing or invalid."""
    try:
        found = float(str(stored))
    except ValueError:
        return LEAST_CONFIDENCE
    return found if found in LEVELS else LEAST_CONFIDENCE


def level_text(level: float) -> str:
    """Return the meaning of a level."""
    if level == 0:
        return QCoreApplication.translate("Sureness", "Every frame gets a match")
    if level == LEVELS[-1]:
        return QCoreApplication.translate("Sureness", "Confidence at least {0}: only the best matches").format(
            percent(level)
        )
    return QCoreApplication.translate("Sureness", "Confidence at least {0}").format(percent(level))


class _Slider(NoWheelMixin, QSlider):
    """A slider that ignores the mouse wheel."""


class SureBox(QWidget):
    """Displays what `set_level` gives it; emits the requests of the user."""

    level_selected = Signal(float)
    """One of `LEVELS`; after a drag, when the slider is released."""

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
        self._text = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._text.setMinimumWidth(1)
        self._slider.valueChanged.connect(self._on_moved)
        self._slider.sliderReleased.connect(lambda: self.level_selected.emit(self.level))
        vbox(section_title(self.tr("Match confidence"), self._slider), self._slider, self._text, on=self, spacing=4)
        self._describe()

    @property
    def level(self) -> float:
        """The selected level."""
        return LEVELS[self._slider.value()]

    @property
    def text(self) -> str:
        """The text below the slider."""
        return self._text.text()

    def set_level(self, level: float) -> None:
        """Select this level."""
        with QSignalBlocker(self._slider):
            self._slider.setValue(LEVELS.index(level))
        self._describe()

    def _on_moved(self) -> None:
        self._describe()
        if not self._slider.isSliderDown():
            self.level_selected.emit(self.level)

    def _describe(self) -> None:
        self._text.setText(level_text(self.level))
        self._slider.setAccessibleDescription(self._text.text())


_KEY = "explore/least_confidence"


class Sureness(QObject):
    """One per page; each view shows it in its own box."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._level = level_of(open_settings().value(_KEY))

    @property
    def level(self) -> float:
        """The least confidence of a match, 0 to below 1."""
        return self._level

    def choose(self, level: float) -> None:
        """Set this level, and remember it."""
        if level != self._level:
            self._level = level
            open_settings().setValue(_KEY, level)
            self.changed.emit()

    def new_box(self) -> SureBox:
        """Return a box that shows it, and changes it."""
        box = SureBox()
        box.set_level(self._level)
        box.level_selected.connect(self.choose)
        self.changed.connect(lambda: box.set_level(self._level))
        return box
