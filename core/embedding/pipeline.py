"""Videos on their way through decoding, backbone and head: several at a time, each in a thread of its own.

What a video's journey makes depends on nothing but the video, so neither on the others nor on how many travel at once.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from core.base.ahead import run_ahead
from core.base.control import Control
from core.base.errors import VideoError
from core.base.events import Notice, Sink
from core.base.progress import Counter, Meter, Tally
from core.features.cached import Features
from core.model.one_thread import one_thread_each
from core.video.file_progress import File
from core.video.frame_store import FrameStore, StoredVideo

_Made = TypeVar("_Made")


@dataclass(frozen=True, eq=False)
class _Arrival(Generic[_Made]):
    """The end of a video's journey."""

    file: File
    made: tuple[StoredVideo, _Made] | None
    refusal: VideoError | None = None


class Pipeline(Generic[_Made]):
    """One run over videos; what is reported, is reported in the thread that takes the results.

    Args:
        store: where the frames go.
        features: `prepare`d here for groups of `together` videos; at most `at_once` groups are in `make` at a time.
        make: called for each video in a thread in which torch uses a single thread; obeys the control and counts the
            video's frames.
        stage: of the progress, once something is made; while nothing is, the progress is that of decoding.
    """

    def __init__(
        self,
        store: FrameStore,
        features: Features,
        make: Callable[[StoredVideo, Control, Counter], _Made],
        stage: str,
        sink: Sink,
        control: Control,
    ) -> None:
        self._features, self._make, self._stage = features, make, stage
        self._sink, self._control, self._workers = sink, control, Control()
        self._ingest = store.ingest(sink, control, self._workers)
        self._decoders = store.workers
        self._may_decode = threading.BoundedSemaphore(self._decoders)
        self._may_make = threading.BoundedSemaphore(features.at_once)
        self._making = 0
        self._counting = threading.Lock()
        self._tally = Tally()

    def run(self, paths: Sequence[Path]) -> Iterator[tuple[StoredVideo, _Made]]:
        """Yield each video with what was made of it, in order, as soon as it is there.

        Of a limited number of others something is in memory, or open, meanwhile. Broken videos are left out with a
        notice.

        Raises:
            VideoError: no video is left.
            Stopped: the control asked for it; what was published is kept.
        """
        files = self._ingest.check(paths)
        together = self._features.together
        groups = [files[start : start + together] for start in range(0, len(files), together)]
        at_once = min(self._decoders + self._features.at_once, len(groups))
        self._embedding = Meter(self._sink, self._stage, sum(file.total for file in files), "frame")
        self._decoding = Meter(self._sink, "decode", self._ingest.num_to_decode, "frame")
        is_any_left = False
        with one_thread_each(at_once, self._stage) as threads:
            for arrivals in run_ahead(
                self._travel,
                groups,
                threads,
                at_once=at_once,
                control=self._control,
                workers=self._workers,
                poll=self._poll,
            ):
                for arrival in arrivals:
                    if made := self._report(arrival):
                        is_any_left = True
                        yield made
        if not is_any_left:
            raise self._ingest.none_left(paths)
        self._ingest.report_noted()
        for sentence in self._features.closing_notices():
            self._sink(Notice(sentence))

    def _report(self, arrival: _Arrival[_Made]) -> tuple[StoredVideo, _Made] | None:
        if arrival.refusal is not None:
            self._ingest.refuse(arrival.file, arrival.refusal)
        if arrival.made is not None:
            video, _ = arrival.made
            self._ingest.note(video)
            self._ingest.report_losses(video)
            for sentence in self._features.notices(video):
                self._sink(Notice(sentence))
        return arrival.made

    def _travel(self, group: Sequence[File]) -> list[_Arrival[_Made]]:
        decoded = [self._decode(file) for file in group]
        with self._may_make:
            self._workers.obey()
            with self._one_more_making():
                if self._features.together > 1:
                    self._features.prepare(
                        [video for video in decoded if isinstance(video, StoredVideo)], self._workers
                    )
                return [self._arrive(file, video) for file, video in zip(group, decoded, strict=True)]

    def _decode(self, file: File) -> StoredVideo | VideoError:
        with self._may_decode:
            self._workers.obey()
            try:
                video = self._ingest.decode(file)
            except VideoError as error:
                self._tally.extend(-file.total)
                return error
            self._tally.extend(len(video) - file.total)
            return video

    def _arrive(self, file: File, video: StoredVideo | VideoError) -> _Arrival[_Made]:
        if isinstance(video, VideoError):
            return _Arrival(file, None, video)
        return _Arrival(file, (video, self._make(video, self._workers, self._tally)))

    @contextlib.contextmanager
    def _one_more_making(self) -> Iterator[None]:
        with self._counting:
            self._making += 1
        try:
            yield
        finally:
            with self._counting:
                self._making -= 1

    def _poll(self) -> None:
        """Report progress: of what is made, or of decoding while that is waited for."""
        self._tally.empty_into(self._embedding)
        decoded, self._decoding.total = self._ingest.num_decoded, self._ingest.num_to_decode
        if not self._making and decoded > self._decoding.done:
            self._decoding.add(decoded - self._decoding.done)
