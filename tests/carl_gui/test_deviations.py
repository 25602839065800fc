"""Deviations in the window: which videos are right is chosen once, kept, and marks the others in both views."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from carl_gui.explore import right_videos
from carl_gui.explore.many import controller as many
from carl_gui.explore.many.controller import ManyView
from carl_gui.explore.page import ExploreController
from carl_gui.explore.pair.controller import PairView
from carl_gui.explore.pair.files import draw_heatmap
from carl_gui.explore.pair.heatmap import HeatmapView
from carl_gui.explore.right_panel import NAME, PERFORMER, SHARES, RightDialog
from carl_gui.exporting import ViewExporter
from carl_gui.settings import open_settings
from carl_gui.theme import colours_of
from core.align.deviation import SHARE
from core.align.deviation_files import STRETCHES
from core.base.types import Span
from core.pictures import side_by_side
from core.project.phase_edits import AddPhase
from core.project.right_edits import SayRight
from core.project.span_edits import PaintSpan
from core.project.video_edits import AddVideos, NewVideo, RemoveVideos, RenameVideo
from core.report import deviations
from tests.carl_gui.embedded import embed_by_hand
from tests.carl_gui.projects import CHILD_MS, Stand, new_project, standing, tiny_video
from tests.core.pictures.test_pictures import frames_of
from tests.core.report.made import changing

_FRAMES, _START, _END = 40, 15, 25


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Films 1 to 3 do the same; film 4 does something else for ten frames; film 5 does nothing of it."""
    films = [tiny_video(tmp_path / "films", f"film{n}.mp4", n, _FRAMES) for n in range(1, 6)]
    same = changing(_FRAMES, 1)
    rows = [same + 0.04 * np.random.default_rng(n).normal(size=same.shape).astype(np.float32) for n in range(4)]
    rows[3][_START:_END] = changing(_END - _START, 2)
    rows.append(changing(_FRAMES, 9))
    folder = new_project(tmp_path / "project", films, decodes=True)
    units = [(one / np.linalg.norm(one, axis=1, keepdims=True)).astype(np.float32) for one in rows]
    embed_by_hand(folder, "run-1", list(zip(films, units, strict=True)))
    return folder


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


def _page(stand: Stand, folder: Path, view: str) -> ExploreController:
    stand.session.open(folder)
    page = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: page._embeddings.index is not None)
    page.choose_view(view)
    return page


def _pair(stand: Stand, folder: Path, a: int, b: int) -> PairView:
    view = _page(stand, folder, "pair").views["pair"]
    assert isinstance(view, PairView)
    view.choose(a, b)
    stand.qtbot.waitUntil(lambda: view.pair is not None)
    return view


def test_the_other_video_of_a_pair_is_marked_where_it_departs(stand: Stand, project: Path) -> None:
    view = _pair(stand, project, 4, 1)
    box = view.deviations.box
    assert "Tick the video that is right" in box.text
    assert not view.panel.strip.deviating
    box.boxes[1].click()
    stand.qtbot.waitUntil(lambda: bool(view.panel.strip.deviating))
    ((side, at),) = view.panel.strip.deviating
    assert side == 0
    frames = set(view.pair.moments.a_frames[at].tolist())
    assert set(range(_START + 1, _END - 1)) <= frames
    assert "A deviates in" in box.text
    assert "three or more are more reliable" in box.text
    view.players.seek(_START + 4, _START + 4)
    stand.qtbot.waitUntil(lambda: view.panel.a_player.view.badge.startswith("deviates"))
    assert not view.panel.b_player.view.badge
    view.players.seek(2, 2)
    stand.qtbot.waitUntil(lambda: not view.panel.a_player.view.badge)
    box.boxes[1].click()
    stand.qtbot.waitUntil(lambda: not view.panel.strip.deviating)


def test_a_video_of_another_action_is_told_in_one_sentence(stand: Stand, project: Path) -> None:
    view = _pair(stand, project, 5, 1)
    view.deviations.box.boxes[1].click()
    stand.qtbot.waitUntil(lambda: "aligns with no right video" in view.deviations.box.text)
    assert not view.panel.strip.deviating


def test_in_the_grid_right_videos_and_deviating_cells_are_marked(stand: Stand, project: Path) -> None:
    page = _page(stand, project, "many")
    view = page.views["many"]
    assert isinstance(view, ManyView)
    stand.qtbot.waitUntil(lambda: bool(view.visible) and not view.alignments.missing)
    for cell in range(3):
        view.panel.cells[cell].focused.emit()
        view.panel.commands["say_right"].trigger()
    stand.qtbot.waitUntil(lambda: "deviate" in view.panel.cells[3].texts[2])
    notes = [cell.texts[2] for cell in view.panel.cells[:5]]
    assert all(note.startswith("right") for note in notes[:3])
    assert notes[4].startswith("not judged")
    view.playing.metronome.seek(_START + 4)
    stand.qtbot.waitUntil(lambda: view.panel.cells[3].view.badge.startswith("deviates"))
    assert not any(view.panel.cells[cell].view.badge for cell in range(3))
    view.playing.metronome.seek(2)
    stand.qtbot.waitUntil(lambda: not view.panel.cells[3].view.badge)


