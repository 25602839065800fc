"""The probe follows every edit, says what `core.label` says, and is accepted in one step; the queue leads on."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListView

from carl_gui.label.acceptance_dialog import AcceptDialog
from carl_gui.label.check import CheckDialog
from carl_gui.label.controller import LabelController
from carl_gui.label.probe_work import human_spans
from core.base.types import Span
from core.cli.label import main as label_command
from core.cli.label_export import main as export_command
from core.labels.segments import read_segments
from core.project.phase_edits import AddPhase, RenamePhase
from core.project.span_edits import EraseSpans, PaintSpan, ReplaceSpans
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import Stand, new_project, standing, tiny_videos
from tests.carl_gui.windows import settle
from tests.core.project.projects import authored

FRAMES, PHASES = 40, ["reach", "pour"]
COURSES = [course(np.linspace(0, 1, FRAMES) ** power) for power in (1.0, 2.0, 0.5, 1.4)]
"""The same movement at four tempos, the last one seen badly."""
COURSES[3] = COURSES[3] + np.random.default_rng(5).normal(0, 0.3, COURSES[3].shape).astype(np.float32)
COURSES[3] /= np.linalg.norm(COURSES[3], axis=1, keepdims=True)
TRACK = (Span("reach", 0, 15), Span("pour", 25, 40))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of four videos that one run has embedded, with two phases."""
    films = tiny_videos(tmp_path / "films", 4, FRAMES)
    made = new_project(tmp_path / "project", films, decodes=True)
    embed_by_hand(made, "run-1", list(zip(films, COURSES, strict=True)))
    return made


@pytest.fixture
def page(qtbot, folder: Path) -> Iterator[LabelController]:
    with standing(qtbot) as stand:
        stand.session.open(folder)
        for name in PHASES:
            stand.session.do(AddPhase(name))
        made = stand.stage(LabelController)
        qtbot.waitUntil(lambda: made.panel.player.view.image is not None)
        yield made


def _stand(page: LabelController) -> Stand:
    return page._app_context.window


def _wait(page: LabelController, *, is_any: bool = True) -> None:
    """Until a prediction of the labels as they are now is there, and the queue."""

    def is_ready() -> bool:
        now = page.probe.prediction
        project = page._app_context.session.require()
        if now is None or page.probe.is_pending or page.queue.is_busy or bool(now.by_video) != is_any:
            return False
        return all(human_spans(project.spans(key)) == human_spans(now.spans.get(key, ())) for key in range(1, 5))

    _stand(page).qtbot.waitUntil(is_ready)


def _label(page: LabelController) -> None:
    page._app_context.session.do(ReplaceSpans(1, TRACK))
    _wait(page)


def _accept_above(page: LabelController) -> str:
    """What is sure enough, after a look at what that does; says what was left out."""
    page.panel.commands["accept_above"].trigger()
    _stand(page).qtbot.waitUntil(lambda: any(one.accept_button.isEnabled() for one in _dialogs(page)))
    (dialog,) = _dialogs(page)
    left_out = dialog.left_out
    dialog.accept_button.click()
    return left_out


def _accept_video(page: LabelController, video_id: int) -> None:
    """A person has looked at it."""
    page.choose(video_id)
    page.panel.commands["accept_video"].trigger()


def _dialogs(page: LabelController) -> list[AcceptDialog]:
    return [one for one in _stand(page).findChildren(AcceptDialog) if one.isVisible()]


def _shown(page: LabelController) -> list[tuple[str, int, int]]:
    strip = page.panel.timeline.state.predicted
    return [] if strip is None else [(s.phase, s.start_frame, s.end_frame_exclusive) for s in strip.spans]


def _headless(folder: Path, tmp_path: Path, *more: str) -> list[tuple[str, int, int, str]]:
    """What the commands make of the same project: its labels exported, and the rest predicted."""
    number = next(_NUMBERS)
    labels, out = tmp_path / f"labels{number}.csv", tmp_path / f"out{number}.csv"
    assert export_command([str(folder), "--out", str(labels)]) == 0
    given = ["--labels", str(labels), "--library", str(folder / "embeddings" / "run-1"), "--out", str(out)]
    encoder = folder / "runs" / "run-1" / "encoder.safetensors"
    assert label_command([*given, "--encoder", str(encoder), "--method", "probe", *more]) == 0
    return [(s.video, s.phase, int(s.start), s.source) for s in read_segments(out)]


