"""Frame i is the i-th that decodes, at its time, whichever way it is reached, in every container and codec."""

from __future__ import annotations

import shutil
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from core.base.errors import VideoError
from core.video.decoding import Decoding
from core.video.index import ENTRY, presentation_seconds
from core.video.reader import VideoReader
from tests.conftest import VideoWriter, number_of

_OPEN_GOP = "open-gop=1:bframes=3:scenecut=0:keyint=12"
_ENCODINGS: dict[str, dict[str, Any]] = {
    "h264.mp4": {},
    "h264-open-gop.mkv": {"options": {"x264-params": _OPEN_GOP}},
    "h264-intra-refresh.mkv": {"options": {"x264-params": "intra-refresh=1:keyint=12:bframes=0"}},
    "h264-wrong-times.avi": {},
    "h264-no-times.h264": {},
    "h264.ts": {},
    "h265-open-gop.mp4": {"codec": "libx265", "options": {"x265-params": f"log-level=none:{_OPEN_GOP}"}},
    "mpeg4.avi": {"codec": "mpeg4", "tweak": lambda stream: setattr(stream.codec_context, "max_b_frames", 2)},
    "mpeg2.mpg": {"codec": "mpeg2video", "tweak": lambda stream: setattr(stream.codec_context, "max_b_frames", 2)},
    "vp8-hidden.webm": {"codec": "libvpx", "options": {"auto-alt-ref": "1", "lag-in-frames": "16", "cpu-used": "5"}},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}},
    "mjpeg.avi": {"codec": "mjpeg", "pixels": "yuvj420p"},
    "gif.gif": {"codec": "gif", "pixels": "rgb8", "fps": 10},
}


@pytest.mark.parametrize("name", _ENCODINGS)
def test_every_frame_in_any_order_and_one_after_the_other(write_video: VideoWriter, name: str) -> None:
    settings = _ENCODINGS[name]
    with VideoReader(write_video(name, 40, **settings)) as video:
        in_order = [frame.image for frame in video.frames()]
        assert [number_of(image) for image in in_order] == list(range(40))
        for place in np.random.default_rng(1).permutation(40):
            frame = video[int(place)]
            assert frame.index == place
            assert frame.pts_seconds == video.pts_seconds[place]
            np.testing.assert_array_equal(frame.image, in_order[place])
        fps = settings.get("fps", 30)
        np.testing.assert_allclose(video.pts_seconds - video.pts_seconds[0], np.arange(40) / fps, atol=1e-3)
        assert video.meta.fps == pytest.approx(fps, rel=1e-3)
        assert video.meta.duration_seconds == pytest.approx(40 / fps, abs=2e-3)
        assert (video.meta.num_frames, video.meta.num_frames_lost, video.meta.rotation_degrees) == (40, 0, 0)


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("variable-rate.mp4", np.cumsum(np.random.default_rng(3).integers(5, 90, 30)) / 1000),
        ("variable-rate.mkv", np.cumsum(np.random.default_rng(3).integers(5, 90, 30)) / 1000),
        ("late.mp4", 7.5 + np.arange(30) / 25),
        ("before-zero.ts", -0.4 + np.arange(30) / 25),
    ],
)
def test_times_are_the_containers(write_video: VideoWriter, name: str, times: Any) -> None:
    path = write_video(
        name, times=list(times), options={"bf": "0"}, container_options={"avoid_negative_ts": "disabled"}
    )
    with VideoReader(path) as video:
        np.testing.assert_allclose(video.pts_seconds, times, atol=1e-6)
        assert video.meta.start_seconds == pytest.approx(times[0], abs=1e-6)
        assert video.meta.fps == pytest.approx(29 / (times[-1] - times[0]))
        assert [number_of(video[place].image) for place in (29, 0, 17)] == [29, 0, 17]


def _entries(pts: list[int | None], dts: list[int | None] | None = None, duration: int = 0) -> Any:
    entries = np.zeros(len(pts), ENTRY)
    unknown = np.iinfo(np.int64).min
    entries["pts"] = [unknown if ticks is None else ticks for ticks in pts]
    entries["dts"] = [unknown if ticks is None else ticks for ticks in dts or [None] * len(pts)]
    entries["duration"] = duration
    return entries


