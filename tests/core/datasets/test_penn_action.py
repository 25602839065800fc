"""PennAction in folders of images, with the phases published since."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from core.base.errors import ConfigError, LabelError, VideoError
from core.base.events import Progress
from core.datasets import read_dataset
from core.datasets.frame_folder import with_videos
from core.video.reader import VideoReader
from tests.conftest import number_of, numbered_image
from tests.core.datasets.folders import Heard, edges


@pytest.fixture
def penn(tmp_path: Path) -> Path:
    root = tmp_path / "Penn_Action"
    for number in ("0001", "0002", "0003"):
        for frame in range(1, 5):
            draw(root / "frames" / number / f"{frame:06d}.jpg", frame)
    for name, labels in (("train/squat/0001", [0, 1, 2, 3]), ("val/squat/0003", [0, 1]), ("train/bowl/0002", [0] * 4)):
        save(tmp_path, name, labels)
    save(tmp_path, "val/bowl/0002", [0] * 4)
    return root


def save(root: Path, name: str, labels: list[int]) -> None:
    path = root / "penn_action_labels" / f"{name}.npy"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.array(labels))


def draw(path: Path, number: int, size: tuple[int, int] = (64, 48)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(path.suffix, numbered_image(number, *size)[:, :, ::-1])[1].tobytes())


@pytest.mark.parametrize("inside", [False, True])
def test_folders_of_images_are_labelled(penn: Path, inside: bool) -> None:
    if inside:
        (penn.parent / "penn_action_labels").rename(penn / "penn_action_labels")
    made = read_dataset(penn)
    assert made.layout == "penn_action_frames"
    assert [(action.name, len(action.classes)) for action in made.actions] == [("bowl", 1), ("squat", 4)]
    assert [(video.path.name, video.action, video.split) for video in made.videos] == [
        ("0002", "bowl", "train"),
        ("0002", "bowl", "val"),
        ("0001", "squat", "train"),
        ("0003", "squat", "val"),
    ]
    heard = Heard()
    assert made.videos[3].labels_for(edges(4), heard).tolist() == [0, 0, 1, 1]
    assert len(heard) == 1
    if not inside:
        assert len(read_dataset(penn.parent).videos) == 4


def test_images_become_videos_once(penn: Path, tmp_path: Path) -> None:
    draw(penn / "frames" / "0001" / "000005.png", 5, (128, 96))
    out, told = tmp_path / "made", list[Progress]()
    made = with_videos(read_dataset(penn), out, sink=lambda event: told.append(event))  # type: ignore[arg-type]
    assert (told[-1].done, told[-1].total) == (3, 3)
    squat = made.videos[2]
    assert squat.path.parent == out
    assert squat.path.name.startswith("0001-")
    with VideoReader(squat.path) as reader:
        assert [number_of(frame.image) for frame in reader] == [1, 2, 3, 4, 5]
        assert reader.meta.fps == pytest.approx(30)
    before = squat.path.stat().st_mtime_ns
    assert with_videos(read_dataset(penn), out).videos[2].path.stat().st_mtime_ns == before
    draw(penn / "frames" / "0001" / "000006.jpg", 6)
    assert with_videos(read_dataset(penn), out).videos[2].path != squat.path


def test_a_damaged_image_and_an_empty_folder(penn: Path, tmp_path: Path) -> None:
    damaged = penn / "frames" / "0003" / "000002.jpg"
    for content in (b"", b"no image"):
        damaged.write_bytes(content)
        with pytest.raises(VideoError, match=r"000002\.jpg is not a readable image"):
            with_videos(read_dataset(penn), tmp_path / "made")
    assert not [path for path in (tmp_path / "made").iterdir() if path.name.startswith(("0003", "."))]
    for file in damaged.parent.iterdir():
        file.unlink()
    with pytest.raises(VideoError, match="0003 has no image"):
        with_videos(read_dataset(penn), tmp_path / "made")


def test_missing_frames(penn: Path) -> None:
    (penn / "frames" / "0001").rename(penn / "frames" / "0009")
    with pytest.raises(LabelError, match=r"0001\.npy labels the frames in .*0001, which does not exist"):
        read_dataset(penn)
    made = read_dataset(penn, skip_missing=True)
    assert made.missing == ("0001",)
    assert len(made.videos) == 3


def test_wrong_labels(penn: Path) -> None:
    file = penn.parent / "penn_action_labels" / "train" / "squat" / "0001.npy"
    np.save(file, np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(LabelError, match=r"0001\.npy is not a label array"):
        read_dataset(penn)
    np.save(file, np.zeros((2, 2)))
    with pytest.raises(LabelError, match=r"0001\.npy: labels must be one number per frame"):
        read_dataset(penn)
    np.save(file, np.zeros(2))
    header = file.read_bytes()
    for content in (
        b"",
        header.replace(b"{'descr'", b"{'descr\0"),
        header.replace(b"(2,)", b"(2,("),
        header.replace(b"2,", b"2x"),
    ):
        file.write_bytes(content)
        with pytest.raises(LabelError, match=r"0001\.npy is not a label array"):
            read_dataset(penn)


def test_without_phases_it_is_not_a_data_set(penn: Path) -> None:
    (penn.parent / "penn_action_labels").rename(penn.parent / "other")
    with pytest.raises(ConfigError, match="has no folder frames with penn_action_labels in it or beside it"):
        read_dataset(penn, layout="penn_action_frames")
