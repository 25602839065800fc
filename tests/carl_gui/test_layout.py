"""Nothing is squeezed, spread or covered: in a small window, while work goes on, with long texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QListView,
    QPushButton,
    QScrollArea,
    QStyleOptionViewItem,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from carl_gui.app import application
from carl_gui.explore.embedding import EncoderBox
from carl_gui.explore.many.grid import GridCell
from carl_gui.explore.page import ExploreController
from carl_gui.explore.pair.controller import PairView
from carl_gui.explore.pair.heatmap_drawing import _name as draw_name
from carl_gui.explore.pair.model import Pair, PairSide, pair_of
from carl_gui.explore.pair.strip_drawing import Lanes, draw_lanes
from carl_gui.label.controller import LabelController
from carl_gui.label.label_import import ImportDialog
from carl_gui.label.timeline_drawing import HANDLE
from carl_gui.label.video_list import ShareDelegate
from carl_gui.main_window import MainWindow
from carl_gui.models.rows import Cell
from carl_gui.player.player import PlayerPanel
from carl_gui.player.seek_bar import SeekBar, SeekPreview
from carl_gui.theme import LIGHT, colours_of
from carl_gui.train.fields import NetworkCombo
from carl_gui.train.log_tail import LogTail
from carl_gui.widgets.labels import ElidedLabel
from carl_gui.widgets.layouts import ColumnScroll
from core.base.types import Span
from core.learning.run_folder import RunFolder
from core.project.phase_edits import AddPhase
from core.project.span_edits import PaintSpan
from tests.carl_gui.embedded import course, edges, embed_by_hand
from tests.carl_gui.projects import new_project, tiny_config, tiny_videos
from tests.carl_gui.run_examples import SECOND, curves_of
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
        qtbot.waitUntil(lambda: explore.context.scene is not None)
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
    explore._embeddings.scan()
    qtbot.waitUntil(
        lambda: explore._embeddings.index is not None and explore._embeddings.index.source("run-2") is not None
    )
    explore.choose_encoder("run-2")
    box = small.findChild(EncoderBox)
    before = box.height()
    small.jobs.submit(JobOrder("embed", "run-2", ("core.embed",), "cpu", is_remembered=False))
    qtbot.waitUntil(lambda: not box._progress_row.isHidden())
    QApplication.processEvents()
    assert box.height() <= max(box.sizeHint().height(), box.heightForWidth(box.width())) + 2
    assert box.height() < before + 120
    assert box._progress_row.mapTo(box, QPoint(0, 0)).y() < 150


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
            assert bar.frame_at(bar.x_of(frame)) == frame


def test_nothing_covers_the_picture_while_one_drags_to_a_frame(small: MainWindow, qtbot: QtBot) -> None:
    player = small.library.player
    qtbot.waitUntil(lambda: player.view.image is not None)
    bar, preview = player.findChild(SeekBar), player.findChild(SeekPreview)
    middle = bar.height() // 2
    qtbot.mouseMove(bar, QPoint(round(bar.x_of(3)), middle))
    bar.hovered.emit(3)
    assert preview.isVisible(), "it says where a click leads"
    qtbot.mousePress(bar, _LEFT, pos=QPoint(round(bar.x_of(4)), middle))
    bar._set_hovered(6)
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
    pair = pair_of(*(PairSide(edges(80), one.astype(np.float32)) for one in units), least_confidence=0.0)
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


def test_the_cursor_of_the_timeline_leaves_its_figures_readable(small: MainWindow, qtbot: QtBot) -> None:
    small.show_page("label")
    label = cast("LabelController", small.page("label"))
    timeline = label.panel.timeline
    qtbot.waitUntil(lambda: timeline.state.axis.num_frames == 12 and timeline.state.edges_seconds is not None)
    row = timeline.current_layout.rows["ruler"]
    figures = QRectF(row.left(), row.top() - 2, row.width(), row.height() - HANDLE).toRect()

    def seen(place: int) -> QImage:
        timeline.set_frame_index(place)
        return timeline.grab(figures).toImage()

    first = seen(0)
    assert len({first.pixel(x, y) for x in range(40) for y in range(first.height())}) > 1, "there is a figure"
    assert all(seen(place) == first for place in range(1, 12))
    timeline.set_frame_index(0)
    below = timeline.grab(QRectF(row.left(), row.bottom() - HANDLE, 24, HANDLE).toRect()).toImage()
    text = QColor(colours_of(timeline.palette()).text)
    assert text in [below.pixelColor(x, y) for x in range(below.width()) for y in range(below.height())], "the handle"


def test_in_a_small_window_a_run_shows_a_curve_and_whole_buttons(small: MainWindow, qtbot: QtBot) -> None:
    _show(small, "train", qtbot)
    page = small.training
    page._timer.stop()  # it would show the run of the project again
    page.curves.set_curves({"second": curves_of(300)}, "second")
    page.details.set_run(SECOND, None)
    page.details.set_embedding("done")
    for size in (_SMALL, (1400, 860)):
        small.resize(*size)
        QApplication.processEvents()
        assert page.curves.loss_plot.height() >= 150, size
        assert page.curves.loss_plot.getViewBox().height() >= 90, size
        scroll = next(one for one in small.findChildren(ColumnScroll) if one.isAncestorOf(page.details))
        for part in (*page.details.findChildren(QPushButton), page.curves.loss_plot.viewport()):
            if not part.isHidden():
                scroll.ensureWidgetVisible(part)
                assert part.visibleRegion().boundingRect() == part.rect(), (size, part)
        tabs = next(one for one in small.findChildren(QTabWidget) if one.isAncestorOf(page.curves)).tabBar()
        last = tabs.tabRect(tabs.count() - 1)
        assert last.right() <= tabs.width(), "all tabs can be read"


def test_the_log_stays_at_its_end_whatever_its_size(qtbot: QtBot) -> None:
    log = LogTail()
    qtbot.addWidget(log)
    log.resize(900, 400)
    log.show()
    log.set_lines([f"2026-11-30 04:43:28 step {n} of 300: loss 3.0817, learning rate 1.02e-05" for n in range(300)])
    bar = log._text.verticalScrollBar()
    for size in ((900, 400), (220, 110), (900, 200), (300, 400), (220, 110)):
        log.resize(*size)
        QApplication.processEvents()
        assert bar.value() == bar.maximum() > 0, size
    bar.setValue(3)
    log.resize(230, 200)
    assert bar.value() < bar.maximum(), "unless one has scrolled up"


def test_in_a_small_window_the_strip_of_a_pair_has_room(small: MainWindow, qtbot: QtBot) -> None:
    _show(small, "explore/pair", qtbot)
    explore = cast("ExploreController", small.page("explore"))
    panel = cast("PairView", explore.views["pair"]).panel
    qtbot.waitUntil(lambda: panel.drive.isVisible() and small.width() == _SMALL[0])
    assert panel.drive.height() <= 3 * panel.drive._looks.height(), "two lines of buttons"


_TALL = 1.27
"""Times the height of DejaVu Sans: what a line takes that has Noto Sans CJK in it too."""


def test_names_in_tall_scripts_have_room(small: MainWindow, qtbot: QtBot) -> None:
    _show(small, "explore/pair", qtbot)
    explore = cast("ExploreController", small.page("explore"))
    for player in cast("PairView", explore.views["pair"]).panel.findChildren(PlayerPanel):
        qtbot.waitUntil(lambda player=player: player._title.isVisible())
        title = player._title
        assert title.contentsRect().height() >= title.fontMetrics().height() * _TALL
    rows, option = QListView(small), QStyleOptionViewItem()
    rows.initViewItemOption(option)
    delegate = ShareDelegate(rows)
    option.rect = QRect(QPoint(0, 0), delegate.sizeHint(option, QModelIndex()))
    room = delegate.text_room(option)
    assert room.height() >= option.fontMetrics.height() * _TALL
    assert room.bottom() <= option.rect.height() - delegate.below, "the bar is below it"
    name = QRectF(40, 20, 120, 10)  # lower than the letters
    image = QImage(200, 60, QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT.base))
    painter = QPainter(image)
    draw_name(painter, name, "_g_", LIGHT.pair[0])
    painter.end()
    inked = [y for y in range(60) for x in range(200) if image.pixelColor(x, y) != QColor(LIGHT.base)]
    assert max(inked) - min(inked) >= 11, "nothing is cut"


def test_the_side_of_explore_is_as_wide_as_what_is_in_it(small: MainWindow, qtbot: QtBot) -> None:
    _show(small, "explore/pair", qtbot)
    explore = cast("ExploreController", small.page("explore"))
    side = next(one for one in small.findChildren(QScrollArea) if one.isAncestorOf(explore.panel.encoders))
    for wide in (0, 230):
        explore.panel.encoders.setMinimumWidth(wide)
        qtbot.waitUntil(lambda: side.viewport().width() >= side.widget().minimumSizeHint().width())
    assert small.width() == _SMALL[0]


def test_of_a_sentence_the_end_is_left_out_and_of_a_name_the_middle(qtbot: QtBot) -> None:
    sentence = "Drag to label, or press I, O and Enter. Number keys paint during playback."
    for label, end in ((ElidedLabel(sentence, is_sentence=True), "…"), (ElidedLabel(sentence), "playback.")):
        qtbot.addWidget(label)
        label.resize(200, 20)
        label.show()
        assert label.text().startswith("Drag to")
        assert label.text().endswith(end)
        assert label.toolTip() == sentence


@pytest.mark.parametrize("size", [(70, 150), (74, 157), (150, 290)])
def test_narrow_cells_have_their_names_and_no_cut_note(qtbot: QtBot, size: tuple[int, int]) -> None:
    cell = GridCell()
    qtbot.addWidget(cell)
    cell.resize(*size)
    cell.set_video("correct11.mp4", "", is_reference=False)
    cell.show()

    def seen() -> QImage:
        return cell.grab(cell._below()).toImage()

    empty = seen()
    cell.set_moment("0:07.63", None)
    cell.set_note("not judged · another action?")
    high = cell.fontMetrics().height()
    both = seen()
    name = QRect(0, 0, both.width(), high)
    assert both.copy(name) == empty.copy(name), "the time takes nothing of the name"
    assert both.copy(0, high, both.width(), high) != empty.copy(0, high, both.width(), high), "and stands below it"
    room = size[0] - 2 * 8
    time, note = cell._time_and_note(room)
    assert note in ("", "not judged", "not judged · another action?") or not time
    if size[0] == 150:
        assert (time, note) == ("0:07.63", "not judged")
        cell.set_note("not judged · another action?", "", "another action?")
        assert cell._time_and_note(room) == ("", "another action?"), "a doubt is left out last"
