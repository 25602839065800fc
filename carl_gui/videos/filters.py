"""The filter bar of the library: words, action, split and state."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QWidget

from carl_gui.models.messages import badge_text, displayable, split_text
from carl_gui.models.video_filter import STATE_FILTERS, StateFilter, VideoFilter
from carl_gui.widgets.combos import WidePopup
from carl_gui.widgets.factories import named
from carl_gui.widgets.layouts import Stretch, hbox, vbox
from core.project.rows import SPLITS

_WIDEST_COMBO = 190


class _Combo(WidePopup, QComboBox):
    pass


class FilterBar(QWidget):
    """Emits which videos to show."""

    filter_selected = Signal(object)
    """`VideoFilter`."""
    list_requested = Signal()
    """The keys are to move in the list now."""

    def __init__(self, add: QPushButton, parent: QWidget | None = None) -> None:
        """`add` stands at the end of the search field."""
        super().__init__(parent)
        self._field = QLineEdit(placeholderText=self.tr("Search by name or folder"), clearButtonEnabled=True)
        self._field.setAccessibleName(self.tr("Search videos"))
        self._field.setAcceptDrops(False)  # a file that is dropped here is a video, not text
        self._field.installEventFilter(self)
        self._action = self._new_combo(self.tr("Filter by action"))
        self._split = self._new_combo(self.tr("Filter by split"))
        self._state = self._new_combo(self.tr("Filter by state"))
        self._split.addItem(self.tr("Any split"), None)
        for split in SPLITS:
            self._split.addItem(self.tr("No split") if split == "none" else split_text(split), split)
        self._state.addItem(self.tr("Any state"), None)
        for state in STATE_FILTERS:
            self._state.addItem(self._state_text(state), state)
        self.set_actions(())
        self._field.textChanged.connect(self._emit_filter)
        combos = (self._action, self._split, self._state)
        for combo in combos:
            combo.currentIndexChanged.connect(self._emit_filter)
        vbox(
            hbox((self._field, 1), add, spacing=6),
            hbox(*((combo, 1) for combo in combos), Stretch(0), spacing=6),
            on=self,
            spacing=6,
        )

    @property
    def filter(self) -> VideoFilter:
        """The current filter."""
        return VideoFilter(
            self._field.text(), self._action.currentData(), self._split.currentData(), self._state.currentData()
        )

    def set_filter(self, video_filter: VideoFilter) -> None:
        """Set and emit the filter; an action that no video has filters nothing."""
        fields = (self._field, self._action, self._split, self._state)
        blockers = [QSignalBlocker(field) for field in fields]
        self._field.setText(video_filter.text)
        for combo, data in (
            (self._action, video_filter.action),
            (self._split, video_filter.split),
            (self._state, video_filter.state),
        ):
            combo.setCurrentIndex(0 if data is None else max(combo.findData(data), 0))
        for blocker in blockers:
            blocker.unblock()
        self._emit_filter()

    def set_actions(self, actions: Sequence[str]) -> None:
        """Set the actions of the videos. If the filtered action is gone, it filters no more, as `filter` then says."""
        if actions == self._known_actions():
            return
        chosen = self._action.currentData()
        with QSignalBlocker(self._action):
            self._action.clear()
            self._action.addItem(self.tr("Any action"), None)
            for action in actions:
                self._action.addItem(displayable(action), action)
            self._action.addItem(self.tr("No action"), "")
            self._action.setCurrentIndex(0 if chosen is None else max(self._action.findData(chosen), 0))

    def focus(self) -> None:
        """Let the person type what they search."""
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def clear(self) -> None:
        """Show all, and emit the filter."""
        self.set_filter(VideoFilter())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Move from the search into the list by arrows and Enter; empty the search by Escape."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.list_requested.emit()
                return True
            if event.key() == Qt.Key.Key_Escape and self._field.text():
                self._field.clear()
                return True
        return super().eventFilter(watched, event)

    def _new_combo(self, name: str) -> QComboBox:
        combo = named(_Combo(), name, name)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(7)
        combo.setMaximumWidth(_WIDEST_COMBO)
        return combo

    def _known_actions(self) -> Sequence[str]:
        return (
            [self._action.itemData(at) for at in range(1, self._action.count() - 1)] if self._action.count() else ("",)
        )

    def _state_text(self, state: StateFilter) -> str:
        if state == "not_decoded":
            return self.tr("Not decoded")
        if state == "not_embedded":
            return self.tr("Not embedded")
        if state == "not_labelled":
            return self.tr("Not labelled")
        return badge_text(state)

    def _emit_filter(self) -> None:
        self.filter_selected.emit(self.filter)
