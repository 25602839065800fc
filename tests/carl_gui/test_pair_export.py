"""What is taken out of the view of a pair is what is seen in it; nothing stays half-written, or is written over."""

from __future__ import annotations

import base64
import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import av
import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.explore.page import ExploreController
from carl_gui.explore.pair.controller import PairView
from carl_gui.explore.pair.files import draw_heatmap
from carl_gui.explore.pair.heatmap_look import COLOUR_MAPS, SCALINGS, Look, Scaling, scale_of
from carl_gui.exporting import ExportBox
from carl_gui.job_control.status import FILM
from core.align import similarity
from core.align.area import mean_cosine
from core.align.tables import COLUMNS, read_path
from core.base.types import Alignment
from core.embedding.folder import read_card
from core.pictures import heatmap
from core.project.measure_edits import AddMeasure
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import Stand, new_project, shown, standing, tiny_video
from tests.conftest import number_of

_FRAMES = (12, 24)
_FILM = (240, 320)
"""Height and width of a video of 64 x 48 in the film."""


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    """Frame i of film N shows 13 N + i."""
    return [tiny_video(tmp_path / "films", f"film{n}.mp4", n, frames) for n, frames in enumerate(_FRAMES, 1)]


@pytest.fixture
def project(tmp_path: Path, films: list[Path]) -> Path:
    """Film 2 does as film 1 at half the tempo."""
    folder = new_project(tmp_path / "project", films, decodes=True)
    slow = np.repeat(np.linspace(0, 1, 12), 2)
    embed_by_hand(folder, "run-1", [(films[0], course(np.linspace(0, 1, 12))), (films[1], course(slow))])
    return folder


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


@pytest.fixture
def pair(stand: Stand, project: Path, tmp_path: Path) -> PairView:
    """The view with the pair known; dialogs begin in an empty folder."""
    stand.session.open(project)
    page = stand.stage(ExploreController)
    view = page.views["pair"]
    assert isinstance(view, PairView)
    stand.qtbot.waitUntil(lambda: view.pair is not None)
    view.export._start_folder = tmp_path / "out"
    view.export._start_folder.mkdir()
    return view


def _dialog(stand: Stand) -> QFileDialog:
    (found,) = [dialog for dialog in stand.findChildren(QFileDialog) if dialog.isVisible()]
    return found


def _save(stand: Stand, pair: PairView, name: str, kind: str = "", to: str = "") -> Path:
    """By the menu and the dialog, under the name that it proposes; waits for the end and returns the file."""
    pair.export.box.commands[name].trigger()
    dialog = _dialog(stand)
    if kind:
        dialog.selectNameFilter(kind)
        dialog.filterSelected.emit(kind)
    if to:
        dialog.selectFile(to)
    (target,) = dialog.selectedFiles()
    dialog.accept()
    _finish(stand, pair)
    return Path(target)


def _finish(stand: Stand, pair: PairView) -> None:
    export = pair.export
    stand.qtbot.waitUntil(lambda: export.box.result != "" and not export.is_running)


def _is_shown(box: ExportBox, text: str) -> bool:
    """Whether there is such a button to be seen."""
    return any(one.isVisible() and one.text() == text for one in box.findChildren(QPushButton))


def test_the_path_that_is_seen_is_the_table(stand: Stand, pair: PairView) -> None:
    target = _save(stand, pair, "export_path")
    assert target.name == "film1 - film2.csv"
    assert pair.export.box.result == f"Wrote 24 steps of the path to {target}."
    written, seen = read_path(target), pair.pair.alignment
    np.testing.assert_array_equal(written.a_frames, seen.a_frames)
    np.testing.assert_array_equal(written.b_frames, seen.b_frames)
    with target.open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == list(COLUMNS)
    assert shown(pair.export.box, QPushButton, "Show in folder").isEnabled()


def test_a_path_that_was_corrected_is_exported_so(stand: Stand, pair: PairView) -> None:
    pair.panel.heatmap.anchor_requested.emit(3, 6, 3, 15)
    stand.qtbot.waitUntil(lambda: pair.pair is not None and (3, 15) in _steps(pair.pair.alignment))
    target = _save(stand, pair, "export_path")
    assert _steps(read_path(target)) == _steps(pair.pair.alignment)


def _steps(path: Alignment) -> list[tuple[int, int]]:
    return list(zip(path.a_frames.tolist(), path.b_frames.tolist(), strict=True))


