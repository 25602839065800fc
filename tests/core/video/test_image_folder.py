"""A folder of images is a video: in natural order, at a rate that is told, known by what is in it."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.base.errors import ConfigError, VideoError
from core.base.events import Event, Notice
from core.cli.decode import main as decode
from core.video.content import video_digest, video_num_bytes
from core.video.frame_store import FrameStore, find_stored
from core.video.inputs import find_videos
from core.video.reader import VideoReader
from tests.conftest import VideoWriter, number_of, numbered_image

CASE = Path(__file__).parents[2] / "data" / "cases" / "image_sequence"


def write_images(folder: Path, names: Sequence[str], *, first: int = 0) -> Path:
    """An image of each name that shows its place in the list, and its suffix's format."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names, start=first):
        bgr = cv2.cvtColor(numbered_image(number), cv2.COLOR_RGB2BGR)
        (folder / name).write_bytes(cv2.imencode(Path(name).suffix, bgr)[1].tobytes())
    return folder


def _bars(image: NDArray[np.uint8]) -> int:
    """The number that the supplied cases draw: 16 bars, the most significant last."""
    width = image.shape[1]
    return sum(1 << bit for bit in range(16) if image[40, int((bit + 0.5) * width / 16)].mean() > 127)


def _store(folder: Path, **settings: float) -> FrameStore:
    return FrameStore(folder / "store", max_bytes=10**9, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".png", ".bmp", ".tif", ".tiff"])
def test_the_images_are_the_frames_in_natural_order(tmp_path: Path, suffix: str) -> None:
    names = [f"frame{number}{suffix}" for number in range(12)]  # frame2 before frame10
    with VideoReader(write_images(tmp_path / "take 1 ü 100%d", names)) as video:
        assert [number_of(frame.image) for frame in video] == list(range(12))
        assert [number_of(video[place].image) for place in (7, 3, 11, 0, -1)] == [7, 3, 11, 0, 11]
        assert [number_of(image) for image in video.frames_at([5, 2, 5]).images] == [5, 2, 5]


def test_times_are_uniform_at_the_rate(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "take", [f"{number:03d}.png" for number in range(8)])
    for rate in (25.0, 30000 / 1001, 29.97, 0.5):
        with VideoReader(folder, image_rate=rate) as video:
            np.testing.assert_allclose(video.pts_seconds, np.arange(8) / rate, rtol=1e-9)
            assert video.meta.fps == pytest.approx(rate, rel=1e-9)
            assert video.meta.duration_seconds == pytest.approx(8 / rate)
    with VideoReader(folder) as video:
        assert video.meta.fps == 25


def test_the_supplied_release_is_one_video() -> None:
    (folder,) = find_videos([CASE])
    assert folder == CASE / "0001"
    with VideoReader(folder) as video:
        assert (len(video), video.meta.fps, video.meta.duration_seconds) == (5, 25, 0.2)
        assert len({frame.image.tobytes() for frame in video}) == 5


def test_the_store_decodes_it_once_says_the_rate_and_hands_out_the_frames(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "take", [f"{number}.png" for number in range(30)])
    events: list[Event] = []
    (video,) = _store(tmp_path).add([folder], events.append)
    assert Notice(f"Read as video at 25 images/s (frames.image_rate): 1 folder of images, {folder}.") in events
    assert [number_of(frame.image) for frame in video] == list(range(30))
    assert video.digest == video_digest(folder)
    with video.reader() as reader:
        assert [number_of(reader[place].image) for place in (29, 4)] == [29, 4]
    assert find_stored(video.digest, folder, tmp_path / "store") is not None


def test_many_folders_are_told_in_one_sentence(tmp_path: Path) -> None:
    folders = [write_images(tmp_path / f"{number:04d}", ["a.png", "b.png"], first=number) for number in range(9)]
    events: list[Event] = []
    _store(tmp_path).add(folders, events.append)
    (said,) = [event.message for event in events if isinstance(event, Notice)]
    assert "9 folders of images" in said
    assert said.endswith("0002 and 6 more.")


def test_the_rate_is_part_of_the_digest_and_of_the_stored_times(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "take", ["a.png", "b.png", "c.png"])
    (slow,), (fast,) = (_store(tmp_path, image_rate=rate).add([folder]) for rate in (25, 50))
    assert slow.digest != fast.digest
    assert (slow.digest, fast.digest) == (video_digest(folder, 25), video_digest(folder, 50))
    assert (slow.meta.fps, fast.meta.fps) == (25, 50)
    (again,) = _store(tmp_path, image_rate=25).add([folder])
    assert again.meta.fps == 25


