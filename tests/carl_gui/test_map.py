"""The map of all frames in Explore: hovered, chosen, encircled, live; UMAP as a job; old maps say so."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.explore.map import controller as map_lasso
from carl_gui.explore.map.colours import by_cluster, by_phase, by_time, by_video
from carl_gui.explore.map.controller import MapView
from carl_gui.explore.map.layouts import umap_file
from carl_gui.explore.map.panel import MapPanel
from carl_gui.explore.map.rendering import MapWindow, Scatter
from carl_gui.explore.page import ExploreController
from carl_gui.job_control.recovery import MAP
from carl_gui.models.scene import FrameRef, VideoRange
from carl_gui.theme import DARK, LIGHT, colours_of, palette_of
from core.base.files import content_digest
from core.base.types import Span
from core.embedding.folder import read_card, read_embedded
from core.map import pca_map, read_map, write_map
from core.map.points import Points
from core.project.phase_edits import AddPhase, ColourPhase
from core.project.rows import PhaseRow
from core.project.span_edits import PaintSpan
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import CHILD_MS, Stand, new_project, shown, standing, tiny_video

_FRAMES = (12, 24, 6)


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    """Three videos; frame i of film N shows 13 N + i."""
    return [tiny_video(tmp_path / "films", f"film{n}.mp4", n, frames) for n, frames in enumerate(_FRAMES, 1)]


def _rows(number: int) -> np.ndarray:
    """Each film goes through the same movement, a little aside from the others; no two frames are the same."""
    rows = course(np.linspace(0, 1, _FRAMES[number - 1])).copy()
    rows[:, number] += 0.05 * number
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def project(tmp_path: Path, films: list[Path]) -> Path:
    folder = new_project(tmp_path / "project", films, decodes=True)
    embed_by_hand(folder, "run-1", [(film, _rows(number)) for number, film in enumerate(films, 1)])
    return folder


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


@pytest.fixture
def page(stand: Stand, project: Path) -> ExploreController:
    stand.session.open(project)
    page = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: page.context.scene is not None)
    page.choose_view("map")
    return page


@pytest.fixture
def view(stand: Stand, page: ExploreController) -> MapView:
    """With all points drawn."""
    found = page.views["map"]
    _wait(stand, found)
    return found


def _wait(stand: Stand, view: MapView) -> None:
    """Until the newest colours are drawn."""
    canvas = view.panel.canvas
    stand.qtbot.waitUntil(
        lambda: (
            view.layout is not None
            and view.colours.current is not None
            and view.colours.current.layout is view.layout
            and not view.colours.is_running
            and canvas.is_sharp
        )
    )


def _spot(view: MapView, video_id: int, frame: int) -> QPoint:
    assert view.layout is not None
    place = view.layout.frame_of(video_id, frame)
    assert place is not None
    spot = view.panel.canvas.spot(place)
    assert spot is not None
    return spot.toPoint()


def _click(stand: Stand, view: MapView, at: QPoint) -> None:
    stand.qtbot.mouseClick(view.panel.canvas, Qt.MouseButton.LeftButton, pos=at)


def _drag(
    stand: Stand, view: MapView, corners: list[QPoint], modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    canvas, left = view.panel.canvas, Qt.MouseButton.LeftButton
    stand.qtbot.mousePress(canvas, left, modifier, corners[0])
    for corner in corners[1:]:
        stand.qtbot.mouseMove(canvas, corner)
    stand.qtbot.mouseRelease(canvas, left, modifier, corners[-1])


def test_all_frames_lie_where_their_principal_components_say(view: MapView, project: Path) -> None:
    folder = project / "embeddings" / "run-1"
    made = pca_map(read_embedded(folder, read_card(folder).encoder_digest), "")
    layout = view.layout
    assert layout is not None
    assert layout.ids == (1, 2, 3)
    for frame, position in enumerate(made.positions):
        assert layout.points.place_of(frame) == pytest.approx(tuple(position), abs=1e-6)
    assert view.panel.method.facts.startswith("42 frames of 3 videos.")
    across, up = (round(share * 100) for share in made.shares)
    assert f"Variance shown: {across} % horizontal, {up} % vertical." in view.panel.method.facts
    assert view.panel.line.startswith("42 points.")
    assert view.panel.canvas.picture is not None
    assert view.panel.canvas.picture.num_visible == 42


def test_hovering_shows_the_nearest_frame_with_its_picture(stand: Stand, view: MapView) -> None:
    canvas, card = view.panel.canvas, view.panel.card
    at = _spot(view, 2, 7) + QPoint(2, 1)
    spots = {
        (number, frame): QPointF(_spot(view, number, frame))
        for number, frames in enumerate(_FRAMES, 1)
        for frame in range(frames)
    }
    nearest = min(spots, key=lambda key: (spots[key] - QPointF(at)).manhattanLength())
    assert nearest == (2, 7), "points lie apart"
    stand.qtbot.mouseMove(canvas, at)
    assert card.lines == ("film2.mp4", "0:00.23 · frame 7", "not labelled")
    stand.qtbot.waitUntil(lambda: card.has_picture)
    assert canvas.rect().contains(card.geometry())
    stand.qtbot.mouseMove(canvas, QPoint(2, 2))
    assert card.lines == (), "there is nothing near"


def test_a_click_chooses_and_a_double_click_searches(stand: Stand, page: ExploreController, view: MapView) -> None:
    searched: list[VideoRange] = []
    view.context.search_requested.connect(searched.append)
    _click(stand, view, _spot(view, 1, 4))
    assert view.frames.chosen == FrameRef(1, 4)
    assert view.panel.chosen.texts == ("film1.mp4", "0:00.13 · frame 4\nnot labelled")
    stand.qtbot.waitUntil(lambda: view.panel.chosen.has_picture)
    shown(view.panel.side, QPushButton, "Find similar").click()
    assert searched == [VideoRange(1, 4, 5)]
    assert page.panel.view == "search"
    page.choose_view("map")
    _wait(stand, view)
    stand.qtbot.mouseDClick(view.panel.canvas, Qt.MouseButton.LeftButton, pos=_spot(view, 3, 2))
    assert searched[-1] == VideoRange(3, 2, 3)
    page.choose_view("map")
    _wait(stand, view)
    stand.qtbot.keyClick(view.panel.canvas, Qt.Key.Key_Return)
    assert searched[-1] == VideoRange(3, 2, 3)
    page.choose_view("map")
    _wait(stand, view)
    _click(stand, view, QPoint(3, 3))
    assert view.frames.chosen is None
    assert not view.panel.commands["find_similar"].isEnabled()


def test_keys_go_through_the_frames_of_a_chosen_video(stand: Stand, view: MapView) -> None:
    view.panel.canvas.setFocus()
    view.panel.look.video_selected.emit(3)
    assert view.frames.chosen == FrameRef(3, 0)
    for name, frame in (("frame_on", 1), ("frame_on", 2), ("frame_back", 1), ("frame_back", 0), ("frame_back", 0)):
        view.panel.commands[name].trigger()
        assert view.frames.chosen == FrameRef(3, frame)
    _wait(stand, view)
    layout = view.layout
    assert layout is not None
    start, end = layout.range_of(3)
    meant = view.colours.current.classes != 255
    np.testing.assert_array_equal(meant, (layout.points.frames >= start) & (layout.points.frames < end))


def test_the_frame_that_plays_is_marked_and_can_be_compared(stand: Stand, view: MapView) -> None:
    canvas = view.panel.canvas
    _click(stand, view, _spot(view, 1, 4))
    view.context.playing.emit(99, 1)
    assert not view.panel.commands["compare"].isEnabled(), "that video is not on the map"
    before = canvas.picture
    layout = view.layout
    for frame in (3, 20):
        view.context.playing.emit(2, frame)
        start, _ = layout.range_of(2)
        np.testing.assert_array_equal(canvas._trail, layout.points.course(start, start + frame + 1))
    assert canvas.picture is before, "no point is drawn again for that"
    canvas.grab()
    pairs: list[tuple[FrameRef, FrameRef]] = []
    view.context.pair_requested.connect(lambda a, b: pairs.append((a, b)))
    view.panel.commands["compare"].trigger()
    assert pairs == [(FrameRef(2, 20), FrameRef(1, 4))]
    view.context.playing.emit(99, 1)
    assert len(canvas._trail) == 0, "a video that is not on the map"


@pytest.mark.parametrize("by_key", [False, True])
def test_a_lasso_selects_what_is_inside_for_the_grid(stand: Stand, view: MapView, *, by_key: bool) -> None:
    found: list[tuple[list[FrameRef], str]] = []
    view.context.moments_requested.connect(lambda moments, title: found.append((moments, title)))
    spots = {(n, f): QPointF(_spot(view, n, f)) for n, frames in enumerate(_FRAMES, 1) for f in range(frames)}
    middle = spots[2, 12]
    corners = [(middle + QPointF(x, y)).toPoint() for x, y in ((-70, -70), (75, -65), (68, 71), (-66, 74))]
    inside = {
        FrameRef(*key)
        for key, spot in spots.items()
        if corners[0].x() + 6 < spot.x() < corners[1].x() - 10 and abs(spot.y() - middle.y()) < 60
    }
    edge = {FrameRef(*key) for key, spot in spots.items() if (spot - middle).manhattanLength() < 160}
    view.panel.commands["lasso"].setChecked(by_key)
    modifier = Qt.KeyboardModifier.NoModifier if by_key else Qt.KeyboardModifier.ShiftModifier
    window = view.panel.canvas.visible_window
    _drag(stand, view, corners, modifier)
    stand.qtbot.waitUntil(lambda: bool(found))
    ((moments, title),) = found
    assert inside <= set(moments) <= edge
    assert FrameRef(2, 12) in moments
    assert title == f"From the map: {len(moments)} frames"
    assert view.panel.canvas.visible_window == window, "nothing was moved"
    assert not view.panel.commands["lasso"].isChecked()


def test_a_lasso_around_much_is_sampled_and_around_nothing_says_so(
    stand: Stand, view: MapView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_lasso, "MOST_MOMENTS", 10)
    found: list[tuple[list[FrameRef], str]] = []
    view.context.moments_requested.connect(lambda moments, title: found.append((moments, title)))
    far = view.panel.canvas.rect().adjusted(1, 1, -1, -1)
    corners = [far.topLeft(), far.topRight(), far.bottomRight(), far.bottomLeft()]
    view.panel.canvas.lassoed.emit(np.array([[900.0, 900.0], [901.0, 900.0], [900.0, 901.0]]))
    stand.qtbot.waitUntil(lambda: "No points inside" in view.panel.line)
    _drag(stand, view, corners, Qt.KeyboardModifier.ShiftModifier)
    stand.qtbot.waitUntil(lambda: bool(found))
    ((moments, title),) = found
    assert title == "From the map: 10 of 42 frames, evenly spread"
    assert [view.layout.frame_of(one.video_id, one.frame) for one in moments] == [n * 42 // 10 for n in range(10)]


def test_dragging_moves_the_map_and_the_wheel_enlarges_it_at_the_mouse(stand: Stand, view: MapView) -> None:
    canvas = view.panel.canvas
    before = QPointF(_spot(view, 2, 5))
    _drag(stand, view, [QPoint(50, 50), QPoint(70, 60), QPoint(130, 90)])
    assert QPointF(_spot(view, 2, 5)) == before + QPointF(80, 40)
    assert view.frames.chosen is None, "a drag is no click"
    at = _spot(view, 2, 5)
    other = QPointF(_spot(view, 2, 9) - at)
    canvas.zoom(2.0, QPointF(at))
    assert (_spot(view, 2, 5) - at).manhattanLength() <= 1
    moved = QPointF(_spot(view, 2, 9) - at)
    assert (moved - 2 * other).manhattanLength() <= 4
    _wait(stand, view)
    view.panel.commands["zoom_fit"].trigger()
    assert (QPointF(_spot(view, 2, 5)) - before).manhattanLength() <= 1


def _dots(view: MapView) -> set[str]:
    picture = view.panel.canvas.picture
    assert picture is not None
    image = picture.image
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_phases_colour_points_and_are_followed(stand: Stand, view: MapView) -> None:
    assert stand.session.do(AddPhase("down"))
    phase = stand.session.require().phases()[0]
    stand.session.do(ColourPhase(phase.id, "#0000ff"))
    view.choose_colour("phase")
    _wait(stand, view)
    assert view.panel.legend.text.startswith("No phases yet")
    stand.session.do(PaintSpan(2, Span("down", 3, 9)))
    stand.qtbot.waitUntil(lambda: bool(view.colours.current.colouring.phases))
    _wait(stand, view)
    layout = view.layout
    start, _ = layout.range_of(2)
    frames = set(layout.points.frames[view.colours.current.classes == 1].tolist())
    assert frames == set(range(start + 3, start + 9))
    assert [entry.text for entry in view.panel.legend.entries] == ["down", "Not labelled"]
    assert view.panel.legend.entries[0].colour == "#0000ff"
    stand.qtbot.mouseMove(view.panel.canvas, _spot(view, 2, 4))
    assert view.panel.card.lines[2] == "down"
    blue = [QColor(name) for name in _dots(view) if QColor(name).blue() > 150 and QColor(name).red() < 100]
    assert blue
    stand.session.undo()
    stand.qtbot.waitUntil(lambda: not view.colours.current.colouring.phases)


def test_colours_by_video_and_cluster(stand: Stand, view: MapView) -> None:
    view.choose_colour("video")
    _wait(stand, view)
    assert [entry.text for entry in view.panel.legend.entries] == ["film1.mp4", "film2.mp4", "film3.mp4"]
    _click(stand, view, _spot(view, 1, 3))
    _wait(stand, view)
    assert (view.colours.current.classes != 255).sum() == 12, "the chosen video is picked out"
    view.choose_colour("cluster")
    view.panel.look.clusters_selected.emit(3)
    _wait(stand, view)
    assert [entry.text for entry in view.panel.legend.entries] == ["1", "2", "3"]
    assert len(view.colours.current.middles) == 3
    view.panel.grab()


def test_the_map_is_light_or_dark_as_the_window_is(stand: Stand, view: MapView) -> None:
    seen = {}
    for colours in (LIGHT, DARK):
        view.panel.canvas.setPalette(palette_of(colours))
        _wait(stand, view)
        dots = _dots(view)
        assert colours.base in dots
        seen[colours.base] = dots
    assert LIGHT.base not in seen[DARK.base]


def test_umap_is_made_as_a_job_and_shown(stand: Stand, view: MapView, project: Path) -> None:
    view.choose_method("umap")
    stand.qtbot.waitUntil(lambda: view.panel.empty.action == "Make the UMAP map")
    assert view.panel.is_empty
    said: list[str] = []
    stand.jobs.event_received.connect(lambda *_: said.append(view.panel.method.progress))
    shown(view.panel.empty, QPushButton, "Make the UMAP map").click()
    assert stand.jobs.find(MAP, "run-1") is not None
    assert stand.jobs.jobs[0].order.is_remembered
    stand.qtbot.waitUntil(lambda: view.layout is not None and view.layout.frame_map.method == "umap", timeout=CHILD_MS)
    _wait(stand, view)
    assert not view.panel.is_empty
    assert any(words.startswith("Laying out the map") for words in said)
    made = read_map(umap_file(project, "run-1"))
    assert made.encoder_digest == content_digest(project / "runs" / "run-1" / "encoder.safetensors")
    assert "Laid out by 42 of these frames." in view.panel.method.facts
    assert view.panel.method.notice == ""
    view.choose_method("pca")
    stand.qtbot.waitUntil(lambda: view.layout is not None and view.layout.frame_map.method == "pca")


def test_making_can_be_cancelled_and_a_failure_is_said(stand: Stand, view: MapView, project: Path) -> None:
    view.choose_method("umap")
    stand.qtbot.waitUntil(lambda: view.panel.empty.action == "Make the UMAP map")
    view.job.start()
    assert "Making the map" in view.panel.empty._title.text()
    shown(view.panel.side, QPushButton, "Cancel").click()
    stand.qtbot.waitUntil(lambda: not stand.jobs.jobs, timeout=CHILD_MS)
    stand.qtbot.waitUntil(lambda: view.panel.empty.action == "Make the UMAP map")
    assert not umap_file(project, "run-1").exists()
    (project / "maps").mkdir(exist_ok=True)
    umap_file(project, "run-1").mkdir()
    view.job.start()
    stand.qtbot.waitUntil(lambda: "cannot be written" in view.panel.method.notice, timeout=CHILD_MS)


def _write(project: Path, films: list[Path], **change: object) -> None:
    """A map as if UMAP had made it."""
    folder = project / "embeddings" / "run-1"
    digest = read_card(folder).encoder_digest
    wanted = {content_digest(film) for film in films}
    made = pca_map([one for one in read_embedded(folder, digest) if one.digest in wanted], digest)
    fields = {"method": "umap", "shares": None, "num_landmarks": 9, **change}
    write_map(umap_file(project, "run-1"), made.__class__(**{**made.__dict__, **fields}))


def test_an_outdated_map_is_shown_and_says_so(stand: Stand, view: MapView, project: Path, films: list[Path]) -> None:
    _write(project, films[:2])
    view.choose_method("umap")
    stand.qtbot.waitUntil(lambda: "it lacks 1 video." in view.panel.method.notice)
    assert view.layout.frame_of(3, 0) is not None
    assert len(view.layout.points) == 36
    assert view.panel.method._make.text() == "Make again"
    assert view.panel.method._make.isVisible()
    view.frames.choose(FrameRef(3, 0))
    assert view.panel.chosen.texts == ("", ""), "it has no place here"
    _write(project, films, encoder_digest="other")
    view.show()
    stand.qtbot.waitUntil(lambda: "with another encoder" in view.panel.method.notice)
    _write(project, films)
    view.show()
    stand.qtbot.waitUntil(lambda: view.layout is not None and view.panel.method.notice == "")
    _wait(stand, view)


def test_a_damaged_map_is_one_sentence_and_can_be_made_again(stand: Stand, view: MapView, project: Path) -> None:
    umap_file(project, "run-1").parent.mkdir()
    umap_file(project, "run-1").write_bytes(b"no map")
    view.choose_method("umap")
    stand.qtbot.waitUntil(lambda: view.panel.empty.action == "Make again")
    assert "cannot be opened" in view.panel.empty.sentence
    view.choose_method("pca")
    _wait(stand, view)
    assert not view.panel.is_empty


def test_few_frames_have_a_map_but_none_by_umap(stand: Stand, tmp_path: Path) -> None:
    film = tiny_video(tmp_path, "one.mp4", 1, 2)
    folder = new_project(tmp_path / "p", [film], decodes=True)
    embed_by_hand(folder, "run-1", [(film, course([0.4, 0.4]))])
    stand.session.open(folder)
    page = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: page.context.scene is not None)
    page.choose_view("map")
    view = page.views["map"]
    _wait(stand, view)
    _click(stand, view, _spot(view, 1, 1))
    assert view.frames.chosen == FrameRef(1, 0), "of two in one place the first"
    view.choose_method("umap")
    stand.qtbot.waitUntil(lambda: "UMAP needs 20 frames or more; these videos have 2." in view.panel.empty.sentence)
    assert view.panel.empty.action == ""
    assert not view.panel.commands["make_umap"].isEnabled()


def test_another_project_has_another_map(stand: Stand, view: MapView, page: ExploreController, tmp_path: Path) -> None:
    view.choose_video(2)
    film = tiny_video(tmp_path, "one.mp4", 1, 9)
    other = new_project(tmp_path / "other", [film], decodes=True)
    embed_by_hand(other, "run-7", [(film, course(np.linspace(0, 1, 9)))])
    stand.session.open(other)
    assert view.layout is None
    assert view.frames.chosen is None
    stand.qtbot.waitUntil(lambda: view.layout is not None and len(view.layout.points) == 9)
    _wait(stand, view)


def test_setters_announce_nothing(qtbot: QtBot) -> None:
    panel = MapPanel()
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.side)
    points = Points.of(np.random.default_rng(0).normal(size=(9, 2)).astype(np.float32))
    palette = by_time([9]).palette(is_dark=False)
    with (
        qtbot.assertNotEmitted(panel.canvas.hovered),
        qtbot.assertNotEmitted(panel.canvas.frame_selected),
        qtbot.assertNotEmitted(panel.look.colour_selected),
        qtbot.assertNotEmitted(panel.look.clusters_selected),
        qtbot.assertNotEmitted(panel.look.video_selected),
        qtbot.assertNotEmitted(panel.method.method_selected),
        qtbot.assertNotEmitted(panel.method.make_requested),
    ):
        panel.canvas.set_scatter(Scatter(points, np.zeros(9, np.uint8), palette, (255, 255, 255)))
        panel.canvas.set_chosen(3, points.course(0, 9))
        panel.canvas.set_live(points.course(0, 4))
        panel.look.set_colours([], "time", 12)
        panel.look.set_videos([], None)
        panel.method.set_methods([], "pca")
        panel.method.set_state("a", "b", "c")
        panel.method.set_progress(0.5, "half")
        panel.method.set_progress(None, "")
    panel.canvas.close_threads()


def test_a_place_in_the_widget_and_on_the_map_are_each_others_inverse() -> None:
    whole = MapWindow.of_all((-1.0, 2.0, 5.0, 4.0), 800, 600)
    for corner in ((-1.0, 2.0), (5.0, 4.0)):
        x, y = whole.to_widget(*corner)
        assert 0 < x < 800
        assert 0 < y < 600
    window = whole.zoomed(3.7, 120, 500, whole).moved(11, -7)
    assert window.to_widget(*window.to_map(33, 44)) == pytest.approx((33, 44))
    assert whole.zoomed(3.7, 120, 500, whole).to_map(120, 500) == pytest.approx(whole.to_map(120, 500))
    assert whole.zoomed(1e9, 0, 0, whole).scale < 1e9
    deep = whole.zoomed(100, 0, 0, whole).moved(-5000, -9000)
    at = deep.showing(0, 3).to_widget(0, 3)
    assert 0 < at[0] < 800
    assert 0 < at[1] < 600
    assert MapWindow.of_all((1, 1, 1, 1), 80, 60).to_widget(1, 1) == (40, 30)


def test_classes_are_those_of_the_frames() -> None:
    assert by_time([3, 1]).classes.tolist() == [0, 126, 253, 0]
    assert by_video([2, 1, 1]).classes.tolist() == [0, 0, 1, 2]
    phases = [PhaseRow(4, "idle", "#111111", 0, 0), PhaseRow(7, "up", "#123456", 1, 2)]
    found = by_phase([(9, 3), (8, 4)], {8: [Span("up", 1, 3), Span("up", 3, 90)]}, phases)
    assert found.classes.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert found.phases == (("up", "#123456"),)
    assert found.palette(is_dark=True)[1, :3].tolist() == [0x12, 0x34, 0x56]
    assert by_cluster(np.array([-1, 1, 0], np.int16)).classes.tolist() == [0, 2, 1]
    assert by_video([2, 2]).emphasised(2, 4).classes.tolist() == [255, 255, 1, 1]


def test_the_map_is_exported_as_a_picture(stand: Stand, view: MapView, tmp_path: Path) -> None:
    box = view.export.box
    assert {name for name, action in box.commands.items() if action.isEnabled()} == {"export_map", "export_map_points"}
    target = tmp_path / "map.png"
    view.export.write("export_map", target)
    stand.qtbot.waitUntil(lambda: bool(box.result))
    assert box.result == f"Wrote the map to {target}."
    picture, canvas = QImage(str(target)), view.panel.canvas
    assert picture.width() == 2 * canvas.width(), "sharp on any screen"
    assert picture.height() > 2 * canvas.height(), "the legend stands below"
    base = QColor(colours_of(canvas.palette()).base)
    for frame in range(0, sum(_FRAMES), 7):
        at = canvas.spot(frame)
        assert picture.pixelColor(round(2 * at.x()), round(2 * at.y())) != base, frame
    assert picture.pixelColor(2, 2) == base


def test_the_points_of_the_map_are_exported_as_a_table(stand: Stand, view: MapView, tmp_path: Path) -> None:
    target = tmp_path / "points.csv"
    view.export.write("export_map_points", target)
    stand.qtbot.waitUntil(lambda: bool(view.export.box.result))
    assert view.export.box.result == f"Wrote {sum(_FRAMES)} points to {target}."
    with target.open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["video", "frame", "seconds", "x", "y"]
    for number, frames in enumerate(_FRAMES, 1):
        assert [int(row[1]) for row in rows if row[0] == f"film{number}.mp4"] == list(range(frames))
    points = view.layout.points
    for number, row in enumerate(rows):
        assert np.allclose([float(row[3]), float(row[4])], points.positions[points.order[number]], rtol=1e-4)
    assert float(rows[1][2]) > float(rows[0][2])


def test_a_map_is_never_written_over_a_video_or_into_the_project(
    stand: Stand, view: MapView, films: list[Path]
) -> None:
    before = films[0].read_bytes()
    view.export.write("export_map", films[0])
    stand.qtbot.waitUntil(lambda: bool(view.export.box.result))
    assert "Wrote" not in view.export.box.result
    assert films[0].read_bytes() == before
    view.close()
    assert not any(action.isEnabled() for action in view.export.box.commands.values())