def test_numbers_are_read_by_numpy(stand: Stand, pair: PairView, project: Path) -> None:
    target = _save(stand, pair, "export_matrix")
    assert pair.export.box.result == f"Wrote 12 × 24 similarities to {target}."
    a, b = pair.pair.a, pair.pair.b
    with np.load(target, allow_pickle=False) as found:
        np.testing.assert_allclose(found["cosine"], similarity(a.embeddings, b.embeddings), atol=1e-6)
        np.testing.assert_array_equal(found["b_frames"], pair.pair.alignment.b_frames)
        names = [str(found[f"{word}"]) for word in ("a_name", "b_name", "encoder_digest")]
    assert names == ["film1.mp4", "film2.mp4", read_card(project / "embeddings" / "run-1").encoder_digest]


@pytest.mark.parametrize(
    ("kind", "name", "start"), [("", "film1 - film2.png", b"\x89PNG"), ("Drawings", "x.svg", b"<?xml")]
)
def test_the_heatmap_is_drawn_in_both_ways(stand: Stand, pair: PairView, kind: str, name: str, start: bytes) -> None:
    kind = kind and f"{kind} (*.svg)"
    target = _save(stand, pair, "export_heatmap", kind, "x" if kind else "")
    assert pair.export.box.result == f"Wrote the heatmap to {target}."
    assert target.name == name
    assert target.read_bytes().startswith(start)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_the_heatmap_is_coloured_as_it_is_seen(stand: Stand, pair: PairView, tmp_path: Path, scaling: Scaling) -> None:
    seen = replace(pair.exported(), look=Look("gray", scaling))
    path = tmp_path / "x.svg"
    draw_heatmap(path, seen)
    (first, *_) = ElementTree.parse(path).getroot().findall(".//{*}image")
    data = first.get("{http://www.w3.org/1999/xlink}href", "").partition(",")[2]
    pixels = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)[..., 0]
    a, b = pair.pair.a, pair.pair.b
    cosine = mean_cosine(
        (b.embeddings, b.edges_seconds, pixels.shape[0]), (a.embeddings, a.edges_seconds, pixels.shape[1])
    ).astype(np.float32)
    shades = scale_of(scaling, cosine).shades(cosine)
    assert np.mean(np.abs(pixels.astype(int) - shades) < 8) > 0.95, "but for what lies along the edges of frames"


def test_the_frames_that_are_seen_are_the_picture(stand: Stand, pair: PairView) -> None:
    pair.players.seek(5, 10)
    a_frame, b_frame = pair.players.frames
    assert a_frame == 5
    target = _save(stand, pair, "export_frames")
    assert target.name == f"film1 5 - film2 {b_frame}.png"
    assert pair.export.box.result == f"Wrote both frames to {target}."
    picture = cv2.cvtColor(cv2.imread(str(target)), cv2.COLOR_BGR2RGB)
    left, right = picture[10:250, 10:330], picture[10:250, 340:660]
    assert (number_of(left), number_of(right)) == (13 + a_frame, 26 + b_frame)


def test_what_was_measured_is_in_the_picture(stand: Stand, pair: PairView) -> None:
    stand.session.do(AddMeasure(1, pair.players.frames[0], ((0.1, 0.1), (0.9, 0.1))))
    stand.qtbot.waitUntil(lambda: len(pair.measuring[0].drawn) == 1)
    drawn = pair.export._snapshot().measures
    assert drawn == ([(((0.1, 0.1), (0.9, 0.1)), "51 px")], [])
    picture = cv2.imread(str(_save(stand, pair, "export_frames")))[10:250, 10:330]
    assert (picture[24, 40:280] == (0x66, 0xE0, 0xFF)).all(), "a line in its colour"


def test_frames_of_a_file_that_is_gone_are_the_stored_ones(stand: Stand, pair: PairView, films: list[Path]) -> None:
    films[1].unlink()
    _save(stand, pair, "export_frames")
    assert pair.export.box.result.startswith("Wrote both frames")


def test_every_colour_map_can_be_drawn() -> None:
    assert set(COLOUR_MAPS) == set(heatmap.COLOUR_MAPS)


