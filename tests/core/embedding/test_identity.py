"""Videos are known by their content: one that was replaced is told apart, one that was moved is found."""

from __future__ import annotations

import csv
import os
import shutil
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import StorageError
from core.base.files import content_digest
from core.cli import embed
from core.cli import label as label
from core.cli import map as map_command
from core.cli import report as report
from core.cli import search as search
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import find_replaced, read_card, read_embedded, write_embedded
from core.embedding.library import open_embedded, paths_of
from core.search.query import open_query
from core.video import content
from core.video.content import current_digest, video_digest
from core.video.inputs import find_videos

pytestmark = pytest.mark.usefixtures("narrow")

_CASE = Path(__file__).parents[2] / "data" / "cases" / "replaced_video"
_FRAMES = 40
_Command = tuple[Callable[..., int], list[str]]
_EARLIER_NS = 1_600_000_000_000_000_000


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    """A folder with a.mp4 and b.mp4."""
    folder = tmp_path / "v"
    folder.mkdir()
    shutil.copyfile(_CASE / "old_a.mp4", folder / "a.mp4")
    shutil.copyfile(_CASE / "b.mp4", folder / "b.mp4")
    return folder


@pytest.fixture
def embedded(videos: Path, encoder: Path, tmp_path: Path) -> Path:
    """As if that encoder had embedded them."""
    _embed(videos, encoder, tmp_path / "emb")
    return tmp_path / "emb"


