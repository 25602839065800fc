"""What the parts of the Label page see of it."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import SignalInstance

from carl_gui.label.acceptance import LabelAcceptance
from carl_gui.label.edits import LabelEdits
from carl_gui.label.panel import LabelPanel
from carl_gui.player.playback import PlaybackController


class LabelPage(Protocol):
    """The page, without its parts that know it."""

    @property
    def panel(self) -> LabelPanel: ...
    @property
    def playback(self) -> PlaybackController: ...
    @property
    def edits(self) -> LabelEdits: ...
    @property
    def acceptance(self) -> LabelAcceptance: ...
    @property
    def video_shown(self) -> SignalInstance: ...
    @property
    def chosen(self) -> int | None: ...
    def show_frame(self, video_id: int, frame: int) -> None: ...
