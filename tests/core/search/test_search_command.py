"""`python -m core.search`: the tables, the pictures, what is left out, and what is refused."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.base.files import content_digest
from core.cli import search as command
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import write_embedded
from core.search import results
from core.video.frame_store import FrameStore
from core.video.inputs import find_videos
from tests.conftest import VideoWriter, number_of, numbered_image

Search = Callable[..., int]


def embed_numbers(inputs: Sequence[Path], **_: object) -> list[EmbeddedVideo]:
    """In place of an encoder: frames that show the same number are alike, numbers far apart are not."""
    embedded = []
    for video in FrameStore(max_bytes=10**8).add(find_videos(inputs)):
        angles = np.array([number_of(frame.image) for frame in video]) * np.pi / 90
        rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
        embedded.append(EmbeddedVideo(video.path, video.digest, video.edges_seconds, rows, video))
    return embedded


def shifted(by: int) -> Callable[..., NDArray[np.uint8]]:
    return lambda i, *size: numbered_image(i + by, *size)


@pytest.fixture
def search(tmp_path: Path, write_video: VideoWriter, monkeypatch: pytest.MonkeyPatch) -> Search:
    """Runs the command in a folder with clips/a.mp4, numbers 0 to 29; clips/b.mkv, 5 to 34; emb, the same embedded."""
    write_video("clips/a.mp4", 30)
    write_video("clips/b.mkv", 30, image=shifted(5), times=[2 + i / 30 for i in range(30)])
    encoder = tmp_path / "encoder.safetensors"
    encoder.write_bytes(b"an encoder")
    write_embedded(tmp_path / "emb", embed_numbers([tmp_path / "clips"]), content_digest(encoder))
    monkeypatch.chdir(tmp_path)

    def run(
        *arguments: str, query: str = "clips/a.mp4", inputs: Sequence[str] = ("emb",), out: str = "hits.csv"
    ) -> int:
        return command.main([query, *arguments, "--library", *inputs, "--encoder", str(encoder), "--out", out])

    return run


@pytest.fixture
def _no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what does not lie in a folder of embeddings."""
    monkeypatch.setattr(command, "open_embedded", embed_numbers)


def hits(file: str = "hits.csv") -> list[dict[str, str]]:
    with Path(file).open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def found(file: str = "hits.csv") -> list[tuple[str, int]]:
    return [(row["video"], int(row["frame"])) for row in hits(file)]


def message(capsys: pytest.CaptureFixture[str]) -> str:
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[-1]["event"] == "failed"
    assert not events[-1]["is_bug"]
    return str(events[-1]["message"])


def test_the_table_names_the_nearest_frames(search: Search) -> None:
    assert search("--frame", "12", "-k", "4", "--min-gap", "0", out="made/hits.csv") == 0
    rows = hits("made/hits.csv")
    assert list(rows[0]) == ["rank", "video", "frame", "seconds", "cosine", "digest"]
    assert [row["rank"] for row in rows] == ["1", "2", "3", "4"]
    assert found("made/hits.csv")[:2] == [("a.mp4", 12), ("b.mkv", 7)]
    assert {*found("made/hits.csv")[2:]} < {("a.mp4", 11), ("a.mp4", 13), ("b.mkv", 6), ("b.mkv", 8)}
    frames = np.array([int(row["frame"]) for row in rows])
    assert [float(row["seconds"]) for row in rows] == pytest.approx(frames / 30, abs=1e-3)
    cosines = [1, 1, np.cos(np.pi / 90), np.cos(np.pi / 90)]
    assert [float(row["cosine"]) for row in rows] == pytest.approx(cosines, abs=1e-6)


def test_near_duplicates_are_merged(search: Search) -> None:
    assert search("--frame", "12", "-k", "4", "--min-gap", "0.3") == 0
    assert found() == [("a.mp4", 12), ("b.mkv", 7), ("a.mp4", 3), ("a.mp4", 21)]
    assert search("--second", "0.41") == 0, "a second apart where nothing is said"
    assert found() == [("a.mp4", 12), ("b.mkv", 7)]


def test_the_query_s_neighbourhood_or_video_is_left_out(search: Search) -> None:
    assert search("--frame", "12", "-k", "5", "--min-gap", "0", "--exclude-seconds", "0") == 0
    assert {*found()} == {("b.mkv", 7), ("a.mp4", 11), ("a.mp4", 13), ("b.mkv", 6), ("b.mkv", 8)}
    assert search("--frame", "12", "-k", "60", "--min-gap", "0", "--exclude-seconds", "0.1") == 0
    assert {frame for video, frame in found() if video == "a.mp4"} == {*range(9), *range(16, 30)}
    assert len(found()) == 53
    assert search("--frame", "12", "-k", "60", "--min-gap", "0", "--exclude-video") == 0
    assert {video for video, _ in found()} == {"b.mkv"}