_NUMBERS = itertools.count()


def test_the_window_and_the_commands_name_the_same_videos_next(
    page: LabelController, folder: Path, tmp_path: Path
) -> None:
    _label(page)
    videos = page._app_context.session.videos
    named = [videos[entry.video_id].name for entry in page.queue.entries if entry.doubt is None]
    page._app_context.session.close()
    _headless(folder, tmp_path, "--suggestions", str(tmp_path / "next.csv"))
    with (tmp_path / "next.csv").open(encoding="utf-8", newline="") as file:
        assert [row["video"] for row in csv.DictReader(file) if row["reason"] == "covering"] == named
    assert len(named) == 3


def _project_rows(page: LabelController) -> list[tuple[str, str, int, str]]:
    session = page._app_context.session
    rows = [(v.name, s) for key, v in session.videos.items() for s in session.require().spans(key)]
    return [(name if "." in name else f"{name}.mp4", s.phase, s.start_frame, s.source) for name, s in rows]


def test_every_edit_is_followed_in_all_videos(page: LabelController) -> None:
    timeline = page.panel.timeline
    _wait(page, is_any=False)
    assert "two phases" in page.panel.probe.line
    assert timeline.state.predicted is None
    _label(page)
    assert _shown(page), "between the labels of this video"
    page.choose(2)
    before = _shown(page)
    assert before[0][:2] == ("reach", 0)
    assert before[-1][::2] == ("pour", FRAMES)
    assert len(timeline.state.confidence.values) == FRAMES
    assert "frames predicted here, mean confidence" in page.panel.probe.line
    page._app_context.session.do(ReplaceSpans(1, (Span("reach", 0, 34), Span("pour", 36, 40))))
    assert "Labels changed" in page.panel.probe.line
    assert _shown(page) == before, "the old one stays until then"
    _wait(page)
    assert _shown(page)[0][2] > before[0][2], "reach is longer now"
    page._app_context.session.undo()
    _wait(page)
    assert _shown(page) == before
    page._app_context.session.do(RenamePhase(1, "grasp"))
    _wait(page)
    assert _shown(page)[0][0] == "grasp"
    page._app_context.session.do(EraseSpans(1, 0, 20))
    _wait(page, is_any=False)
    assert timeline.state.predicted is timeline.state.confidence is None


def test_accepting_is_one_step_and_remembers_the_probe(page: LabelController) -> None:
    session, commands = page._app_context.session, page.panel.commands
    _label(page)
    page.choose(2)
    page.playback.seek(2)
    steps, before = len(session.require().steps()), authored(session.require().folder)
    commands["accept_segment"].trigger()
    (span,) = session.require().spans(2)
    assert (span.phase, span.start_frame, span.source) == ("reach", 0, "probe")
    assert 0.5 < span.confidence < 1
    assert not page.probe.is_pending, "what is accepted teaches nothing"
    commands["accept_segment"].trigger()
    assert "Nothing accepted" in page.panel.line
    commands["accept_video"].trigger()
    assert sum(map(len, session.require().spans(2))) == FRAMES
    assert len(session.require().steps()) == steps + 2
    page.panel.probe.threshold.setValue(0)
    left_out = _accept_above(page)
    assert left_out == "2 segments left out in clip4.mp4, not alignable with the labelled ones."
    assert session.require().spans(4) == [], "it was seen badly"
    for key in range(1, 4):
        assert sum(map(len, session.require().spans(key))) == FRAMES
    assert TRACK[0] in session.require().spans(1), "what a person said stays"
    assert len(session.require().steps()) == steps + 3
    _accept_video(page, 4)
    assert sum(map(len, session.require().spans(4))) == FRAMES, "a person may accept it"
    for _ in range(4):
        session.undo()
    assert authored(session.require().folder) == before


