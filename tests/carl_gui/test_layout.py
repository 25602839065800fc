"""Nothing is squeezed, spread or covered: in a small window, while work goes on, with long texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from carl_gui.app import application
from carl_gui.controllers.explore.page import ExploreController
from carl_gui.controllers.labelling import LabelController
from carl_gui.main_window import MainWindow
from carl_gui.models.pair import Pair, Side, pair_of
from carl_gui.models.text_table import Cell
from carl_gui.panels.explore.encoder_box import EncoderBox
from carl_gui.panels.label.import_dialog import ImportDialog
from carl_gui.panels.pair.strip_drawing import Lanes, draw_lanes
from carl_gui.panels.player.seek_bar import SeekBar, SeekPreview
from carl_gui.panels.training.training_fields import NetworkCombo
from carl_gui.theme import LIGHT
from core.project.phase_edits import AddPhase
from core.project.span_edits import PaintSpan
from core.run_folder import RunFolder
from core.types import Span
from tests.carl_gui.embedded import course, edges, embed_by_hand
from tests.carl_gui.projects import new_project, tiny_config, tiny_videos
from tests.carl_gui.windows import open_project
from training.job import Job
from training.queue import JobOrder, JobQueue

_LEFT = Qt.MouseButton.LeftButton
_SMALL = (900, 600)
_LONG = "A sentence that does not end, for a person who has much to read. " * 3


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Four decoded videos with labels in two of them, two of them embedded."""
    films = tiny_videos(tmp_path / "films", 4)
    folder = new_project(tmp_path / "project", films, decodes=True)
    with RunFolder.create(folder / "runs" / "run-1", tiny_config(), films):
        pass
    embed_by_hand(folder, "run-1", [(film, course(np.linspace(0, 1, 12))) for film in films[:2]])
    return folder


@pytest.fixture
def small(window: MainWindow, project: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    """A small window with that project; jobs are stand-ins."""
    monkeypatch.chdir(Path(__file__).parents[2])
    monkeypatch.setattr(
        "carl_gui.jobs.JobQueue",
        lambda memory=None: JobQueue(memory, lambda order: Job.start(("tests.core.command_child",))),
    )
    window.resize(*_SMALL)
    open_project(window, project)
    for phase in ("reach", "pull"):
        window.session.do(AddPhase(phase))
    window.session.do(PaintSpan(1, Span("reach", 0, 6)))
    window.session.do(PaintSpan(1, Span("pull", 6, 12)))
    qtbot.waitUntil(lambda: len(window.library.badges) == 4)
    yield window
    window.jobs.close()


def _show(window: MainWindow, page: str, qtbot: QtBot) -> None:
    name, _, view = page.partition("/")
    window.show_page(name)
    if view:
        explore = cast("ExploreController", window.page("explore"))
        explore.choose_view(view)
        qtbot.waitUntil(lambda: explore.desk.scene is not None)
    if name == "label":
        label = cast("LabelController", window.page("label"))
        qtbot.waitUntil(lambda: label.probe.prediction is not None and not label.probe.is_pending, timeout=60_000)
    QApplication.processEvents()


@pytest.mark.usefixtures("no_child_left")
@pytest.mark.parametrize(
    "page", ["videos", "train", "label", "export", *(f"explore/{view}" for view in ("pair", "many", "search", "map"))]
)
def test_a_small_window_stays_small(small: MainWindow, qtbot: QtBot, page: str) -> None:
    small.warn(_LONG)
    _show(small, page, qtbot)
    small.jobs.submit(JobOrder("embed", "run-1", ("core.embed",), "cpu", is_remembered=False))
    qtbot.waitUntil(lambda: small.status.chip.isVisible())
    QApplication.processEvents()
    least = small.minimumSizeHint()
    assert (least.width() <= _SMALL[0], least.height() <= _SMALL[1]) == (True, True), least
    assert (small.width(), small.height()) == _SMALL


@pytest.mark.usefixtures("no_child_left")
def test_the_box_of_the_encoder_keeps_together_while_it_embeds(small: MainWindow, project: Path, qtbot: QtBot) -> None:
    with RunFolder.create(project / "runs" / "run-2", tiny_config(), []) as run:
        run.encoder_file.write_bytes(b"weights")
    small.resize(1400, 860)
    _show(small, "explore/pair", qtbot)
    explore = cast("ExploreController", small.page("explore"))
    explore.look()
    qtbot.waitUntil(lambda: explore._survey is not None and explore._survey.source("run-2") is not None)
    explore.choose_encoder("run-2")
    box = small.findChild(EncoderBox)
    before = box.height()
    small.jobs.submit(JobOrder("embed", "run-2", ("core.embed",), "cpu", is_remembered=False))
    qtbot.waitUntil(lambda: not box._going.isHidden())
    QApplication.processEvents()
    assert box.height() <= max(box.sizeHint().height(), box.heightForWidth(box.width())) + 2
    assert box.height() < before + 120
    assert box._going.mapTo(box, QPoint(0, 0)).y() < 150


def test_the_seek_bar_and_the_timeline_have_a_frame_at_the_same_place(small: MainWindow, qtbot: QtBot) -> None:
    _show(small, "label", qtbot)
    label = cast("LabelController", small.page("label"))
    qtbot.waitUntil(lambda: label.playback.edges_seconds is not None)
    bar, timeline = label.panel.player.findChild(SeekBar), label.panel.timeline
    for width in (900, 1300):
        small.resize(width, 700)
        QApplication.processEvents()
        for frame in (0, 5, 11):
            above = bar.mapTo(small, QPoint(round(bar.x_of(frame)), 0)).x()
            below = timeline.mapTo(small, QPoint(round(timeline.x_of(frame + 0.5)), 0)).x()
            assert abs(above - below) <= 1
            assert bar.place_at(bar.x_of(frame)) == frame


def test_nothing_covers_the_picture_while_one_drags_to_a_frame(small: MainWindow, qtbot: QtBot) -> None:
    player = small.library.player
    qtbot.waitUntil(lambda: player.view.image is not None)
    bar, preview = player.findChild(SeekBar), player.findChild(SeekPreview)
    middle = bar.height() // 2
    qtbot.mouseMove(bar, QPoint(round(bar.x_of(3)), middle))
    bar.hovered.emit(3)
    assert preview.isVisible(), "it says where a click leads"
    qtbot.mousePress(bar, _LEFT, pos=QPoint(round(bar.x_of(4)), middle))
    bar._hover(6)
    assert not preview.isVisible(), "the picture itself shows where one drags to"
    qtbot.mouseRelease(bar, _LEFT, pos=QPoint(round(bar.x_of(6)), middle))


def _inked(image: QImage, room: QRectF) -> set[str]:
    """The colours there."""
    box = room.toRect()
    xs, ys = range(box.left(), box.right()), range(box.top(), box.bottom())
    return {image.pixelColor(x, y).name() for x in xs for y in ys}


def _drawn(pair: Pair, lanes: Lanes) -> QImage:
    image = QImage(500, 140, QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT.window))
    painter = QPainter(image)
    draw_lanes(painter, lanes, pair, np.zeros(0, np.int64), LIGHT)
    painter.end()
    return image