def test_the_digest_is_of_the_images_wherever_they_lie_and_however_they_are_called(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "take", ["1.png", "2.png", "10.png"])
    moved = Path(shutil.copytree(folder, tmp_path / "elsewhere"))
    (moved / "2.png").rename(moved / "3.png")
    (moved / "notes.txt").write_text("Not an image.")
    assert video_digest(moved) == video_digest(folder)
    assert video_num_bytes(moved) == video_num_bytes(folder)
    (moved / "10.png").rename(moved / "0.png")
    assert video_digest(moved) != video_digest(folder), "another order is another video"


def test_a_changed_image_is_another_video(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "take", ["1.png", "2.png"])
    (before,) = _store(tmp_path).add([folder])
    write_images(folder, ["1.png", "2.png"], first=7)
    (after,) = _store(tmp_path).add([folder])
    assert before.digest != after.digest
    assert number_of(after[0].image) == 7


def test_images_of_another_size_are_scaled_and_that_is_said(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "take", ["1.png", "2.png", "3.png"])
    large = np.asarray(cv2.resize(numbered_image(1), (128, 96), interpolation=cv2.INTER_NEAREST))
    (folder / "2.png").write_bytes(cv2.imencode(".png", large)[1].tobytes())
    events: list[Event] = []
    (video,) = _store(tmp_path).add([folder], events.append)
    assert [number_of(frame.image) for frame in video] == [0, 1, 2]
    assert video.meta.num_frames_scaled == 1
    assert any(isinstance(event, Notice) and f"{folder} (1 of 3 frames)" in event.message for event in events)


@pytest.mark.parametrize("content", [b"", b"no image", b"\xff\xd8\xff\xe0 damaged", b"\x89PNG\r\n\x1a\n"])
def test_an_image_that_does_not_decode_is_named_since_it_would_shift_all_others(tmp_path: Path, content: bytes) -> None:
    folder = write_images(tmp_path / "take", ["1.jpg", "2.jpg", "3.jpg"])
    (folder / "2.jpg").write_bytes(content)
    with pytest.raises(VideoError) as caught:
        VideoReader(folder)
    assert str(caught.value).startswith(f"{folder / '2.jpg'}, image 2 of 3, cannot be decoded. ")
    events: list[Event] = []
    (good,) = _store(tmp_path).add([folder, write_images(tmp_path / "good", ["1.png", "2.png"])], events.append)
    assert good.path.name == "good"
    assert any(isinstance(event, Notice) and event.message.startswith("Left out: ") for event in events)


def test_a_suffix_may_lie_about_the_format(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "take", ["1.png", "2.png"])
    for file in sorted(folder.iterdir()):
        file.rename(file.with_suffix(".jpg"))
    with VideoReader(folder) as video:
        assert [number_of(frame.image) for frame in video] == [0, 1]


def test_a_folder_of_folders_of_images_is_several_videos(tmp_path: Path) -> None:
    for name in ("10", "2", "sub/1"):
        write_images(tmp_path / "frames" / name, ["a.png", "b.png"])
    assert [path.name for path in find_videos([tmp_path / "frames"])] == ["2", "10", "1"]


def test_images_beside_videos_are_passed_over_and_named(tmp_path: Path, write_video: VideoWriter) -> None:
    video = write_video("clip.mp4")
    write_images(tmp_path, ["cover.jpg"])
    write_images(tmp_path / "thumbs", [f"{number}.png" for number in range(20)])
    for name in ("raw.h264", "tape.dv", "Thumbs.db", ".hidden.txt"):
        (tmp_path / name).write_bytes(b"x")
    events: list[Event] = []
    assert find_videos([tmp_path], events.append) == [video]
    (said,) = [event.message for event in events if isinstance(event, Notice)]
    assert said == (
        f"Skipped in {tmp_path}: 2 files may be videos (raw.h264, tape.dv): to read them, name them; 1 file, not a "
        f"video by the suffix (cover.jpg); to read one anyway, name the file itself; 1 folder of images, "
        f"{tmp_path / 'thumbs'}: to read it as a video, name it."
    )
    assert find_videos([tmp_path / "thumbs"]) == [tmp_path / "thumbs"]


