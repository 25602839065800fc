"""Search of very many frames with the index of their packed embeddings."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from carl_gui.explore.opened import OpenedVideos
from core.base.events import Event, sentence
from core.search import FrameRange, SearchMatch
from core.search.candidates import best_of
from core.search.method import open_index


class ApproximateSearch:
    """Finds frames as `core.search.find_frames` does; videos are given by their place among those opened.

    Args:
        videos: at least one.

    Raises:
        StorageError: the packed folder is damaged.
    """

    def __init__(self, videos: OpenedVideos) -> None:
        events: list[Event] = []
        self._index = None if videos.packed is None else open_index(videos.packed, "auto", events.append)
        self.note = " ".join(map(sentence, events))
        """How good the results are, or why all frames are read; empty where they are few."""
        if videos.packed is None or self._index is None:
            return
        packed = {digest: place for place, digest in enumerate(videos.packed.digests)}
        self._packed_places = [packed[video.digest] for video in videos.values()]
        self._places = {place: index for index, place in enumerate(self._packed_places)}
        lengths = enumerate(videos.packed.lengths.tolist())
        self._others = [FrameRange(place, 0, frames) for place, frames in lengths if place not in self._places]

    @property
    def is_usable(self) -> bool:
        """Whether the index is used."""
        return self._index is not None

    def find_frames(
        self, query: NDArray[np.float32], *, k: int, apart_seconds: float, exclude: Sequence[FrameRange]
    ) -> list[SearchMatch]:
        """Find the nearest frames. StorageError: the packed folder is damaged."""
        assert self._index is not None, "it is usable"
        gaps = [dataclasses.replace(gap, video_index=self._packed_places[gap.video_index]) for gap in exclude]
        found = self._index.find_frames(query, k=k, apart_seconds=apart_seconds, exclude=[*gaps, *self._others])
        matches = [dataclasses.replace(match, video_index=self._places[match.video_index]) for match in found]
        return best_of(matches, k)