@pytest.mark.usefixtures("_no_encoder")
def test_a_copy_of_the_query_s_video_is_left_out_too_and_shared_names_are_told_apart(search: Search) -> None:
    Path("copy").mkdir()
    shutil.copy("clips/a.mp4", "copy/a.mp4")
    assert search("--frame", "12", "-k", "2", inputs=["clips", "copy"]) == 0
    assert found() == [(str(Path("clips/a.mp4")), 12), ("b.mkv", 7)] or found()[1][0] == str(Path("copy/a.mp4"))
    assert search("--frame", "12", "-k", "9", "--exclude-video", inputs=["clips", "copy"]) == 0
    assert {video for video, _ in found()} == {"b.mkv"}


@pytest.mark.usefixtures("_no_encoder")
def test_the_query_need_not_be_among_the_inputs(search: Search) -> None:
    assert search("--frame", "12", "-k", "1", inputs=["clips/b.mkv"]) == 0
    assert found() == [("b.mkv", 7)]


def test_a_query_that_lies_in_a_folder_of_embeddings_is_taken_from_there(search: Search) -> None:
    Path("clips/a.mp4").unlink()
    for name in ("clips/a.mp4", "a.mp4"):
        assert search("--frame", "12", "-k", "1", query=name) == 0
        assert found() == [("a.mp4", 12)]


def test_a_folder_of_embeddings_is_searched_without_torch(search: Search) -> None:
    program = "import sys; from core.cli.search import main; main(); sys.exit('torch' in sys.modules)"
    words = ["clips/a.mp4", "--frame", "3", "--library", "emb", "--encoder", "encoder.safetensors", "--out", "x.csv"]
    root = Path(command.__file__).parents[2]
    subprocess.run(
        [sys.executable, "-c", program, *words, "--grid", "x.png"], check=True, env={"PYTHONPATH": str(root)}
    )
    assert Path("x.png").is_file()


@pytest.mark.parametrize("span", [("--span", "10", "20"), ("--span-seconds", "0.33", "0.66")])
def test_a_span_is_found_as_clips(search: Search, span: tuple[str, ...]) -> None:
    assert search(*span, "-k", "2") == 0
    rows = hits()
    columns = [
        "rank",
        "video",
        "start_frame",
        "end_frame_exclusive",
        "start_seconds",
        "end_seconds",
        "cosine",
        "digest",
    ]
    assert list(rows[0]) == columns
    places = {(row["video"], row["start_frame"], row["end_frame_exclusive"]) for row in rows}
    assert places == {("a.mp4", "10", "20"), ("b.mkv", "5", "15")}
    (in_b,) = (row for row in rows if row["video"] == "b.mkv")
    assert float(in_b["start_seconds"]) == pytest.approx(5 / 30, abs=1e-3)
    assert float(in_b["end_seconds"]) == pytest.approx(15 / 30, abs=1e-3)
    assert float(in_b["cosine"]) == pytest.approx(1, abs=1e-6)


def test_a_clip_too_is_found_elsewhere(search: Search) -> None:
    assert search("--span", "10", "20", "-k", "1", "--exclude-seconds", "0.2", "--max-tempo", "2") == 0
    assert [row["video"] for row in hits()] == ["b.mkv"]
    assert search("--span", "10", "20", "-k", "9", "--exclude-video", "--max-overlap", "0.9") == 0
    assert {row["video"] for row in hits()} == {"b.mkv"}


def test_fewer_hits_than_asked_for_are_told(search: Search, capsys: pytest.CaptureFixture[str]) -> None:
    assert search("--frame", "12", "-k", "9") == 0
    assert "Found 2 of 9 results. More videos or a smaller --min-gap may give more." in capsys.readouterr().err
    assert search("--frame", "12", "--exclude-video", query="clips/b.mkv", inputs=["emb"]) == 0
    assert search("--span", "0", "30", "-k", "9", "--exclude-seconds", "9", "--exclude-video") == 0
    assert "--max-overlap or --max-tempo may give more" in capsys.readouterr().err


