"""Connects a player to the body pose found by embedding, to draw the skeleton over the picture."""

from __future__ import annotations

import functools
from collections.abc import Callable

from PySide6.QtCore import QObject

from carl_gui.player.player import PlayerPanel
from carl_gui.tasks import Tasks, in_thread
from core.pose.landmarks import Landmarks
from core.pose.people import Point

FindLandmarks = Callable[..., Landmarks]
"""Takes `point` where a person was chosen. Raises a CarlError where there are none."""


class Skeletons(QObject):
    """Shows the skeleton of the current frame if enabled; landmarks are read in a thread, once per video."""

    def __init__(self, panel: PlayerPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self._find: FindLandmarks | None = None
        self._point: Point | None = None
        self._landmarks: Landmarks | None = None
        self._is_enabled = self._has_failed = self._is_mirrored = False
        self._frame_index: int | None = None
        self._tasks = Tasks(self, self._on_error)
        panel.skeleton_toggled.connect(self._toggle)

    def set_source(self, find: FindLandmarks | None) -> None:
        """Set the landmarks' source of another video; None: no pose is known."""
        self._tasks.close()
        self._find, self._landmarks, self._has_failed, self._frame_index = find, None, False, None
        self._point = None
        self._panel.set_skeleton(None)
        self._load()

    def set_person(self, point: Point | None) -> None:
        """Set whose skeleton is drawn; None: that of the person followed last."""
        if point != self._point:
            self._point, self._landmarks = point, None
            self._draw()
            self.reload_pose()

    def reload_pose(self) -> None:
        """Load the landmarks again: more may be known."""
        self._tasks.close()
        self._has_failed = False
        if self._is_enabled:
            self._load(again=True)
        else:
            self._landmarks = None

    def show(self, frame_index: int, *, is_mirrored: bool) -> None:
        """Draw the skeleton of this frame, which is shown now."""
        self._frame_index, self._is_mirrored = frame_index, is_mirrored
        self._draw()

    def close(self) -> None:
        """End the thread."""
        self.set_source(None)

    def _toggle(self, is_enabled: bool) -> None:
        self._is_enabled = is_enabled
        self._load()
        self._draw()

    def _load(self, *, again: bool = False) -> None:
        is_due = again or (self._landmarks is None and not self._has_failed)
        if self._is_enabled and self._find is not None and is_due:
            find = self._find if self._point is None else functools.partial(self._find, point=self._point)
            self._tasks.start("find", self._show_landmarks(find))

    async def _show_landmarks(self, find: Callable[[], Landmarks]) -> None:
        self._landmarks = await in_thread(lambda control: find())
        self._panel.set_pose_remark("")
        self._draw()

    def _on_error(self, sentence: str) -> None:
        self._has_failed = True
        self._panel.set_pose_remark(sentence)

    def _draw(self) -> None:
        frame_index, known = self._frame_index, self._landmarks
        if not self._is_enabled or known is None or frame_index is None or frame_index >= len(known):
            self._panel.set_skeleton(None)
            return
        points = known.picture[frame_index, :, :2].copy()
        if self._is_mirrored:
            points[:, 0] = 1 - points[:, 0]
        self._panel.set_skeleton(points)
