"""The clock of the medium: what a player shows, whatever the container, and however its stamps go."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core.base.errors import StorageError, VideoError
from core.base.events import Event, Notice
from core.base.files import content_digest
from core.base.types import VideoMeta
from core.video import times as video_times
from core.video.clock import clock_start_seconds, first_units, format_seconds
from core.video.decoding import Decoding
from core.video.frame_store import FrameStore
from core.video.image_decoding import open_decoding
from core.video.index import ENTRY, presentation_seconds, scan
from core.video.reader import VideoReader
from core.video.times import edges_of_video, keep_times
from tests.conftest import VideoWriter, number_of

CASES = Path(__file__).parents[2] / "data" / "cases"
_NO_B_FRAMES = {"bf": "0"}


def joined(path: Path, *parts: Path) -> Path:
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def with_sound(path: Path, video: Path, *, video_at: float, sound_at: float, codec: str = "aac") -> Path:
    """The same pictures from `video_at` on, and two seconds of silence from `sound_at` on."""
    disabled = {"avoid_negative_ts": "disabled"}
    with av.open(str(video)) as source, av.open(str(path), "w", options=disabled) as container:
        (pictures,) = source.streams.video
        stream = container.add_stream_from_template(pictures)
        sound = container.add_stream(codec, rate=44100)
        for packet in source.demux(pictures):
            if packet.pts is not None and packet.dts is not None:
                shift = round(Fraction(video_at).limit_denominator(1000) / packet.time_base)
                packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, stream
                container.mux(packet)
        for place in range(86):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44100, round(sound_at * 44100) + place * 1024
            frame.time_base = Fraction(1, 44100)
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "sound_at", "first_seconds"),
    [
        ("sound.mp4", 0.0, 0.7),
        ("alone.mp4", None, 0.7),
        ("sound.mov", 0.0, 0.7),
        ("alone.mov", None, 0.7),
        ("sound.mkv", 0.0, 0.7),
        ("late.mkv", 0.3, 0.4),
        ("alone.mkv", None, 0.0),
        ("sound.ts", 0.0, 0.7),
        ("alone.ts", None, 0.0),
    ],
)
def test_the_first_picture_is_when_a_player_shows_it(
    write_video: VideoWriter, tmp_path: Path, name: str, sound_at: float | None, first_seconds: float
) -> None:
    """As measured with mpv 0.35.1 (docs/decisions/0011); sound is coded from a frame before it begins."""
    at = list(0.7 + np.arange(30) / 25)
    disabled = {"avoid_negative_ts": "disabled"}
    if sound_at is None:
        path = write_video(name, times=at, fps=25, options=_NO_B_FRAMES, container_options=disabled)
    else:
        plain = write_video("plain.mp4", fps=25, options=_NO_B_FRAMES)
        path = with_sound(tmp_path / name, plain, video_at=0.7, sound_at=sound_at)
    with VideoReader(path) as video:
        assert video.edges_seconds[0] == pytest.approx(first_seconds, abs=0.025)
        np.testing.assert_allclose(np.diff(video.edges_seconds), 0.04, atol=0.0011)
    (stored,) = FrameStore(tmp_path / "store", max_bytes=10**9).add([path])
    np.testing.assert_array_equal(stored.edges_seconds, video.edges_seconds)


def test_what_the_clock_takes_off() -> None:
    mp4 = "mov,mp4,m4a,3gp,3g2,mj2"
    taken = [clock_start_seconds(name, 1_400_000) for name in (mp4, "ogg", "mpegts", "matroska,webm", "avi")]
    assert taken == [0, 0, Fraction(7, 5), Fraction(7, 5), Fraction(7, 5)]
    assert clock_start_seconds("mpegts", None) == 0
    assert (clock_start_seconds("mpegts", -400_000), clock_start_seconds("matroska,webm", -7000)) == (
        Fraction(-2, 5),
        0,
    )


def _meta(name: str) -> tuple[VideoMeta, np.ndarray]:
    with VideoReader(CASES / name) as video:
        return video.meta, video.edges_seconds


@pytest.mark.parametrize(
    ("name", "num_frames", "seconds"),
    [
        ("ts_restart/c_100_101.ts", 201, 8.04),
        ("ts_restart/cat_a_b.ts", 400, 16.0),
        ("avi_no_pts/bframes.avi", 200, 8.0),
    ],
)
def test_stamps_that_start_over_or_are_missing(name: str, num_frames: int, seconds: float) -> None:
    meta, edges = _meta(name)
    assert (meta.num_frames, meta.num_frames_lost) == (num_frames, 0)
    assert meta.fps == pytest.approx(25, abs=1e-6)
    assert meta.duration_seconds == pytest.approx(seconds, abs=1e-6)
    np.testing.assert_allclose(np.diff(edges), 0.04, atol=1e-6)


def test_avi_is_as_late_as_mpv_shows_it() -> None:
    """Its header counts fields, of which mpv takes off two where the decoder keeps two frames."""
    _, edges = _meta("avi_no_pts/bframes.avi")
    assert edges[0] == pytest.approx(0.04)


@pytest.mark.parametrize("later", [0.0, 3600.0, 50_000.0])
@pytest.mark.parametrize("turned", [False, True])
def test_a_clock_that_jumps_goes_on_and_frames_are_found_again(
    write_video: VideoWriter, tmp_path: Path, later: float, turned: bool
) -> None:
    """As ffmpeg corrects it: the second part begins where the first one ends."""
    first = write_video("a.ts", 30, fps=25, options=_NO_B_FRAMES)
    second = write_video("b.ts", 40, times=list(later + np.arange(40) / 25), fps=25, options=_NO_B_FRAMES)
    parts = (second, first) if turned else (first, second)
    path = joined(tmp_path / "joined.ts", *parts)
    numbers = [*range(40), *range(30)] if turned else [*range(30), *range(40)]
    with VideoReader(path) as video:
        assert len(video) == 70
        assert video.meta.fps == pytest.approx(25, rel=1e-3)
        np.testing.assert_allclose(video.edges_seconds, np.arange(71) / 25, atol=0.002)
        places = np.random.default_rng(1).permutation(70).tolist()
        assert [number_of(video[place].image) for place in places] == [numbers[place] for place in places]
    (stored,) = FrameStore(tmp_path / "store", max_bytes=10**9).add([path])
    np.testing.assert_array_equal(stored.pts_seconds, video.pts_seconds)
    with stored.reader() as full:
        assert [number_of(full[place].image) for place in (69, 3, 45)] == [numbers[place] for place in (69, 3, 45)]


def test_a_gap_within_a_file_that_cannot_start_over_stays(write_video: VideoWriter) -> None:
    """Time-lapse: players show it so."""
    seconds = [*np.arange(10) / 25, *(3600 + np.arange(10) / 25)]
    with VideoReader(write_video("gap.mkv", 20, times=seconds, options=_NO_B_FRAMES)) as video:
        np.testing.assert_allclose(video.edges_seconds[:-1], seconds, atol=0.001)


def _noise(index: int, width: int, height: int) -> np.ndarray:
    return np.random.default_rng(index).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("name", ["a.mkv", "a.avi", "a.webm", "a.flv", "a.mp4"])
def test_a_file_that_was_cut_short_says_so(write_video: VideoWriter, tmp_path: Path, name: str) -> None:
    codec = {"a.webm": "libvpx", "a.flv": "flv"}.get(name, "mpeg4")
    whole = write_video(name, 60, codec=codec, image=_noise, container_options={"movflags": "faststart"})
    data = whole.read_bytes()
    cut = tmp_path / f"cut{whole.suffix}"
    cut.write_bytes(data[: int(len(data) * 0.6)])
    events: list[Event] = []
    store = FrameStore(tmp_path / "store", max_bytes=10**9)
    good, bad = store.add([whole, cut], events.append)
    assert (len(good), good.meta.num_frames_lost) == (60, 0)
    assert 0 < len(bad) < 55
    assert len(bad) + bad.meta.num_frames_lost == pytest.approx(60, abs=2)
    (told,) = [event.message for event in events if isinstance(event, Notice)]
    assert told.startswith(f"{cut} is damaged: {bad.meta.num_frames_lost} of ")


def test_sound_that_goes_on_is_no_cut(write_video: VideoWriter, tmp_path: Path) -> None:
    path = with_sound(tmp_path / "a.mkv", write_video("plain.mp4", 10, fps=25), video_at=0, sound_at=0)
    assert scan(open_decoding(path))[1].num_frames_lost == 0


def test_one_wild_stamp_is_passed_over() -> None:
    """The others are right, the one lies between its neighbours; after a second start they are counted on."""
    entries = np.zeros(30, ENTRY)
    entries["pts"], entries["dts"], entries["duration"] = np.arange(30), np.iinfo(np.int64).min, 1
    for wild in (25_000, -25_000):
        entries["pts"][12] = wild
        np.testing.assert_allclose(presentation_seconds(entries, 0.04, 25.0), np.arange(30) / 25)
    entries["pts"] = [*range(15), *range(15)]
    np.testing.assert_allclose(presentation_seconds(entries, 0.04, 25.0), np.arange(30) / 25)


def test_written_times_are_not_before_their_frame() -> None:
    starts = np.arange(200_000) * 1001 / 30000
    assert (first_units(starts, 1000) / 1000 >= starts - 1e-6).all()
    assert (first_units(starts, 1000) / 1000 < starts + 0.001).all()
    assert first_units(np.array([0.28, 0.1 + 0.2, 2.0]), 1000).tolist() == [280, 300, 2000]
    assert (format_seconds(2 / 3), format_seconds(0.04), format_seconds(0.0), format_seconds(float("nan"))) == (
        "0.666667",
        "0.040000",
        "0.000000",
        "",
    )
    assert format_seconds(1 / 3) == "0.333334"


def test_times_are_read_from_the_file_once(
    write_video: VideoWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_video(times=list(np.cumsum(np.random.default_rng(0).integers(20, 80, 30)) / 1000))
    digest = content_digest(path)
    found = edges_of_video(digest, path)
    with VideoReader(path) as video:
        np.testing.assert_array_equal(found, video.edges_seconds)
    monkeypatch.setattr(video_times, "scan", None)
    np.testing.assert_array_equal(edges_of_video(digest, path), found)
    moved = path.rename(tmp_path / "moved.mp4")
    np.testing.assert_array_equal(edges_of_video(digest, moved), found)


def test_no_times_without_the_file(write_video: VideoWriter, tmp_path: Path) -> None:
    path = write_video()
    with pytest.raises(VideoError, match=r"There is no file .*gone\.mp4\. Find it again"):
        edges_of_video(content_digest(path), tmp_path / "gone.mp4")
    other = shutil.copy(write_video("other.mp4", 7), path)
    with pytest.raises(VideoError, match="has changed since it was added"):
        edges_of_video("0" * 32, other)


def test_times_that_cannot_be_kept_are_found_again(write_video: VideoWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_video(frames=5)

    def full(digest: str, edges: np.ndarray) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(video_times, "keep_times", full)
    assert len(edges_of_video(content_digest(path), path)) == 6
    monkeypatch.undo()
    keep_times("d" * 32, np.arange(4) / 25)
    assert edges_of_video("d" * 32, Path("gone.mp4")).tolist() == [0, 0.04, 0.08, 0.12]


def test_a_frame_after_a_jump_is_found_by_seeking(
    write_video: VideoWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks for the time that is in the file: decoding all before it would be slow in an hour of camcorder parts."""
    parts = [
        write_video(f"{place}.ts", 60, times=list(3600.0 * place + np.arange(60) / 25), fps=25, options=_NO_B_FRAMES)
        for place in range(2)
    ]
    with VideoReader(joined(tmp_path / "joined.ts", *parts)) as video:
        sought, seek = [], Decoding.seek
        monkeypatch.setattr(Decoding, "seek", lambda self, *to: sought.append(to[0] - to[1]) or seek(self, *to))
        monkeypatch.setattr(Decoding, "reopen", None)
        assert [number_of(video[place].image) for place in (100, 20, 115, 70)] == [40, 20, 55, 10]
    assert sorted({ticks > 3600 * 90_000 for ticks in sought}) == [False, True]
