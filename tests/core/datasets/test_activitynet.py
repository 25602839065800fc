"""JSON as ActivityNet has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.base.errors import ConfigError, LabelError
from core.datasets import read_dataset
from tests.core.datasets.folders import Heard, edges, touch


def annotations(*segments: tuple[float, float, str]) -> list[dict[str, Any]]:
    return [{"segment": [start, end], "label": label} for start, end, label in segments]


def write(folder: Path, database: Any, name: str = "activity_net.json") -> Path:
    (folder / name).write_text(json.dumps({"version": "1.3", "taxonomy": [], "database": database}), encoding="utf-8")
    return folder


@pytest.fixture
def database() -> dict[str, Any]:
    return {
        "-aB": {"subset": "training", "duration": 4, "annotations": annotations((1, 2, "jump"), (3, 4, "bow"))},
        "c_d": {"subset": "validation", "duration": 4, "annotations": annotations((0, 4, "jump"))},
        "e": {"subset": "validation", "annotations": []},
        "f": {"subset": "testing", "duration": 9},
    }


@pytest.fixture
def folder(tmp_path: Path, database: dict[str, Any]) -> Path:
    touch(tmp_path, "videos/v_-aB.mkv", "videos/c_d.mp4", "e.mp4", "f.mp4")
    return write(tmp_path, database)


def test_segments_become_frames(folder: Path) -> None:
    made = read_dataset(folder)
    assert (made.layout, made.name, made.actions[0].classes) == ("activitynet", "activity_net", ("bow", "jump"))
    assert [(video.path.name, video.split) for video in made.videos] == [("v_-aB.mkv", "train"), ("c_d.mp4", "val")]
    assert made.videos[0].labels_for(edges(8, 2.0)).tolist() == [-1, -1, 1, 1, -1, -1, 0, 0]
    assert read_dataset(folder / "activity_net.json").videos[0].path == made.videos[0].path


def test_without_training_the_test_set_validates(tmp_path: Path, database: dict[str, Any]) -> None:
    touch(tmp_path, "-aB.mp4", "c_d.mp4")
    database["-aB"]["subset"], database["c_d"]["subset"] = "Test", "Validation"
    made = read_dataset(write(tmp_path, database))
    assert [(video.path.name, video.split) for video in made.videos] == [("-aB.mp4", "val"), ("c_d.mp4", "train")]


def test_what_does_not_fit_the_video_is_told(folder: Path, database: dict[str, Any]) -> None:
    database["c_d"]["annotations"] = annotations((2, 3, "bow"), (1, 9, "jump"), (2.1, 2.2, "bow"), (7, 8, "bow"))
    heard = Heard()
    labels = read_dataset(write(folder, database)).videos[1].labels_for(edges(8, 2.0), heard)
    assert labels.tolist() == [-1, -1, 1, 1, 0, 0, 1, 1]
    assert heard == [
        "activity_net.json, c_d, annotation 1: 'jump', 1 to 9 seconds, but c_d.mp4 has 4.0 seconds; its end was cut.",
        "activity_net.json, c_d, annotation 2: no frame of c_d.mp4 is in 'bow', 2.1 to 2.2 seconds; it was left out.",
        "activity_net.json, c_d, annotation 3: no frame of c_d.mp4 is in 'bow', 7 to 8 seconds; it was left out.",
        "c_d.mp4: 2 frames have two classes; the one that begins later was used.",
    ]


def test_a_missing_video(folder: Path) -> None:
    (folder / "videos" / "c_d.mp4").unlink()
    with pytest.raises(LabelError, match=r"^activity_net\.json, c_d: there is no video 'v_c_d' in .*--skip-missing"):
        read_dataset(folder)
    with pytest.raises(LabelError, match=r"no videos to validate on \(1 are missing\)"):
        read_dataset(folder, skip_missing=True)


@pytest.mark.parametrize(
    ("annotation", "says"),
    [
        ({"segment": [3.5, 1.0], "label": "bow"}, "'bow' begins at 3.5 and ends at 1 seconds. The end must come after"),
        ({"segment": [-1, 1.0], "label": "bow"}, "'bow' begins at -1"),
        ({"segment": [1, float("inf")], "label": "bow"}, "ends at inf"),
        ({"segment": [1.0], "label": "bow"}, 'must be like {"segment": [1.5, 4.0], "label": "jump"}, not {"segment"'),
        ({"segment": [1.0, None], "label": "bow"}, "must be like"),
        ({"segment": [1.0, 2.0]}, "must be like"),
        ({"segment": [1.0, 2.0], "label": 3}, "the label must be text, not 3"),
        ([1.0, 2.0], "must be like"),
    ],
)
def test_wrong_annotations(folder: Path, database: dict[str, Any], annotation: Any, says: str) -> None:
    database["-aB"]["annotations"].append(annotation)
    with pytest.raises(LabelError) as caught:
        read_dataset(write(folder, database))
    assert str(caught.value).startswith("activity_net.json, -aB, annotation 2")
    assert says in str(caught.value)


def test_a_segment_without_length_is_left_out_with_a_notice(folder: Path, database: dict[str, Any]) -> None:
    database["-aB"]["annotations"] += annotations((2.5, 2.5, "bow"))
    database["g"] = {"subset": "validation", "annotations": annotations((1, 1, "jump"))}
    touch(folder, "g.mp4")
    made, heard = read_dataset(write(folder, database)), Heard()
    assert made.videos[0].labels_for(edges(8, 2.0), heard).tolist() == [-1, -1, 1, 1, -1, -1, 0, 0]
    assert heard == [
        "activity_net.json, -aB, annotation 2: 'bow' begins at 2.5 and ends at 2.5 seconds. The end must come after "
        "the start, and neither may be negative; it was left out."
    ]
    assert made.videos[2].labels_for(edges(8, 2.0), heard).tolist() == [-1] * 8
    assert len(heard) == 2
    empty = {name: {"subset": name, "annotations": annotations((1, 1, "a"))} for name in ("training", "validation")}
    with pytest.raises(LabelError, match="has no videos to train on"):
        read_dataset(write(folder, empty))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"database": {\n"a": 1 2\n}}', r"a\.json, line 2: not JSON"),
        ("", r"a\.json, line 1: not JSON"),
        ("[" * 100_000, r"a\.json nests its values too deeply"),
        ('{"database": ' + "9" * 5000 + "}", r"a\.json is not readable JSON"),
        ("[1]", r'a\.json has no "database"'),
        ('{"database": {"x": 3}}', r'a\.json has no "database"'),
        ('{"database": {"x": {"subset": "training", "annotations": {}}}}', r"a\.json, x: annotations must be a list"),
        ('{"database": {}}', r"has no videos to train on"),
    ],
)
def test_wrong_files(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(LabelError, match=says):
        read_dataset(tmp_path)


def test_which_file_is_meant_must_be_clear(folder: Path) -> None:
    write(folder, {}, "other.json")
    with pytest.raises(ConfigError, match=r"holds 2 JSON files\. Name the one with the annotations"):
        read_dataset(folder, layout="activitynet")
