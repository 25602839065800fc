"""The step Export: what is chosen in the dialog is written, and read back as it was; the project stays as it is."""

from __future__ import annotations

import csv
import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.export import controller as export_module
from carl_gui.export.controller import ExportController
from carl_gui.main_window import MainWindow
from core.base.control import Control
from core.base.types import Span
from core.cli import label_export as command
from core.embedding.folder import read_card, read_embedded
from core.labels.formats.table import FORMATS
from core.labels.segments import read_segments
from core.project.exports import LIBRARY_COLUMNS
from core.project.phase_edits import AddPhase
from core.project.rows import Found
from core.project.span_edits import ReplaceSpans
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import Stand, new_project, shown, standing, tiny_videos
from tests.carl_gui.windows import open_project

_WAIT_SECONDS = 10.0


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    return tiny_videos(tmp_path / "films", 3)


@pytest.fixture
def project(tmp_path: Path, films: list[Path]) -> Path:
    """Three videos; the first two are labelled and embedded, and the second is not in the frame store."""
    folder = new_project(tmp_path / "a project", films)
    embed_by_hand(folder, "run-1", [(film, course(np.linspace(0, 1, 12))) for film in films[:2]])
    return folder


@pytest.fixture
def stand(qtbot: QtBot, project: Path) -> Iterator[Stand]:
    with standing(qtbot) as made:
        made.session.open(project)
        yield made


@pytest.fixture
def export(stand: Stand, tmp_path: Path) -> ExportController:
    """Looks have been taken; dialogs begin in an empty folder."""
    page = stand.stage(ExportController)
    page.exporter._start_folder = tmp_path / "out"
    page.exporter._start_folder.mkdir()
    stand.qtbot.waitUntil(lambda: page._embeddings.index is not None)
    return page


def _label(stand: Stand) -> None:
    stand.session.do(AddPhase("reach"))
    stand.session.do(AddPhase("pour"))
    stand.session.do(ReplaceSpans(1, (Span("reach", 0, 5), Span("pour", 5, 12))))
    stand.session.do(ReplaceSpans(2, (Span("pour", 3, 4),)))


def _decode(stand: Stand, *ids: int) -> None:
    stand.session.keep_facts({number: Found(12, 30.0, 0.4, 64, 48) for number in ids})


def _dialog(stand: Stand) -> QFileDialog:
    (found,) = [dialog for dialog in stand.findChildren(QFileDialog) if dialog.isVisible()]
    return found


def _save(stand: Stand, export: ExportController, name: str, to: str = "") -> None:
    """By the button and the dialog, under the name that it proposes or another one; waits for what comes of it."""
    export.panel.rows[name].button.click()
    dialog = _dialog(stand)
    if to:
        dialog.selectFile(to)
    dialog.accept()
    _finish(stand, export, name)


def _finish(stand: Stand, export: ExportController, name: str) -> None:
    stand.qtbot.waitUntil(lambda: export.panel.rows[name].result != "" and not export.exporter.is_writing(name))