def test_the_film_shows_both_along_the_path_that_is_seen(stand: Stand, pair: PairView) -> None:
    steps = np.array([(0, b) for b in range(24)] + [(a, 23) for a in range(1, 12)])
    object.__setattr__(pair.pair, "alignment", Alignment(steps[:, 0].copy(), steps[:, 1].copy(), 0.0))
    export = pair.export
    export.box.commands["export_video"].trigger()
    _dialog(stand).accept()
    assert export.box.progress != ""
    assert not export.box.commands["export_video"].isEnabled()
    assert export.box.commands["export_path"].isEnabled(), "what is short does not wait"
    _finish(stand, pair)
    target = export._start_folder / "film1 - film2.mp4"
    assert export.box.result == f"Wrote the video to {target}."
    assert export.box.progress == ""
    assert list(target.parent.iterdir()) == [target]
    with av.open(str(target)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    right = [number_of(frame[10 : 10 + _FILM[0], 20 + _FILM[1] : 20 + 2 * _FILM[1]]) for frame in frames]
    assert right == [26 + 11] + [26 + 23] * 11


def test_a_film_can_be_cancelled_and_nothing_stays(
    stand: Stand, pair: PairView, films: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    export = pair.export
    long = tiny_video(films[0].parent, "long.mp4", 9, 3000, size=(320, 240))
    monkeypatch.setattr("carl_gui.explore.pair.files.find_file", lambda row, folder: long)
    steps = np.arange(3000)
    object.__setattr__(pair.pair, "alignment", Alignment(steps, steps, 0.0))
    monkeypatch.setattr("carl_gui.explore.pair.files.write_table", _straight)
    export.write("export_video", export._start_folder / "x.mp4", export._snapshot())
    stand.qtbot.waitUntil(lambda: "of 3" in export.box.progress)
    assert "left" in export.box.progress
    stand.qtbot.waitUntil(lambda: list(export._start_folder.iterdir()) != [])  # it is written beside
    shown(export.box, QPushButton, "Cancel").click()
    _finish(stand, pair)
    assert export.box.result == "Cancelled; nothing was written."
    assert not _is_shown(export.box, "Show in folder")
    assert list(export._start_folder.iterdir()) == []
    assert stand.jobs.jobs == ()


def _straight(path: Path, seen: object) -> int:
    path.write_text("a_frame,b_frame\n" + "".join(f"{i},{i}\n" for i in range(3000)), encoding="utf-8")
    return 3000


def test_nothing_of_the_project_is_written_over(
    stand: Stand, pair: PairView, project: Path, films: list[Path], tmp_path: Path
) -> None:
    before = films[0].read_bytes()
    refused = {
        "export_path": (project / "runs" / "path.csv", "a folder of the project itself"),
        "export_matrix": (tmp_path / "out" / "numbers.npy", "does not end in .npz"),
        "export_heatmap": (tmp_path / "out" / "x.jpg", "does not end in .png or .svg"),
        "export_video": (films[0], "is a video of the project"),
    }
    for name, (target, reason) in refused.items():
        pair.export.write(name, target, pair.exported())
        _finish(stand, pair)
        assert reason in pair.export.box.result
        assert not _is_shown(pair.export.box, "Show in folder")
    assert films[0].read_bytes() == before
    assert list((tmp_path / "out").iterdir()) == []


def test_a_video_that_is_gone_stops_the_film_alone(stand: Stand, pair: PairView, films: list[Path]) -> None:
    films[1].unlink()
    _save(stand, pair, "export_video")
    assert pair.export.box.result.startswith("The file of film2.mp4 is missing")
    _save(stand, pair, "export_heatmap")
    assert pair.export.box.result.startswith("Wrote the heatmap"), "from the stored frames"


def test_a_film_ends_with_its_project(stand: Stand, pair: PairView, tmp_path: Path) -> None:
    export = pair.export
    export.write("export_video", export._start_folder / "x.mp4", export._snapshot())
    stand.qtbot.waitUntil(lambda: stand.jobs.find(FILM) is not None)
    stand.session.close()
    assert export.box.progress == ""
    assert not export.is_running
    assert not export.box.button.isEnabled()
    stand.qtbot.waitUntil(lambda: stand.jobs.jobs == ())


def test_what_came_of_it_is_seen_in_a_low_window(stand: Stand, pair: PairView) -> None:
    stand.resize(900, 420)
    assert pair.export.box.visibleRegion().isEmpty()
    _save(stand, pair, "export_path")
    button = shown(pair.export.box, QPushButton, "Show in folder")
    stand.qtbot.waitUntil(lambda: not button.visibleRegion().isEmpty())


def test_there_is_nothing_to_export_before_the_pair_is_known(stand: Stand, pair: PairView) -> None:
    assert pair.export.box.button.isEnabled()
    pair.comparison.clear()
    pair.export.show()
    assert not pair.export.box.button.isEnabled()
    assert not any(action.isEnabled() for action in pair.export.box.commands.values())
    pair.export.ask("export_path")
    assert stand.findChildren(QFileDialog) == []