@pytest.mark.parametrize(
    ("entries", "seconds"),
    [
        (_entries([0, 10, 35, 40]), [0, 1, 3.5, 4]),
        (_entries([-20, -10, 0]), [-2, -1, 0]),
        (_entries([0, None, 20, None, None]), [0, 1, 2, 2.25, 2.5]),  # counted on at 4 frames a second
        (_entries([None, 10, 20], duration=5), [0.5, 1, 2]),
        (_entries([0, 10, 10, 20]), [0, 1, 1.5, 2]),  # repeated
        (_entries([0, 30, 10, 40]), [0, 3, 3.5, 4]),  # turned back
        (_entries([None, None, None]), [0, 0.25, 0.5]),
        (_entries([10, 40, 30, 20], [0, 10, 20, 30]), [0, 1, 2, 3]),  # decoding times are better
    ],
)
def test_times_that_cannot_be_right_are_mended(entries: Any, seconds: list[float]) -> None:
    np.testing.assert_allclose(presentation_seconds(entries, 0.1, 4.0), seconds)


def test_it_is_a_sequence(write_video: VideoWriter) -> None:
    with VideoReader(str(write_video(frames=5))) as video:
        assert len(video) == 5
        assert [frame.index for frame in video] == [0, 1, 2, 3, 4]
        assert video[-1].index == 4
        for outside in (5, -6):
            with pytest.raises(IndexError, match="frames 0 to 4"):
                video[outside]
        clip = video.frames_at([3, 0, 3, -1])
        assert clip.images.shape == (4, 48, 64, 3)
        assert clip.indices.tolist() == [3, 0, 3, 4]
        assert [number_of(image) for image in clip.images] == [3, 0, 3, 4]
        np.testing.assert_array_equal(clip.pts_seconds, video.pts_seconds[[3, 0, 3, 4]])
        assert len(video.frames_at([])) == 0
        assert [frame.index for frame in video.frames(3)] == [3, 4]


