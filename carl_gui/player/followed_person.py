"""Choose the person to follow in a player's video; a click becomes an edit of the project."""

from __future__ import annotations

from PySide6.QtCore import QObject

from carl_gui.app_context import AppContext
from carl_gui.job_control.recovery import EMBED
from carl_gui.player.playback import PlaybackController
from carl_gui.player.player import PlayerPanel
from carl_gui.widgets.labels import shown
from core.base.events import Failed, Finished
from core.pose.people import Point
from core.project.changes import Changes
from core.project.person_edits import FollowLargest, FollowPerson
from core.project.rows import VideoRow
from training.queue import QueuedJob


class FollowedPerson(QObject):
    """Shows the chosen person of the current video, and lets the user choose another; can be undone like any edit."""

    def __init__(self, playback: PlaybackController, panel: PlayerPanel, app_context: AppContext) -> None:
        super().__init__(playback)
        self._playback, self._panel, self._app_context = playback, panel, app_context
        self._point: Point | None = None
        panel.person_selected.connect(self._choose)
        panel.largest_requested.connect(self._choose_largest)
        playback.opened.connect(self._show)
        playback.image_changed.connect(self._draw_target)
        app_context.session.changes_of("videos").connect(self._on_changes)
        app_context.jobs.finished.connect(self._on_job_finished)

    @property
    def video(self) -> VideoRow | None:
        """The video of the project that is shown."""
        digest, videos = self._playback.digest, self._app_context.session.videos.values()
        return next((video for video in videos if digest and video.digest == digest), None)

    def _choose(self, frame: int, x: float, y: float) -> None:
        video = self.video
        if video is None:
            return
        point = Point(frame, 1 - x if self._playback.is_mirrored else x, y)
        if self._app_context.session.do(FollowPerson(video.id, point)):
            message = self.tr("{0}: training and embedding now follow the person chosen in frame {1}.")
            self._app_context.show_status(message.format(shown(video.name), frame))

    def _choose_largest(self) -> None:
        video = self.video
        if video is not None and self._app_context.session.do(FollowLargest(video.id)):
            message = self.tr(
                "{0}: new runs follow the largest person. Existing encoders keep the person they were trained on."
            )
            self._app_context.show_status(message.format(shown(video.name)))

    def _on_changes(self, changes: Changes) -> None:
        video = self.video
        if video is not None and video.id in changes.videos:
            self._show()

    def _on_job_finished(self, job: QueuedJob, ending: Finished | Failed) -> None:
        if job.order.kind == EMBED:
            self._playback.reload_pose()

    def _show(self, *_: object) -> None:
        video, project = self.video, self._app_context.session.project
        self._point = point = video.person if video is not None else None
        can_follow = video is not None and project is not None and not project.read_only
        self._panel.set_followed(point.frame if point is not None else None, can_follow=can_follow)
        self._playback.set_person(point)
        self._draw_target()

    def _draw_target(self, *_: object) -> None:
        """Draw the mark, in the frame in which the person was chosen."""
        point = self._point
        if point is None or point.frame != self._playback.shown_frame_index:
            self._panel.set_target(None)
        else:
            self._panel.set_target((1 - point.x if self._playback.is_mirrored else point.x, point.y))
