"""Bar below the timeline with the probe's predictions, and actions on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QSpinBox, QWidget

from carl_gui.models.choices import Choice
from carl_gui.panels.check_box import CheckBox
from carl_gui.panels.elided import ElidedLabel
from carl_gui.panels.flow import FlowLayout
from carl_gui.panels.layouts import vbox
from carl_gui.panels.name_combo import NameCombo
from carl_gui.panels.training.setting_editors import NoWheelMixin
from carl_gui.panels.widgets import follow, named
from carl_gui.whereabouts import Kept, whole

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
        self.sources.chosen.connect(self.source_selected)
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
        self.set_can(is_here=False, is_video=False, is_any=False)

    @property
    def line(self) -> str:
        """What it says."""
        return self._line.full_text

    @property
    def settings(self) -> Kept:
        """How predictions are made and accepted."""
        return {"least_percent": self.threshold.value(), "is_ordered": self.order.isChecked()}

    def set_settings(self, kept: Kept) -> None:
        """Take what `settings` gave; what is missing or damaged is as at first. Says nothing."""
        self.threshold.setValue(whole(kept, "least_percent", _THRESHOLD))
        self.order.setChecked(kept.get("is_ordered") is not False)

    def set_line(self, line: str) -> None:
        """How the prediction stands."""
        self._line.set_full_text(line)

    def set_sources(self, choices: Sequence[Choice], now: str | None) -> None:
        """Runs that embedded videos, and the one that is read."""
        self.sources.set_choices(choices, now)
        self.sources.setVisible(bool(choices))
        self.order.setVisible(bool(choices))

    def set_can(self, *, is_here: bool, is_video: bool, is_any: bool) -> None:
        """Set whether something can be accepted at the frame that is shown, in its video, in any video."""
        for name, can in (("accept_segment", is_here), ("accept_video", is_video), ("accept_above", is_any)):
            self._commands[name].setEnabled(can)
        self.threshold.setEnabled(is_any)

    def _button(self, action: QAction, text: str) -> QPushButton:
        button = follow(QPushButton(text), action)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the player
        return button
