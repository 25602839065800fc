"""The two boxes for the method and the look of the map."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QSlider, QSpinBox, QWidget

from carl_gui.models.rows import Choice
from carl_gui.widgets.editors import NameCombo, NoWheelMixin
from carl_gui.widgets.factories import named, push_button
from carl_gui.widgets.labels import wrapped_label
from carl_gui.widgets.layouts import section_title, vbox
from carl_gui.widgets.progress import ProgressRow

MOST_CLUSTERS = 40
_MIDDLE, _FARTHEST = 0, 10
_FOLD = 3.0
"""The factor at the ends of a slider, relative to its middle."""
ALL_VIDEOS = 0
"""The key of all videos together."""


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
        """The factor on the automatic value."""
        return float(_FOLD ** (self.value() / _FARTHEST))


class MapLookBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    colour_selected = Signal(object)
    """`time`, `video`, `phase` or `cluster`."""
    look_selected = Signal(float, float)
    """Size and opacity of points, as factors on the automatic values."""
    video_selected = Signal(object)
    """Its id; None: all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._by = NameCombo(self.tr("Colour by"))
        self._by.selected.connect(self._choose_colour)
        self._clusters = named(_Spin(minimum=2, maximum=MOST_CLUSTERS), self.tr("Number of clusters"))
        self._clusters.setKeyboardTracking(False)
        self._clusters.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clusters_selected = self._clusters.valueChanged
        self._size, self._opacity = _Slider(self.tr("Size of points")), _Slider(self.tr("Opacity of points"))
        for slider in (self._size, self._opacity):
            slider.valueChanged.connect(lambda _: self.look_selected.emit(self._size.times, self._opacity.times))
        self._video = NameCombo(self.tr("Video on the map"))
        self._video.selected.connect(lambda key: self.video_selected.emit(None if key == ALL_VIDEOS else key))
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

    def set_colours(self, choices: Sequence[Choice], current: str, num_clusters: int) -> None:
        """Set the colourings to choose from, the current one, and the number of clusters."""
        self._by.set_choices(choices, current)
        with QSignalBlocker(self._clusters):
            self._clusters.setValue(num_clusters)
        self._show_clusters()

    def set_videos(self, choices: Sequence[Choice], current: int | None) -> None:
        """Set the videos to choose from, by id; None: all."""
        self._video.set_choices([Choice(ALL_VIDEOS, self.tr("All videos")), *choices], current or ALL_VIDEOS)

    def _choose_colour(self, key: object) -> None:
        self._show_clusters()
        self.colour_selected.emit(key)

    def _show_clusters(self) -> None:
        for widget in (self._clusters, self._clusters_label):
            widget.setVisible(self._by.key == "cluster")


class MethodBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._combo = NameCombo(self.tr("Kind of map"))
        self.method_selected = self._combo.selected
        """`pca` or `umap`."""
        self._facts, self._notice = wrapped_label(ink="muted"), wrapped_label(ink="warning")
        self._make = push_button("")
        self.make_requested = self._make.clicked
        self._progress_row = ProgressRow(self.tr("Making the map"), self.tr("Cancel making the map"))
        self.cancel_requested = self._progress_row.cancel_requested
        self.pause_requested = self._progress_row.pause_requested
        """Pause making the map, or resume it."""
        vbox(
            section_title(self.tr("Map"), self._combo),
            self._combo,
            self._facts,
            self._notice,
            self._make,
            self._progress_row,
            on=self,
            spacing=6,
        )
        self.set_state("", "", "")
        self.set_progress(None, "")

    @property
    def facts(self) -> str:
        """The facts about the map that is shown."""
        return self._facts.text()

    @property
    def notice(self) -> str:
        """The warning about the map; empty if there is none."""
        return "" if self._notice.isHidden() else self._notice.text()

    @property
    def progress(self) -> str:
        """The progress of making the map, in words; empty if nothing is running."""
        return self._progress_row.words

    def set_methods(self, choices: Sequence[Choice], current: str) -> None:
        """Set the kinds of map to choose from, by key."""
        self._combo.set_choices(choices, current)

    def set_state(self, facts: str, notice: str, action: str, disabled_reason: str = "") -> None:
        """Set the facts about the map, the warning, the button's text, and why it is disabled; empty: none."""
        self._facts.setText(facts)
        self._facts.setVisible(bool(facts))
        self._notice.setText(notice)
        self._notice.setVisible(bool(notice))
        self._make.setText(action)
        self._make.setVisible(bool(action) and self._progress_row.isHidden())
        self._make.setEnabled(not disabled_reason)
        self._make.setToolTip(disabled_reason)

    def set_progress(self, share: float | None, text: str) -> None:
        """Set the progress of making the map, 0 to 1 (None: unknown), and its text; empty: nothing is running."""
        self._progress_row.set_progress(share, text)
        self._make.setVisible(bool(self._make.text()) and not text)

    def set_pause(self, text: str, *, is_enabled: bool = True) -> None:
        """Set the text of the button that pauses or resumes making the map; empty: there is none."""
        self._progress_row.set_pause(text, is_enabled=is_enabled)

    def set_locked(self, reason: str) -> None:
        """Set why making the map can be neither paused nor cancelled; empty: it can."""
        self._progress_row.set_locked(reason)
