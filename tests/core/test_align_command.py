"""`python -m core.align`: the table, the pictures, and what it refuses."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from core.align import __main__ as command
from core.embedded import EmbeddedVideo
from core.video.frame_store import FrameStore
from core.video.sampling import edges_seconds
from tests.conftest import VideoWriter, number_of, numbered_image

Align = Callable[..., int]


def embed_numbers(paths: Sequence[Path], encoder_file: Path, **_: object) -> list[EmbeddedVideo]:
    """In place of an encoder: frames that show the same number are alike, numbers far apart are not."""
    embedded = []
    for video in FrameStore(max_bytes=10**8).add(paths):
        angles = np.array([number_of(frame.image) for frame in video]) * np.pi / 40
        rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
        embedded.append(EmbeddedVideo(video.path, video.digest, edges_seconds(video.pts_seconds), rows, video))
    return embedded


@pytest.fixture
def align(tmp_path: Path, write_video: VideoWriter, monkeypatch: pytest.MonkeyPatch) -> Align:
    """Runs the command on a.mp4, numbers 0 to 14, and b.mp4, which shows each of them twice and starts at 2 s."""
    monkeypatch.setattr(command, "open_embedded", embed_numbers)
    write_video("a.mp4", 15)
    write_video(
        "b.mkv", 30, times=[2 + i / 30 for i in range(30)], image=lambda i, *size: numbered_image(i // 2, *size)
    )
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, a: str = "a.mp4", b: str = "b.mkv", out: str = "path.csv") -> int:
        return command.main([a, b, "--encoder", "encoder.safetensors", "--out", out, *arguments])

    return run


def test_the_table_pairs_like_frames_and_counts_seconds_from_the_first(align: Align, tmp_path: Path) -> None:
    assert align(out="made/path.csv") == 0
    with (tmp_path / "made" / "path.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["a_frame", "b_frame", "a_seconds", "b_seconds", "cosine"]
    assert [(int(row["a_frame"]), int(row["b_frame"])) for row in rows] == [(i // 2, i) for i in range(30)]
    assert [float(row["a_seconds"]) for row in rows] == pytest.approx([i // 2 / 30 for i in range(30)], abs=1e-4)
    assert [float(row["b_seconds"]) for row in rows] == pytest.approx([i / 30 for i in range(30)], abs=1e-3)
    assert [float(row["cosine"]) for row in rows] == pytest.approx([1.0] * 30, abs=1e-6)


def test_pictures_are_made_where_they_are_asked_for(align: Align, tmp_path: Path) -> None:
    assert align("--heatmap", "h.png", "--video", "v.mp4", "--band", "0.2") == 0
    assert cv2.imread(str(tmp_path / "h.png")) is not None
    with av.open(str(tmp_path / "v.mp4")) as container:
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert [number_of(image[10:250, 10:330]) for image in shown] == list(range(15))
    assert [number_of(image[10:250, 340:660]) for image in shown] == list(range(15))


def test_a_video_with_itself(align: Align, tmp_path: Path) -> None:
    assert align(b="a.mp4") == 0
    assert len((tmp_path / "path.csv").read_text().splitlines()) == 16


@pytest.mark.parametrize(
    ("arguments", "files", "says"),
    [
        (["--heatmap", "h.jpg"], {}, "--heatmap writes PNG: give it a name that ends in .png, not h.jpg."),
        (["--video", "v.avi"], {}, "--video writes MP4"),
        ([], {"out": "path.txt"}, "--out writes CSV"),
        (["--video", "a.mp4"], {}, "--video a.mp4 would overwrite an input. Give it another name."),
        (["--band", "0"], {}, "--band must be above 0"),
        (["--band", "wide"], {}, "invalid float value: 'wide'"),
        (["--heatmp", "h.png"], {}, "There is no option --heatmp: did you mean '--heatmap'?"),
        ([], {"b": "broken.mp4"}, "broken.mp4"),
        ([], {"b": "missing.mp4"}, "missing.mp4"),
        ([], {"out": "a.mp4/path.csv"}, "something else has that name"),
        (["--heatmap", "folder.png"], {}, "folder.png cannot be written"),
    ],
)
def test_what_is_refused_in_one_sentence(
    align: Align,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    files: dict[str, str],
    says: str,
) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"not a video")
    (tmp_path / "folder.png").mkdir()
    before = (tmp_path / "a.mp4").read_bytes()
    assert align("--events", *arguments, **files) == 2
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[-1]["event"] == "failed"
    assert says in events[-1]["message"]
    assert not events[-1]["is_bug"]
    assert (tmp_path / "a.mp4").read_bytes() == before
    assert not (tmp_path / "path.csv").exists()


def test_a_stop_while_embedding_ends_in_order(
    align: Align, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(paths: Sequence[Path], encoder_file: Path, **given: object) -> list[EmbeddedVideo]:
        given["control"].stop()  # type: ignore[attr-defined]
        return []

    monkeypatch.setattr(command, "open_embedded", stopped)
    assert align("--events") == 0
    assert json.loads(capsys.readouterr().out)["reason"] == "stopped"
    assert not (tmp_path / "path.csv").exists()
