"""Pouring, PennAction and FineGym as CARL's authors prepared them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.base.errors import ConfigError, LabelError
from core.datasets import read_dataset
from core.datasets.carl_release import PENN_ACTIONS
from tests.core.datasets.folders import Heard, dump, edges, entry, touch


@pytest.fixture
def pouring(tmp_path: Path) -> Path:
    touch(tmp_path, "videos/a.mp4", "videos/b.mp4", "videos/c.mp4")
    dump(tmp_path / "train.pkl", [entry("videos/a.mp4", [0, 0, 1, 2, 3, 4]), entry("videos/c.mp4", [0, 1, 2])])
    dump(tmp_path / "val.pkl", [entry("videos/b.mp4", [0, 1])])
    return tmp_path


def with_entry(folder: Path, item: object) -> Path:
    dump(folder / "train.pkl", [entry("videos/a.mp4", [0, 1]), item])
    return folder


def test_pouring(pouring: Path) -> None:
    made = read_dataset(pouring)
    assert (made.layout, made.name) == ("pouring", pouring.name)
    assert [action.name for action in made.actions] == [""]
    assert made.actions[0].classes == tuple(f"phase {number}" for number in range(5))
    assert [(video.path, video.split) for video in made.videos] == [
        (pouring / "videos" / "a.mp4", "train"),
        (pouring / "videos" / "c.mp4", "train"),
        (pouring / "videos" / "b.mp4", "val"),
    ]
    assert made.videos[0].labels_for(edges(6)).tolist() == [0, 0, 1, 2, 3, 4]
    assert made.videos[0].labels_for(edges(12, 50.0), Heard()).tolist() == [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_labels_of_another_rate(pouring: Path) -> None:
    made = read_dataset(pouring, labels_fps=10.0)
    assert made.videos[1].labels_for(edges(6, 20.0), Heard()).tolist() == [0, 0, 1, 1, 2, 2]


def test_only_seq_len_labels_count(pouring: Path) -> None:
    with_entry(pouring, entry("videos/c.mp4", [0, 1, 2, 3], seq_len=torch.tensor(3.0)))
    assert read_dataset(pouring).videos[1].labels_for(edges(4), Heard()).tolist() == [0, 1, 2, -1]


@pytest.mark.parametrize("length", [0, 0.5, -1, 9, float("nan"), 10**30, "3", None])
def test_a_length_that_cannot_be_is_a_sentence(pouring: Path, length: object) -> None:
    with_entry(pouring, entry("videos/c.mp4", [0, 1, 2, 3], seq_len=length))
    with pytest.raises(LabelError, match=r"^train\.pkl, entry 1: seq_len is "):
        read_dataset(pouring)


def test_penn_action_has_actions(tmp_path: Path) -> None:
    touch(tmp_path, *(f"videos/{name}.mp4" for name in "abcd"))
    squat, bowl = PENN_ACTIONS.index("squat"), PENN_ACTIONS.index("bowl")

    def pickled(split: str, *videos: tuple[str, int, list[int]]) -> None:
        entries = [entry(f"videos/{name}.mp4", labels, action_label=action) for name, action, labels in videos]
        places: list[list[int]] = [[] for _ in PENN_ACTIONS]
        for place, (_, action, _) in enumerate(videos):
            places[action].append(place)
        dump(tmp_path / f"{split}.pkl", (entries, places))

    pickled("train", ("a", squat, [0, 1, 2, 3]), ("b", bowl, [0, 1]))
    pickled("val", ("c", bowl, [0, 2]), ("d", squat, [0, 1]))
    made = read_dataset(tmp_path)
    assert made.layout == "penn_action"
    assert [(action.name, len(action.classes)) for action in made.actions] == [("bowl", 3), ("squat", 4)]
    assert [(video.path.stem, video.action, video.split) for video in made.videos] == [
        ("b", "bowl", "train"),
        ("c", "bowl", "val"),
        ("a", "squat", "train"),
        ("d", "squat", "val"),
    ]


@pytest.mark.parametrize(
    ("places", "says"),
    [
        ([[0]], "of 13 actions, not a list of 1"),
        ([[0], [7], *([] for _ in range(11))], "the index of a video is 7, but it holds 1"),
        ([[0], [0], *([] for _ in range(11))], "assigns a video to two actions"),
        ([[False], *([] for _ in range(12))], "the index of a video is False"),
    ],
)
def test_wrong_places_of_actions(tmp_path: Path, places: Any, says: str) -> None:
    touch(tmp_path, "a.mp4")
    for split in ("train", "val"):
        dump(tmp_path / f"{split}.pkl", ([entry("a.mp4", [0, 1])], places))
    with pytest.raises(LabelError, match=says):
        read_dataset(tmp_path)


def test_finegym_chooses_its_classes_and_keeps_what_lies_between_open(tmp_path: Path) -> None:
    touch(tmp_path, "processed_videos/x_E_1.mp4", "processed_videos/y_E_1.mp4")
    x, y = "processed_videos/x_E_1.mp4", "processed_videos/y_E_1.mp4"
    for name, highest in (("gym99", 98), ("gym288", 287)):
        labels = [-1, -1, 3, -1, highest]
        dump(tmp_path / f"{name}_train_v1.0.pkl", [entry(x, labels, dtype=torch.float32, event_label=1)])
        dump(tmp_path / f"{name}_val.pkl", [entry(y, labels, dtype=torch.float32, event_label=1)])
    dump(tmp_path / "gym99_train_v1.1.pkl", [])
    made = read_dataset(tmp_path)
    assert made.layout == "finegym"
    assert made.actions[0].classes == tuple(f"class {number}" for number in range(99))
    assert made.videos[0].labels_for(edges(5)).tolist() == [-1, -1, 3, -1, 98]
    assert len(read_dataset(tmp_path, split="gym288").actions[0].classes) == 288
    with pytest.raises(ConfigError, match=r"no classes 'gym9': did you mean 'gym99'\?"):
        read_dataset(tmp_path, split="gym9")


def test_missing_videos(pouring: Path) -> None:
    (pouring / "videos" / "c.mp4").unlink()
    with pytest.raises(LabelError, match=r"^train\.pkl, entry 1: there is no video 'videos/c\.mp4' in .* \(1 of 3 are"):
        read_dataset(pouring)
    made = read_dataset(pouring, skip_missing=True)
    assert made.missing == ("videos/c.mp4",)
    assert [video.path.name for video in made.videos] == ["a.mp4", "b.mp4"]
    (pouring / "videos" / "b.mp4").unlink()
    with pytest.raises(LabelError, match=r"has no videos to validate on \(2 are missing\)"):
        read_dataset(pouring, skip_missing=True)


def test_videos_elsewhere(pouring: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (pouring / "videos").rename(elsewhere / "videos")
    assert read_dataset(pouring, videos=elsewhere).videos[0].path == elsewhere / "videos" / "a.mp4"


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ("x", "entry 1 is 'x'; it must be a dictionary"),
        ({"name": "x"}, "entry 1 is a dictionary with name; it must"),
        (entry("videos/c.mp4", [0, 0.5], dtype=torch.float32), "entry 1: a label must be a whole number, not 0.5"),
        (entry("videos/c.mp4", [0, 1], frame_label=torch.zeros(2, 2)), r"entry 1: labels must be one number per frame"),
        (entry("videos/c.mp4", [0, 1], seq_len=3), "entry 1: seq_len is 3, but there are 2 labels"),
        (entry("videos/c.mp4", [0, 1], seq_len="2"), "entry 1: seq_len is '2'"),
        (entry("videos/c.mp4", [0, 1], video_file=None), "entry 1: video_file must be a path, not None"),
        (entry("videos/c.mp4", [0, 10**9]), "the highest class is 1000000000"),
    ],
)
def test_wrong_entries(pouring: Path, item: Any, says: str) -> None:
    with pytest.raises(LabelError, match=says):
        read_dataset(with_entry(pouring, item))


def test_other_objects_in_its_place(pouring: Path) -> None:
    dump(pouring / "val.pkl", {"videos": []})
    with pytest.raises(LabelError, match=r"val\.pkl must hold a list .* not a dictionary with videos"):
        read_dataset(pouring)
    with pytest.raises(LabelError, match=r"train\.pkl must hold the videos and .* not a list of 2"):
        read_dataset(pouring, layout="penn_action")


def test_code_in_a_pickle_is_refused_and_not_run(pouring: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(pouring / "made"),)

    with pytest.raises(LabelError, match=r"train\.pkl holds code \(\w+\.mkdir\), which is never run"):
        read_dataset(with_entry(pouring, entry("videos/c.mp4", [0]) | {"name": Evil()}))
    assert not (pouring / "made").exists()


def test_arrays_do_as_well_as_tensors(pouring: Path) -> None:
    with_entry(pouring, entry("videos/c.mp4", [0], frame_label=np.array([0, 1]), seq_len=np.int64(2)))
    assert read_dataset(pouring).videos[1].labels_for(edges(2)).tolist() == [0, 1]
