"""Filters of a search."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QLabel, QLineEdit, QSpinBox, QWidget

from carl_gui.models.messages import displayable, split_text
from carl_gui.models.metric_messages import metric_tip
from carl_gui.models.video_filter import VideoFilter
from carl_gui.widgets.buttons import CheckBox
from carl_gui.widgets.combos import WidePopup
from carl_gui.widgets.editors import NoWheelMixin
from carl_gui.widgets.layouts import section_title, vbox
from core.project.rows import SPLITS, Split
from core.search.defaults import APART_SECONDS, OVERLAP, TEMPO

MOST_HITS = 1000
MOST_APART_SECONDS = 600.0
MOST_TEMPO = 16.0

_RANGES: dict[str, tuple[float, float]] = {
    "k": (1, MOST_HITS),
    "least_cosine": (-1, 1),
    "apart_seconds": (0, MOST_APART_SECONDS),
    "max_overlap": (0, 1),
    "max_tempo": (1, MOST_TEMPO),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters chosen by the user; the defaults are those of `python -m core.search`, with more results."""

    k: int = 60
    """The largest number of hits."""
    least_cosine: float = 0.0
    other_videos: bool = False
    """Whether the query's own video is left out."""
    apart_seconds: float = APART_SECONDS
    """Least time between two frames of one video, the query included; nearer ones count as one."""
    max_overlap: float = OVERLAP
    """The largest overlap of two spans of one video, as a share of the shorter one."""
    max_tempo: float = TEMPO
    """The largest ratio of the lengths of a span and the query."""
    text: str = ""
    """Words in the names and places of the videos that are searched; empty: any."""
    action: str | None = None
    """None: any; empty: those without one."""
    split: Split | None = None

    @property
    def videos(self) -> VideoFilter:
        """The filter of the videos to search."""
        return VideoFilter(self.text, self.action, self.split)

    def to_json(self) -> str:
        """Return the filters as JSON."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=True)

    @classmethod
    def from_json(cls, text: str) -> Filters:
        """Return the filters from `to_json`. Of unknown or edited text, the valid values count."""
        try:
            stored = json.loads(text)
        except ValueError:
            return cls()
        default = cls()
        fields = [field.name for field in dataclasses.fields(cls)]
        known = {name: stored[name] for name in fields if name in stored} if isinstance(stored, dict) else {}
        valid = {name: value for name, value in known.items() if _is_valid(name, value, getattr(default, name))}
        return dataclasses.replace(default, **valid)


def _is_valid(name: str, value: object, default: object) -> bool:
    if name == "split":
        return value is None or value in SPLITS
    if name in ("action", "text"):
        return isinstance(value, str) or (name == "action" and value is None)
    if isinstance(default, bool):
        return isinstance(value, bool)
    low, high = _RANGES[name]
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    is_kind = isinstance(value, int) or not isinstance(default, int)
    return is_kind and low <= value <= high


class _IntSpinBox(NoWheelMixin, QSpinBox):
    pass


class _FloatSpinBox(NoWheelMixin, QDoubleSpinBox):
    pass


class _Combo(WidePopup, NoWheelMixin, QComboBox):
    pass


class FilterBox(QWidget):
    """Displays what `set_filters` gives it."""

    filters_selected = Signal(object)
    """`Filters`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filters = Filters()
        self._k = _IntSpinBox(minimum=1, maximum=MOST_HITS)
        self._cosine = _FloatSpinBox(minimum=-1.0, maximum=1.0, singleStep=0.05, decimals=2)
        self._min_gap = _FloatSpinBox(minimum=0.0, maximum=MOST_APART_SECONDS, singleStep=0.5, decimals=2)
        self._overlap = _FloatSpinBox(minimum=0.0, maximum=100.0, singleStep=10.0, decimals=0)
        self._tempo = _FloatSpinBox(minimum=1.0, maximum=MOST_TEMPO, singleStep=0.5, decimals=1)
        self._min_gap.setSuffix(self.tr(" s"))
        self._overlap.setSuffix(self.tr(" %"))
        self._tempo.setSuffix("×")
        self._other_videos = CheckBox(self.tr("Other videos only"))
        self._text = QLineEdit(placeholderText=self.tr("Name or folder"), clearButtonEnabled=True)
        self._action, self._split = _Combo(), _Combo()
        self._lay_out()
        self._name_all()
        self._fill()
        self._connect()
        self.set_filters(self._filters, is_span=False)

    def _lay_out(self) -> None:
        self._form = QFormLayout()
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setSpacing(6)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for text, field in (
            (self.tr("&Max. results"), self._k),
            (self.tr("Min. si&milarity"), self._cosine),
            (self.tr("Min. &gap"), self._min_gap),
            (self.tr("Max. &overlap"), self._overlap),
            (self.tr("Tempo &within"), self._tempo),
        ):
            label = QLabel(text)
            label.setBuddy(field)
            self._form.addRow(label, field)
        vbox(
            section_title(self.tr("Results")),
            self._form,
            self._other_videos,
            12,
            section_title(self.tr("Search in"), self._text),
            self._text,
            self._action,
            self._split,
            on=self,
            spacing=6,
        )

    def _name_all(self) -> None:
        """Set accessible names and tooltips."""
        for field, name, tip in (
            (self._k, self.tr("Max. results"), self.tr("At most this many results are shown.")),
            (self._cosine, self.tr("Min. similarity"), metric_tip("similarity")),
            (
                self._min_gap,
                self.tr("Min. gap"),
                self.tr("Of frames of one video closer together than this, only the best is shown."),
            ),
            (
                self._overlap,
                self.tr("Max. overlap"),
                self.tr("How much two results of one video may overlap, as a share of the shorter."),
            ),
            (
                self._tempo,
                self.tr("Tempo within"),
                self.tr("How many times longer or shorter than the marked span a result may be."),
            ),
            (self._other_videos, self.tr("Other videos only"), self.tr("Excludes the video of the query.")),
            (self._text, self.tr("Only videos whose name or folder contains these words"), ""),
            (self._action, self.tr("Search in videos of this action"), ""),
            (self._split, self.tr("Search in videos of this split"), ""),
        ):
            field.setAccessibleName(name)
            field.setToolTip(tip or name)
            field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the wheel gives no focus

    def _fill(self) -> None:
        for combo in (self._action, self._split):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(6)
        self._split.addItem(self.tr("Any split"), None)
        for split in SPLITS:
            self._split.addItem(self.tr("No split") if split == "none" else split_text(split), split)
        self.set_actions(())

    def _connect(self) -> None:
        for box in (self._k, self._cosine, self._min_gap, self._overlap, self._tempo):
            box.valueChanged.connect(self._on_edited)
        self._other_videos.toggled.connect(self._on_edited)
        self._text.textChanged.connect(self._on_edited)
        for combo in (self._action, self._split):
            combo.currentIndexChanged.connect(self._on_edited)

    @property
    def filters(self) -> Filters:
        """The filters that are edited."""
        return Filters(
            self._k.value(),
            round(self._cosine.value(), 2),
            self._other_videos.isChecked(),
            round(self._min_gap.value(), 2),
            round(self._overlap.value() / 100, 2),
            round(self._tempo.value(), 1),
            self._text.text(),
            self._action.currentData(),
            self._split.currentData(),
        )

    def set_actions(self, actions: Sequence[str]) -> None:
        """Set the actions of the videos; the selected one remains in the list."""
        selected = self._filters.action
        choices = list(actions) + ([selected] if selected and selected not in actions else [])
        if choices == [self._action.itemData(at) for at in range(1, self._action.count() - 1)] and self._action.count():
            return
        with QSignalBlocker(self._action):
            self._action.clear()
            self._action.addItem(self.tr("Any action"), None)
            for action in choices:
                self._action.addItem(displayable(action), action)
            self._action.addItem(self.tr("No action"), "")
            self._action.setCurrentIndex(0 if selected is None else self._action.findData(selected))

    def set_filters(self, filters: Filters, *, is_span: bool) -> None:
        """Show these, without a signal; some are only for spans, some only for frames."""
        self._filters = filters
        fields = (self._k, self._cosine, self._min_gap, self._overlap, self._tempo, self._other_videos, self._text)
        blockers = [QSignalBlocker(field) for field in (*fields, self._action, self._split)]
        self._k.setValue(filters.k)
        self._cosine.setValue(filters.least_cosine)
        self._min_gap.setValue(filters.apart_seconds)
        self._overlap.setValue(filters.max_overlap * 100)
        self._tempo.setValue(filters.max_tempo)
        self._other_videos.setChecked(filters.other_videos)
        if self._text.text() != filters.text:
            self._text.setText(filters.text)
        if filters.action is not None and self._action.findData(filters.action) < 0:  # no video has it any more
            self._action.insertItem(self._action.count() - 1, displayable(filters.action), filters.action)
        self._action.setCurrentIndex(0 if filters.action is None else self._action.findData(filters.action))
        self._split.setCurrentIndex(0 if filters.split is None else self._split.findData(filters.split))
        for blocker in blockers:
            blocker.unblock()
        self._form.setRowVisible(self._min_gap, not is_span)
        for field in (self._overlap, self._tempo):
            self._form.setRowVisible(field, is_span)

    def _on_edited(self) -> None:
        edited = self.filters
        if edited != self._filters:
            self._filters = edited
            self.filters_selected.emit(edited)
