"""Connects a player to a video: which frame is due, and the user's controls."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from carl_gui.frames.latest_frame_reader import Opened, OpenSource
from carl_gui.player.frame_readers import FrameReaders
from carl_gui.player.playback_clock import PlaybackClock
from carl_gui.player.player import PlayerPanel
from carl_gui.player.skeletons import FindLandmarks, Skeletons
from core.base.types import Image
from core.pose.kept import find_landmarks
from core.pose.people import Point
from core.video.clock import edges_seconds
from core.video.reader import VideoReader
from core.video.stored_video import StoredVideo


class PlaybackController(QObject):
    """Plays one video at a time in one panel, by its presentation times; frames are dropped rather than late."""

    frame_changed = Signal(int)
    """The frame that is shown or will be as soon as it is read."""
    image_changed = Signal(object)
    """The image that is shown from now on, (H, W, 3)."""
    opened = Signal(int)
    """The video can be shown from now on, and has so many frames."""
    rate_changed = Signal(float)
    """Times as fast as the camera saw it; 0: it pauses at the frame that is shown."""
    timing_changed = Signal(object)
    """`Timing` from now on; None: it pauses."""
    sound_file_changed = Signal(object)
    """The file whose sound belongs to the pictures; None: there is none."""
    closed = Signal()
    jumped = Signal()
    """A seek: another frame than the following one is shown next."""

    def __init__(
        self, panel: PlayerPanel, clock: Callable[[], float] = time.perf_counter, *, listens: bool = True
    ) -> None:
        """`listens`: whether the panel's requests are followed here; else by another object."""
        super().__init__(panel)
        self._panel = panel
        self._name = self._digest = ""
        self._frame_index = self._first_frame_index = 0
        self._image: Image | None = None
        """The current image as it was read, not mirrored."""
        self._is_mirrored = False
        self._edges: NDArray[np.float64] = np.zeros(0)
        self._clock = PlaybackClock(self, clock)
        self._clock.due.connect(self._show_index)
        self._clock.rate_changed.connect(self.show_rate)
        self._clock.rate_changed.connect(lambda rate, speed: self.rate_changed.emit(rate))
        self._clock.jumped.connect(self.jumped)
        self._clock.timing_changed.connect(self.timing_changed)
        self._readers = FrameReaders(self, clock)
        self._readers.opened.connect(self._on_opened)
        self._readers.arrived.connect(self._show_image)
        self._readers.previewed.connect(lambda image: panel.set_preview(self._mirrored(image)))
        self._readers.warned.connect(panel.set_remark)
        self._readers.refused.connect(self._on_refused)
        self._skeletons = Skeletons(panel)
        panel.preview_requested.connect(self._readers.preview)
        if listens:
            panel.play_toggled.connect(self.toggle)
            panel.shuttled.connect(self.shuttle)
            panel.frames_stepped.connect(self.step_frames)
            panel.seconds_stepped.connect(self.step_seconds)
            panel.frame_selected.connect(self.seek)
            panel.scrub_began.connect(self.hold)
            panel.scrub_ended.connect(self.release)
            panel.speed_selected.connect(self.choose_speed)
            panel.loop_changed.connect(self.set_loop)

    @property
    def frame_index(self) -> int:
        """The frame that is shown or will be as soon as it is read."""
        return self._frame_index

    @property
    def target_frame_index(self) -> int:
        """The frame that is shown, or will be once the video that is being opened can be read."""
        return self._frame_index if len(self.seconds) else self._first_frame_index

    @property
    def rate(self) -> float:
        """Times as fast as the camera saw it; negative backwards, 0 while pausing."""
        return self._clock.rate

    @property
    def seconds(self) -> NDArray[np.float64]:
        """(S,) times of the frames by the medium's clock; none while no video is open."""
        return self._clock.seconds

    @property
    def edges_seconds(self) -> NDArray[np.float64] | None:
        """(S + 1,) start of every frame and end of the last, by the medium's clock; None while no video is open."""
        return self._edges if len(self.seconds) else None

    def open(self, path: Path, stored: StoredVideo | None = None) -> None:
        """Show this video from its first frame.

        Args:
            stored: its frames in the frame store. Without them the file is decoded once in a thread before its first
                frame appears, and random frames take as long as the file needs.
        """
        if stored is None:
            self.open_sources(path.name, None, functools.partial(VideoReader, path))
            self.set_sound_source(path)
        else:
            self.open_sources(path.name, lambda: contextlib.nullcontext(stored), stored.reader)
            self.set_pose_source(functools.partial(find_landmarks, stored.digest, path), stored.digest)
            self.set_sound_source(path)

    def open_sources(self, name: str, open_small: OpenSource | None, open_full: OpenSource | None) -> None:
        """Open sources of any kind: small frames if there are some, and full-size ones."""
        self.clear()
        self._name = name
        self._panel.set_no_video(name, self.tr("Reading the video…"))
        self._readers.open(open_small, open_full)

    def set_pose_source(self, find: FindLandmarks, digest: str = "") -> None:
        """Set the function that finds the body pose of the video with that digest; without it nothing is drawn."""
        self._digest = digest
        self._skeletons.set_source(find)

    def set_sound_source(self, file: Path | None) -> None:
        """Set the file whose sound belongs to the pictures; None: there is none."""
        self.sound_file_changed.emit(file)

    def set_person(self, point: Point | None) -> None:
        """Set whose skeleton is drawn; None: that of the person followed last."""
        self._skeletons.set_person(point)

    def reload_pose(self) -> None:
        """Load the body pose again: more may be known."""
        self._skeletons.reload_pose()

    @property
    def digest(self) -> str:
        """Digest of the current video; empty if unknown."""
        return self._digest

    @property
    def is_mirrored(self) -> bool:
        """Whether left and right are exchanged in what is shown."""
        return self._is_mirrored

    @property
    def shown_frame_index(self) -> int | None:
        """The frame that is seen."""
        return self._readers.shown_frame_index

    def rename(self, name: str) -> None:
        """Change the displayed name of the video."""
        if name != self._name:
            self._name = name
            self._panel.set_name(name)

    def seek_when_open(self, frame_index: int) -> None:
        """Begin with that frame, once the video that is being opened can be read."""
        self._first_frame_index = frame_index

    def clear(self) -> None:
        """Show no video."""
        self._clock.pause()
        self._readers.clear()
        self._digest = ""
        self.sound_file_changed.emit(None)
        self._skeletons.set_source(None)
        self._reset()
        self._panel.set_no_video()

    def close(self) -> None:
        """End the threads; waits a moment for the reads that are going on."""
        self.clear()
        self._readers.close()
        self.closed.emit()

    def seek(self, frame_index: int) -> None:
        """Show that frame, clamped to the video. Playing goes on from there."""
        self._clock.seek(frame_index)

    def step_frames(self, frames: int) -> None:
        """Pause, and move by so many frames."""
        self._clock.step(frames)

    def step_seconds(self, seconds: float) -> None:
        """Seek by so many seconds, negative for backwards."""
        self._clock.step_seconds(seconds)

    def toggle(self) -> None:
        """Play forwards at the chosen speed, or pause."""
        self._clock.toggle()

    def set_loop(self, span: tuple[int, int] | None) -> None:
        """Repeat these frames while playing, from the first to before the end; None: play to the end."""
        self._clock.set_loop(span)

    def shuttle(self, direction: int) -> None:
        """Play in that direction at the chosen speed; if it does already, at the next higher one. 0 pauses."""
        self._clock.shuttle(direction)

    def choose_speed(self, speed: float) -> None:
        """Play at this speed from now on, and whenever it plays again."""
        self._clock.choose_speed(speed)

    def hold(self) -> None:
        """Pause until `release`, during a drag."""
        self._clock.hold()

    def release(self) -> None:
        """Play on as before `hold`."""
        self._clock.release()

    def advance(self) -> None:
        """Ask for the frame that is due by the clock, and come back when the next one is."""
        self._clock.advance()

    def show_rate(self, rate: float, speed: float) -> None:
        """Show the speed, also of an outside clock that calls `seek`: full-size frames are read for slow playing."""
        self._readers.set_rate(rate)
        self._panel.set_rate(rate, speed)

    def set_mirrored(self, is_mirrored: bool) -> None:
        """Set whether left and right are exchanged in what is shown."""
        if is_mirrored != self._is_mirrored:
            self._is_mirrored = is_mirrored
            if self._image is not None:
                self._show_image(self._image)

    def _show_image(self, image: Image) -> None:
        self._image, mirrored = image, self._mirrored(image)
        self._panel.set_image(mirrored, self._readers.shown_frame_index)
        self._skeletons.show(self._readers.shown_frame_index, is_mirrored=self._is_mirrored)
        self.image_changed.emit(mirrored)

    def _mirrored(self, image: Image) -> Image:
        return np.ascontiguousarray(image[:, ::-1]) if self._is_mirrored else image

    def _show_index(self, frame_index: int) -> None:
        is_moved, self._frame_index = frame_index != self._frame_index, frame_index
        self._panel.set_frame_index(frame_index)
        self._readers.request(frame_index)
        if is_moved:
            self.frame_changed.emit(frame_index)

    def _on_opened(self, opened: Opened) -> None:
        self._edges = edges_seconds(opened.pts_seconds, opened.meta)
        seconds = self._edges[:-1]
        self._panel.set_video(self._name, opened.meta, seconds, is_previewed=self._readers.has_previews)
        self._clock.set_times(seconds, self._first_frame_index)
        self._show_index(self._clock.index)
        self.opened.emit(len(seconds))

    def _on_refused(self, sentence: str) -> None:
        self._clock.pause()
        self._reset()
        self._panel.set_no_video(self._name, sentence)

    def _reset(self) -> None:
        self._clock.clear()
        self._frame_index = self._first_frame_index = 0
        self._image = None
