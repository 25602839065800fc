"""An episode is the frames of a span, as decoding the whole file and cutting it gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.base.errors import CarlError, ConfigError, VideoError
from core.base.events import Event, Notice
from core.video.content import current_digest, video_digest
from core.video.decoding import Decoding
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
            np.testing.assert_allclose(episode.edges_seconds[:-1], edges[start:end] - edges[start], rtol=0, atol=1e-9)
            assert episode.meta.num_frames_lost == 0
            assert len(episode) == 1 or episode.meta.fps == pytest.approx(fps, rel=0.05)
        (stored,) = store.add([path])
        assert [number_of(stored[place].image) for place in range(len(stored))] == list(range(start, end))
        assert stored.digest == current_digest(path) == video_digest(path)
        with stored.reader() as again:
            np.testing.assert_array_equal(again[0].image, images[start])


def test_a_list_names_episodes(write_video: VideoWriter, tmp_path: Path) -> None:
    file = write_video("long.mp4", 60)
    (tmp_path / "list.csv").write_text(
        "video,start_seconds,end_seconds,action\nlong.mp4,0,0.5,pour\nlong.mp4,0.5,,lift\nlong.mp4,,,whole\n"
        "long.mp4,0.4,0.8,\nlong.mp4,0,0.5,pour\n"
    )
    told: list[Event] = []
    first, second, whole, third = find_videos([tmp_path / "list.csv"], told.append)
    assert whole == file
    assert [read_episode(one) for one in (first, second, third)] == [
        Episode(file, 0, 0.5),
        Episode(file, 0.5),
        Episode(file, 0.4, 0.8),
    ]
    assert [one.message for one in told if isinstance(one, Notice)] == [
        f"Episodes overlap in {tmp_path / 'list.csv'}: line 2 and line 5 (long.mp4), line 5 and line 3 (long.mp4). "
        "Their common frames are in each of them."
    ]
    assert actions_of([tmp_path / "list.csv"]) == {first: "pour", second: "lift", whole: "whole"}
    assert len({video_digest(one) for one in (first, second, whole, third)}) == 4
    assert find_videos([tmp_path / "list.csv"])[0] == first


def test_labels_are_no_list_of_episodes(write_video: VideoWriter, tmp_path: Path) -> None:
    file = write_video("a.mp4", 3)
    (tmp_path / "labels.csv").write_text("video,phase,start_seconds,end_seconds\na.mp4,one,0,0.1\n")
    assert find_videos([tmp_path / "labels.csv"]) == [file]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("a.mp4,2,1", "end_seconds 1 is not after start_seconds 2"),
        ("a.mp4,1,1", "end_seconds 1 is not after start_seconds 1"),
        ("a.mp4,-1,1", "start_seconds must be 0 or more, not -1"),
        ("a.mp4,zero,1", "start_seconds must be a number, not 'zero'"),
        ("folder,0,1", "folder is not one video file"),
        ("b.mp4,0,1", "There is no file or folder"),
    ],
)
def test_a_wrong_row_is_one_sentence(write_video: VideoWriter, tmp_path: Path, row: str, sentence: str) -> None:
    write_video("a.mp4", 3)
    write_video("folder/c.mp4", 3)
    write_video("folder/d.mp4", 3)
    (tmp_path / "list.csv").write_text(f"video,start_seconds,end_seconds\n{row}\n")
    with pytest.raises(ConfigError) as caught:
        find_videos([tmp_path / "list.csv"])
    assert sentence in str(caught.value)
    assert "line 2" in str(caught.value)


@pytest.mark.parametrize("name", ["a.mp4", "a.ts"])
@pytest.mark.parametrize(
    ("span", "sentence"),
    [
        ((0.5, 9.0), "ends at"),
        ((5.0, 9.0), "ends at"),
        ((5.0, float("inf")), "No frame of"),
        ((0.101, 0.102), "No frame of"),
    ],
)
def test_a_span_beyond_the_video_is_one_sentence(
    write_video: VideoWriter, tmp_path: Path, name: str, span: tuple[float, float], sentence: str
) -> None:
    path = _episode(tmp_path, write_video(name, 40), *span)
    with pytest.raises(VideoError, match=sentence):
        VideoReader(path)
    with pytest.raises(VideoError, match=sentence):
        FrameStore(tmp_path / "store", short_side=48, max_bytes=10**9).add([path])


def test_only_the_span_is_decoded(write_video: VideoWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_video("long.mp4", 600, gop=10)
    num_decoded = 0
    original = Decoding.frames

    def counted(self: Decoding) -> Any:
        nonlocal num_decoded
        for frame in original(self):
            num_decoded += 1
            yield frame

    monkeypatch.setattr(Decoding, "frames", counted)
    with VideoReader(_episode(tmp_path, file, 15.0, 15.5)) as episode:
        assert [number_of(frame.image) for frame in episode.frames()] == list(range(450, 465))
    assert num_decoded < 120


def test_another_video_or_span_is_another_content(write_video: VideoWriter, tmp_path: Path) -> None:
    one, other = write_video("one.mp4", 30), write_video("other.mp4", 31)
    spans = [Episode(one, 0, 0.5), Episode(one, 0, 0.6), Episode(other, 0, 0.5)]
    paths = [tmp_path / f"{place}.episode" for place in range(3)]
    for path, span in zip(paths, spans, strict=True):
        write_episode(path, span)
    before = [current_digest(path) for path in paths]
    assert len(set(before)) == 3
    (tmp_path / "moved").mkdir()
    for path in (*paths, one, other):
        path.rename(tmp_path / "moved" / path.name)
    assert [current_digest(tmp_path / "moved" / path.name) for path in paths] == before
    other_there = tmp_path / "moved/one.mp4"
    other_there.write_bytes((tmp_path / "moved/other.mp4").read_bytes())
    assert current_digest(tmp_path / "moved/0.episode") == before[2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"kind": "carl episode"}',
        '{"kind": "carl episode", "video": 3}',
        '{"kind": "carl episode", "video": "a\\u0000.mp4"}',
        '{"kind": "carl episode", "video": "a.mp4", "start_seconds": "x"}',
        '{"kind": "carl episode", "video": "a.mp4", "start_seconds": NaN}',
        '{"kind": "carl episode", "video": "a.mp4", "start_seconds": 3, "end_seconds": 2}',
        '{"kind": "carl episode", "video": "none.mp4"}',
        '{"kind": "carl episode", "video": "self.episode"}',
        "[" * 20_000,
    ],
)
def test_a_damaged_episode_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "self.episode"
    path.write_text(text)
    with pytest.raises(CarlError):
        VideoReader(path)
    with pytest.raises(CarlError):
        FrameStore(tmp_path / "store", short_side=48, max_bytes=10**9).add([path])
