"""Views whose rows are on a GPU before a step asks for them: kept there, or sent ahead."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.augment import spatial
from core.augment.temporal import TemporalView
from core.learning.data import ViewData, ViewSource
from core.model.uploads import Uploader
from core.settings.config import AugmentConfig
from core.video.frame_store import StoredVideo

_PIECE_FRAMES = 32
"""Sent at once: bounds the pinned memory, and the next ones are decoded while these are on their way."""


class SentViews:
    """The views of another source, sent to the device (frozen)."""

    def __init__(self, source: ViewSource, device: torch.device) -> None:
        self._source, self._uploader = source, Uploader(device)

    def __len__(self) -> int:
        return len(self._source)

    def num_frames(self, video: int) -> int:
        return self._source.num_frames(video)

    def load(self, video: int, view: TemporalView, generator: np.random.Generator) -> ViewData:
        data = self._source.load(video, view, generator)
        with self._uploader.beside():
            rows = self._uploader.send(data.rows)
            return replace(data, rows=rows, arrival=self._uploader.mark())


class DeviceFrames:
    """Views of stored frames on a device (finetune); the same numbers as of `FrameViews`.

    Of some videos the frames stay on the device as uint8 once they were decoded: of as many as fit, the shortest first,
    since a view saves as much work whatever its video's length. A view of another video is decoded and sent each time.

    Args:
        max_bytes: of the device's memory for frames that stay.
    """

    def __init__(
        self, videos: Sequence[StoredVideo], augment: AugmentConfig, device: torch.device, max_bytes: int
    ) -> None:
        self._videos, self._augment = videos, augment
        self._uploader = Uploader(device)
        with self._uploader.beside():
            self._kept = {
                video: _KeptFrames(videos[video], self._uploader) for video in fitting_videos(videos, max_bytes)
            }

    def __len__(self) -> int:
        return len(self._videos)

    @property
    def num_kept(self) -> int:
        """Videos whose frames stay."""
        return len(self._kept)

    @property
    def kept_bytes(self) -> int:
        """Taken for them on the device."""
        return sum(kept.frames.nbytes for kept in self._kept.values())

    def num_frames(self, video: int) -> int:
        return len(self._videos[video])

    def load(self, video: int, view: TemporalView, generator: np.random.Generator) -> ViewData:
        draw = spatial.draw(self._augment, generator)
        wanted = view.indices[view.valid]
        with self._uploader.beside():
            if kept := self._kept.get(video):
                kept.complete(wanted)
                rows, places = kept.frames, self._uploader.send(torch.from_numpy(wanted))
            else:
                rows, places = self._sent(self._videos[video], wanted), None
            return ViewData(view, rows, draw, places, self._uploader.mark())

    def _sent(self, video: StoredVideo, wanted: NDArray[np.int64]) -> Tensor:
        rows = _frames_of(video, len(wanted), self._uploader.device)
        for start in range(0, len(wanted), _PIECE_FRAMES):
            part = wanted[start : start + _PIECE_FRAMES]
            rows[start : start + len(part)] = self._uploader.send(torch.from_numpy(video.frames_at(part).images))
        return rows


def fitting_videos(videos: Sequence[StoredVideo], max_bytes: int) -> list[int]:
    """Return which of the videos fit together with all of their frames, the shortest first."""
    sizes = np.array([len(video) * video.height * video.width * 3 for video in videos], np.int64)
    order = np.argsort(sizes, kind="stable")
    return [int(video) for video in order[np.cumsum(sizes[order]) <= max_bytes]]


class _KeptFrames:
    """The frames of one video on the device, as far as they were asked for."""

    def __init__(self, video: StoredVideo, uploader: Uploader) -> None:
        self._video, self._uploader = video, uploader
        self.frames = _frames_of(video, len(video), uploader.device)
        self._is_missing = np.ones(len(video), np.bool_)
        self._decoding = threading.Lock()

    def complete(self, wanted: NDArray[np.int64]) -> None:
        """Decode and send those of the wanted frames that were not yet."""
        with self._decoding:
            missing = np.unique(wanted[self._is_missing[wanted]])
            for start in range(0, len(missing), _PIECE_FRAMES):
                part = missing[start : start + _PIECE_FRAMES]
                images = self._uploader.send(torch.from_numpy(self._video.frames_at(part).images))
                self.frames.index_copy_(0, self._uploader.send(torch.from_numpy(part)), images)
                self._is_missing[part] = False


def _frames_of(video: StoredVideo, count: int, device: torch.device) -> Tensor:
    return torch.empty(count, video.height, video.width, 3, dtype=torch.uint8, device=device)