def test_images_in_a_folder_of_videos_count_as_files_since_naming_it_means_the_videos(
    tmp_path: Path, write_video: VideoWriter
) -> None:
    video = write_video("clip.mp4")
    write_images(tmp_path, ["cover.jpg", "back.jpg"])
    for name in ("left", "right"):
        write_images(tmp_path / name, ["1.png", "2.png"])
    events: list[Event] = []
    assert find_videos([tmp_path], events.append) == [video]
    (said,) = [event.message for event in events if isinstance(event, Notice)]
    assert "2 files, not videos by the suffix (back.jpg, cover.jpg)" in said
    assert f"2 folders of images, {tmp_path / 'left'}, {tmp_path / 'right'}: to read one as a video, name it" in said


def _said_of(tmp_path: Path, *folders: Path) -> list[str]:
    events: list[Event] = []
    _store(tmp_path).add(folders, events.append)
    return [event.message for event in events if isinstance(event, Notice)][1:]


def test_a_stray_image_and_missing_numbers_are_told(tmp_path: Path) -> None:
    names = ["000001.jpg", "000002.jpg", "000007.jpg", "cover.png"]
    folder = write_images(tmp_path / "take", names)
    stray, gap = _said_of(tmp_path, folder)
    assert stray == f"In {folder}, 1 image of another type (cover.png) is also used as a frame."
    between = "numbers are missing between 000002.jpg and 000007.jpg"
    assert gap == f"In {folder}, {between}; frames are counted without them."
    other = write_images(tmp_path / "other", names, first=9)
    assert [said.endswith(f" (likewise in {other}).") for said in _said_of(tmp_path, folder, other)] == [True, True]


def test_a_number_is_there_whatever_kind_its_image_is_of(tmp_path: Path) -> None:
    names = ["1.jpg", "2.jpg", "3.png", "4.jpg", "7.jpg", "8.jpg", "11.jpg"]
    stray, gap = _said_of(tmp_path, write_images(tmp_path / "take", names))
    assert "(3.png) is also used as a frame" in stray
    assert "missing between 4.jpg and 7.jpg and in 1 more place;" in gap


@pytest.mark.parametrize(
    "names",
    [
        ["a.jpg", "b.jpeg", "c.JPG"],
        ["5.png", "10.png", "15.png"],
        ["left1.png", "left2.png", "right8.png", "right9.png"],
        ["at 1000.png", "at 1033.png", "at 1071.png", "at 1108.png", "at 1140.png"],
    ],
)
def test_names_without_a_doubt_are_not_told(tmp_path: Path, names: list[str]) -> None:
    assert _said_of(tmp_path, write_images(tmp_path / "take", names)) == []


def test_one_image_alone_is_no_video(tmp_path: Path) -> None:
    write_images(tmp_path / "take", ["1.png"])
    with pytest.raises(ConfigError, match="folders of two or more images"):
        find_videos([tmp_path / "take"])


def test_the_command_takes_a_folder_of_images_and_its_rate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_images(tmp_path / "take", ["1.png", "2.png", "3.png"])
    assert decode([str(folder), "--frames.image_rate", "10"]) == 0
    stored = find_stored(video_digest(folder, 10), folder)
    assert stored is not None
    assert stored.meta.fps == 10
    assert "at 10 images/s" in capsys.readouterr().err
    assert decode([str(folder), "--frames.image_rate", "0"]) == 2
    assert "frames.image_rate must be at least" in capsys.readouterr().err


def _with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """The JPEG with an EXIF block of one entry: tag 0x0112, a SHORT."""
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    exif = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 1), (8, 3)])
def test_photographs_are_turned_as_their_exif_says(tmp_path: Path, orientation: int, turns: int) -> None:
    upright = np.zeros((48, 64, 3), np.uint8)
    upright[:24, :32] = 255
    lying = np.ascontiguousarray(np.rot90(upright, turns))  # counterclockwise; it is shown turned clockwise
    for name in ("1.jpg", "2.jpg"):
        jpeg = cv2.imencode(".jpg", lying)[1].tobytes()
        (tmp_path / name).write_bytes(_with_orientation(jpeg, orientation))
    with VideoReader(tmp_path) as video:
        assert (video.meta.width, video.meta.height) == (64, 48)
        assert video.meta.rotation_degrees == 90 * turns
        np.testing.assert_allclose(video[1].image.astype(int), upright, atol=20)
