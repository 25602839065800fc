"""What every data set can do, whatever its layout; how a layout is found, and what is refused beforehand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.base.errors import ConfigError, LabelError
from core.datasets import LAYOUTS, Action, Dataset, LabelledVideo, read_dataset
from core.datasets.footage import Footage
from core.datasets.frame_labels import FrameLabels
from tests.core.datasets.folders import edges, touch


def video(name: str, split: Any, action: str, labels: list[int]) -> LabelledVideo:
    return LabelledVideo(Path(name), FrameLabels(np.array(labels), name), split, action)


@pytest.fixture
def dataset() -> Dataset:
    actions = (Action("squat", ("down", "rest", "up")), Action("bowl", ("swing", "rest")))
    videos = (
        video("a", "train", "squat", [0, 1, 2, -1]),
        video("b", "val", "squat", [2, 1]),
        video("c", "train", "bowl", [0, 1]),
    )
    return Dataset("d", "pouring", actions, videos)


def test_videos_by_split_and_action(dataset: Dataset) -> None:
    assert [one.path.name for one in dataset.of("train")] == ["a", "c"]
    assert [one.path.name for one in dataset.of("train", dataset.actions[1])] == ["c"]
    assert dataset.of("val", dataset.actions[1]) == ()


def test_dropped_classes_leave_frames_without_one(dataset: Dataset) -> None:
    fewer = dataset.without(["rest"])
    assert [action.classes for action in fewer.actions] == [("down", "up"), ("swing",)]
    assert [one.labels_for(edges(len(one.labels.classes))).tolist() for one in fewer.videos] == [  # type: ignore[attr-defined]
        [0, -1, 1, -1],
        [1, -1],
        [0, -1],
    ]
    assert fewer.without(["down"]).videos[0].labels_for(edges(4)).tolist() == [-1, -1, 0, -1]


def test_only_classes_that_are_there_can_be_dropped(dataset: Dataset) -> None:
    with pytest.raises(ConfigError, match=r"d has no class 'rst' to drop: did you mean 'rest'\?"):
        dataset.without(["rst"])
    with pytest.raises(ConfigError, match="d has no class left without rest, swing"):
        dataset.without(["swing", "rest"])


def test_an_action_has_a_name_of_its_own(dataset: Dataset) -> None:
    with pytest.raises(ValueError, match="each named once"):
        Dataset("d", "pouring", (*dataset.actions, dataset.actions[0]), ())
    with pytest.raises(ValueError, match="must be of one of the actions"):
        Dataset("d", "pouring", dataset.actions[:1], dataset.videos)


def test_a_folder_without_a_layout_is_told_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_dataset(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path} has no known layout. Looked for train.pkl and val.pkl")
    assert all(f"{name})" in str(caught.value) or f"{name}," in str(caught.value) for name in LAYOUTS)
    touch(tmp_path, "pouring_train-0-of-2.tfrecord")
    with pytest.raises(ConfigError, match="Convert TFRecords to videos"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_that_is_named_but_not_there(tmp_path: Path, layout: str) -> None:
    with pytest.raises((ConfigError, LabelError)) as caught:
        read_dataset(tmp_path, layout=layout)
    assert str(tmp_path) in str(caught.value)
    assert LAYOUTS[layout].endswith(".")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"layout": "ms-tcn"}, r"Unknown layout 'ms-tcn': did you mean 'ms_tcn'\?"),
        ({"videos": Path("nowhere")}, "--videos nowhere is not a folder"),
        ({"val_share": 1.0}, "--val-fraction must be between 0 and 1, such as 0.3, not 1"),
        ({"val_share": float("nan")}, "--val-fraction"),
        ({"labels_fps": 0.0}, "--labels-fps must be above 0, not 0"),
        ({"labels_fps": float("inf")}, "--labels-fps"),
    ],
)
def test_options_are_checked_first(tmp_path: Path, options: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        read_dataset(tmp_path, **options)


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no data set .*nowhere\. Check its name"):
        read_dataset(tmp_path / "nowhere")


def test_videos_are_found_by_the_end_of_their_path(tmp_path: Path) -> None:
    made = touch(tmp_path, "a/x.mp4", "b/x.mp4", "b/y.v2.MKV", ".hidden/z.mp4", "b/notes.txt")
    footage = Footage(tmp_path, skip_missing=True)
    assert footage.find(["b/x.mp4"], "f") == made[1]
    assert footage.find(["b\\x.avi"], "f") == made[1]
    assert footage.find(["b\\x.avi"], "f", any_suffix=False) is None
    assert footage.find(["v_y.v2", "y.v2"], "f") == made[2]
    assert footage.find([str(made[0])], "f") == made[0]
    assert footage.find(["z"], "f") is None
    assert footage.find(["notes"], "f") is None
    assert footage.missing == ["b\\x.avi", "z", "notes"]
    with pytest.raises(LabelError, match=r"f, line 3: 'x' may be .*x\.mp4 or .*x\.mp4"):
        footage.find(["x"], "f, line 3")


def test_missing_videos_are_counted(tmp_path: Path) -> None:
    footage = Footage(tmp_path, skip_missing=False)
    for name in ("a.mp4", "b.mp4"):
        assert footage.find([name], f"list.txt, line {name}") is None
    with pytest.raises(LabelError) as caught:
        footage.check()
    assert str(caught.value) == (
        f"list.txt, line a.mp4: there is no video 'a.mp4' in {tmp_path} (2 of 2 are missing). Put them there, name "
        "their folder with --videos, or leave them out with --skip-missing."
    )


def test_links_to_folders_are_followed_but_not_for_ever(tmp_path: Path) -> None:
    (made,) = touch(tmp_path / "elsewhere", "x.mp4")
    root = tmp_path / "root"
    root.mkdir()
    try:
        (root / "videos").symlink_to(made.parent, target_is_directory=True)
        (made.parent / "back").symlink_to(root, target_is_directory=True)
    except OSError:
        pytest.skip("links cannot be made here")
    assert Footage(root, skip_missing=False).find(["x"], "f") == root / "videos" / "x.mp4"
