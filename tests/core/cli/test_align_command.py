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

from core.align.tables import COLUMNS, read_path
from core.base.files import content_digest
from core.cli import align as command
from core.embedding.embedded_video import EmbeddedVideo
from core.video.frame_store import FrameStore
from tests.conftest import VideoWriter, number_of, numbered_image

Align = Callable[..., int]


def embed_numbers(paths: Sequence[Path], encoder_file: Path, **_: object) -> list[EmbeddedVideo]:
    """In place of an encoder: frames that show the same number are alike, numbers far apart are not."""
    embedded = []
    for video in FrameStore(max_bytes=10**8).add(paths):
        angles = np.array([number_of(frame.image) for frame in video]) * np.pi / 40
        rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
        embedded.append(EmbeddedVideo(video.path, video.digest, video.edges_seconds, rows, video))
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
    (tmp_path / "encoder.safetensors").write_bytes(b"weights")

    def run(*arguments: str, a: str = "a.mp4", b: str = "b.mkv", out: str = "path.csv") -> int:
        return command.main([a, b, "--encoder", "encoder.safetensors", "--out", out, *arguments])

    return run


def test_the_table_pairs_like_frames_and_counts_seconds_from_the_first(align: Align, tmp_path: Path) -> None:
    assert align(out="made/path.csv") == 0
    with (tmp_path / "made" / "path.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(COLUMNS)
    assert [(int(row["a_frame"]), int(row["b_frame"])) for row in rows] == [(i // 2, i) for i in range(30)]
    assert [float(row["a_seconds"]) for row in rows] == pytest.approx([i // 2 / 30 for i in range(30)], abs=1e-4)
    assert [float(row["b_seconds"]) for row in rows] == pytest.approx([i / 30 for i in range(30)], abs=1e-3)
    assert [float(row["cosine"]) for row in rows] == pytest.approx([1.0] * 30, abs=1e-6)
    named = {(row["a_video"], row["b_video"], row["a_digest"], row["b_digest"]) for row in rows}
    assert named == {("a.mp4", "b.mkv", *(content_digest(tmp_path / name) for name in ("a.mp4", "b.mkv")))}


def test_pictures_are_made_where_they_are_asked_for(align: Align, tmp_path: Path) -> None:
    assert align("--heatmap", "h.png", "--video", "v.mp4", "--band", "0.2") == 0
    assert cv2.imread(str(tmp_path / "h.png")) is not None
    with av.open(str(tmp_path / "v.mp4")) as container:
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert [number_of(image[10:250, 10:330]) for image in shown] == list(range(15))
    assert [number_of(image[10:250, 340:660]) for image in shown] == list(range(15))


def test_a_path_that_is_known_is_taken_as_it_is(align: Align, tmp_path: Path) -> None:
    steps = [(0, i) for i in range(30)] + [(i, 29) for i in range(1, 15)]
    given = tmp_path / "given.csv"
    given.write_text("b_frame;a_frame\n" + "".join(f"{b};{a}\n" for a, b in steps), encoding="utf-8")
    assert align("--path", str(given)) == 0
    written = read_path(tmp_path / "path.csv")
    assert list(zip(written.a_frames, written.b_frames, strict=True)) == steps
    assert command.main(["a.mp4", "b.mkv", "--path", "path.csv", "--video", "v.mp4"]) == 0, "no encoder is needed"
    with av.open(str(tmp_path / "v.mp4")) as container:
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert [number_of(image[10:250, 340:660]) for image in shown] == [7] + [14] * 14


def test_numbers_and_lines_are_made_where_they_are_asked_for(
    align: Align, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert align("--matrix", "m.npz", "--matrix-size", "20", "--heatmap", "h.svg", "--events") == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    matched, notice = [event["message"] for event in events if event["event"] == "notice"]
    assert "Every frame has a match" in matched
    assert notice == "m.npz holds means: 15 x 20 values for 15 x 30 frames (see --matrix-size)."
    with np.load(tmp_path / "m.npz", allow_pickle=False) as numbers:
        assert numbers["cosine"].shape == (15, 20)
        assert str(numbers["encoder_digest"]) == content_digest(tmp_path / "encoder.safetensors")
    assert "<svg" in (tmp_path / "h.svg").read_text(encoding="utf-8")


def test_a_video_with_itself(align: Align, tmp_path: Path) -> None:
    assert align(b="a.mp4") == 0
    assert len((tmp_path / "path.csv").read_text().splitlines()) == 16


@pytest.mark.parametrize(
    ("arguments", "files", "says"),
    [
        (
            ["--heatmap", "h.jpg"],
            {},
            "--heatmap writes PNG or SVG, but h.jpg does not end in .png or .svg. Change its suffix.",
        ),
        (["--video", "v.avi"], {}, "--video writes MP4"),
        ([], {"out": "path.txt"}, "--out writes CSV"),
        (["--video", "a.mp4"], {}, "--video a.mp4 would overwrite an input. Give it another name."),
        (["--band", "0"], {}, "--band must be above 0"),
        (["--band", "wide"], {}, "invalid float value: 'wide'"),
        (["--heatmp", "h.png"], {}, "Unknown option --heatmp: did you mean '--heatmap'?"),
        ([], {"b": "broken.mp4"}, "broken.mp4"),
        ([], {"b": "missing.mp4"}, "missing.mp4"),
        ([], {"out": "a.mp4/path.csv"}, "something else has that name"),
        (["--heatmap", "folder.png"], {}, "folder.png cannot be written"),
        (
            ["--path", "short.csv"],
            {},
            "matches 1 frames with 2, but a.mp4 has 15 and b.mkv has 30. Give the path of these",
        ),
        (
            ["--path", "jump.csv"],
            {},
            "jump.csv, line 3: a path must start at frames 0 and 0 and advance by one frame of",
        ),
        (["--path", "empty.csv"], {}, "empty.csv has no path"),
        (["--path", "short.csv", "--band", "0.1"], {}, "Leave one of them out"),
        (["--matrix", "m.npy"], {}, "--matrix writes NPZ"),
        (["--matrix", "m.npz", "--matrix-size", "0"], {}, "--matrix-size must be above 0"),
        (["--colours", "jet"], {}, "invalid choice: 'jet'"),
        ([], {"b": "short.csv"}, "short.csv is a folder or a list, but single videos are aligned. Name a file."),
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
    for name, steps in {"short": "0,0\n0,1\n", "jump": "0,0\n2,1\n", "empty": ""}.items():
        (tmp_path / f"{name}.csv").write_text("a_frame,b_frame\n" + steps, encoding="utf-8")
    before = (tmp_path / "a.mp4").read_bytes()
    assert align("--events", *arguments, **files) == 2
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[-1]["event"] == "failed"
    assert says in events[-1]["message"]
    assert not events[-1]["is_bug"]
    assert (tmp_path / "a.mp4").read_bytes() == before
    assert not (tmp_path / "path.csv").exists()


def test_something_must_be_written_and_numbers_need_an_encoder(
    align: Align, capsys: pytest.CaptureFixture[str]
) -> None:
    assert align() == 0
    for arguments, says in (
        (["--encoder", "encoder.safetensors"], "No output requested"),
        (["--path", "path.csv", "--heatmap", "h.png"], "--encoder is required"),
        (["--video", "v.mp4"], "--encoder is required"),
    ):
        assert command.main(["a.mp4", "b.mkv", *arguments]) == 2
        assert says in capsys.readouterr().err


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