def _mark_right(view: ManyView, *cells: int) -> None:
    for cell in cells:
        view.panel.cells[cell].focused.emit()
        view.panel.commands["say_right"].trigger()


def _many(stand: Stand, folder: Path) -> ManyView:
    view = _page(stand, folder, "many").views["many"]
    assert isinstance(view, ManyView)
    stand.qtbot.waitUntil(
        lambda: view.context.embedded is not None and bool(view.visible) and not view.alignments.missing
    )
    return view


def _finish(stand: Stand, export: ViewExporter) -> str:
    stand.qtbot.waitUntil(lambda: export.box.result != "" and not export.is_running, timeout=CHILD_MS)
    return export.box.result


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_which_videos_are_right_is_an_edit_of_the_project(stand: Stand, project: Path, qtbot: QtBot) -> None:
    view = _pair(stand, project, 4, 1)
    view.deviations.box.boxes[1].click()
    stand.qtbot.waitUntil(lambda: bool(view.panel.strip.deviating))
    assert stand.session.videos[1].is_right
    stand.session.undo()
    assert not view.deviations.box.boxes[1].isChecked()
    assert not view.panel.strip.deviating
    stand.session.redo()
    assert view.deviations.box.boxes[1].isChecked()
    stand.qtbot.waitUntil(lambda: bool(view.panel.strip.deviating))
    stand.session.do(RemoveVideos((1,)))
    stand.session.undo()
    assert stand.session.videos[1].is_right


def test_a_project_takes_what_is_right_to_another_computer(qtbot: QtBot, project: Path, tmp_path: Path) -> None:
    with standing(qtbot) as first:
        view = _pair(first, project, 4, 1)
        view.deviations.box.boxes[1].click()
        qtbot.waitUntil(lambda: bool(view.panel.strip.deviating))
    open_settings().clear()
    shutil.copytree(project, tmp_path / "elsewhere")
    with standing(qtbot) as second:
        view = _pair(second, tmp_path / "elsewhere", 4, 1)
        assert view.deviations.box.boxes[1].isChecked()
        qtbot.waitUntil(lambda: bool(view.panel.strip.deviating))


@pytest.mark.parametrize("is_known", [False, True])
def test_what_an_earlier_version_kept_is_taken_over_once(stand: Stand, project: Path, is_known: bool) -> None:
    stand.session.open(project)
    key = right_videos._settings_key(project)
    open_settings().setValue(key, [stand.session.videos[number].digest for number in (1, 3)])
    if is_known:
        stand.session.do(SayRight(((2, ""),)))
    stand.stage(ExploreController)
    right = [number for number, video in stand.session.videos.items() if video.is_right]
    assert right == ([2] if is_known else [1, 3]), "what the project says goes before"
    assert open_settings().value(key) is None
    if not is_known:
        stand.session.undo()
        assert not any(video.is_right for video in stand.session.videos.values())


def test_in_a_project_that_cannot_be_edited_nothing_can_be_ticked(stand: Stand, project: Path) -> None:
    view = _pair(stand, project, 4, 1)
    stand.session.require().read_only = "It is on a disk that cannot be written."
    view.show()
    box = view.deviations.box
    assert not any(one.isEnabled() for one in (*box.boxes, box.button))


