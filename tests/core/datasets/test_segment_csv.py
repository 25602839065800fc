"""Our own segment CSV, and the sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.base.errors import ConfigError, LabelError
from core.datasets import read_dataset
from core.datasets.reading import Reading
from core.sample.make import PHASES_FILE, phases_text
from core.sample.take import draw_take
from tests.core.datasets.folders import edges, touch

HEADER = "video,phase,start_frame,end_frame_exclusive"


def write(folder: Path, *lines: str, header: str = HEADER, name: str = "labels.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    touch(tmp_path, *(f"clips/{name}.mp4" for name in "abcdef"))
    return tmp_path


def test_the_last_third_validates(clips: Path) -> None:
    path = write(clips, *(f"{name}.mp4,up,0,3" for name in "abdcfe"), "a.mp4,down,4,6")
    made = read_dataset(path)
    assert (made.layout, made.name, made.actions[0].classes) == ("segments", "labels", ("up", "down"))
    assert [video.path.name[0] for video in made.of("train")] == ["a", "b", "d", "c"]
    assert [video.path.name[0] for video in made.of("val")] == ["f", "e"]
    assert made.videos[0].labels_for(edges(7)).tolist() == [0, 0, 0, -1, 1, 1, -1]
    assert [video.path.name[0] for video in read_dataset(clips, val_share=0.8).of("train")] == ["a"]


@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.99])
def test_at_least_one_trains_and_one_validates(tmp_path: Path, share: float) -> None:
    for count in range(2, 12):
        splits = [Reading(tmp_path, val_share=share).split_of(place, count) for place in range(count)]
        assert splits == sorted(splits)
        assert set(splits) == {"train", "val"}
        assert abs(splits.count("val") - share * count) <= 1


def test_columns_may_say_split_and_action(clips: Path) -> None:
    path = write(
        clips,
        "a.mp4,up,0,2,val,squat",
        "b.mp4,up,1,2,train,squat",
        "c.mp4,swing,0,1,Training,bowl",
        "b.mp4,down,0,1,train,squat",
        header=f"{HEADER},split,action",
    )
    made = read_dataset(path)
    assert [(video.path.stem, video.split, video.action) for video in made.videos] == [
        ("a", "val", "squat"),
        ("b", "train", "squat"),
        ("c", "train", "bowl"),
    ]
    assert [(action.name, action.classes) for action in made.actions] == [
        ("squat", ("up", "down")),
        ("bowl", ("swing",)),
    ]
    assert made.videos[1].labels_for(edges(3)).tolist() == [1, 0, -1]


def test_the_last_of_each_action_validates(clips: Path) -> None:
    path = write(clips, *(f"{name}.mp4,up,0,2,{'xy'[name in 'def']}" for name in "abcdef"), header=f"{HEADER},action")
    assert [video.path.stem for video in read_dataset(path).of("val")] == ["c", "f"]


def test_classes_come_in_the_order_of_time(clips: Path) -> None:
    path = write(clips, "a.mp4,late,5,6", "a.mp4,middle,2,3", "b.mp4,last,9,10", "b.mp4,early,0,1", "a.mp4,late,0,1")
    assert read_dataset(path).actions[0].classes == ("late", "middle", "early", "last")


def test_seconds_do_too(clips: Path) -> None:
    path = write(clips, "clips/a.mp4;up;0,5;1,5", "b.mp4;up;0;1", header="video;phase;start_seconds;end_seconds")
    assert read_dataset(path).videos[0].labels_for(edges(8, 4.0)).tolist() == [-1, -1, 0, 0, 0, 0, -1, -1]


def test_one_video_under_two_names_is_one(clips: Path) -> None:
    made = read_dataset(write(clips, "clips/a.mp4,up,0,2", "a.mp4,down,2,3", "b.mp4,up,0,1"))
    assert len(made.videos) == 2
    assert made.videos[0].labels_for(edges(3)).tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["x.mp4,up,0,1"], r"labels\.csv, line 2: there is no video 'x\.mp4' in .* \(1 of 1 are missing\)"),
        (["a.avi,up,0,1"], r"labels\.csv, line 2: there is no video 'a\.avi'"),
        (["a.mp4,up,0,1", "a.mp4,down,5,3"], r"labels\.csv, line 3: 'down' of a\.mp4 begins at 5 and ends at 3"),
        (["a.mp4,up,0,one"], r"labels\.csv, line 2: end_frame_exclusive must be a number, not 'one'"),
        (["a.mp4,up,0,1"], "has no videos to validate on. It needs at least one"),
        ([], "has no segments"),
    ],
)
def test_wrong_lines(clips: Path, lines: list[str], says: str) -> None:
    if "validate" not in says:
        lines = [*lines, *(["b.mp4,up,0,1"] if lines and "1 of 1" not in says else [])]
    with pytest.raises(LabelError, match=says):
        read_dataset(write(clips, *lines))


def test_spans_that_do_not_fit_the_video(clips: Path) -> None:
    made = read_dataset(write(clips, "a.mp4,up,0,9", "b.mp4,up,0,3", "b.mp4,down,2,4"))
    with pytest.raises(LabelError, match=r"labels\.csv, line 2: 'up' ends at 9, but a\.mp4 has 5 frames"):
        made.videos[0].labels_for(edges(5))
    with pytest.raises(LabelError, match=r"labels\.csv, line 4: 'down' overlaps 'up' of line 3 in b\.mp4"):
        made.videos[1].labels_for(edges(5))


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["a.mp4,up,0,1,val", "a.mp4,down,1,2,train"], r"line 3: the split of a\.mp4 is 'train', but 'val' in line 2"),
        (["a.mp4,up,0,1,val", "b.mp4,up,0,1,"], r"line 3: the split of b\.mp4 is empty"),
        (["a.mp4,up,0,1,vall", "b.mp4,up,0,1,train"], r"line 2: unknown split 'vall': did you mean 'val'\?"),
        (["a.mp4,up,0,1,val", "b.mp4,up,0,1,test"], "has no videos to train on"),
    ],
)
def test_wrong_splits(clips: Path, lines: list[str], says: str) -> None:
    with pytest.raises(LabelError, match=says):
        read_dataset(write(clips, *lines, header=f"{HEADER},split"))


def test_wrong_columns(clips: Path) -> None:
    path = write(clips, "a.mp4,up,0,1", header="video,phse,start_frame,end_frame_exclusive")
    with pytest.raises(LabelError, match=r"labels\.csv, line 1: there is no column 'phase' \(is 'phse' meant\?\)"):
        read_dataset(path)


def test_which_file_is_meant_must_be_clear(clips: Path) -> None:
    write(clips, "a.mp4,up,0,1", "b.mp4,up,0,1")
    write(clips, "anna,33", header="person,age", name="people.csv")
    assert read_dataset(clips).name == "labels"
    write(clips, "a.mp4,up,0,1", name="other.csv")
    with pytest.raises(ConfigError, match="holds 2 CSV files with the columns video and phase"):
        read_dataset(clips, layout="segments")


def test_the_sample(tmp_path: Path) -> None:
    takes = [draw_take(0, number) for number in range(1, 7)]
    touch(tmp_path, *(f"{take.name}.mp4" for take in takes))
    (tmp_path / PHASES_FILE).write_text(phases_text(takes), encoding="utf-8")
    made = read_dataset(tmp_path)
    assert made.layout == "sample"
    assert [video.path.name for video in made.of("val")] == ["pour_05.mp4", "pour_06.mp4"]
    labels = made.videos[0].labels_for(edges(takes[0].num_frames, 30.0))
    assert [int(count) for count in takes[0].phase_frames] == [
        int((labels == number).sum()) for number in range(len(made.actions[0].classes))
    ]
