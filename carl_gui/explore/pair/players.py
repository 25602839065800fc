"""The two players, and which of them drives."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from carl_gui.explore.pair.drive import DriveTrack, Mode, Pace, seconds_ahead, track_of
from carl_gui.explore.pair.model import Pair
from carl_gui.explore.pair.panel import PairPanel
from carl_gui.player.playback import PlaybackController
from carl_gui.player.playback_clock import PlaybackClock
from carl_gui.player.player import PlayerPanel
from carl_gui.player.video_opener import Opener
from core.project.rows import VideoRow


class TwoPlayers(QObject):
    """Side 0 is A, side 1 is B. Others handle the signals of the panels."""

    moved_alone = Signal(int, int)
    """A side, and the frame that it shows on its own: it plays alone, or its file is shorter."""
    image_changed = Signal(int, object)
    """A side, and its image from now on, (H, W, 3)."""

    def __init__(self, panels: Sequence[PlayerPanel], clock: Callable[[], float], parent: QObject) -> None:
        super().__init__(parent)
        self._playbacks = tuple(PlaybackController(panel, clock, listens=False) for panel in panels)
        self._openers = tuple(Opener(*both) for both in zip(self._playbacks, panels, strict=True))
        self._is_seeking = False
        """Whether `show` moves them, so that they emit nothing."""
        for side, playback in enumerate(self._playbacks):
            playback.frame_changed.connect(lambda frame, side=side: self._on_frame(side, frame))
            playback.image_changed.connect(lambda image, side=side: self.image_changed.emit(side, image))

    def __getitem__(self, side: int) -> PlaybackController:
        return self._playbacks[side]

    @property
    def is_playing(self) -> bool:
        """Whether one of them plays alone."""
        return any(playback.rate for playback in self._playbacks)

    def open(self, side: int, video: VideoRow | None, folder: Path, frame: int) -> None:
        """Open this video of the project in that folder, at that frame; None: none."""
        self._openers[side].show(video, folder, frame)

    def show(self, frames: tuple[int, int]) -> None:
        """Show these frames, or start there once the file is open; what plays alone continues from there."""
        self._is_seeking = True
        for opener, playback, frame in zip(self._openers, self._playbacks, frames, strict=True):
            opener.start_at(frame)
            playback.seek(frame)
        self._is_seeking = False

    def show_rate(self, rate: float, speed: float) -> None:
        """Show the rate at which both play together, and stop what plays alone."""
        for playback in self._playbacks:
            if rate and playback.rate:
                playback.shuttle(0)
            playback.show_rate(rate or playback.rate, speed)

    def shuttle(self, direction: int) -> None:
        """Play each alone in that direction, then faster; 0 pauses."""
        for playback in self._playbacks:
            playback.shuttle(direction)

    def choose_speed(self, speed: float) -> None:
        """Set the speed of each alone."""
        for playback in self._playbacks:
            playback.choose_speed(speed)

    def close(self) -> None:
        """End the threads."""
        for opener, playback in zip(self._openers, self._playbacks, strict=True):
            opener.close()
            playback.close()

    def _on_frame(self, side: int, frame: int) -> None:
        if not self._is_seeking:
            self._openers[side].start_at(frame)
            self.moved_alone.emit(side, frame)


class LinkedPlayers(QObject):
    """Only a user's move of a player moves the other; a file that opens late, or a frame, does not."""

    moved = Signal(int, int)
    """The player of A (0) or B (1) shows, or will show, this frame."""

    def __init__(self, panel: PairPanel, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(panel)
        self._panel = panel
        self._pair: Pair | None = None
        self._mode: Mode = "path"
        self._pace: Pace = "a"
        self._track: DriveTrack | None = None
        """The track along which both move; None: each moves alone."""
        self._steps: DriveTrack | None = None
        """The path, in any mode; None: not known."""
        self._frames = (0, 0)
        self._loops: dict[int, tuple[int, int]] = {}
        """The repeated frames by side, the newest last; those of both only while each moves alone."""
        self._keeps_frames = False
        """Whether both keep their frames when the pair is set."""
        self._players = players = panel.a_player, panel.b_player
        self.solo = TwoPlayers(players, clock, self)
        self.solo.moved_alone.connect(self._on_moved_alone)
        self.solo.image_changed.connect(panel.both.set_image)
        self._metronome = PlaybackClock(self, clock)
        self._metronome.due.connect(self._on_moment)
        self._metronome.rate_changed.connect(self._on_rate)
        self.a, self.b = (PlayerRouter(self, side, player) for side, player in enumerate(players))

    @property
    def frames(self) -> tuple[int, int]:
        """The frames that both show, or would if their files were there."""
        return self._frames

    @property
    def frozen(self) -> tuple[bool, bool]:
        """Whether A, and B, is frozen, because the other one's frame has no match."""
        track, moment = self._track, self._metronome.index
        is_on_track = track is not None and moment < len(track) and track.frames(moment) == self._frames
        return track.frozen_at(moment) if track is not None and is_on_track else (False, False)

    @property
    def pair(self) -> Pair | None:
        """The pair; None while it is not known."""
        return self._pair

    @property
    def mode(self) -> Mode:
        return self._mode

    @property
    def pace(self) -> Pace:
        return self._pace

    @property
    def rate(self) -> float:
        """The rate of both together, as a multiple of the pace."""
        return self._metronome.rate

    @property
    def step(self) -> int:
        """The current moment along the path: that of the current frames, or else of A's frame."""
        return self._path_moments()[0] if self._steps is not None else 0

    def leads(self, side: int) -> bool:
        """Return whether moving this player moves the other one too."""
        return self._track is not None and self._track.leads[side]

    def show_a(self, video: VideoRow | None, folder: Path, frame: int) -> None:
        """Open this video as A, at that frame; None: none."""
        self._open(0, video, folder, frame)

    def show_b(self, video: VideoRow | None, folder: Path, frame: int) -> None:
        """Open this video as B."""
        self._open(1, video, folder, frame)

    def set_pair(self, pair: Pair | None) -> None:
        """Set the pair; None: not known, so each moves alone."""
        self._pair = pair
        self._steps = track_of("path", "even", pair, self._frames)
        if self._within(*self._frames) != self._frames:
            self._show(*self._frames)
        self._update_track()
        if self._track is not None and not self._keeps_frames and self._mode != "offset":
            self._metronome.seek(self._metronome.index)
        else:
            self._notify_steps()

    def set_mode(self, mode: Mode, pace: Pace) -> None:
        """Move them in this mode from now on, and to the path if it requires that."""
        is_new, self._mode, self._pace = mode != self._mode, mode, pace
        self._update_track()
        if is_new and self._track is not None and mode != "offset":
            self._metronome.seek(self._metronome.index)

    def set_mirrored(self, is_mirrored: bool) -> None:
        """Set whether B is mirrored."""
        self.solo[1].set_mirrored(is_mirrored)

    def keep_frames(self) -> None:
        """Keep both at their frames, wherever the path runs, until one is moved."""
        self._keeps_frames = True

    def seek(self, a_frame: int, b_frame: int) -> None:
        """Show these two frames, wherever the path runs; a fixed offset becomes theirs."""
        self.pause()
        self._show(a_frame, b_frame)
        self.keep_frames()
        self._update_track()

    def seek_step(self, step: int) -> None:
        """Show both at this moment along the path, in any mode."""
        if self._steps is None:
            return
        step = min(max(step, 0), len(self._steps) - 1)
        if self._mode == "path":
            self._metronome.seek(step)
        else:
            self.seek(*self._steps.frames(step))

    def step_by(self, steps: int) -> None:
        """Pause, and move by this many moments along the path."""
        self.pause()
        self.seek_step(self.step + steps)

    def lead(self, side: int, frame: int) -> None:
        """Move this player there, and the other one with it."""
        if self._track is not None:
            self._metronome.seek(self._track.moment_of(side, frame, self._metronome.index))

    def seconds_on(self, side: int, seconds: float) -> int:
        """Return the frame that this player's video shows this much later."""
        assert self._pair is not None
        video = self._pair.b if side else self._pair.a
        frame = min(self._frames[side], len(video) - 1)
        return video.frame_at(video.middle(frame) + seconds)

    def toggle(self) -> None:
        """Play both, or pause."""
        if self._track is not None:
            self._metronome.toggle()
        elif self.solo.is_playing:
            self.pause()
        else:
            self.shuttle(1)

    def shuttle(self, direction: int) -> None:
        """Play both in that direction, then faster; 0 pauses."""
        if self._track is not None:
            self._metronome.shuttle(direction)
        else:
            self.solo.shuttle(direction)

    def choose_speed(self, speed: float) -> None:
        """Set the speed of both, together or alone."""
        self.solo.choose_speed(speed)
        self._metronome.choose_speed(speed)

    def set_loop(self, side: int, span: tuple[int, int] | None) -> None:
        """Repeat these frames of a side, the end excluded, with the corresponding ones of the other; None: stop.
        Players that move together repeat one range, so the other side's ends.
        """
        self.solo[side].set_loop(span)
        self._loops.pop(side, None)
        if span is not None:
            self._loops[side] = span
        self._update_loop()

    def _update_loop(self) -> None:
        """Set the loop, in moments of the track."""
        track, loop = self._track, None
        if self._loops and track is not None:
            *older, (side, (first, end)) = self._loops.items()
            for other, _ in older:
                self._players[other].set_looping(False)
            start = track.moment_of(side, first, self._metronome.index)
            loop = start, max(track.moment_of(side, end - 1, start), start) + 1
        self._metronome.set_loop(loop)

    def hold(self) -> None:
        """Pause both until `release`, during a drag."""
        self._metronome.hold()

    def release(self) -> None:
        """Resume as before `hold`."""
        self._metronome.release()

    def pause(self) -> None:
        """Pause both."""
        self._metronome.pause()
        self.solo.shuttle(0)

    def close(self) -> None:
        """End the threads."""
        self._metronome.pause()
        self.solo.close()

    def _open(self, side: int, video: VideoRow | None, folder: Path, frame: int) -> None:
        self._keeps_frames = False
        self.solo.open(side, video, folder, frame)
        self._panel.both.set_image(side, None)
        self._set_frame(side, frame)

    def _update_track(self) -> None:
        self._track = track_of(self._mode, self._pace, self._pair, self._frames)
        if self._track is None:
            self._metronome.clear()
        else:
            a_moment, b_moment = self._track.steps_at(*self._frames)
            self._metronome.set_times(self._track.seconds, b_moment if self._mode == "b" else a_moment)
        self._update_loop()
        pair = self._pair if self._mode == "offset" else None
        self._panel.drive.set_offset(None if pair is None else seconds_ahead(pair, *self._within(*self._frames)))
        self._panel.set_frozen(*self.frozen)

    def _on_moment(self, moment: int) -> None:
        if self._track is not None:
            self._keeps_frames = False
            self._show(*self._track.frames(moment))

    def _on_rate(self, rate: float, speed: float) -> None:
        self.solo.show_rate(rate, speed)
        self._panel.drive.set_rate(rate, speed)

    def _within(self, a_frame: int, b_frame: int) -> tuple[int, int]:
        """Return the nearest frames that the two videos have."""
        if self._pair is None:
            return a_frame, b_frame
        return min(a_frame, len(self._pair.a) - 1), min(b_frame, len(self._pair.b) - 1)

    def _show(self, a_frame: int, b_frame: int) -> None:
        frames = self._within(a_frame, b_frame)
        self.solo.show(frames)
        self._set_frames(frames)

    def _on_moved_alone(self, side: int, frame: int) -> None:
        """Note that one player moved alone."""
        if frame != self._frames[side]:
            self._keeps_frames = self._keeps_frames or self._track is not None
            self._set_frame(side, frame)

    def _set_frame(self, side: int, frame: int) -> None:
        self._frames = (frame, self._frames[1]) if side == 0 else (self._frames[0], frame)
        self._notify_frames()
        self.moved.emit(side, frame)

    def _set_frames(self, frames: tuple[int, int]) -> None:
        before, self._frames = self._frames, frames
        self._notify_frames()
        for side in (0, 1):
            if frames[side] != before[side]:
                self.moved.emit(side, frames[side])

    def _notify_frames(self) -> None:
        self._panel.set_frames(*self._frames)
        self._notify_steps()

    def _notify_steps(self) -> None:
        if self._steps is not None:
            self._panel.strip.set_steps(*self._path_moments())
        self._panel.set_frozen(*self.frozen)

    def _path_moments(self) -> tuple[int, int]:
        """Return the moments of A and B on the path; the same one where they are matched."""
        assert self._steps is not None
        if self._mode == "path" and self._steps.frames(self._metronome.index) == self._frames:
            return self._metronome.index, self._metronome.index
        return self._steps.steps_at(*self._frames)


class PlayerRouter(QObject):
    """Routes one player's controls: to both players when it is the leader, otherwise to itself."""

    def __init__(self, players: LinkedPlayers, side: int, panel: PlayerPanel) -> None:
        """Connect the panel. `side`: 0 is A's."""
        super().__init__(panel)
        self._players, self._side = players, side
        panel.play_toggled.connect(self.toggle)
        panel.shuttled.connect(self.shuttle)
        panel.frames_stepped.connect(self.step_frames)
        panel.seconds_stepped.connect(self.step_seconds)
        panel.frame_selected.connect(self.seek)
        panel.scrub_began.connect(self.hold)
        panel.scrub_ended.connect(self.release)
        panel.speed_selected.connect(players.choose_speed)
        panel.loop_changed.connect(lambda span: players.set_loop(side, span))

    @property
    def rate(self) -> float:
        """The playback rate, with the other one or alone."""
        return self._players.rate or self._alone.rate

    @property
    def _alone(self) -> PlaybackController:
        return self._players.solo[self._side]

    @property
    def _leads(self) -> bool:
        return self._players.leads(self._side)

    def seek(self, frame: int) -> None:
        """Show that frame."""
        if self._leads:
            self._players.lead(self._side, frame)
        else:
            self._alone.seek(frame)

    def step_frames(self, frames: int) -> None:
        """Pause, and move by this many frames; along the path by this many of its steps."""
        if not self._leads:
            self._alone.step_frames(frames)
        elif self._players.mode == "path":
            self._players.step_by(frames)
        else:
            self._players.pause()
            self.seek(self._players.frames[self._side] + frames)

    def step_seconds(self, seconds: float) -> None:
        """Go to what this video shows this much later, or earlier."""
        if self._leads:
            self.seek(self._players.seconds_on(self._side, seconds))
        else:
            self._alone.step_seconds(seconds)

    def toggle(self) -> None:
        """Play, or pause; both pause where both play."""
        (self._players if self._leads or self._players.rate else self._alone).toggle()

    def shuttle(self, direction: int) -> None:
        """Play in that direction, then faster; 0 pauses."""
        (self._players if self._leads or self._players.rate else self._alone).shuttle(direction)

    def hold(self) -> None:
        """Pause until `release`, during a drag."""
        (self._players if self._leads else self._alone).hold()

    def release(self) -> None:
        """Resume as before `hold`."""
        (self._players if self._leads else self._alone).release()
