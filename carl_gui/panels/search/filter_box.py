"""Filters of the results. Changes are emitted at once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QLabel, QLineEdit, QSpinBox, QWidget

from carl_gui.models.messages import displayable, split_word
from carl_gui.models.metric_messages import metric_tip
from carl_gui.models.search_filters import MOST_APART_SECONDS, MOST_HITS, MOST_TEMPO, Filters
from carl_gui.panels.check_box import CheckBox
from carl_gui.panels.layouts import vbox
from carl_gui.panels.section import section_title
from carl_gui.panels.training.setting_editors import NoWheelMixin
from carl_gui.panels.wide_popup import WidePopup
from core.project.rows import SPLITS


class _Whole(NoWheelMixin, QSpinBox):
    pass


class _Number(NoWheelMixin, QDoubleSpinBox):
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
        self._k = _Whole(minimum=1, maximum=MOST_HITS)
        self._cosine = _Number(minimum=-1.0, maximum=1.0, singleStep=0.05, decimals=2)
        self._apart = _Number(minimum=0.0, maximum=MOST_APART_SECONDS, singleStep=0.5, decimals=2)
        self._overlap = _Number(minimum=0.0, maximum=100.0, singleStep=10.0, decimals=0)
        self._tempo = _Number(minimum=1.0, maximum=MOST_TEMPO, singleStep=0.5, decimals=1)
        self._apart.setSuffix(self.tr(" s"))
        self._overlap.setSuffix(self.tr(" %"))
        self._tempo.setSuffix("×")
        self._others = CheckBox(self.tr("Other videos only"))
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
            (self.tr("Min. &gap"), self._apart),
            (self.tr("Max. &overlap"), self._overlap),
            (self.tr("Tempo &within"), self._tempo),
        ):
            label = QLabel(text)
            label.setBuddy(field)
            self._form.addRow(label, field)
        vbox(
            section_title(self.tr("Results")),
            self._form,
            self._others,
            12,
            section_title(self.tr("Search in"), self._text),
            self._text,
            self._action,
            self._split,
            on=self,
            spacing=6,
        )

    def _name_all(self) -> None:
        """For screen readers, and what each does for everybody."""
        for field, name, tip in (
            (self._k, self.tr("Max. results"), self.tr("At most this many results are shown.")),
            (self._cosine, self.tr("Min. similarity"), metric_tip("similarity")),
            (
                self._apart,
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
            (self._others, self.tr("Other videos only"), self.tr("Excludes the video of the query.")),
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
            self._split.addItem(self.tr("No split") if split == "none" else split_word(split), split)
        self.set_actions(())

    def _connect(self) -> None:
        for box in (self._k, self._cosine, self._apart, self._overlap, self._tempo):
            box.valueChanged.connect(self._say)
        self._others.toggled.connect(self._say)
        self._text.textChanged.connect(self._say)
        for combo in (self._action, self._split):
            combo.currentIndexChanged.connect(self._say)

    @property
    def filters(self) -> Filters:
        """As they are shown."""
        return Filters(
            self._k.value(),
            round(self._cosine.value(), 2),
            self._others.isChecked(),
            round(self._apart.value(), 2),
            round(self._overlap.value() / 100, 2),
            round(self._tempo.value(), 1),
            self._text.text(),
            self._action.currentData(),
            self._split.currentData(),
        )

    def set_actions(self, actions: Sequence[str]) -> None:
        """Those that videos have; one that is chosen stays a choice."""
        chosen = self._filters.action
        offered = list(actions) + ([chosen] if chosen and chosen not in actions else [])
        if offered == [self._action.itemData(at) for at in range(1, self._action.count() - 1)] and self._action.count():
            return
        with QSignalBlocker(self._action):
            self._action.clear()
            self._action.addItem(self.tr("Any action"), None)
            for action in offered:
                self._action.addItem(displayable(action), action)
            self._action.addItem(self.tr("No action"), "")
            self._action.setCurrentIndex(0 if chosen is None else self._action.findData(chosen))

    def set_filters(self, filters: Filters, *, is_span: bool) -> None:
        """Show these; some are of spans alone, some of frames alone. Announces nothing."""
        self._filters = filters
        fields = (self._k, self._cosine, self._apart, self._overlap, self._tempo, self._others, self._text)
        blockers = [QSignalBlocker(field) for field in (*fields, self._action, self._split)]
        self._k.setValue(filters.k)
        self._cosine.setValue(filters.least_cosine)
        self._apart.setValue(filters.apart_seconds)
        self._overlap.setValue(filters.max_overlap * 100)
        self._tempo.setValue(filters.max_tempo)
        self._others.setChecked(filters.other_videos)
        if self._text.text() != filters.text:
            self._text.setText(filters.text)
        if filters.action is not None and self._action.findData(filters.action) < 0:  # no video has it any more
            self._action.insertItem(self._action.count() - 1, displayable(filters.action), filters.action)
        self._action.setCurrentIndex(0 if filters.action is None else self._action.findData(filters.action))
        self._split.setCurrentIndex(0 if filters.split is None else self._split.findData(filters.split))
        for blocker in blockers:
            blocker.unblock()
        self._form.setRowVisible(self._apart, not is_span)
        for field in (self._overlap, self._tempo):
            self._form.setRowVisible(field, is_span)

    def _say(self) -> None:
        shown = self.filters
        if shown != self._filters:
            self._filters = shown
            self.filters_selected.emit(shown)
