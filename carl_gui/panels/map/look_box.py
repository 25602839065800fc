"""Options for colours and points of the map, and the highlighted video."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QSlider, QSpinBox, QWidget

from carl_gui.models.choices import Choice
from carl_gui.panels.layouts import vbox
from carl_gui.panels.name_combo import NameCombo
from carl_gui.panels.section import section_title
from carl_gui.panels.training.setting_editors import NoWheelMixin
from carl_gui.panels.widgets import named

MOST_CLUSTERS = 40
_MIDDLE, _FARTHEST = 0, 10
_FOLD = 3.0
"""At the ends of a slider a thing is so many times larger or smaller than in its middle."""
ALL_VIDEOS = 0
"""The key that stands for no video in particular."""


class _Spin(NoWheelMixin, QSpinBox):
    """A spin box that ignores the mouse wheel."""


class _Slider(NoWheelMixin, QSlider):
    """A slider from smaller to larger, with the automatic value in the middle."""

    def __init__(self, name: str) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(-_FARTHEST, _FARTHEST)
        self.setValue(_MIDDLE)
        self.setPageStep(2)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def times(self) -> float:
        """So many times what fits."""
        return float(_FOLD ** (self.value() / _FARTHEST))


class MapLookBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    colour_selected = Signal(object)
    """`time`, `video`, `phase` or `cluster`."""
    look_selected = Signal(float, float)
    """Size and opacity of points, times what fits."""
    video_selected = Signal(object)
    """Its id; None: all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._by = NameCombo(self.tr("Colour by"))
        self._by.chosen.connect(self._choose_colour)
        self._clusters = named(_Spin(minimum=2, maximum=MOST_CLUSTERS), self.tr("Number of clusters"))
        self._clusters.setKeyboardTracking(False)
        self._clusters.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clusters_selected = self._clusters.valueChanged
        self._size, self._opacity = _Slider(self.tr("Size of points")), _Slider(self.tr("Opacity of points"))
        for slider in (self._size, self._opacity):
            slider.valueChanged.connect(lambda _: self.look_selected.emit(self._size.times, self._opacity.times))
        self._video = NameCombo(self.tr("Video on the map"))
        self._video.chosen.connect(lambda key: self.video_selected.emit(None if key == ALL_VIDEOS else key))
        self._lay_out()

    def _lay_out(self) -> None:
        self._clusters_label = QLabel(self.tr("Clusters"))
        self._clusters_label.setBuddy(self._clusters)
        form = QFormLayout(fieldGrowthPolicy=QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(10)
        form.setVerticalSpacing(6)
        form.addRow(self._clusters_label, self._clusters)
        form.addRow(self.tr("Size"), self._size)
        form.addRow(self.tr("Opacity"), self._opacity)
        vbox(
            section_title(self.tr("Colour by"), self._by),
            self._by,
            form,
            12,
            section_title(self.tr("Video"), self._video),
            self._video,
            on=self,
            spacing=6,
        )

    def set_colours(self, choices: Sequence[Choice], now: str, num_clusters: int) -> None:
        """By what points can be coloured, by what they are, and into how many clusters they fall."""
        self._by.set_choices(choices, now)
        with QSignalBlocker(self._clusters):
            self._clusters.setValue(num_clusters)
        self._show_clusters()

    def set_videos(self, choices: Sequence[Choice], now: int | None) -> None:
        """Videos by id; None: all."""
        self._video.set_choices([Choice(ALL_VIDEOS, self.tr("All videos")), *choices], now or ALL_VIDEOS)

    def _choose_colour(self, key: object) -> None:
        self._show_clusters()
        self.colour_selected.emit(key)

    def _show_clusters(self) -> None:
        for widget in (self._clusters, self._clusters_label):
            widget.setVisible(self._by.key == "cluster")
