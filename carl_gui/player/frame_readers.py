"""The sources of one video's frames side by side: small ones at once, full-size ones when there is time."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from carl_gui.frames.latest_frame_reader import FrameReady, LatestFrameReader, Opened, OpenSource, ReaderEvent, Refused

_REST_MS = 120
"""Without a new request for so long, the stored frame gives way to the full-size one."""
_PATIENCE_SECONDS = 0.1
"""A frame that was overtaken by a newer request is shown only after a wait of so long."""
_FULL_SIZE_SPEED = 2.0
"""Up to this speed, forwards, full-size frames are played; the stored ones beyond."""
_LATE_SECONDS = 0.15
"""While a full-size frame takes longer, stored ones are played."""
_MOST_TIMES_LATE = 2
"""Then the rest is played from the store: a picture that turns sharp and soft by turns is worse than a soft one."""
_CLOSE_SECONDS = 2.0


class FrameReaders(QObject):
    """Threads that read one video: the frame store's frames, the full-size ones, and previews from the store.

    Each keeps the newest request only. What arrives is never shown after something newer.
    """

    opened = Signal(object)
    """`Opened`, once: there are frames from now on."""
    arrived = Signal(object)
    """The image to show, (H, W, 3)."""
    previewed = Signal(object)
    """The image that `preview` asked for last."""
    warned = Signal(str)
    """One source failed, the other works."""
    refused = Signal(str)
    """No source is left."""

    _event_received = Signal(object, object)
    """From a reader's thread to the window's: the reader, and its event."""

    def __init__(self, parent: QObject, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._clock = clock
        self._readers: dict[str, LatestFrameReader] = {}
        self._closing: list[LatestFrameReader] = []
        self._opening = self._ticket = self._frame_index = 0
        self._is_open = False
        self._remark = ""
        """Error of a source that failed before the other one opened."""
        self._previewed = -1
        self.shown_frame_index = 0
        """The frame that `arrived` gave last."""
        self._shown = (0, False)
        """Ticket of the frame that is shown, and whether it is full-size."""
        self._waiting_since: float | None = None
        self._rate = 0.0
        self._plays_full_size = False
        self._times_late = 0
        self._rest_timer = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest_timer.timeout.connect(self.sharpen)
        self._event_received.connect(self._on_reader_event)

    @property
    def has_previews(self) -> bool:
        return "preview" in self._readers

    def open(self, open_small: OpenSource | None, open_full: OpenSource | None) -> None:
        """Read these instead; each is opened, read and closed in a thread of its own. One of them may be None."""
        self.clear()
        openers = {"small": open_small, "full": open_full, "preview": open_small}
        for lane, opener in openers.items():
            if opener is None:
                continue
            self._readers[lane] = LatestFrameReader(opener, functools.partial(self._emit_event, self._opening, lane))

    def clear(self) -> None:
        """Read nothing; threads end after the read that is going on."""
        self._rest_timer.stop()
        for lane in list(self._readers):
            self._release(lane)
        self._closing = [reader for reader in self._closing if not reader.wait(0)]
        self._opening += 1  # events of the old readers are ignored
        self._is_open = False
        self._remark = ""
        self._previewed = -1
        self._waiting_since = None
        self._rate = 0.0

    def close(self) -> None:
        """End the threads; waits a moment for the reads that are going on."""
        self.clear()
        for reader in self._closing:
            reader.wait(_CLOSE_SECONDS)

    def request(self, frame_index: int) -> None:
        """Ask for a frame; requests that still wait are forgotten."""
        self._frame_index = frame_index
        self._ticket += 1
        if self._plays_full_size and self._has_waited(_LATE_SECONDS):
            self._plays_full_size = False
            self._times_late += 1
        if self._waiting_since is None:
            self._waiting_since = self._clock()
        for lane in self._lanes_to_ask():
            self._readers[lane].request(frame_index, self._ticket)
        if not self._rate:
            self._rest_timer.start()

    def set_rate(self, rate: float) -> None:
        """Set the speed of the requests to come; 0 is paused, and the frame becomes sharp after a rest."""
        if rate and not self._rate:
            self._plays_full_size, self._times_late = self._shown == (self._ticket, True), 0
        if rate:
            self._rest_timer.stop()
        elif self._rate:
            self._plays_full_size = False
            self._rest_timer.start()
        self._rate = rate

    def sharpen(self) -> None:
        """Ask for the frame that was asked for last in full size."""
        if self._is_open and "full" in self._readers and self._shown < (self._ticket, True):
            self._readers["full"].request(self._frame_index, self._ticket)

    def preview(self, frame_index: int) -> None:
        """Ask for the small image of this frame; -1 forgets the last one."""
        self._previewed = frame_index
        if frame_index >= 0 and (reader := self._readers.get("preview")):
            reader.request(frame_index, frame_index)

    def _lanes_to_ask(self) -> list[str]:
        """Return the readers to ask: a pause or a scrub shows stored frames at once, full-size ones after a rest."""
        if "small" not in self._readers:
            return ["full"]
        plays_full_size = 0 < self._rate <= _FULL_SIZE_SPEED and self._times_late <= _MOST_TIMES_LATE
        if "full" not in self._readers or not plays_full_size:
            return ["small"]
        return ["full"] if self._plays_full_size else ["small", "full"]

    def _has_waited(self, seconds: float) -> bool:
        return self._waiting_since is not None and self._clock() - self._waiting_since >= seconds

    def _emit_event(self, opening: int, lane: str, event: ReaderEvent) -> None:
        self._event_received.emit((opening, lane), event)

    @Slot(object, object)
    def _on_reader_event(self, sender: tuple[int, str], event: ReaderEvent) -> None:
        opening, lane = sender
        if opening != self._opening or lane not in self._readers:
            return
        if isinstance(event, Refused):
            self._on_refused(lane, event.sentence)
        elif isinstance(event, Opened):
            if not self._is_open:
                self._is_open = True
                self.opened.emit(event)
                if self._remark:
                    self.warned.emit(self._remark)
        elif lane != "preview":
            self._on_frame(lane, event)
        elif event.frame.index == self._previewed:
            self.previewed.emit(event.frame.image)

    def _on_frame(self, lane: str, arrived: FrameReady) -> None:
        """Show it unless something newer was shown, or is asked for and will soon be there."""
        is_newest = arrived.ticket == self._ticket
        quality = (arrived.ticket, lane == "full")
        if quality <= self._shown or not (is_newest or self._rate or self._has_waited(_PATIENCE_SECONDS)):
            return
        if self._rate and lane == "full" and arrived.ticket >= self._ticket - 1:
            self._plays_full_size = True  # it keeps up
        self._shown = quality
        self._waiting_since = None if is_newest else self._clock()
        self.shown_frame_index = arrived.frame.index
        self.arrived.emit(arrived.frame.image)

    def _on_refused(self, lane: str, sentence: str) -> None:
        self._release(lane)
        if lane == "preview":
            return
        if lane == "small":
            self._release("preview")
        if not self._readers:
            self.refused.emit(sentence)
            return
        if self._is_open:
            self.warned.emit(sentence)
            self.request(self._frame_index)
        else:
            self._remark = sentence

    def _release(self, lane: str) -> None:
        if reader := self._readers.pop(lane, None):
            reader.close()
            self._closing.append(reader)
