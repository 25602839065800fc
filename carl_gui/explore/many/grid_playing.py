"""The grid as it plays."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from carl_gui.explore.many.grid import GridPlayer
from carl_gui.frames.grid_reader import CellOpened, CellRefused, GridCell, GridEvent, GridReader, GridShown
from carl_gui.models.messages import displayable
from carl_gui.player.playback_clock import PlaybackClock
from carl_gui.timecode import clock
from core.base.errors import VideoError
from core.embedding.embedded_video import EmbeddedVideo
from core.project.badges import look_at
from core.project.rows import VideoRow
from core.video.frame_store import find_stored
from core.video.stored_video import StoredVideo

_LEAVE_SECONDS = 2.0
_GONE, _NOT_STORED = "gone", "not stored"
"""Said by the thread, in the place of sentences that are translated in the window's."""


class GridFrames(QObject):
    """An unreadable video shows why, and the others continue."""

    opened = Signal(int, int, int)
    """A cell's place; width and height of the video."""
    refused = Signal(int, str)
    """A cell's place; one sentence."""
    arrived = Signal(object)
    """`GridShown`."""

    _said = Signal(int, object)
    """From a thread to the window's."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._reader: GridReader | None = None
        self._cells: list[GridCell] = []
        self._number = 0
        self._said.connect(self._on_job_event)

    def show(self, videos: Sequence[VideoRow], folder: Path) -> bool:
        """Read these videos of the project in that folder; False where they are read already."""
        cells = [GridCell(_key(video), functools.partial(_open, video, folder)) for video in videos]
        if [cell.key for cell in cells] == [cell.key for cell in self._cells]:
            return False
        if self._reader is None:
            self._reader = GridReader(self._tell)
        self._cells = cells
        self._number = self._reader.set_cells(cells)
        return True

    def request(self, place: int, frames: Sequence[int], *, is_quick: bool) -> None:
        """Ask for a frame of each video, -1: none; what was asked for before and has not begun is dropped.

        `is_quick`: at half its width and height.
        """
        if self._reader is not None:
            self._reader.request(place, frames, is_quick=is_quick)

    def close(self) -> None:
        """End the threads; waits a moment for the reads that are going on. New videos may be shown."""
        if self._reader is not None:
            self._reader.close()
            self._reader.wait(_LEAVE_SECONDS)
        self._reader, self._cells, self._number = None, [], 0

    def _tell(self, number: int, news: GridEvent) -> None:
        with contextlib.suppress(RuntimeError):  # the window is gone
            self._said.emit(number, news)

    @Slot(int, object)
    def _on_job_event(self, number: int, news: GridEvent) -> None:
        if self._reader is None or number != self._number:
            return
        if isinstance(news, CellOpened):
            self.opened.emit(news.cell, news.meta.width, news.meta.height)
        elif isinstance(news, CellRefused):
            self.refused.emit(news.cell, self._sentence(news.sentence))
        else:
            self.arrived.emit(news)

    def _sentence(self, said: str) -> str:
        if said == _GONE:
            return self.tr("File missing. Find it on the Videos page.")
        if said == _NOT_STORED:
            return self.tr("Its stored frames were cleared. Add the video again, or watch it in Pair.")
        return displayable(said)


def _key(video: VideoRow) -> tuple[str, str, str]:
    return video.digest, video.relative, video.absolute


def _open(video: VideoRow, folder: Path) -> StoredVideo:
    """Its stored frames, whether or not its file is there. VideoError where there are none."""
    stored = find_stored(video.digest, Path(video.absolute))
    if stored is not None:
        return stored
    file, problem = look_at(video, folder)
    raise VideoError(problem or (_GONE if file is None else _NOT_STORED))


_REST_MS = 120
"""Without a new request for so long, cells become sharp."""
_FEW = 4
"""So many cells are always sharp."""

FrameOf = Callable[[int, int], int]
"""The frame of the video with that id at that frame of the reference; -1: not known yet."""
HasPartner = Callable[[int, int], bool]
"""Whether that is its partner; else it is only held."""
Badge = Callable[[int, int], str]
"""What is odd about that frame of the video with that id, in few words; empty: nothing."""


class GridPlaying(QObject):
    """Positions are frames of the reference, which is the first cell."""

    moved = Signal(int)
    """Another place is shown, or will be as soon as its frames are read."""

    def __init__(self, player: GridPlayer, frame_of: FrameOf, has_partner: HasPartner, badge: Badge) -> None:
        super().__init__(player)
        self._player, self._frame_of, self._has_partner, self._badge = player, frame_of, has_partner, badge
        self._videos: Sequence[VideoRow] = ()
        self._embedded: Mapping[int, EmbeddedVideo] = {}
        self._refused: set[int] = set()
        """Cells that show a sentence."""
        self._shown: dict[int, tuple[int, int]] = {}
        """By cell, the video and the frame that is seen."""
        self._times: object = None
        """Of which video the clock has the times."""
        self.frames, self.metronome = GridFrames(self), PlaybackClock(self)
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._sharpen)
        self.frames.opened.connect(self._open)
        self.frames.refused.connect(self._refuse)
        self.frames.arrived.connect(self._on_result)
        metronome = self.metronome
        metronome.due.connect(self._go)
        metronome.rate_changed.connect(self._on_rate)
        player.play_toggled.connect(metronome.toggle)
        player.shuttled.connect(metronome.shuttle)
        player.frames_stepped.connect(metronome.step)
        player.seconds_stepped.connect(metronome.step_seconds)
        player.frame_selected.connect(metronome.seek)
        player.scrub_began.connect(metronome.hold)
        player.scrub_ended.connect(metronome.release)
        player.speed_selected.connect(metronome.choose_speed)
        player.loop_changed.connect(metronome.set_loop)

    @property
    def place(self) -> int:
        """Which one is shown, or will be."""
        return self.metronome.index

    def show(
        self, videos: Sequence[VideoRow], folder: Path, embedded: Mapping[int, EmbeddedVideo], place: int | None
    ) -> None:
        """Show these, the reference first.

        Args:
            folder: of the project.
            embedded: by id; may lack some, while they are being opened.
            place: to go to; None: stay, where the reference is still the same.
        """
        self._videos, self._embedded = videos, embedded
        if self.frames.show(videos, folder):
            self._refused.clear()
            for cell in range(len(videos)):
                self._player.grid.cells[cell].view.set_video_size(0, 0)
                self._player.grid.cells[cell].set_sentence(self.tr("Aligning…") if cell else "")
        reference = embedded.get(videos[0].id)
        if reference is None:  # nothing is asked for: what would be read now belongs to other times
            self._times = None
        elif self._times is not reference:
            self._times, seconds = reference, reference.edges_seconds[:-1]
            self._player.set_times(seconds, float(reference.edges_seconds[-1]))
            self.metronome.set_times(seconds, place if place is not None else self.place)
            self._player.set_frame_index(self.place)
            self.moved.emit(self.place)
        elif place is not None:
            self.metronome.seek(place)
        self._request()

    def show_badges(self) -> None:
        """What is odd about the frames that are seen may have changed."""
        for cell, (video, frame) in self._shown.items():
            if cell < len(self._videos) and self._videos[cell].id == video and cell not in self._refused:
                self._player.grid.cells[cell].view.set_badge(self._badge(video, frame))

    def close(self) -> None:
        """End the threads, and show nothing."""
        self.frames.close()
        self.metronome.clear()
        self._rest.stop()
        self._videos, self._embedded, self._times = (), {}, None
        self._refused.clear()
        self._shown.clear()
        self._player.set_times(np.zeros(0), 0.0)

    def _go(self, place: int) -> None:
        self._player.set_frame_index(place)
        self._request()
        self.moved.emit(place)

    def _on_rate(self, rate: float, speed: float) -> None:
        self._player.set_rate(rate, speed)
        if rate:
            self._rest.stop()
        else:
            self._rest.start()

    def _request(self) -> None:
        """While it moves, many cells show frames at half their size: they are there in half the time."""
        is_quick = len(self._videos) > _FEW
        self._ask(is_quick=is_quick)
        if is_quick and not self.metronome.rate:
            self._rest.start()

    def _sharpen(self) -> None:
        self._ask(is_quick=False)

    def _ask(self, *, is_quick: bool) -> None:
        if self._times is not None:
            frames = [self._frame_of(video.id, self.place) for video in self._videos]
            self.frames.request(self.place, frames, is_quick=is_quick)

    def _open(self, cell: int, width: int, height: int) -> None:
        self._player.grid.set_size(cell, width, height)
        if self._frame_of(self._videos[cell].id, self.place) < 0:
            self._player.grid.cells[cell].set_sentence(self.tr("Aligning…"))

    def _refuse(self, cell: int, sentence: str) -> None:
        self._refused.add(cell)
        self._player.grid.cells[cell].set_sentence(sentence)

    def _on_result(self, shown: GridShown) -> None:
        """All cells at once: what is seen belongs together."""
        for cell, (video, frame, image) in enumerate(zip(self._videos, shown.frames, shown.images, strict=True)):
            if frame >= 0 and cell not in self._refused:
                embedded = self._embedded.get(video.id)
                time = "" if embedded is None else clock(float(embedded.edges_seconds[frame]))
                has_partner = self._has_partner(video.id, shown.step)
                badge = self._badge(video.id, frame)
                self._player.grid.cells[cell].set_moment(time, image, has_partner=has_partner, badge=badge)
                self._shown[cell] = video.id, frame
