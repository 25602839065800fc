"""The Label page: videos and phases next to a player with its timeline."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QWidget

from carl_gui.commands.label import ALSO_ERASES, BUTTONS, COMMANDS, CONTEXT, NUMBERED
from carl_gui.commands.panel_table import panel_action
from carl_gui.panels.elided import ElidedLabel
from carl_gui.panels.empty_state import EmptyState
from carl_gui.panels.flow import FlowLayout
from carl_gui.panels.label.phase_list import PhaseList
from carl_gui.panels.label.probe_bar import ProbeBar
from carl_gui.panels.label.queue_list import QueueList
from carl_gui.panels.label.review_bar import ReviewBar
from carl_gui.panels.label.timeline import PhaseTimeline
from carl_gui.panels.label.video_list import VideoList
from carl_gui.panels.layouts import holder, stacked, vbox
from carl_gui.panels.player.leaving_keys import leave_keys_to_player
from carl_gui.panels.player.player import PlayerPanel
from carl_gui.panels.splitting import splitter
from carl_gui.panels.widgets import follow

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
        """What stands under the timeline."""
        return self._line.full_text

    def say(self, title: str, sentence: str, handler: str) -> None:
        """Why there is nothing to label, and what the button is called that changes it."""
        self.empty.say(title, sentence, handler)
        self._stack.setCurrentWidget(self.empty)

    def set_line(self, line: str) -> None:
        """A sentence under the timeline; the page shows its work."""
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