def test_a_button_lets_one_choose_the_right_videos_and_who_is_seen(stand: Stand, project: Path) -> None:
    view = _many(stand, project)
    assert "Choose right videos with the button above the grid" in view.right_box.text
    assert view.panel.right_button.isVisible()
    view.panel.right_button.click()
    (dialog,) = stand.findChildren(RightDialog)
    model = dialog.model
    dialog.field.setText("film")
    for row in range(3):
        model.setData(model.index(row, NAME), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    assert dialog.line == "Right: 3"
    model.setData(model.index(0, PERFORMER), " anna ")
    assert not model.flags(model.index(3, PERFORMER)) & Qt.ItemFlag.ItemIsEditable, "nobody need be named there"
    dialog.save.click()
    assert [video.performer for video in stand.session.videos.values()] == ["anna", "", "", None, None]
    stand.qtbot.waitUntil(lambda: "Videos with deviations: 1 of 1." in view.right_box.text)
    stand.session.undo()
    assert not any(video.is_right for video in stand.session.videos.values()), "it was one step"


def test_right_videos_of_one_person_are_left_out_together(stand: Stand, project: Path) -> None:
    view = _many(stand, project)
    stand.session.do(SayRight(((1, "anna"), (2, "anna"), (3, ""))))
    stand.qtbot.waitUntil(lambda: view.context.right.judged(4) is not None)
    pairs = view.context.right.judged(4).norm.pairs
    assert pairs[0][1] is pairs[1][0] is None
    assert pairs[0][2] is not None


def test_a_share_of_false_flags_is_chosen_beside_it_and_kept(
    qtbot: QtBot, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with standing(qtbot) as first:
        view = _many(first, project)
        _mark_right(view, 0, 1, 2)
        qtbot.waitUntil(lambda: view.context.right.judged(4) is not None)
        assert view.right_box.share.currentText() == "2 %"
        before = view.context.right.judged(4)
        assert before.norm.share == SHARE
        with monkeypatch.context() as patched:
            patched.setattr(deviations, "hold_against", lambda *_, **__: pytest.fail("the threshold alone is new"))
            view.right_box.share.selected.emit(SHARES.index(0.2))
            qtbot.waitUntil(lambda: view.context.right.judged(4) is not None)
        after = view.context.right.judged(4)
        assert after.norm.share == 0.2
        assert after.norm.threshold < before.norm.threshold
        assert (after.found.score >= before.found.score).all()
    with standing(qtbot) as second:
        view = _pair(second, project, 4, 1)
        qtbot.waitUntil(lambda: view.context.right.judged(4) is not None)
        assert view.deviations.box.share.currentText() == "20 %"
        assert view.context.right.judged(4).norm.share == 0.2


def test_a_right_video_that_is_not_embedded_is_told(stand: Stand, project: Path, tmp_path: Path) -> None:
    stand.session.open(project)
    new = tiny_video(tmp_path / "films", "film9.mp4", 9, _FRAMES)
    stand.session.do(AddVideos((NewVideo.of(new, project),)))
    view = _pair(stand, project, 4, 1)
    stand.session.do(SayRight(((1, ""), (6, ""))))
    assert "1 right video is not embedded." in view.deviations.box.text


@pytest.mark.parametrize("side", [0, 1])
def test_the_heatmap_marks_its_axis_where_a_video_departs(stand: Stand, project: Path, side: int) -> None:
    view = _pair(stand, project, *((4, 1) if side == 0 else (1, 4)))
    view.context.right.choose(1, is_right=True)
    stand.qtbot.waitUntil(lambda: view.context.right.judged(4) is not None and not view.deviations.is_running)
    deviates = view.context.right.judged(4).found.deviates
    assert _marked_frames(view.panel.heatmap, side) == set(np.flatnonzero(deviates)) != set()
    assert not _marked_frames(view.panel.heatmap, 1 - side), "it is right"
    stand.session.undo()
    assert not _marked_frames(view.panel.heatmap, side)


def _marked_frames(heatmap: HeatmapView, side: int) -> set[int]:
    """Of a video, by the colour beside the middle of each of them."""
    sheet, picture = heatmap.sheet, heatmap.grab().toImage()
    square, warning = sheet.layout.square, QColor(colours_of(heatmap.palette()).warning)
    found = set()
    for frame in range(_FRAMES):
        spot = sheet.spot((frame, frame))
        at = (spot.x(), square.bottom() + 3) if side == 0 else (square.left() - 3, spot.y())
        if picture.pixelColor(*map(int, at)) == warning:
            found.add(frame)
    return found


def test_a_pair_s_deviations_are_written_as_a_table_and_marked_in_its_film(
    stand: Stand, project: Path, tmp_path: Path
) -> None:
    view = _pair(stand, project, 1, 4)
    plain, marked, table = (tmp_path / name for name in ("plain.mp4", "marked.mp4", "d.csv"))
    stand.session.do(RenameVideo(4, "Bob's.mp4"))
    stand.session.do(AddPhase("swing"))
    stand.session.do(PaintSpan(4, Span("swing", 0, _FRAMES)))
    assert not view.export.box.commands["export_deviations"].isEnabled()
    view.export.write("export_video", plain, view.exported())
    _finish(stand, view.export)
    view.context.right.choose(1, is_right=True)
    stand.qtbot.waitUntil(lambda: view.export.box.commands["export_deviations"].isEnabled())
    view.export.write("export_deviations", table, view.exported())
    judged = view.context.right.judged(4)
    assert _finish(stand, view.export) == f"Wrote {len(judged.found.spans)} deviations to {table}."
    rows = _rows(table)
    assert list(rows[0]) == list(STRETCHES)
    for row, span in zip(rows, judged.found.spans, strict=True):
        assert (row["video"], row["right_video"], row["phase"]) == ("film4.mp4", "film1.mp4", "swing")
        assert (int(row["start_frame"]), int(row["end_frame_exclusive"])) == (
            span.start_frame,
            span.end_frame_exclusive,
        )
        assert int(row["right_frame"]) == span.match_frame
        assert float(row["start_seconds"]) == pytest.approx(span.start_frame / 30, abs=1e-6)
        assert row["score"] == ("" if np.isnan(span.score) else f"{span.score:.6f}")
    view.export.write("export_video", marked, view.exported())
    assert "Wrote the video" in _finish(stand, view.export)
    deviates = judged.found.deviates
    moments = [b for _, b in side_by_side._moments(view.pair.alignment)]
    assert _changed_moments(plain, marked) == {i for i, (b, plays) in enumerate(moments) if plays and deviates[b]}
    heatmap, without = tmp_path / "h.svg", tmp_path / "w.svg"
    draw_heatmap(heatmap, view.exported())
    draw_heatmap(without, replace(view.exported(), judged=()))
    assert heatmap.read_text().count("#d62828") > without.read_text().count("#d62828") == 0


def test_all_deviations_of_the_grid_are_written_and_its_film_marks_them(
    stand: Stand, project: Path, tmp_path: Path
) -> None:
    view = _many(stand, project)
    plain, marked, table = (tmp_path / name for name in ("plain.mp4", "marked.mp4", "d.csv"))
    view.export.write("export_grid", plain, view.exported())
    _finish(stand, view.export)
    _mark_right(view, 0, 1, 2)
    stand.qtbot.waitUntil(lambda: view.export.box.commands["export_grid_deviations"].isEnabled())
    view.export.write("export_grid_deviations", table, view.exported())
    judged = view.context.right.judged(4)
    count = len(judged.found.spans)
    said = f"Wrote {count} deviations of 1 video to {table}. Not judged: film5.mp4."
    assert _finish(stand, view.export) == said
    assert [(row["video"], int(row["start_frame"])) for row in _rows(table)] == [
        ("film4.mp4", span.start_frame) for span in judged.found.spans
    ]
    match = view.alignments.matches[4]
    view.export.write("export_grid", marked, view.exported())
    assert "Wrote the video" in _finish(stand, view.export)
    shown = np.flatnonzero(judged.found.deviates[match.frames] & match.has_partner)
    assert _changed_moments(plain, marked) == set(shown)


def test_videos_that_are_not_seen_are_judged_too(stand: Stand, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "_BESIDE", 1)
    monkeypatch.setattr(right_videos, "_BATCH_SECONDS", 0.0)
    view = _many(stand, project)
    view.check([2, 3, 4, 5], True)
    stand.session.do(SayRight(((1, ""), (2, ""), (3, ""))))
    assert view.visible == [1, 2]
    stand.qtbot.waitUntil(
        lambda: view.context.right.judged(4) is not None and bool(view.context.right.disabled_reason(5))
    )
    assert view.export.box.commands["export_grid_deviations"].isEnabled()


def test_the_film_waits_for_what_is_seen_alone_the_table_for_all_that_play(
    stand: Stand, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "_BESIDE", 3)
    monkeypatch.setattr(right_videos.RightVideos, "ask", lambda *_: None)
    view = _many(stand, project)
    view.check([2, 3, 4, 5], True)
    commands = view.export.box.commands
    stand.qtbot.waitUntil(lambda: commands["export_grid"].isEnabled())
    stand.session.do(SayRight(((1, ""), (2, ""), (3, ""))))
    assert not commands["export_grid"].isEnabled(), "film 4 is seen"
    view.context.right._results = {4: "It cannot be."}
    view.show()
    assert commands["export_grid"].isEnabled()
    assert not commands["export_grid_deviations"].isEnabled()


def _changed_moments(plain: Path, marked: Path) -> set[int]:
    """At which pictures of the films something is drawn that was not."""
    one, two = frames_of(plain), frames_of(marked)
    off = [np.abs(a.astype(int) - b).max() for a, b in zip(one, two, strict=True)]
    return {place for place, most in enumerate(off) if most > 100}


def test_which_videos_are_right_is_kept_from_one_start_to_the_next(qtbot: QtBot, project: Path) -> None:
    with standing(qtbot) as first:
        view = _pair(first, project, 4, 1)
        view.deviations.box.boxes[1].click()
        qtbot.waitUntil(lambda: bool(view.panel.strip.deviating))
    with standing(qtbot) as second:
        view = _pair(second, project, 4, 1)
        qtbot.waitUntil(lambda: view.deviations.box.boxes[1].isChecked())
        qtbot.waitUntil(lambda: bool(view.panel.strip.deviating))