def test_reading_forwards_never_seeks(write_video: VideoWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    with VideoReader(write_video(frames=60, gop=12)) as video:
        sought: list[int] = []
        seek = Decoding.seek
        monkeypatch.setattr(Decoding, "seek", lambda self, *to: sought.append(to[0]) or seek(self, *to))
        for _ in video:
            pass
        video[59], video[59]
        assert sought == []
        video[14], video[16], video[23]  # within one group of pictures
        assert len(sought) == 1
        video[50]  # past keyframes: decoding all frames between would be slower
        assert len(sought) == 2


def test_a_file_that_changes_is_noticed(write_video: VideoWriter) -> None:
    path = write_video(frames=30)
    video = VideoReader(path)
    video[0]
    with VideoReader(shutil.copy(path, path.with_name("copy.mp4"))) as other:
        write_video("copy.mp4", 10, fps=7)
        other._decoding.reopen()
        with pytest.raises(VideoError, match=r"copy\.mp4 changed while in use"):
            other[25]
    assert number_of(video[25].image) == 25
    video.close()


def _damaged(path: Path, begin: float, end: float) -> Path:
    data = bytearray(path.read_bytes())
    first, last = int(len(data) * begin), int(len(data) * end)
    data[first:last] = np.random.default_rng(5).integers(0, 256, last - first, np.uint8).tobytes()
    path.write_bytes(data)
    return path


def _noise(index: int, width: int, height: int) -> Any:
    """Frames of a hundred kilobytes, so that damage hits frames and not the header."""
    return np.random.default_rng(index).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("name", ["video.mp4", "video.mkv", "video.ts"])
@pytest.mark.parametrize(("begin", "end"), [(0.4, 0.45), (0.8, 0.92)])
def test_a_damaged_file_gives_what_decodes(write_video: VideoWriter, name: str, begin: float, end: float) -> None:
    path = _damaged(write_video(name, 60, size=(160, 120), image=_noise), begin, end)
    with VideoReader(path) as video, VideoReader(path) as again:
        assert 40 <= len(video) < 60
        assert video.meta == again.meta
        assert 0 < video.meta.num_frames_lost <= 60 - len(video)
        assert np.all(np.diff(video.pts_seconds) > 0)
        in_order = [frame.image for frame in video]
        for place in np.random.default_rng(1).permutation(len(video))[:12]:
            np.testing.assert_array_equal(again[int(place)].image, in_order[place])


def test_a_frame_from_behind_damage_is_the_same_however_it_is_reached(write_video: VideoWriter) -> None:
    """What a decoder makes of damage depends on the frames before: a seek must not change the picture."""
    settings: dict[str, Any] = {"codec": "mpeg4", "size": (160, 120), "image": _noise}
    path = _damaged(write_video("video.avi", 60, **settings), 0.5, 0.55)
    with VideoReader(path) as video:
        in_order = [frame.image for frame in video]
        for place in np.random.default_rng(1).permutation(len(video)):
            np.testing.assert_array_equal(video[int(place)].image, in_order[place])


@pytest.mark.parametrize("name", ["video.mkv", "video.ts"])
@pytest.mark.parametrize(("begin", "end"), [(0.5, 0.6), (0.85, 0.93), (0.93, 0.97)])
def test_no_frame_is_lost_for_the_damage_of_another(
    write_video: VideoWriter, name: str, begin: float, end: float
) -> None:
    """Frame threads drop what they hold when a late error comes: as many frames must come as one thread gives."""
    path = _damaged(write_video(name, 60, size=(160, 120), image=_noise), begin, end)
    decoding = Decoding(path, careful=True)
    num_frames = sum(1 for _ in decoding.frames())
    decoding.close()
    with VideoReader(path) as video:
        assert len(video) == num_frames


def test_streams_that_turn_up_late(write_video: VideoWriter, tmp_path: Path) -> None:
    """Behind more than the 5 MB that FFmpeg looks at first, so that it learns of them while it reads."""
    path, sound = write_video("video.ts", 20), tmp_path / "sound.ts"
    with av.open(str(sound), "w", options={"mpegts_start_pid": "768"}) as container:
        streams = [container.add_stream("aac", rate=8000) for _ in range(3)]
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        samples.rate = 8000
        for stream in streams:
            samples.pts = None
            container.mux(stream.encode(samples))
            container.mux(stream.encode(None))
    nothing = (b"\x47\x1f\xff\x10" + bytes(184)) * 40_000
    path.write_bytes(path.read_bytes() + nothing + sound.read_bytes())
    with VideoReader(path) as video:
        assert len(video) == 20


def test_a_file_that_was_cut_short(write_video: VideoWriter) -> None:
    path = write_video(frames=60, size=(160, 120), image=_noise, container_options={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with VideoReader(path) as video:
        assert 20 < len(video) < 40
        assert len(video) + video.meta.num_frames_lost == 60


def _nothing(path: Path) -> None:
    """The path stays without a file."""


def _silent_song(path: Path) -> None:
    with wave.open(str(path), "wb") as song:
        song.setparams((1, 2, 8000, 0, "NONE", ""))
        song.writeframes(bytes(16000))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (_nothing, "There is no file {}. Check its name."),
        (Path.mkdir, "{} is a folder, not a video, and has no image ("),
        (lambda path: path.write_bytes(b""), "{} is empty (0 bytes). Copy or download it again."),
        (lambda path: path.write_text("These are words.\n" * 500), "{} cannot be opened as a video: "),
        (lambda path: path.write_bytes(bytes(100_000)), "{} cannot be opened as a video: "),
        (_silent_song, "{} has no video stream. Name a video file."),
    ],
)
@pytest.mark.parametrize("name", ["video.mp4", "a:b 100%d ä.avi"])
def test_no_video_is_one_sentence(tmp_path: Path, make: Callable[[Path], object], sentence: str, name: str) -> None:
    path = tmp_path / name
    make(path)
    with pytest.raises(VideoError) as caught:
        VideoReader(path)
    assert str(caught.value).startswith(sentence.format(path))
    assert caught.value.__cause__ is None
    assert str(caught.value).count("\n") == 0


def test_a_video_without_a_frame_that_decodes(write_video: VideoWriter) -> None:
    path = write_video(frames=10)
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    data[start : data.index(b"moov") - 4] = bytes(data.index(b"moov") - 4 - start)
    path.write_bytes(data)
    with pytest.raises(VideoError, match=r"No frame of .* can be decoded"):
        VideoReader(path)


def test_a_songs_cover_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=8000)
        cover = container.add_stream("mjpeg")
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        container.mux(cover.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))))
        container.mux(cover.encode(None))
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format="fltp", layout="mono")
        samples.rate = 8000
        container.mux(sound.encode(samples))
        container.mux(sound.encode(None))
    with pytest.raises(VideoError, match="has no video stream"):
        VideoReader(path)


def test_a_file_without_the_right_to_read_it(write_video: VideoWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_video(frames=2)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(VideoError, match="No permission to read"):
        VideoReader(path)


def test_names_that_ffmpeg_would_take_for_something_else(
    write_video: VideoWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("http:b.mp4", "clip%03d.mp4", "файл 動画.mp4", "-i.mp4"):
        write_video(name, 3)
        with VideoReader(name) as video:
            assert len(video) == 3


def test_ffmpeg_is_silent(write_video: VideoWriter, capfd: pytest.CaptureFixture[str]) -> None:
    path = _damaged(write_video("video.mkv", 60, size=(160, 120), image=_noise), 0.3, 0.5)
    capfd.readouterr()
    with VideoReader(path) as video:
        assert video.meta.num_frames_lost
        for _ in video:
            pass
    assert capfd.readouterr() == ("", "")