def test_only_what_is_sure_enough_is_accepted_in_all_videos(page: LabelController) -> None:
    _label(page)
    known = {key: page.probe.prediction.predicted(key) for key in range(1, 5)}
    sure = sorted({round(span.confidence * 100) for spans in known.values() for span in spans})
    threshold = sure[len(sure) // 2]
    page.panel.probe.threshold.setValue(threshold)
    _accept_above(page)
    for key, spans in known.items():
        accepted = [s for s in page._app_context.session.require().spans(key) if s.source == "probe"]
        is_left_out = key == 4  # it does not align
        assert accepted == [span for span in spans if span.confidence >= threshold / 100 and not is_left_out]


@pytest.mark.parametrize("is_ordered", [True, False])
def test_the_window_and_the_commands_say_the_same(
    page: LabelController, folder: Path, tmp_path: Path, is_ordered: bool
) -> None:
    session = page._app_context.session
    _label(page)
    session.do(PaintSpan(3, Span("pour", 30, 33)))
    if not is_ordered:
        page.panel.probe.order.click()
    _wait(page)
    page.panel.probe.threshold.setValue(0)
    _accept_above(page)
    for key in range(1, 5):
        _accept_video(page, key)
    made = _project_rows(page)
    session.close()
    assert sorted(_headless(folder, tmp_path, "--order" if is_ordered else "--no-order")) == sorted(made)


def test_in_their_order_phases_do_not_flicker(page: LabelController) -> None:
    _label(page)
    page.choose(4)
    ordered = _shown(page)
    assert [phase for phase, *_ in ordered] == PHASES
    page.panel.probe.order.click()
    _wait(page)
    assert len(_shown(page)) > len(ordered)
    page.panel.probe.order.click()
    _wait(page)
    assert _shown(page) == ordered


def test_a_second_frame_of_a_video_that_is_not_open_yet_is_where_it_begins(page: LabelController) -> None:
    other = next(number for number in (1, 2, 3, 4) if number != page.chosen)
    page.show_frame(other, 0)
    page.show_frame(other, 7)
    assert page.playback.edges_seconds is None, "it opens in a thread"
    _stand(page).qtbot.waitUntil(lambda: page.playback.frame_index == page.panel.timeline.state.frame_index == 7)


def test_the_queue_leads_to_what_has_no_labels_and_what_is_in_doubt(page: LabelController) -> None:
    qtbot, queue = _stand(page).qtbot, page.queue
    _wait(page, is_any=False)
    assert {entry.video_id for entry in queue.entries} == {1, 2, 3, 4}, "before there is any label too"
    _label(page)
    assert {entry.video_id for entry in queue.entries if entry.doubt is None} == {2, 3, 4}
    first = queue.entries[0].video_id
    _stand(page).activateWindow()
    page.panel.player.view.setFocus()
    qtbot.keyClick(page.panel.player.view, Qt.Key.Key_N)
    assert page.chosen == first
    qtbot.keyClick(page.panel.player.view, Qt.Key.Key_N)
    assert page.chosen == queue.entries[1].video_id
    page._app_context.session.do(ReplaceSpans(page.chosen, TRACK))
    _wait(page)
    assert page.chosen not in {entry.video_id for entry in queue.entries if entry.doubt is None}
    spans = [entry for entry in queue.entries if entry.doubt is not None]
    assert spans, "the frames between the labels"
    view, row = page.panel.queue.view, queue.entries.index(spans[0])
    at = view.visualRect(page.panel.queue.model.index(row, 0)).center()
    view.scrollTo(page.panel.queue.model.index(row, 0))
    at = view.visualRect(page.panel.queue.model.index(row, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert page.chosen == spans[0].video_id
    qtbot.waitUntil(lambda: page.playback.frame_index == page.panel.timeline.state.frame_index == spans[0].start_frame)
    assert "Next: frames" in page.panel.line
    page.panel.probe.threshold.setValue(0)
    _accept_above(page)
    for key in range(1, 5):
        _accept_video(page, key)
    qtbot.waitUntil(lambda: not queue.entries)
    page.panel.commands["what_next"].trigger()
    assert "Every video has labels" in page.panel.queue.hint
    assert page.panel.queue.hint in page.panel.line


def test_without_embeddings_it_says_what_to_do(qtbot, tmp_path: Path) -> None:
    made = new_project(tmp_path / "project", tiny_videos(tmp_path / "films", 1), decodes=True)
    with standing(qtbot) as stand:
        stand.session.open(made)
        page = stand.stage(LabelController)
        qtbot.waitUntil(lambda: "Embed the videos" in page.panel.probe.line)
        assert "Embed the videos" in page.panel.queue.hint
        assert not page.panel.commands["accept_video"].isEnabled()
        assert page.panel.probe.sources.isHidden()


def test_damaged_embeddings_are_named_and_what_is_closed_is_let_go(page: LabelController, folder: Path) -> None:
    _label(page)
    page.panel.hide()
    assert page.probe.prediction is None
    assert page.panel.timeline.state.predicted is None
    (folder / "embeddings" / "run-1" / "clip2.npy").unlink()
    page.panel.show()
    _stand(page).qtbot.waitUntil(lambda: "cannot be opened" in page.panel.probe.line)


def test_how_right_it_is_by_video_and_where_it_is_not(page: LabelController) -> None:
    qtbot, session = _stand(page).qtbot, page._app_context.session
    page.panel.commands["check"].trigger()
    assert "No predictions yet" in page.panel.line
    _label(page)
    page.panel.commands["check"].trigger()
    (dialog,) = _stand(page).findChildren(CheckDialog)
    qtbot.waitUntil(lambda: "Label at least two videos" in dialog.line)
    dialog.reject()
    settle()
    session.do(ReplaceSpans(2, (Span("reach", 0, 20), Span("pour", 35, 40))))
    session.do(ReplaceSpans(3, (Span("pour", 0, 4), Span("pour", 30, 40))))
    _wait(page)
    page.panel.commands["check"].trigger()
    (dialog,) = _stand(page).findChildren(CheckDialog)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 2)
    assert "Cross-validated accuracy" in dialog.line
    assert dialog.videos.rows[0].text == "clip3.mp4", "the worst first"
    qtbot.waitUntil(lambda: "from 1 to 2 videos" in dialog.curve_text or "to 2 videos" in dialog.curve_text)
    assert dialog.curve.accessibleDescription().startswith(dialog.curve_text)
    assert "2 labelled: " in dialog.curve.accessibleDescription()
    qtbot.waitUntil(lambda: bool(dialog.disagreements.rows))
    against = [one for one in page.queue.entries if one.opinions is not None and one.opinions.label is not None]
    entry = next(one for one in against if (one.video_id, one.start_frame) == (3, 0))
    assert (entry.opinions.label, entry.opinions.probe, entry.opinions.transfer) == ("pour", "reach", "reach")
    row = dialog.disagreements.row_of(entry.key)
    assert (
        "frames 0 to 3: labelled “pour”, predicted “reach”, transferred “reach”" in dialog.disagreements.rows[row].tip
    )
    (view,) = [one for one in dialog.findChildren(QListView) if one.model() is dialog.disagreements]
    view.scrollTo(dialog.disagreements.index(row, 0))
    spot = view.visualRect(dialog.disagreements.index(row, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert page.chosen == 3
    assert "disagreement: labelled “pour”, predicted “reach”" in page.panel.line
    settle()
    assert not _stand(page).findChildren(CheckDialog)
    assert _shown(page)[0][:2] == ("reach", 0), "what the others say is seen below the label"
    assert page.panel.timeline.state.manual.span_at(0).phase == "pour"
    page.panel.commands["accept_video"].trigger()
    assert session.require().spans(3)[0] == Span("pour", 0, 4), "and is not accepted over it"
    session.undo()
    after = page.queue.entries[page.queue.entries.index(entry) + 1 :] or page.queue.entries
    page.panel.commands["what_next"].trigger()
    assert page.chosen == after[0].video_id, "N goes on from there"
    session.do(PaintSpan(3, Span("reach", 0, 4)))
    _wait(page)
    assert entry.key not in {one.key for one in page.queue.entries}, "it was looked at"
    page.choose(3)
    assert all(start >= 4 for _, start, _ in _shown(page)), "until there is another prediction"


def test_where_probe_and_transfer_differ_without_labels_is_listed(page: LabelController) -> None:
    qtbot = _stand(page).qtbot
    page._app_context.session.do(ReplaceSpans(1, TRACK))
    page._app_context.session.do(ReplaceSpans(2, (Span("reach", 0, 10), Span("pour", 12, 40))))
    _wait(page)
    page.panel.probe.order.click()
    _wait(page)
    page.panel.commands["check"].trigger()
    (dialog,) = _stand(page).findChildren(CheckDialog)
    qtbot.waitUntil(lambda: bool(dialog.disagreements.rows))
    found = [one for one in page.queue.entries if one.opinions is not None and one.video_id > 2]
    assert found, "since the two labelled videos do not agree on where the phase changes"
    assert all(one.opinions.label is None and one.opinions.probe != one.opinions.transfer for one in found)
    known = {entry.key for entry in page.queue.entries}
    assert {choice.key for choice in dialog.disagreements.rows} <= known, "N reaches all of them"
    dialog.reject()
    settle()
    page.panel.hide()
    qtbot.waitUntil(lambda: not page.queue.entries)