def _content(folder: Path) -> dict[Path, str]:
    """Of every file but the database's own, whose log may be folded in at any time."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and "sqlite" not in file.name)
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_phases_are_exported_as_core_reads_them(stand: Stand, export: ExportController, tmp_path: Path) -> None:
    row = export.panel.rows["phases"]
    assert (row.button.isEnabled(), row.problem) == (False, "No labels yet. See the Label page.")
    _label(stand)
    assert (row.button.isEnabled(), row.problem) == (True, "")
    file = Path(stand.session.videos[2].absolute)
    hidden = file.rename(file.with_suffix(".hidden"))
    _save(stand, export, "phases")
    path = tmp_path / "out" / "a project phases.csv"
    assert f"Wrote 2 labels of 1 video to {path}. Left out: clip2.mp4 (its frame times" in row.result
    hidden.rename(file)
    _save(stand, export, "phases", "all of them")
    path = tmp_path / "out" / "all of them.csv"
    assert row.result == f"Wrote 3 labels of 2 videos to {path}."
    found = [(segment.video, segment.phase, segment.start, segment.end) for segment in read_segments(path)]
    assert found == [("clip1.mp4", "reach", 0, 5), ("clip1.mp4", "pour", 5, 12), ("clip2.mp4", "pour", 3, 4)]
    assert shown(row, QPushButton, "Show in folder")


def _choose_form(export: ExportController, name: str) -> None:
    combo = export.panel.rows["phases"]._kind
    assert combo.isVisible()
    combo.setCurrentIndex(list(FORMATS).index(name))
    combo.activated.emit(combo.currentIndex())


def _files(path: Path) -> dict[str, bytes]:
    if path.is_file():
        return {"": path.read_bytes()}
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def test_phases_are_written_in_every_format_as_the_command_writes_them(
    stand: Stand, export: ExportController, project: Path, tmp_path: Path
) -> None:
    _label(stand)
    _decode(stand, 1, 2)
    out, row, written = tmp_path / "out", export.panel.rows["phases"], {}
    for name, form in FORMATS.items():
        _choose_form(export, name)
        _save(stand, export, "phases", f"{name}{form.suffix}" if form.suffix else str(out))
        written[name] = export.exporter.target("phases")
        assert row.result.startswith(f"Wrote 3 labels of 2 videos to {written[name]}.")
    folders = [path.name for name, path in written.items() if not FORMATS[name].suffix]
    assert folders == ["a project phases", *(f"a project phases-{place}" for place in range(2, len(folders) + 1))]
    stand.session.close()
    for name, path in written.items():
        again = tmp_path / "again" / f"{name}{FORMATS[name].suffix}"
        assert command.main(["--events", str(project), "--format", name, "--out", str(again)]) == 0
        assert _files(again) == _files(path)


def test_the_library_is_exported(stand: Stand, export: ExportController, tmp_path: Path, films: list[Path]) -> None:
    _label(stand)
    films[2].unlink()
    _save(stand, export, "library")
    with (tmp_path / "out" / "a project library.csv").open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert header == list(LIBRARY_COLUMNS)
    assert [line[:2] for line in lines] == [[film.name, str(film)] for film in films]
    assert [line[header.index("state")] for line in lines] == ["embedded labelled", "embedded labelled", "missing"]


def test_embeddings_are_copied_whole_and_never_over_others(
    stand: Stand, export: ExportController, project: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for place in ("run-1 embeddings", "run-1 embeddings-2"):
        _save(stand, export, "embeddings", str(out))
        assert export.panel.rows["embeddings"].result == f"Copied 6 files to {out / place}."
        card = read_card(out / place)
        copied, original = (
            read_embedded(folder, card.encoder_digest) for folder in (out / place, project / "embeddings" / "run-1")
        )
        for one, other in zip(copied, original, strict=True):
            np.testing.assert_array_equal(one.embeddings, other.embeddings)


def _choose_kind(export: ExportController, place: int) -> None:
    combo = export.panel.rows["embeddings"]._kind
    assert combo.isVisible()
    combo.setCurrentIndex(place)
    combo.activated.emit(place)


def test_embeddings_are_written_as_one_file_of_arrays(
    stand: Stand, export: ExportController, project: Path, tmp_path: Path
) -> None:
    _choose_kind(export, 1)
    _save(stand, export, "embeddings")
    path = tmp_path / "out" / "run-1 embeddings.npz"
    assert export.panel.rows["embeddings"].result == f"Wrote the embeddings of 2 videos to {path}."
    card = read_card(project / "embeddings" / "run-1")
    with np.load(path, allow_pickle=False) as found:
        assert found["names"].tolist() == ["clip1.mp4", "clip2.mp4"]
        for place, video in enumerate(read_embedded(project / "embeddings" / "run-1", card.encoder_digest)):
            np.testing.assert_array_equal(found[f"embeddings_{place}"], video.embeddings)


def test_embeddings_are_written_as_a_table_with_phases(stand: Stand, export: ExportController, tmp_path: Path) -> None:
    _label(stand)
    _choose_kind(export, 2)
    _save(stand, export, "embeddings", "mine")
    table = pq.read_table(tmp_path / "out" / "mine.parquet")
    assert export.panel.rows["embeddings"].result.startswith("Wrote the embeddings of 2 videos to")
    assert table["phase"].to_pylist() == ["reach"] * 5 + ["pour"] * 7 + [None] * 3 + ["pour"] + [None] * 8
    np.testing.assert_array_equal(np.stack(table["embedding"].to_numpy())[:12], course(np.linspace(0, 1, 12)))
    export.exporter.write("embeddings", tmp_path / "out" / "mine.npz")
    _finish(stand, export, "embeddings")
    assert "does not end in .parquet" in export.panel.rows["embeddings"].result


def test_an_encoder_is_copied_with_its_card(
    stand: Stand, export: ExportController, project: Path, tmp_path: Path
) -> None:
    _save(stand, export, "encoder")
    run = project / "runs" / "run-1"
    assert (tmp_path / "out" / "run-1.safetensors").read_bytes() == (run / "encoder.safetensors").read_bytes()
    assert (tmp_path / "out" / "run-1.json").read_bytes() == (run / "encoder.json").read_bytes()


def test_the_run_is_the_persons_choice(stand: Stand, export: ExportController, project: Path, tmp_path: Path) -> None:
    embed_by_hand(project, "run-2", [])
    stand.session.embeddings.scan()
    stand.qtbot.waitUntil(lambda: len(export._embeddings.index.sources) == 2)
    row = export.panel.rows["encoder"]
    assert row.run == "run-1", "what was chosen stays"
    row._run.setCurrentIndex(0)
    row._run.activated.emit(0)
    _save(stand, export, "encoder")
    assert (tmp_path / "out" / "run-2.safetensors").read_bytes() == b"weights of run-2"


def test_a_file_that_is_there_is_asked_about(stand: Stand, export: ExportController, tmp_path: Path) -> None:
    path = tmp_path / "out" / "a project library.csv"
    path.write_text("mine", encoding="utf-8")
    export.panel.commands["library"].trigger()
    dialog = _dialog(stand)

    def answer(which: QMessageBox.StandardButton) -> Callable[[], None]:
        def press() -> None:
            (box,) = [one for one in dialog.findChildren(QMessageBox) if one.isVisible()]
            box.button(which).click()

        return press

    save = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Save)
    QTimer.singleShot(0, answer(QMessageBox.StandardButton.No))
    save.click()
    assert dialog.isVisible()
    assert path.read_text(encoding="utf-8") == "mine"
    QTimer.singleShot(0, answer(QMessageBox.StandardButton.Yes))
    save.click()
    _finish(stand, export, "library")
    assert path.read_text(encoding="utf-8").startswith("name,")


def test_what_cannot_be_written_is_one_sentence_and_nothing_is_lost(
    stand: Stand, export: ExportController, project: Path, tmp_path: Path
) -> None:
    _label(stand)
    _decode(stand, 1, 2)
    before, videos = _content(project), stand.session.require().videos()
    (tmp_path / "out" / "file").write_text("no folder", encoding="utf-8")
    refused = {
        "phases": (tmp_path / "out" / "file" / "phases.csv", "something else has that name"),
        "library": (project / "project.sqlite", "does not end in .csv"),
        "encoder": (project / "runs" / "run-1" / "encoder.safetensors", "a folder of the project itself"),
        "embeddings": (project / "embeddings", "a folder of the project itself"),
    }
    for name, (target, reason) in refused.items():
        export.exporter.write(name, target)
        _finish(stand, export, name)
        row = export.panel.rows[name]
        assert reason in row.result
        assert not [one for one in row.findChildren(QPushButton) if one.isVisible() and one is not row.button]
        assert row.button.isEnabled(), "it can be tried again"
    assert _content(project) == before
    assert stand.session.require().videos() == videos


def test_exports_change_nothing_in_the_project(
    stand: Stand, export: ExportController, project: Path, tmp_path: Path
) -> None:
    _label(stand)
    _decode(stand, 1, 2)
    stand.session.require().backups.wait()
    before, last = _content(project), stand.session.require().next_undo()
    for name in ("phases", "library", "encoder"):
        _save(stand, export, name)
    _save(stand, export, "embeddings", str(tmp_path / "out"))
    assert _content(project) == before
    assert stand.session.require().next_undo() == last


def test_copying_embeddings_can_be_cancelled(
    stand: Stand, export: ExportController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_folder, began = export_module.copy_folder, threading.Event()

    def slow(source: Path, to: Path, control: Control) -> int:
        began.set()
        asked = threading.Event()
        for _ in range(1000):
            if control.stop_requested or asked.wait(_WAIT_SECONDS / 1000):
                break
        return copy_folder(source, to, control)

    monkeypatch.setattr(export_module, "copy_folder", slow)
    export.exporter.write("embeddings", tmp_path / "out")
    row = export.panel.rows["embeddings"]
    assert not row.button.isEnabled()
    stand.qtbot.waitUntil(began.is_set)
    shown(row, QPushButton, "Cancel").click()
    _finish(stand, export, "embeddings")
    assert row.result == "Cancelled; nothing was copied."
    assert list((tmp_path / "out").iterdir()) == []


def test_what_there_is_nothing_of_says_why(stand: Stand, export: ExportController, tmp_path: Path) -> None:
    stand.session.open(new_project(tmp_path / "empty"))
    stand.qtbot.waitUntil(lambda: "Train" in export.panel.rows["encoder"].problem)
    assert {name: row.problem for name, row in export.panel.rows.items()} == {
        "phases": "No labels yet. See the Label page.",
        "library": "No videos yet.",
        "embeddings": "No embeddings yet. See the Explore page.",
        "encoder": "No trained encoder yet. See the Train page.",
    }
    assert not any(row.button.isEnabled() for row in export.panel.rows.values())


def test_an_export_from_another_page_tells_of_its_end_in_the_window(
    stand: Stand, export: ExportController, tmp_path: Path
) -> None:
    stand.hide()
    export.exporter.write("library", tmp_path / "out" / "library.csv")
    _finish(stand, export, "library")
    export.exporter.write("library", tmp_path / "out" / "library.txt")
    stand.qtbot.waitUntil(lambda: stand.warned != [])
    assert stand.told == [f"Wrote 3 videos to {tmp_path / 'out' / 'library.csv'}."]
    assert "does not end in .csv" in stand.warned[0]


def test_films_are_found_from_the_page(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    open_project(window, new_project(tmp_path / "project"))
    window.show_page("export")
    qtbot.mouseClick(shown(window, QPushButton, "Go to Explore"), Qt.MouseButton.LeftButton)
    assert window.page_id == "explore"
