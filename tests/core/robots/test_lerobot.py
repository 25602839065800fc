"""A LeRobot data set goes in as episodes and comes out with subtasks and progress; its own loader reads the result.

CARL_LEROBOT_PYTHON names the Python of an environment with `lerobot==0.4.4`; without it a data set of the same layout
is written here.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.base.errors import CarlError
from core.base.types import Span
from core.cli.lerobot import main
from core.robots.annotations import PROGRESS, PROGRESS_FILE, SUBTASK, SUBTASKS, write_annotated
from core.robots.lerobot import read_robot_dataset, write_episodes
from core.video.inputs import find_videos
from core.video.reader import VideoReader
from tests.conftest import number_of, write_numbered_video

_CHILD = Path(__file__).parents[2] / "interop/lerobot_child.py"
_LENGTHS, _FPS, _KEY = (12, 7, 9), 20, "observation.images.front"


def _dataset(folder: Path) -> Path:
    """Write what LeRobot 0.4.4 writes, as far as anything is read of it."""
    video = folder / f"videos/{_KEY}/chunk-000"
    write_numbered_video(video, "file-000.mp4", sum(_LENGTHS), fps=_FPS, gop=2)
    rows: dict[str, list[Any]] = {"index": [], "episode_index": [], "frame_index": [], "timestamp": []}
    episodes = []
    for index, length in enumerate(_LENGTHS):
        first = len(rows["index"])
        rows["index"] += range(first, first + length)
        rows["episode_index"] += [index] * length
        rows["frame_index"] += range(length)
        rows["timestamp"] += [frame / _FPS for frame in range(length)]
        places = {"chunk_index": 0, "file_index": 0, "from_timestamp": first / _FPS}
        places["to_timestamp"] = (first + length) / _FPS
        known = {f"videos/{_KEY}/{name}": value for name, value in places.items()}
        episodes.append({"episode_index": index, "length": length, "tasks": [f"task {index % 2}"], **known})
    for name in ("data", "meta/episodes"):
        (folder / name / "chunk-000").mkdir(parents=True)
    pq.write_table(pa.table(rows), folder / "data/chunk-000/file-000.parquet")
    pq.write_table(pa.Table.from_pylist(episodes), folder / "meta/episodes/chunk-000/file-000.parquet")
    info = {
        "codebase_version": "v3.0",
        "fps": _FPS,
        "video_path": "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
        "features": {_KEY: {"dtype": "video", "shape": [48, 64, 3]}, "index": {"dtype": "int64", "shape": [1]}},
    }
    (folder / "meta/info.json").write_text(json.dumps(info))
    (folder / "meta/stats.json").write_text("{}")
    return folder


def test_episodes_are_cut_where_the_data_set_says(tmp_path: Path) -> None:
    dataset = read_robot_dataset(_dataset(tmp_path / "set"))
    write_episodes(dataset, dataset.camera("front"), tmp_path / "out")
    first = 0
    for path, length in zip(find_videos([tmp_path / "out"]), _LENGTHS, strict=True):
        with VideoReader(path) as video:
            assert [number_of(frame.image) for frame in video.frames()] == list(range(first, first + length))
            np.testing.assert_allclose(video.edges_seconds, np.arange(length + 1) / _FPS, atol=1e-9)
        first += length
    assert find_videos([tmp_path / "out/episodes.csv"]) == find_videos([tmp_path / "out"])


def test_annotations_are_columns_of_a_new_data_set(tmp_path: Path) -> None:
    source = _dataset(tmp_path / "set")
    before = {path: path.read_bytes() for path in source.rglob("*") if path.is_file()}
    dataset = read_robot_dataset(source)
    spans = [[Span("reach", 0, 5), Span("place", 5, 12)], [], [Span("place", 3, 9)]]
    progress = {0: np.linspace(0, 1, 12), 2: np.linspace(0, 1, 9)}
    assert write_annotated(dataset, tmp_path / "new", spans=spans, progress=progress) == 7 + 3
    assert {path: path.read_bytes() for path in source.rglob("*") if path.is_file()} == before
    again = read_robot_dataset(tmp_path / "new")
    assert {SUBTASK, PROGRESS} <= set(again.info["features"])
    names = pq.read_table(tmp_path / "new" / SUBTASKS).to_pylist()
    assert names == [
        {SUBTASK: 0, "subtask": "reach"},
        {SUBTASK: 1, "subtask": "place"},
        {SUBTASK: 2, "subtask": "unlabelled"},
    ]
    table = pq.read_table(tmp_path / "new/data/chunk-000/file-000.parquet")
    assert table[SUBTASK].to_pylist() == [0] * 5 + [1] * 7 + [2] * 7 + [2] * 3 + [1] * 6
    written = table[PROGRESS].to_numpy()
    np.testing.assert_allclose(written[:12], progress[0], atol=1e-6)
    assert np.isnan(written[12:19]).all()
    side = pq.read_table(tmp_path / "new" / PROGRESS_FILE)
    assert side.column_names == ["index", "episode_index", "frame_index", "progress_sparse"]
    np.testing.assert_array_equal(side["progress_sparse"].to_numpy(), written)
    with pytest.raises(CarlError, match="exists"):
        write_annotated(dataset, tmp_path / "new", spans=spans)
    with pytest.raises(CarlError, match="within"):
        write_annotated(dataset, source / "new", spans=spans)


@pytest.mark.parametrize(
    ("name", "text"),
    [("meta/info.json", b"{}"), ("meta/info.json", b"\xff"), ("meta/info.json", b'{"codebase_version": "v2.1"}')]
    + [("meta/episodes/chunk-000/file-000.parquet", text) for text in (b"", b"PAR1", b"x" * 100)],
)
def test_a_damaged_data_set_is_one_sentence(tmp_path: Path, name: str, text: bytes) -> None:
    source = _dataset(tmp_path / "set")
    (source / name).write_bytes(text)
    with pytest.raises(CarlError):
        read_robot_dataset(source)


def test_its_own_loader_reads_the_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    python = os.environ.get("CARL_LEROBOT_PYTHON")
    if not python:
        pytest.skip("CARL_LEROBOT_PYTHON names no Python with lerobot==0.4.4")

    def child(act: str, folder: Path) -> str:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            [python, _CHILD, act, folder],
            env=environment | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    source, labels = tmp_path / "set", tmp_path / "labels.csv"
    child("make", source)
    assert main(["read", str(source), "--camera", "front", "--out", str(tmp_path / "episodes")]) == 0
    lengths = []
    for path in find_videos([tmp_path / "episodes"]):
        with VideoReader(path) as video:
            lengths.append(len(video))
    assert lengths == [36, 30, 41]
    labels.write_text(
        "video,phase,start_seconds,end_seconds\nepisode_000000.episode,reach,0,0.9\n"
        "episode_000000.episode,place,0.9,1.8\nepisode_000002.episode,place,1.0,2.05\n"
    )
    assert main(["write", str(source), "--labels", str(labels), "--out", str(tmp_path / "new")]) == 0
    loaded = json.loads(child("read", tmp_path / "new"))
    plain = json.loads(child("read", source))
    assert loaded["fps"] == 20
    found = [row.pop("subtask") for row in loaded["rows"]]
    assert found == ["reach"] * 18 + ["place"] * 18 + ["unlabelled"] * 30 + ["unlabelled"] * 20 + ["place"] * 21
    assert loaded["rows"] == plain["rows"]
