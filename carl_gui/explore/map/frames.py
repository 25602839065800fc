"""Single frames of the map: hovered, selected and playing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from carl_gui.explore.explore_context import ExploreContext
from carl_gui.explore.map.layouts import MapLayout
from carl_gui.explore.map.panel import MapPanel
from carl_gui.frames.pictures import FramePictures, FrameRequest
from carl_gui.models.messages import displayable
from carl_gui.models.scene import FrameRef, VideoRange
from carl_gui.timecode import clock
from core.base.types import Span

_TRAIL_FRAMES = 45
"""Frames of the live trail, about 1.5 seconds."""


class MapFrames(QObject):
    """Converts between the canvas, where frames are counted through all videos, and the context, where they are
    moments."""

    selection_changed = Signal()

    def __init__(self, context: ExploreContext, panel: MapPanel) -> None:
        super().__init__(context)
        self._context, self._panel = context, panel
        self._layout: MapLayout | None = None
        self._spans: dict[int, Sequence[Span]] = {}
        """The spans of videos read since the last change."""
        self.chosen: FrameRef | None = None
        self.live: FrameRef | None = None
        """The frame that played last."""
        self._hovered: FrameRef | None = None
        self.does_hover_show_course = False
        """Whether the course of the video under the mouse is shown, instead of the chosen one's."""
        self._pictures = FramePictures(self)
        self._pictures.arrived.connect(self._on_picture)
        panel.canvas.hovered.connect(self._hover)
        panel.canvas.frame_selected.connect(lambda frame: self.choose(self.moment_at(frame)))
        panel.canvas.search_requested.connect(self._search)
        for name, by in (("frame_back", -1), ("frame_on", 1)):
            panel.commands[name].triggered.connect(lambda _=False, by=by: self._step(by))
        panel.commands["find_similar"].triggered.connect(lambda: self._search_for(self.chosen))
        panel.commands["compare"].triggered.connect(self._compare)
        context.playing.connect(self._on_live)

    def set_layout(self, layout: MapLayout | None) -> None:
        """Set the positions of the frames."""
        self._layout = layout
        self._hovered = None
        self._panel.card.hide()
        self._show()

    def clear_spans(self) -> None:
        """Read phases and spans again when they are next needed."""
        self._spans.clear()
        self._show_text()

    def choose(self, moment: FrameRef | None) -> None:
        """Select this frame; None: none."""
        if moment != self.chosen:
            self.chosen = moment
            self._show()
            self.selection_changed.emit()

    def reveal(self) -> None:
        """Bring the selected frame into view."""
        if (frame := self._frame_of(self.chosen)) is not None:
            self._panel.canvas.reveal(frame)

    def moment_at(self, frame: int) -> FrameRef | None:
        """Return the video and frame of an index through all videos; None for -1."""
        if self._layout is None or frame < 0:
            return None
        index = int(np.searchsorted(self._layout.starts, frame, side="right")) - 1
        return FrameRef(self._layout.ids[index], frame - self._layout.starts[index])

    def first_of(self, video_id: int) -> FrameRef | None:
        """Return the first frame of a video that has a position; None if there is none."""
        if self._layout is None or video_id not in self._layout.ids:
            return None
        start, end = self._layout.range_of(video_id)
        visible = np.flatnonzero(self._layout.points.order[start:end] >= 0)
        return FrameRef(video_id, int(visible[0])) if len(visible) else None

    def close(self) -> None:
        """End the thread and clear all frames."""
        self._pictures.close()
        self._spans.clear()
        self.chosen = self.live = None
        self.set_layout(None)

    def _frame_of(self, moment: FrameRef | None) -> int | None:
        """Return the index through all videos; None if it has no position on this map."""
        if self._layout is None or moment is None:
            return None
        frame = self._layout.frame_of(moment.video_id, moment.frame)
        return frame if frame is not None and self._layout.points.order[frame] >= 0 else None

    def _show(self) -> None:
        """Show all that follows from the layout and the selected frame."""
        frame = self._frame_of(self.chosen)
        course = None
        if self._layout is not None and frame is not None and self.chosen is not None:
            course = self._layout.points.course(*self._layout.range_of(self.chosen.video_id))
        self._panel.canvas.set_chosen(-1 if frame is None else frame, course)
        self._show_text()
        self._show_live()
        self._request_pictures()

    def _show_text(self) -> None:
        commands = self._panel.commands
        moment = self.chosen if self._frame_of(self.chosen) is not None else None
        if moment is None:
            self._panel.chosen.set_frame("", "")
        else:
            name, *texts = self._lines(moment)
            self._panel.chosen.set_frame(name, "\n".join(texts))
        for name in ("find_similar", "frame_back", "frame_on"):
            commands[name].setEnabled(moment is not None)
        is_live = self._is_in_scene(self.live)
        commands["compare"].setEnabled(moment is not None and is_live)
        disabled_reason = self.tr("Nothing is playing. Play a video of the pair first.")
        commands["compare"].setToolTip("" if is_live else disabled_reason)

    def _lines(self, moment: FrameRef) -> tuple[str, str, str]:
        """Return the name, the time and frame, and the phase."""
        scene, embedded = self._context.scene, self._context.embedded
        video = scene.videos.get(moment.video_id) if scene is not None else None
        name = displayable(video.name) if video is not None else ""
        time_text = self.tr("Frame {0}").format(moment.frame)
        if embedded is not None and moment.video_id in embedded:
            seconds = float(embedded[moment.video_id].edges_seconds[moment.frame])
            time_text = self.tr("{0} · frame {1}").format(clock(seconds), moment.frame)
        phase = self._phase(moment)
        return name, time_text, displayable(phase) if phase else self.tr("not labelled")

    def _phase(self, moment: FrameRef) -> str:
        """Return the phase; empty if the frame is not labelled."""
        project = self._context.app_context.session.project
        if moment.video_id not in self._spans:
            self._spans[moment.video_id] = [] if project is None else project.spans(moment.video_id)
        inside = (s for s in self._spans[moment.video_id] if s.start_frame <= moment.frame < s.end_frame_exclusive)
        return next((span.phase for span in inside), "")

    def _hover(self, frame: int) -> None:
        self._hovered = self.moment_at(frame)
        canvas, layout = self._panel.canvas, self._layout
        spot = canvas.spot(frame) if self._hovered is not None else None
        if self._hovered is None or spot is None or layout is None:
            self._panel.card.hide()
        else:
            self._panel.card.show_frame(self._lines(self._hovered), spot.toPoint())
            self._request_pictures()
        if self.does_hover_show_course and layout is not None:
            course_frame = self._hovered or self.chosen
            chosen = self._frame_of(self.chosen)
            course = layout.points.course(*layout.range_of(course_frame.video_id)) if course_frame is not None else None
            canvas.set_chosen(-1 if chosen is None else chosen, course)

    def _request_pictures(self) -> None:
        scene = self._context.scene
        missing = [moment for moment in (self._hovered, self.chosen) if self._is_in_scene(moment)]
        if scene is not None and missing:
            self._pictures.request(
                [
                    FrameRequest(scene.videos[one.video_id], one.frame, scene.project)
                    for one in missing
                    if one is not None
                ]
            )

    def _on_picture(self, video_id: int, frame: int, picture: QImage) -> None:
        moment = FrameRef(video_id, frame)
        if moment == self._hovered:
            self._panel.card.set_picture(picture)
        if moment == self.chosen:
            self._panel.chosen.set_picture(picture)

    def _on_live(self, video_id: int, frame: int) -> None:
        was_in_scene = self._is_in_scene(self.live)
        self.live = FrameRef(video_id, frame)
        self._show_live()
        if self._is_in_scene(self.live) != was_in_scene:
            self._show_text()
            self._request_pictures()

    def _show_live(self) -> None:
        trail = np.empty((0, 2), np.float32)
        if self._layout is not None and self.live is not None and (current := self._frame_of(self.live)) is not None:
            start, _ = self._layout.range_of(self.live.video_id)
            trail = self._layout.points.course(max(start, current - _TRAIL_FRAMES), current + 1)
        self._panel.canvas.set_live(trail)

    def _step(self, by: int) -> None:
        if self.chosen is None:
            return
        moment = FrameRef(self.chosen.video_id, self.chosen.frame + by)
        if self._frame_of(moment) is not None:
            self.choose(moment)
            self.reveal()

    def _search(self, frame: int) -> None:
        moment = self.moment_at(frame)
        self.choose(moment)
        self._search_for(moment)

    def _search_for(self, moment: FrameRef | None) -> None:
        if moment is not None:
            self._context.search_requested.emit(VideoRange(moment.video_id, moment.frame, moment.frame + 1))

    def _compare(self) -> None:
        if self.live is not None and self.chosen is not None and self._is_in_scene(self.live):
            self._context.pair_requested.emit(self.live, self.chosen)

    def _is_in_scene(self, moment: FrameRef | None) -> bool:
        return moment is not None and self._context.scene is not None and moment.video_id in self._context.scene.videos
