"""An episode is the frames of a span, as decoding the whole file and cutting it gives them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.base.errors import CarlError, ConfigError, VideoError
from core.base.events import Event, Notice
from core.video.content import current_digest, video_digest
from core.video.episode import Episode, read_episode, write_episode
from core.video.frame_store import FrameStore
from core.video.inputs import actions_of, find_videos
from core.video.reader import VideoReader
from tests.conftest import VideoWriter, number_of

_OPEN_GOP = "open-gop=1:bframes=3:scenecut=0:keyint=12"
_ENCODINGS: dict[str, dict[str, Any]] = {
    "h264.mp4": {"options": {"x264-params": "keyint=8:bframes=3:scenecut=0"}},
    "open-gop.mkv": {"options": {"x264-params": _OPEN_GOP}},
    "h265-open-gop.mp4": {"codec": "libx265", "options": {"x265-params": f"log-level=none:{_OPEN_GOP}"}},
    "intra-refresh.mkv": {"options": {"x264-params": "intra-refresh=1:keyint=12:bframes=0"}},
    "late.mp4": {"times": list(7.5 + np.arange(40) / 30), "options": {"bf": "0", "g": "8"}},
    "late.mkv": {"times": list(2.5 + np.arange(40) / 30), "options": {"bf": "0", "g": "8"}},
    "stream.ts": {},
    "wrong-times.avi": {},
    "no-times.h264": {},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8", "g": "10"}},
}
_SPANS = [(0, 40), (0, 5), (11, 12), (12, 13), (13, 29), (25, 40), (39, 40)]


def _episode(folder: Path, file: Path, start: float, end: float) -> Path:
    path = folder / f"{file.stem}_{start:.4f}-{end:.4f}.episode"
    write_episode(path, Episode(file, start, end))
    return path


@pytest.mark.parametrize("name", _ENCODINGS)
def test_frames_are_those_of_the_whole_file(write_video: VideoWriter, tmp_path: Path, name: str) -> None:
    file = write_video(name, 40, **_ENCODINGS[name])
    with VideoReader(file) as whole:
        images, edges = [frame.image for frame in whole.frames()], whole.edges_seconds
        fps = whole.meta.fps
    store = FrameStore(tmp_path / "store", short_side=48, max_bytes=10**9, workers=1)
    for start, end in _SPANS:
        path = _episode(tmp_path, file, max(0.0, float(edges[start])), float(edges[end]))
        with VideoReader(path) as episode:
            assert len(episode) == end - start
            for image, frame in zip(images[start:end], episode.frames(), strict=True):
                np.testing.assert_array_equal(image, frame.image)
            for place in np.random.default_rng(2).permutation(len(episode)):
                np.testing.assert_array_equal(episode[int(place)].image, images[start + int(place)])
            assert episode.edges_seconds[0] == 0
            np.testing.assert_allclose(
                episode.edges_seconds[:-1], edges[start:end] - edges[start], rtol=0, atol=1e-9
            )
            assert episode.meta.num_frames_lost == 0
            assert episode.meta.fps == pytest.approx(fps, rel=0.05)
        (stored,) = store.add([path])
        assert [number_of(stored[place].image) for place in range(len(stored))] == list(range(start, end))
        assert stored.digest == current_digest(path) == video_digest(path)
        with stored.reader() as again:
            np.testing.assert_array_equal(again[0].image, images[start])