def test_titles_of_the_lanes_leave_the_curves_their_room(qapp: QApplication) -> None:
    rows = np.linspace(0, 1.5, 80)[:, None] * (1, 0) + (0, 1)
    other = rows[np.minimum(4 * np.arange(80), 79)]  # at first four times as fast
    other[50:60] = (1, -0.2)  # and once otherwise
    units = (one / np.linalg.norm(one, axis=1, keepdims=True) for one in (rows, other))
    pair = pair_of(*(Side(edges(80), one.astype(np.float32)) for one in units), least_confidence=0.0)
    letters = QFontMetricsF(qapp.font())
    lanes = Lanes.within(QRectF(0, 0, 500, 140), letters, len(pair.moments))
    assert lanes.headroom >= letters.height()
    image, without = _drawn(pair, lanes), _drawn(pair, replace(lanes, headroom=0.0))
    for lane, ink in ((lanes.distance, LIGHT.curve), (lanes.tempo, LIGHT.pair[1])):
        title = QRectF(lane.left() + 1, lane.top() + 1, lane.width() - 2, lanes.headroom - 3)
        assert QColor(ink).name() in _inked(without, title), "the curve goes up there where it may"
        assert QColor(ink).name() not in _inked(image, title)
    low = Lanes.within(QRectF(0, 0, 500, 84), letters, len(pair.moments))
    assert (low.headroom, low.room_of(low.distance)) == (0.0, low.distance), "without titles the curve has it all"


def test_a_list_shows_its_texts_whole_however_narrow_its_box_is(qtbot: QtBot) -> None:
    combo = NetworkCombo()
    qtbot.addWidget(combo)
    assert combo.itemText(1) == "ImageNet weights (downloaded once)", "nor is it cut before it is drawn"
    combo.resize(90, combo.sizeHint().height())
    combo.show()
    combo.showPopup()
    view = combo.view()
    widest = max(view.fontMetrics().horizontalAdvance(combo.itemText(row)) for row in range(combo.count()))
    assert widest > combo.width()
    assert view.viewport().width() >= widest
    combo.hidePopup()


def test_the_only_problem_of_an_import_is_read_whole(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    dialog = ImportDialog(owner)
    problem = "Line 3 of events.csv names the video “a day at the beach.mp4”, which is not in the project: " * 4
    dialog.set_preview("Nothing can be imported.", {}, [], [(Cell("Line 3"), Cell(problem))])
    dialog.show()
    QApplication.processEvents()
    table = dialog.problems
    cell = table.visualRect(table.model().index(0, 1))
    needed = table.fontMetrics().boundingRect(0, 0, cell.width() - 20, 10_000, int(Qt.TextFlag.TextWordWrap), problem)
    assert cell.height() >= needed.height()
    assert table.viewport().height() >= cell.height()


def test_titles_of_dialogs_are_short(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QApplication, "setStyle", lambda *_: None)  # which dresses what other tests left, too
    assert application() is qapp
    assert QGuiApplication.applicationDisplayName() in ("", QApplication.applicationName()), "else it stands in each"
