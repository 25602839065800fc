"""Measure lines and angles in a player's video; each becomes an edit of the project."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog

from carl_gui.app_context import AppContext
from carl_gui.player.measure_drawing import DrawnMeasure
from carl_gui.player.playback import PlaybackController
from carl_gui.player.player import PlayerPanel
from core.project.changes import Changes
from core.project.edits import Edit
from core.project.measure_edits import AddMeasure, RemoveMeasures, SetScale
from core.project.measures import Measure, Points, Scale, describe, scale_of
from core.project.rows import VideoRow

_COMMANDS = ("set_length", "remove_measure", "clear_measures")
_LENGTH = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(\S{0,8})\s*")


class Measuring(QObject):
    """Shows what was measured in the current frame, and lets the user measure more; can be undone like any edit."""

    def __init__(self, playback: PlaybackController, panel: PlayerPanel, app_context: AppContext) -> None:
        super().__init__(playback)
        self._playback, self._panel, self._app_context = playback, panel, app_context
        self._measures: list[Measure] = []
        """All of the video."""
        panel.measured.connect(self._add)
        handlers: dict[str, Callable[[], object]] = {
            "set_length": self._ask_length,
            "remove_measure": lambda: self._remove(self.shown[-1:]),
            "clear_measures": lambda: self._remove(self.shown),
        }
        for name, handler in handlers.items():
            panel.commands[name].triggered.connect(lambda _=False, handler=handler: handler())
        playback.opened.connect(self._read)
        playback.image_changed.connect(self._show)
        app_context.session.changes_of("videos").connect(self._on_changes)

    @property
    def video(self) -> VideoRow | None:
        """The video of the project that is shown."""
        digest, videos = self._playback.digest, self._app_context.session.videos.values()
        return next((video for video in videos if digest and video.digest == digest), None)

    @property
    def shown(self) -> list[Measure]:
        """What was measured in the current frame."""
        frame = self._playback.shown_frame_index
        return [one for one in self._measures if one.frame == frame]

    @property
    def drawn(self) -> list[DrawnMeasure]:
        """What was measured in the current frame, with its values, as the video is: not mirrored."""
        size, scale = self._size(), self.scale
        return [DrawnMeasure(one.points, describe(one, *size, scale)) for one in self.shown]

    @property
    def scale(self) -> Scale | None:
        """The length of a pixel of the video, if one is known."""
        return scale_of(self._measures, *self._size())

    def _size(self) -> tuple[int, int]:
        size = self._panel.view.video_size
        return size.width(), size.height()

    def _mirrored(self, points: Points) -> Points:
        return tuple((1 - x, y) for x, y in points) if self._playback.is_mirrored else points

    def _add(self, frame: int, points: Points) -> None:
        if (video := self.video) is not None:
            self._do(AddMeasure(video.id, frame, self._mirrored(points)))

    def _remove(self, measures: list[Measure]) -> None:
        if (video := self.video) is not None and measures:
            self._do(RemoveMeasures(video.id, measures[0].frame, tuple(one.number for one in measures)))

    def _ask_length(self) -> None:
        """Let the user type the real length of the frame's last line."""
        lines, video = [one for one in self.shown if not one.is_angle], self.video
        if not lines or video is None:
            return
        line, project = lines[-1], self._app_context.session.project
        dialog = QInputDialog(self._panel)
        dialog.setWindowTitle(self.tr("Set length of line"))
        dialog.setLabelText(self.tr("Real length of the last line, with its unit (such as 1.80 m):"))
        if line.length:
            dialog.setTextValue(f"{line.length:g} {line.unit}")

        def on_text(text: str) -> None:
            found = _LENGTH.fullmatch(text)
            if found is None:
                self._app_context.warn(self.tr("“{0}” is not a length. Type a number and a unit.").format(text[:40]))
            elif self._app_context.session.project is project:
                self._do(SetScale(video.id, line.frame, line.number, float(found[1].replace(",", ".")), found[2]))

        dialog.textValueSelected.connect(on_text)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _do(self, edit: Edit) -> None:
        self._app_context.session.do(edit)

    def _on_changes(self, changes: Changes) -> None:
        video = self.video
        if video is not None and video.id in changes.videos:
            self._read()

    def _read(self, *_: object) -> None:
        video, project = self.video, self._app_context.session.project
        self._measures = [] if video is None or project is None else project.measures(video.id)
        can_edit = video is not None and project is not None and not project.read_only
        for name in ("measure_line", "measure_angle"):
            self._panel.commands[name].setEnabled(can_edit)
        self._show()

    def _show(self, *_: object) -> None:
        """Draw what was measured in the frame that is shown."""
        shown, project, mirrored = self.shown, self._app_context.session.project, self._mirrored
        self._panel.view.set_measures([replace(one, points=mirrored(one.points)) for one in self.drawn])
        can_edit = bool(shown) and project is not None and not project.read_only
        for name in _COMMANDS:
            self._panel.commands[name].setEnabled(can_edit)
        if can_edit:
            self._panel.commands["set_length"].setEnabled(any(not one.is_angle for one in shown))
