"""What is taken out of a project is read back as it was, and a project is never changed by it."""

from __future__ import annotations

import csv
import errno
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.base.control import Control
from core.base.errors import StorageError
from core.base.types import Span
from core.project.badges import badges
from core.project.exports import LIBRARY_COLUMNS, check_target, copy_encoder, copy_folder, write_library
from core.project.rows import Found
from core.project.span_edits import ReplaceSpans
from tests.core.project.projects import filled

_TRACKS = {1: (Span("up", 0, 4), Span("down", 6, 12, 0.5, "probe")), 2: (Span("down", 2, 3),)}


def test_spans_of_all_videos_come_at_once(tmp_path: Path) -> None:
    with filled(tmp_path / "p") as project:
        for number, track in _TRACKS.items():
            project.do(ReplaceSpans(number, track))
        found = project.spans_by_video()
        assert found == {number: list(track) for number, track in _TRACKS.items()}
        assert found == {number: project.spans(number) for number in found}
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(project.spans_reader()).result() == found


def test_the_library_as_a_table(tmp_path: Path) -> None:
    with filled(tmp_path / "p", 2) as project:
        project.keep_facts({1: Found(12, 29.97, 0.4004, 64, 48)})
        rows = project.videos()
        assert write_library(tmp_path / "library.csv", rows, badges(rows, project.folder)) == 2
    with (tmp_path / "library.csv").open(encoding="utf-8") as file:
        lines = list(csv.reader(file))
    named = [[f"clip{n}.mp4", str(Path(f"/nowhere/clip{n}.mp4")), "", ""] for n in (1, 2)]
    assert lines == [
        list(LIBRARY_COLUMNS),
        [*named[0], "12", "29.97", "0.400400", "missing", "clip1.mp4", f"{1:032x}"],
        [*named[1], "", "", "", "missing", "clip2.mp4", f"{2:032x}"],
    ]


def test_an_encoder_is_copied_with_its_card(tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    run.mkdir()
    encoder = run / "encoder.safetensors"
    with pytest.raises(StorageError, match="was deleted"):
        copy_encoder(encoder, out / "a.safetensors")
    encoder.write_bytes(b"weights")
    (run / "encoder.json").write_text("{}", encoding="utf-8")
    for _ in range(2):  # over the first copy too
        copy_encoder(encoder, out / "a.safetensors")
        assert {path.name: path.read_bytes() for path in out.iterdir()} == {
            "a.safetensors": b"weights",
            "a.json": b"{}",
        }
    (out / "b.json").write_text("mine", encoding="utf-8")
    with pytest.raises(StorageError, match="another name"):
        copy_encoder(encoder, out / "b.safetensors")
    assert (out / "b.json").read_text(encoding="utf-8") == "mine"
    with pytest.raises(StorageError, match="own encoder"):
        copy_encoder(encoder, run / ".." / "run" / "encoder.safetensors")


def test_a_folder_is_copied_as_a_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "from"
    (source / "frames").mkdir(parents=True)
    for name in ("a.npy", "b.npy", ".b.part.npy", "frames/1.arrow", "frames/.2.part.arrow"):
        (source / name).write_bytes(name.encode())
    copy = tmp_path / "out" / "copy"
    assert copy_folder(source, copy, Control()) == 3
    copied = {path.relative_to(copy).as_posix(): path.read_text() for path in copy.rglob("*") if path.is_file()}
    assert copied == {name: name for name in ("a.npy", "b.npy", "frames/1.arrow")}
    with pytest.raises(StorageError, match="already exists"):
        copy_folder(source, tmp_path / "out" / "copy", Control())
    with pytest.raises(StorageError, match="was deleted"):
        copy_folder(tmp_path / "nowhere", tmp_path / "out" / "other", Control())
    stopped = Control()
    stopped.stop()
    assert copy_folder(source, tmp_path / "out" / "other", stopped) == 0

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(StorageError, match="disk is full"):
        copy_folder(source, tmp_path / "out" / "other", Control())
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["copy"]


def test_nothing_that_the_project_made_is_written_over(tmp_path: Path) -> None:
    for good in ("phases.csv", "exports/PHASES.CSV", "../elsewhere/runs/phases.csv"):
        check_target(tmp_path / good, ".csv", tmp_path)
    check_target(tmp_path / "a folder", "", tmp_path)
    for bad in ("project.sqlite", "film.mp4", "phases"):
        with pytest.raises(StorageError, match=r"does not end in \.csv"):
            check_target(tmp_path / bad, ".csv", tmp_path)
    for bad in ("runs/a/encoder.safetensors", "x/../embeddings/a.safetensors"):
        with pytest.raises(StorageError, match="of the project itself"):
            check_target(tmp_path / bad, ".safetensors", tmp_path)