def _embed(videos: Path, encoder: Path, out: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(_FRAMES, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    edges = np.arange(_FRAMES + 1) / 25
    made = [EmbeddedVideo(path, content_digest(path), edges, rows) for path in sorted(videos.iterdir())]
    write_embedded(out, made, content_digest(encoder / "encoder.safetensors"))


def _replace(videos: Path) -> None:
    shutil.copyfile(_CASE / "new_a.mp4", videos / "a.mp4")


def _commands(videos: Path, encoder: Path, embedded: Path, out: Path) -> dict[str, _Command]:
    (out / "labels.csv").write_text(
        "video,phase,start_frame,end_frame_exclusive\nb.mp4,lift,0,10\nb.mp4,lower,10,20\n", encoding="utf-8"
    )
    given = ["--encoder", str(encoder), "--device", "cpu"]
    b = str(videos / "b.mp4")
    return {
        "search": (
            search.main,
            [b, "--frame", "5", "--library", str(embedded), "--out", str(out / "hits.csv"), *given],
        ),
        "report": (report.main, [str(embedded), "--reference", b, "--out", str(out / "report"), *given]),
        "label": (
            label.main,
            ["--labels", str(out / "labels.csv"), "--library", str(embedded), "--out", str(out / "phases.csv"), *given],
        ),
    }


@pytest.mark.parametrize("name", ["search", "report", "label"])
def test_embeddings_of_a_replaced_video_are_refused(
    name: str, videos: Path, encoder: Path, embedded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main, words = _commands(videos, encoder, embedded, tmp_path)[name]
    assert main(words) == 0, "as long as the videos are what they were"
    capsys.readouterr()
    _replace(videos)
    assert main(words) == 2
    said = capsys.readouterr().err
    assert f"{videos / 'a.mp4'} has changed since it was embedded in {embedded}. Embed it again" in said
    _embed(videos, encoder, embedded)
    assert main(words) == 0, "embedded again, it is taken"


def test_a_map_is_drawn_and_tells_of_a_replaced_video(
    videos: Path, embedded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(embedded), "--out", str(tmp_path / "map.npz")]
    assert map_command.main(words) == 0
    assert "another file" not in capsys.readouterr().err
    _replace(videos)
    assert map_command.main(words) == 0
    assert "a.mp4 has changed since it was embedded" in capsys.readouterr().err


def test_files_are_read_again_only_where_they_were_touched(
    videos: Path, embedded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr(content, "content_digest", lambda path: read.append(path.name) or content_digest(path))
    assert find_replaced(embedded) == []
    assert read == [], "size and time of change are as they were"
    os.utime(videos / "b.mp4", ns=(_EARLIER_NS, _EARLIER_NS))
    assert find_replaced(embedded) == []
    assert read == ["b.mp4"], "touched, but the same"
    assert find_replaced(embedded) == []
    assert read == ["b.mp4"], "it is remembered"
    _replace(videos)
    assert find_replaced(embedded) == [videos / "a.mp4"]
    assert current_digest(videos / "a.mp4") == content_digest(_CASE / "new_a.mp4")


def test_embeddings_without_recorded_times_are_held_against_the_content(embedded: Path, videos: Path) -> None:
    card = embedded / "embeddings.json"
    card.write_text(card.read_text(encoding="utf-8").replace("modified_ns", "unknown"), encoding="utf-8")
    assert find_replaced(embedded) == []
    _replace(videos)
    assert find_replaced(embedded) == [videos / "a.mp4"]


def test_a_folder_of_images_is_known_at_its_own_rate(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(_CASE.parent / "image_sequence" / "0001", tmp_path / "0001"))
    rows, edges = np.eye(5, 8, dtype=np.float32), np.arange(6) / 12.5
    write_embedded(tmp_path / "emb", [EmbeddedVideo(folder, video_digest(folder, 12.5), edges, rows)], "encoder")
    first = min(folder.iterdir())
    os.utime(first, ns=(_EARLIER_NS, _EARLIER_NS))
    assert find_replaced(tmp_path / "emb") == []
    shutil.copyfile(max(folder.iterdir()), first)
    assert find_replaced(tmp_path / "emb") == [folder]


def test_a_video_that_is_gone_was_not_replaced(embedded: Path, videos: Path, encoder: Path) -> None:
    (videos / "a.mp4").unlink()
    assert len(open_embedded([embedded], encoder)) == 2


def test_embeddings_find_their_videos_where_both_were_moved(
    embedded: Path, videos: Path, encoder: Path, tmp_path: Path
) -> None:
    for folder in (embedded, videos):
        os.renames(folder, tmp_path / "elsewhere" / folder.name)
    found = open_embedded([tmp_path / "elsewhere" / "emb"], encoder)
    assert [video.path for video in found] == [tmp_path / "elsewhere" / "v" / name for name in ("a.mp4", "b.mp4")]
    assert len(found[0].frames([0])) == 1
    _replace(tmp_path / "elsewhere" / "v")
    assert open_embedded([tmp_path / "elsewhere" / "emb"], encoder)[0].path == videos / "a.mp4", "another one is not it"


def test_a_moved_video_that_is_named_stands_for_the_embedded_one(
    embedded: Path, videos: Path, encoder: Path, tmp_path: Path
) -> None:
    os.replace(videos / "a.mp4", tmp_path / "moved.mp4")
    found = open_embedded([embedded, tmp_path / "moved.mp4"], encoder, device="cpu")
    assert sorted(video.path.name for video in found) == ["b.mp4", "moved.mp4"]


def test_index_and_card_name_the_videos_and_their_files(embedded: Path, videos: Path) -> None:
    with (embedded / "index.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    digests = [content_digest(videos / name) for name in ("a.mp4", "b.mp4")]
    assert [(row["video"], row["digest"]) for row in rows] == [("a.mp4", digests[0]), ("b.mp4", digests[1])]
    status = (videos / "a.mp4").stat()
    assert read_card(embedded).states[digests[0]] == (status.st_size, status.st_mtime_ns)


def test_labels_of_a_file_that_was_replaced_are_told(
    videos: Path, encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = content_digest(_CASE / "old_a.mp4"), content_digest(_CASE / "new_a.mp4")
    _replace(videos)
    (tmp_path / "labels.csv").write_text(
        f"video,phase,start_frame,end_frame_exclusive,digest\na.mp4,lift,0,10,{old}\na.mp4,lower,10,20,{old}\n"
    )
    words = ["--labels", str(tmp_path / "labels.csv"), "--library", str(videos), "--out", str(tmp_path / "phases.csv")]
    assert label.main([*words, "--encoder", str(encoder), "--device", "cpu"]) == 0
    assert "line 2: these labels were made for another file than" in (said := capsys.readouterr().err)
    assert f"(digest {old[:8]}, not {new[:8]})" in said


def test_labels_find_a_renamed_video_by_its_digest(videos: Path, encoder: Path, embedded: Path, tmp_path: Path) -> None:
    digest = content_digest(videos / "a.mp4")
    (tmp_path / "labels.csv").write_text(
        f"video,phase,start_frame,end_frame_exclusive,digest\nx.mp4,lift,0,10,{digest}\nx.mp4,lower,10,20,{digest}\n"
    )
    for place in (videos, embedded):
        words = [
            "--labels",
            str(tmp_path / "labels.csv"),
            "--library",
            str(place),
            "--out",
            str(tmp_path / "phases.csv"),
        ]
        assert label.main([*words, "--encoder", str(encoder), "--device", "cpu"]) == 0
        with (tmp_path / "phases.csv").open(encoding="utf-8", newline="") as file:
            labelled = {(row["video"], row["digest"]) for row in csv.DictReader(file) if row["source"] == "label"}
        assert labelled == {("a.mp4", digest)}


def test_a_video_is_found_however_its_name_is_composed(videos: Path, encoder: Path, tmp_path: Path) -> None:
    forms: Sequence[str] = [unicodedata.normalize(form, "Rückhand.mp4") for form in ("NFC", "NFD")]
    os.replace(videos / "a.mp4", videos / forms[1])
    assert find_videos([videos / forms[0]]) == [videos / forms[1]], "as it is on disk"
    out = tmp_path / "emb"
    assert embed.main([str(videos), "--encoder", str(encoder), "--out", str(out), "--device", "cpu"]) == 0
    assert forms[1] in (out / "index.csv").read_text(encoding="utf-8")
    found = open_query(Path(forms[0]), [out], lambda inputs: open_embedded(inputs, encoder))
    assert found.path.name == forms[1]


def test_a_damaged_card_stays_one_sentence(embedded: Path, encoder: Path) -> None:
    (embedded / "embeddings.json").write_text("{}", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be opened"):
        paths_of([embedded], encoder)
    with pytest.raises(StorageError, match="cannot be opened"):
        read_embedded(embedded, "digest")
