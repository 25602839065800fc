"""The page Label as a widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QModelIndex, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSpinBox, QWidget

from carl_gui.commands.command import panel_action
from carl_gui.label.commands import ALSO_ERASES, BUTTONS, COMMANDS, CONTEXT, NUMBERED
from carl_gui.label.phases import PhaseList
from carl_gui.label.timeline import PhaseTimeline
from carl_gui.label.video_list import VideoChoiceDelegate, VideoList
from carl_gui.models.rows import Choice, ChoicesModel
from carl_gui.player.player import PlayerPanel, leave_keys_to_player
from carl_gui.theme import colours_of
from carl_gui.whereabouts import Kept, integer
from carl_gui.widgets.buttons import CheckBox
from carl_gui.widgets.editors import NameCombo, NoWheelMixin
from carl_gui.widgets.empty_state import EmptyState
from carl_gui.widgets.factories import follow, list_view, named
from carl_gui.widgets.labels import ElidedLabel
from carl_gui.widgets.layouts import FlowLayout, holder, section_title, splitter, stacked, vbox

_EDGE = 4


class ReviewBar(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user. Hidden while it is empty."""

    accept_requested = Signal()
    """Accept the proposals of the current video."""
    accept_all_requested = Signal()
    discard_requested = Signal()
    discard_all_requested = Signal()
    next_requested = Signal()
    """The next video for which something is proposed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = ElidedLabel(is_sentence=True)
        texts = (
            ("accept", self.tr("Accept here"), self.tr("Accept the proposal for this video"), self.accept_requested),
            ("next", self.tr("Next video"), self.tr("Show the next video with proposals"), self.next_requested),
            ("accept_all", self.tr("Accept all"), self.tr("Accept all proposals at once"), self.accept_all_requested),
            (
                "discard",
                self.tr("Discard here"),
                self.tr("Discard the proposal for this video"),
                self.discard_requested,
            ),
            ("discard_all", self.tr("Discard all"), self.tr("Discard all proposals"), self.discard_all_requested),
        )
        self.buttons: dict[str, QPushButton] = {}
        """By name: accept, next, accept_all, discard, discard_all."""
        flow = FlowLayout(gap=6)
        for name, text, tip, signal in texts:
            button = named(QPushButton(text), tip, tip)
            button.clicked.connect(lambda _=False, signal=signal: signal.emit())
            self.buttons[name] = button
            flow.addWidget(button)
        vbox(self._line, flow, on=self, margins=(14, 5, 8, 5), spacing=4)
        self.hide()

    @property
    def line(self) -> str:
        """The sentence; empty while the bar is hidden."""
        return "" if self.isHidden() else self._line.full_text

    def set_line(self, line: str, *, is_here: bool, is_elsewhere: bool, is_read_only: bool) -> None:
        """Set the sentence on the proposals; empty: there are none.

        Args:
            is_here: for the video that is shown.
            is_elsewhere: for another one.
        """
        self._line.set_full_text(line)
        self.buttons["accept"].setEnabled(is_here and not is_read_only)
        self.buttons["accept_all"].setEnabled(not is_read_only)
        self.buttons["discard"].setEnabled(is_here)
        self.buttons["next"].setEnabled(is_elsewhere)
        self.setVisible(bool(line))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colours = colours_of(self.palette())
        painter.fillRect(self.rect(), QColor(colours.base))
        painter.fillRect(0, 0, _EDGE, self.height(), QColor(colours.curve))
        painter.end()


_THRESHOLD = 90
"""Percent, at first."""


class _Percent(NoWheelMixin, QSpinBox):
    """A spin box that ignores the mouse wheel."""


class ProbeBar(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    source_selected = Signal(object)
    """The name of a run."""
    order_selected = Signal(bool)
    """Whether phases are to keep to the order that the labels show."""

    def __init__(self, commands: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        """`commands` of the page, by name."""
        super().__init__(parent)
        self._line = ElidedLabel(is_sentence=True)
        self.sources = NameCombo(self.tr("Embeddings used for prediction"))
        self.sources.selected.connect(self.source_selected)
        self.order = CheckBox(self.tr("Keep phases in order"))
        self.order.setToolTip(self.tr("Phase changes never seen in a label need strong evidence"))
        self.order.setChecked(True)
        self.order.clicked.connect(self.order_selected)
        for part in (self.sources, self.order):  # nothing moves when they come
            policy = part.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            part.setSizePolicy(policy)
        self.threshold = named(_Percent(), self.tr("Minimum confidence to accept in all videos"))
        self.threshold.setRange(0, 100)
        self.threshold.setValue(_THRESHOLD)
        self.threshold.setSuffix(self.tr(" %"))
        self.threshold.setToolTip(self.threshold.accessibleName())
        self._commands = {name: commands[name] for name in ("accept_segment", "accept_video", "accept_above")}
        flow = FlowLayout(gap=6)
        texts = self.tr("Accept segment"), self.tr("Accept video"), self.tr("Accept all ≥")
        for action, text in zip(self._commands.values(), texts, strict=True):
            flow.addWidget(self._button(action, text))
        flow.addWidget(self.threshold)
        flow.addWidget(self._button(commands["check"], self.tr("Accuracy…")))
        for part in (self.order, self.sources):
            flow.addWidget(part)
        vbox(flow, self._line, on=self, margins=(8, 2, 8, 2), spacing=4)
        self.set_sources([], None)
        self.set_enabled_actions(has_segment=False, is_video=False, is_any=False)

    @property
    def line(self) -> str:
        """The status of the prediction."""
        return self._line.full_text

    @property
    def settings(self) -> Kept:
        """The settings of predicting and accepting."""
        return {"least_percent": self.threshold.value(), "is_ordered": self.order.isChecked()}

    def set_settings(self, kept: Kept) -> None:
        """Take what `settings` gave; what is missing or damaged is as at first. Emits nothing."""
        self.threshold.setValue(integer(kept, "least_percent", _THRESHOLD))
        self.order.setChecked(kept.get("is_ordered") is not False)

    def set_line(self, line: str) -> None:
        """Set the status of the prediction."""
        self._line.set_full_text(line)

    def set_sources(self, choices: Sequence[Choice], now: str | None) -> None:
        """Set the runs that embedded videos, and the one that is used."""
        self.sources.set_choices(choices, now)
        self.sources.setVisible(bool(choices))
        self.order.setVisible(bool(choices))

    def set_enabled_actions(self, *, has_segment: bool, is_video: bool, is_any: bool) -> None:
        """Set whether something can be accepted at the frame that is shown, in its video, in any video."""
        for name, can in (("accept_segment", has_segment), ("accept_video", is_video), ("accept_above", is_any)):
            self._commands[name].setEnabled(can)
        self.threshold.setEnabled(is_any)

    def _button(self, action: QAction, text: str) -> QPushButton:
        button = follow(QPushButton(text), action)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the player
        return button


class QueueList(QWidget):
    """Shows what `set_entries` gives it; emits the selected entry."""

    entry_selected = Signal(object)
    """The key of an entry."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ChoicesModel(self)
        self.view = list_view(self.model, VideoChoiceDelegate, self.tr("What to label next"))
        self.view.clicked.connect(self._on_entry_clicked)
        self.view.activated.connect(self._on_entry_clicked)
        self._empty = QLabel(wordWrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._stack = stacked(self._empty, self.view)
        title = section_title(self.tr("Label next"), self.view)
        title.setToolTip(self.tr("Press N for the next one"))
        vbox(title, (self._stack, 1), on=self, spacing=6)

    @property
    def hint(self) -> str:
        """Why nothing is listed; empty while something is."""
        return "" if self._stack.currentWidget() is self.view else self._empty.text()

    def set_entries(self, choices: Sequence[Choice], now: str | None, hint: str) -> None:
        """Set the entries, and the current one; without any, `hint` says why."""
        with QSignalBlocker(self):
            self.model.set_rows(choices)
            row = self.model.row_of(now)
            self.view.setCurrentIndex(self.model.index(row, 0) if row >= 0 else QModelIndex())
        self._empty.setText(hint)
        self._stack.setCurrentWidget(self.view if choices else self._empty)

    def _on_entry_clicked(self, at: QModelIndex) -> None:
        self.entry_selected.emit(self.model.rows[at.row()].key)


_SIDE, _MIDDLE = 264, 800
_IN_LISTS = ("play", "shuttle_back", "shuttle_stop", "shuttle_on", "frame_back", "frame_on", "second_back", "second_on")
"""The player's commands that a click on a list leaves their keys."""


class LabelPanel(QWidget):
    """Displays what `set_*` gives it and its parts; emits the requests of the user."""

    appeared = Signal()
    vanished = Signal()
    action_triggered = Signal()
    """The button in the place of what cannot be shown yet."""
    phase_number_selected = Signal(int)
    """By a number key, from 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Label"))
        self.videos, self.player, self.timeline = VideoList(), PlayerPanel(), PhaseTimeline()
        self.commands = COMMANDS.actions(self)
        for number in range(1, NUMBERED + 1):
            chosen = self.commands[f"phase_{number}"].triggered
            chosen.connect(lambda _=False, number=number: self.phase_number_selected.emit(number))
        also = panel_action(self, self.commands["erase"].text(), [ALSO_ERASES])
        also.triggered.connect(self.commands["erase"].trigger)
        self.phases, self.review = PhaseList(self.commands["add_phase"]), ReviewBar()
        self.probe, self.queue = ProbeBar(self.commands), QueueList()
        self._line = ElidedLabel(is_sentence=True)
        self.empty = EmptyState()
        self.empty.action_triggered.connect(self.action_triggered)
        self.timeline.pressed.connect(self.player.view.setFocus)
        self.timeline.setToolTipDuration(5000)
        self.timeline.laid_out.connect(self.player.set_seek_insets)
        self._lay_out()
        leave_keys_to_player(self, [self.player.commands[name] for name in _IN_LISTS])

    def _lay_out(self) -> None:
        side = splitter("label_side", Qt.Orientation.Vertical, [self.videos, self.phases, self.queue], [260, 240, 160])
        side.setContentsMargins(12, 12, 4, 12)
        middle = holder(
            vbox(
                (self.player, 1),
                self.review,
                self.timeline,
                self._line,
                self._new_buttons(),
                self.probe,
                margins=(0, 0, 0, 8),
                spacing=2,
            )
        )
        self._line.setContentsMargins(8, 2, 8, 4)
        whole = splitter("label", Qt.Orientation.Horizontal, [side, middle], [_SIDE, _MIDDLE], [0, 1])
        self._whole = whole
        self._stack = stacked(whole, self.empty)
        vbox(self._stack, on=self)

    def _new_buttons(self) -> QWidget:
        buttons = QWidget()
        flow = FlowLayout(gap=6)
        vbox(flow, on=buttons, margins=(8, 0, 8, 2))
        for name, text in BUTTONS.items():
            button = follow(QPushButton(QCoreApplication.translate(CONTEXT, text)), self.commands[name])
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the player
            flow.addWidget(button)
        return buttons

    @property
    def line(self) -> str:
        """The sentence under the timeline."""
        return self._line.full_text

    def show_empty_state(self, title: str, sentence: str, handler: str) -> None:
        """Show why there is nothing to label, with a button that changes it."""
        self.empty.show_message(title, sentence, handler)
        self._stack.setCurrentWidget(self.empty)

    def set_line(self, line: str) -> None:
        """Set the sentence under the timeline, and show the page's contents."""
        self._line.set_full_text(line)
        self._stack.setCurrentWidget(self._whole)

    def set_read_only(self, is_read_only: bool) -> None:
        """Set whether it is read-only."""
        self.phases.set_read_only(is_read_only)
        self.timeline.set_read_only(is_read_only)
        for command in COMMANDS:
            if command.is_edit:
                self.commands[command.name].setEnabled(not is_read_only)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self.appeared.emit()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self.vanished.emit()
