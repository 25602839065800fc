"""Filters of the list of videos to label: words, and one state or action."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from carl_gui.models.label_filter import LABEL_STATES, LabelFilter
from carl_gui.models.messages import displayable
from carl_gui.panels.layouts import vbox
from carl_gui.panels.widgets import named

_STATE, _ACTION = "state", "action"


class VideoFilters(QWidget):
    """Emits which videos to list."""

    filter_selected = Signal(object)
    """`LabelFilter`."""
    list_requested = Signal()
    """The keys are to move in the list now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QLineEdit(placeholderText=self.tr("Search by name or folder"), clearButtonEnabled=True)
        self.field.setAccessibleName(self.tr("Search videos"))
        self.field.installEventFilter(self)
        self.kind = named(QComboBox(), self.tr("Which videos are listed"))
        self.kind.setToolTip(self.kind.accessibleName())
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.kind.setMinimumContentsLength(7)
        self._actions: Sequence[str] = ()
        self._fill()
        self.field.textChanged.connect(self._say)
        self.kind.currentIndexChanged.connect(self._say)
        vbox(self.field, self.kind, on=self, spacing=4)

    @property
    def filter(self) -> LabelFilter:
        """What is to be listed."""
        kind, value = self.kind.currentData() or ("", None)
        state, action = (value if kind == _STATE else None), (value if kind == _ACTION else None)
        return LabelFilter(self.field.text(), state, action)

    def set_filter(self, wanted: LabelFilter) -> None:
        """List these, and say so; an action that no video has filters nothing."""
        kind = (_STATE, wanted.state) if wanted.state is not None else (_ACTION, wanted.action)
        places = [place for place in range(self.kind.count()) if self.kind.itemData(place) == kind]
        with QSignalBlocker(self.field), QSignalBlocker(self.kind):
            self.field.setText(wanted.text)
            self.kind.setCurrentIndex(places[0] if places else 0)
        self._say()

    def set_actions(self, actions: Sequence[str]) -> None:
        """Those that videos have. One that was filtered by and is gone filters no more, which `filter` then says."""
        if list(actions) != list(self._actions):
            self._actions = actions
            self._fill()

    def focus(self) -> None:
        """Let the person type what they search."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def clear(self) -> None:
        """List all, and say so."""
        self.set_filter(LabelFilter())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Arrows and Enter lead from the search into the list; Escape empties it."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.list_requested.emit()
                return True
            if event.key() == Qt.Key.Key_Escape and self.field.text():
                self.field.clear()
                return True
        return super().eventFilter(watched, event)

    def _fill(self) -> None:
        words = {
            "none": self.tr("Without labels"),
            "part": self.tr("Partly labelled"),
            "hand": self.tr("Labelled by hand"),
            "predicted": self.tr("With predicted labels"),
            "proposed": self.tr("With proposals to check"),
        }
        chosen = self.kind.currentData()
        with QSignalBlocker(self.kind):
            self.kind.clear()
            self.kind.addItem(self.tr("All videos"), None)
            for state in LABEL_STATES:
                self.kind.addItem(words[state], (_STATE, state))
            if len(self._actions) > 1:
                self.kind.insertSeparator(self.kind.count())
                for action in self._actions:
                    name = self.tr("Action: {0}").format(displayable(action)) if action else self.tr("No action")
                    self.kind.addItem(name, (_ACTION, action))
            places = [place for place in range(self.kind.count()) if self.kind.itemData(place) == chosen]
            self.kind.setCurrentIndex(places[0] if places else 0)

    def _say(self) -> None:
        self.filter_selected.emit(self.filter)