def test_no_hit_is_a_table_and_a_picture_without_any(
    search: Search, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(command, "open_embedded", embed_numbers)
    for what in (("--frame", "3"), ("--span", "3", "9")):
        assert search(*what, "--exclude-video", "--grid", "hits.png", inputs=["clips/a.mp4"]) == 0
        assert hits() == []
        assert cv2.imread("hits.png") is not None


def shown(image: NDArray[np.uint8], left: int, top: int, width: int, height: int) -> int:
    return number_of(image[top : top + height, left : left + width])


def test_the_picture_shows_the_query_and_its_hits(search: Search) -> None:
    assert search("--frame", "12", "-k", "3", "--min-gap", "0.3", "--grid", "made/hits.png") == 0
    image = cv2.imread("made/hits.png")
    beside = 24 + 300 + 32  # margin, a frame of 64 x 48 in a square of 300, the gap to the hits
    below = 24 + 225 + 52 + 16
    assert shown(image, 24, 24, 300, 225) == 12
    assert shown(image, beside, 24, 300, 225) == 12
    assert shown(image, beside + 316, 24, 300, 225) == 12
    assert shown(image, beside, below, 300, 225) in (3, 21)


def test_the_picture_of_clips_has_what_belongs_together_in_columns(search: Search) -> None:
    assert search("--span", "10", "21", "-k", "2", "--grid", "hits.png") == 0
    image = cv2.imread("hits.png")
    left = 24 + 230 + 16
    width, height = 190, 142  # 64 x 48 in a square of 190
    rows = [24, 24 + (height + 22) + 32, 24 + 2 * (height + 22) + 48]
    for top in rows:
        columns = [shown(image, left + column * (width + 16), top, width, height) for column in range(5)]
        assert columns == pytest.approx([10, 12, 15, 18, 20], abs=1)


def test_what_cannot_be_read_any_more_is_left_blank(search: Search, capsys: pytest.CaptureFixture[str]) -> None:
    Path("clips/b.mkv").unlink()
    assert search("--frame", "12", "-k", "2", "--grid", "hits.png") == 0
    assert "1 of 2 videos are left blank: There is no file" in capsys.readouterr().err
    image = cv2.imread("hits.png")
    assert shown(image, 24, 24, 300, 225) == 12
    assert image[100:120, 24 + 300 + 32 + 316 :].max() < 80


def test_a_picture_of_very_many_hits_says_what_it_leaves_out(
    search: Search, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(results, "MOST_DRAWN", 2)
    assert search("--frame", "12", "-k", "7", "--min-gap", "0", "--grid", "hits.png") == 0
    assert "The picture shows the first 2 of 7 results." in capsys.readouterr().err
    assert len(hits()) == 7


@pytest.mark.parametrize(
    ("arguments", "given", "says"),
    [
        (["--frame", "30"], {}, "a.mp4 has frames 0 to 29, so there is no frame 30 to search for. Choose another."),
        (["--frame", "-1"], {}, "--frame must be at least 0, not -1."),
        (
            ["--second", "1.1"],
            {},
            "a.mp4 lasts 1.000 seconds, so there is nothing at 1.1 seconds. Choose another time.",
        ),
        (["--second", "nan"], {}, "--second must be at least 0, not nan."),
        (["--span", "20", "10"], {}, "--span 20 10: the end must come after the start"),
        (["--span", "5", "5"], {}, "--span 5 5: the end must come after the start"),
        (["--span", "-5", "5"], {}, "and the start must not be negative"),
        (["--span", "5", "31"], {}, "a.mp4 has frames 0 to 29, so there is no frame 30 to search for. Choose another."),
        (
            ["--span-seconds", "0.5", "1.5"],
            {},
            "a.mp4 lasts 1.000 seconds, so there is nothing at 1.5 seconds. Choose another time.",
        ),
        (["--span-seconds", "0.5", "0.501"], {}, "No frame of a.mp4 is between 0.5 and 0.501 seconds"),
        (["--span", "5"], {}, "rgument --span: "),  # Pythons differ in what follows
        ([], {}, "--frame --second --span --span-seconds is required."),
        (["--frame", "1", "--second", "1"], {}, "not allowed with argument"),
        (["--frame", "1", "-k", "0"], {}, "-k must be at least 1, not 0."),
        (["--frame", "1", "-k", "few"], {}, "invalid int value: 'few'"),
        (["--frame", "1", "--min-gap", "-1"], {}, "--min-gap must be at least 0, not -1.0."),
        (["--frame", "1", "--exclude-seconds", "-1"], {}, "--exclude-seconds must be at least 0, not -1.0."),
        (
            ["--frame", "1", "--max-overlap", "0.5"],
            {},
            "--max-overlap is for clips. Leave it out, or search with --span.",
        ),
        (["--frame", "1", "--max-tempo", "2"], {}, "--max-tempo is for clips"),
        (["--span", "1", "9", "--min-gap", "1"], {}, "--min-gap is for single frames. Leave it out, or"),
        (["--span", "1", "9", "--max-overlap", "2"], {}, "--max-overlap must be a fraction from 0 to 1, not 2.0."),
        (["--span", "1", "9", "--max-tempo", "0.5"], {}, "--max-tempo must be at least 1, not 0.5."),
        (["--frame", "1"], {"inputs": ["empty"]}, "There is no video in the folder empty"),
        (["--frame", "1"], {"inputs": ["none"]}, "There is no file or folder none"),
        (["--frame", "1"], {"query": "clips"}, "The query must be one video, but clips is a folder or a list"),
        (["--frame", "1"], {"query": "list.csv"}, "The query must be one video, but list.csv is a folder or a list"),
        (["--frame", "1"], {"query": "c.mp4"}, "There is no video c.mp4: did you mean 'a.mp4'?"),
        (["--frame", "1"], {"query": "c.mp4", "inputs": ["clips"]}, "There is no video c.mp4. Check its name."),
        (
            ["--frame", "1"],
            {"out": "hits.txt"},
            "--out writes CSV or XLSX, but hits.txt does not end in .csv or .xlsx. Change its suffix.",
        ),
        (["--frame", "1", "--grid", "hits.jpg"], {}, "--grid writes PNG, but hits.jpg does not end in .png"),
        (["--frame", "1"], {"inputs": ["list.csv"], "out": "list.csv"}, "--out list.csv would overwrite an input."),
        (["--frame", "1", "--encoder", "other.safetensors"], {}, "made with another encoder"),
        (["--frame", "1", "--encoder", "no.safetensors"], {}, "There is no encoder no.safetensors"),
    ],
)
def test_what_is_refused_in_one_sentence(
    search: Search, capsys: pytest.CaptureFixture[str], arguments: list[str], given: dict[str, str], says: str
) -> None:
    Path("empty").mkdir()
    Path("list.csv").write_text("video\nclips/a.mp4\n", encoding="utf-8")
    Path("other.safetensors").write_bytes(b"another encoder")
    encoder = arguments[arguments.index("--encoder") :] if "--encoder" in arguments else []
    rest = arguments[: -len(encoder)] if encoder else arguments
    given_out = given.get("out", "hits.csv")
    words = [given.get("query", "clips/a.mp4"), "--events", *rest, "--library", *given.get("inputs", ["emb"])]
    assert command.main([*words, *(encoder or ["--encoder", "encoder.safetensors"]), "--out", given_out]) == 2
    assert says in message(capsys)
    assert not Path("hits.csv").exists()


def test_two_that_may_be_meant(search: Search, capsys: pytest.CaptureFixture[str]) -> None:
    (video,) = embed_numbers([Path("clips/a.mp4")])
    digest = content_digest(Path("encoder.safetensors"))
    for name in ("one", "two"):
        write_embedded(
            Path(name), [EmbeddedVideo(Path(f"/{name}/a.mp4"), name, video.edges_seconds, video.embeddings)], digest
        )
    assert search("--frame", "1", "--events", query="a.mp4", inputs=["one", "two"]) == 2
    assert message(capsys).endswith("a.mp4. Write more of its path.")


def test_a_query_without_direction(search: Search, capsys: pytest.CaptureFixture[str]) -> None:
    (video,) = embed_numbers([Path("clips/a.mp4")])
    broken = video.embeddings.copy()
    broken[4] = 0
    made = EmbeddedVideo(video.path, video.digest, video.edges_seconds, broken)
    write_embedded(Path("broken"), [made], content_digest(Path("encoder.safetensors")))
    for what in (("--frame", "4"), ("--span", "3", "8")):
        assert search(*what, "--events", inputs=["broken"]) == 2
        assert "The embedding of frame 4 of a.mp4 is zero or not finite" in message(capsys)


def test_a_stop_ends_in_order(
    search: Search, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(inputs: Sequence[Path], **given: object) -> list[EmbeddedVideo]:
        given["control"].stop()  # type: ignore[attr-defined]
        return embed_numbers(inputs)

    monkeypatch.setattr(command, "open_embedded", stopped)
    assert search("--frame", "1", "--events", inputs=["clips"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["reason"] == "stopped"
    assert not Path("hits.csv").exists()
