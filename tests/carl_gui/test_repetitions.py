"""Repetitions in the window are those of `core.align --repetitions`: seen, followed, jumped to, written, labelled."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.explore.page import ExploreController
from carl_gui.explore.pair.controller import PairView
from carl_gui.explore.pair.drive import MODES, PACES, track_of
from carl_gui.explore.pair.repeated import RepeatedPair, repeated_pair
from carl_gui.job_control import repetitions as repetition_job
from carl_gui.job_control.repetitions import RepetitionOrder
from carl_gui.label.controller import LabelController
from carl_gui.label.transfer import TransferDialog
from carl_gui.settings import finds_repetitions, open_settings, remember_repetitions
from core.align import align_partial
from core.align.repetitions import NONE, find_repetitions
from core.align.warp import shown_frames
from core.base.errors import StorageError
from core.base.files import content_digest
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import read_features
from core.label.transfer import carry
from core.labels.segments import frame_labels
from core.project.anchor_edits import AddAnchor
from core.project.phase_edits import AddPhase
from core.project.span_edits import ReplaceSpans
from core.repetitions.files import FoundRepetitions, read_found, write_found
from core.repetitions.tables import REPETITION
from tests.carl_gui.embedded import course, edges
from tests.carl_gui.projects import CHILD_MS, Stand, shown, standing
from tests.carl_gui.repeating import LENGTHS, ONCE, RUN, repeating_project

_STARTS = (0, 30, 80)
_ALL = sum(LENGTHS)
ONCE_ID, OTHER_ID, THRICE_ID = 1, 2, 3


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is copied for each test, and what the commands say of it."""
    folder = tmp_path_factory.mktemp("repeating")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARL_CACHE", str(folder / "cache"))
        project, (once, other, thrice) = repeating_project(folder)
        run = str(project / "runs" / RUN)
        words = [str(once), str(thrice), "--encoder", run, "--repetitions", "--out", str(folder / "command.csv")]
        subprocess.run([sys.executable, "-m", "core.align", *words], check=True, capture_output=True)
        words = [str(once), str(other), str(thrice), "--encoder", run, "--out", str(folder / "found.npz")]
        subprocess.run([sys.executable, "-m", "core.repetitions", *words], check=True, capture_output=True)
    found, digest = read_found(folder / "found.npz")
    for one in found:
        write_found(folder / f"{one.video.path.name}.npz", [one], digest)
    return folder


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as one:
        yield one


@pytest.fixture
def project(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project, whose features are computed already."""
    monkeypatch.setenv("CARL_CACHE", str(made / "cache"))
    return shutil.copytree(made / "project", tmp_path / "project")


@pytest.fixture
def quick(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job hands over what the command found before."""

    def command_of(order: RepetitionOrder, target: Path) -> list[str]:
        name = "found" if len(order.videos) > 1 else order.videos[0].name
        return ["tests.carl_gui.repetitions_child", str(made / f"{name}.npz"), str(target)]

    monkeypatch.setattr(repetition_job, "command_of", command_of)


@pytest.fixture
def view(stand: Stand, project: Path) -> PairView:
    stand.session.open(project)
    page = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: page._embeddings.index is not None)
    found = page.views["pair"]
    assert isinstance(found, PairView)
    found.choose(ONCE_ID, THRICE_ID)
    stand.qtbot.waitUntil(lambda: found.comparison.is_settled)
    return found


def _find(stand: Stand, view: PairView) -> RepeatedPair:
    """Tick the box, and wait for what comes of it."""
    if not view.repetition_box.box.isChecked():
        view.repetition_box.box.click()
    stand.qtbot.waitUntil(lambda: view.repetitions.is_settled and view.repetition_box.text != "", timeout=2 * CHILD_MS)
    assert isinstance(view.pair, RepeatedPair), view.repetition_box.text
    return view.pair


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _boundaries(rows: list[dict[str, str]]) -> list[tuple[int, int]]:
    numbers = [int(row[REPETITION] or 0) for row in rows]
    kinds = range(1, max(numbers) + 1)
    return [(numbers.index(kind), len(numbers) - numbers[::-1].index(kind)) for kind in kinds]


def _synthetic(lengths: tuple[int, ...] = (20, 30, 12), rest: int = 6) -> FoundRepetitions:
    """What an encoder that sees moments alone says of a film with rests between its repetitions."""
    once = course(np.linspace(0, 1, 24))
    still = np.tile(-course([0.5]), (rest, 1))
    parts = [part for length in lengths for part in (still, course(np.linspace(0, 1, length)))]
    clip = np.vstack([*parts, still]).astype(np.float32)
    videos = [EmbeddedVideo(Path(f"{n}.mp4"), n * 8, edges(len(one)), one) for n, one in (("a", once), ("b", clip))]
    return FoundRepetitions(videos[0], videos[1], find_repetitions(once, clip))


def test_off_is_as_it_was_and_no_job_begins(stand: Stand, view: PairView) -> None:
    assert not view.repetition_box.box.isChecked()
    assert stand.jobs.jobs == ()
    pair = view.pair
    assert pair is view.comparison.pair
    assert not isinstance(pair, RepeatedPair)
    path = align_partial(pair.a.embeddings, pair.b.embeddings)
    np.testing.assert_array_equal(pair.alignment.b_frames, path.b_frames)
    assert "repeats" not in view.panel.choice.verdict
    assert not view.panel.commands["next_repetition"].isEnabled()
    assert view.sure_box.isEnabled()


def test_the_window_finds_what_the_command_finds_and_writes_its_table(
    stand: Stand, view: PairView, made: Path, tmp_path: Path
) -> None:
    pair = _find(stand, view)
    command = _table(made / "command.csv")
    assert (pair.count, pair.side) == (len(LENGTHS), 1)
    spans = [(span.start_frame, span.end_frame_exclusive) for span in pair.found.spans]
    assert spans == _boundaries(command)
    assert [start for start, _ in spans] == list(_STARTS)
    assert [row["a_frame"] for row in command] == ["" if f == NONE else str(f) for f in pair.found.frames.tolist()]
    assert view.panel.choice.verdict.startswith("B repeats A 3 times.")
    assert view.repetition_box.text == "Each takes 1.0 to 1.7 s."
    assert not view.sure_box.isEnabled(), "one path for each repetition is found without it"
    seen = view.exported()
    assert seen is not None
    view.export.write("export_path", tmp_path / "window.csv", seen)
    stand.qtbot.waitUntil(lambda: view.export.box.result != "")
    assert view.export.box.result == f"Wrote 3 repetitions, frame by frame, to {tmp_path / 'window.csv'}."
    assert (tmp_path / "window.csv").read_bytes() == (made / "command.csv").read_bytes()
    view.export.box.set_result("")
    view.export.write("export_video", tmp_path / "film.mp4", seen)
    stand.qtbot.waitUntil(lambda: view.export.box.result != "")
    assert "Untick “Find repetitions”" in view.export.box.result
    view.export.box.set_result("")
    view.export.write("export_heatmap", tmp_path / "map.png", seen)
    stand.qtbot.waitUntil(lambda: view.export.box.result != "" and not view.export.is_running)
    assert view.export.box.result.startswith("Wrote the heatmap")
    view.swap()
    swapped = _find(stand, view)
    assert (swapped.count, swapped.side) == (len(LENGTHS), 0)
    assert view.panel.choice.verdict.startswith("A repeats B 3 times.")
    assert stand.jobs.jobs == (), "what is known is not looked for again"
    assert swapped.followers.tolist() == pair.leaders.tolist()
    view.export.write("export_path", tmp_path / "swapped.csv", view.exported())
    stand.qtbot.waitUntil(lambda: (tmp_path / "swapped.csv").is_file())
    assert (tmp_path / "swapped.csv").read_bytes() == (made / "command.csv").read_bytes()


@pytest.mark.usefixtures("quick")
def test_players_follow_within_the_repetition_and_keys_jump(stand: Stand, view: PairView) -> None:
    pair, players, panel = _find(stand, view), view.players, view.panel
    panel.a_player.setFocus()
    for number, start in enumerate(_STARTS):
        players.b.seek(start + 2)
        assert players.frames[1] == start + 2
        assert players.frames[0] == pair.found.frames[start + 2]
        for a_frame in (ONCE - 1, 10, 20):
            players.a.seek(a_frame)
            assert players.frames[0] == a_frame
            assert pair.found.numbers[players.frames[1]] == number + 1, "A leads within the repetition that is seen"
        assert f"repetition {number + 1} of 3" in panel.read_out
    players.b.seek(0)
    for start in _STARTS[1:]:
        stand.qtbot.keyClick(panel.a_player, Qt.Key.Key_R)
        assert players.frames == (0, start)
    players.b.seek(_STARTS[2] + 7)
    for start in _STARTS[::-1]:
        stand.qtbot.keyClick(panel.a_player, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
        assert players.frames == (0, start)
    shown(view.repetition_box, QPushButton, "Next").click()
    assert players.frames == (0, _STARTS[1])
    panel.commands["move_a"].trigger()
    players.seek_step(int(pair.moments.starts[2]))
    players.a.seek(20)
    assert pair.found.numbers[players.frames[1]] == 3
    view.repetition_box.box.click()
    assert view.pair is view.comparison.pair
    assert not panel.commands["next_repetition"].isEnabled()
    assert finds_repetitions(open_settings()) is False


@pytest.mark.usefixtures("quick")
def test_pins_are_left_alone_and_what_repeats_nothing_says_so(stand: Stand, view: PairView) -> None:
    stand.session.do(AddAnchor(ONCE_ID, THRICE_ID, 5, 7))
    _find(stand, view)
    assert not view.panel.commands["pin"].isEnabled()
    assert not view.panel.commands["unpin"].isEnabled()
    assert view.panel.heatmap._pins == ()
    assert "Pins shape a single path" in view.panel.choice._note.text()
    view.choose(ONCE_ID, OTHER_ID)
    assert not isinstance(view.pair, RepeatedPair), "that of the pair before is not shown"
    stand.qtbot.waitUntil(lambda: view.repetitions.is_settled and view.comparison.is_settled)
    assert view.pair is view.comparison.pair
    assert view.repetition_box.text.startswith("No repetitions found")
    assert view.panel.choice.verdict.startswith("No repetitions found. ")
    assert view.sure_box.isEnabled()
    view.choose(ONCE_ID, THRICE_ID)
    assert isinstance(view.pair, RepeatedPair), "what is known is not looked for again"
    assert stand.jobs.jobs == ()
    view.choose(THRICE_ID, THRICE_ID)
    assert not view.repetition_box.box.isEnabled()


@pytest.mark.parametrize("other", ["gone", "learned"])
def test_without_its_encoder_a_sentence_says_so(stand: Stand, project: Path, other: str) -> None:
    encoder = project / "runs" / RUN / "encoder.safetensors"
    encoder.unlink() if other == "gone" else encoder.write_bytes(b"other weights")
    remember_repetitions(open_settings(), True)
    stand.session.open(project)
    page = stand.stage(ExploreController)
    view = page.views["pair"]
    assert isinstance(view, PairView)
    stand.qtbot.waitUntil(lambda: view.repetition_box.text != "")
    assert ("was deleted" if other == "gone" else "was trained further after") in view.repetition_box.text
    stand.qtbot.waitUntil(lambda: view.comparison.is_settled)
    assert view.pair is view.comparison.pair


@pytest.mark.parametrize("side", [0, 1])
def test_every_mode_goes_through_each_repetition(side: int) -> None:
    found = _synthetic()
    pair, spans = repeated_pair(found, side), found.repetitions.spans
    assert found.repetitions.count == 3
    own = pair.moments.frames[side][pair.moments.plays[side]]
    assert list(dict.fromkeys(own.tolist())) == list(range(len(found.video)))
    np.testing.assert_array_equal((pair.followers, pair.leaders)[side], shown_frames(found.repetitions.frames))
    assert pair.moments.frames[side][pair.moments.starts].tolist() == [span.start_frame for span in spans]
    for pace in PACES:
        track = track_of("path", pace, pair, (0, 0))
        assert track is not None
        assert (np.diff(track.seconds) > 0).all()
        for start, end in pair.moments.stretches:
            there = [track.moment_of(1 - side, frame, start + 3) for frame in range(24)]
            assert [track.frames(place)[1 - side] for place in there] == list(range(24))
            assert all(start <= place < end for place in there)
            assert not any(track.frozen_at(place)[1 - side] for place in there)
        held = [track.frozen_at(track.moment_of(side, frame))[1 - side] for frame in range(len(found.video))]
        assert held == (found.repetitions.frames == NONE).tolist()
    last = (0, spans[2].start_frame + 2) if side else (spans[2].start_frame + 2, 0)
    mode = MODES[2 - side]
    leading = track_of(mode, "a", pair, last)
    assert leading is not None
    follows = (leading.a_frames, leading.b_frames)[side]
    assert set(found.repetitions.numbers[follows].tolist()) == {3}
    assert pair.tempo == pytest.approx((1 / _tempo(found)) if side else _tempo(found), rel=1e-6)


def _tempo(found: FoundRepetitions) -> float:
    """Seconds of the repetitions for those of what is repeated."""
    return int((found.repetitions.frames != NONE).sum()) / (3 * 24)


def test_the_curves_of_a_pair_stop_where_a_repetition_begins(stand: Stand) -> None:
    pair = repeated_pair(_synthetic((20, 30), rest=0), 1)
    starts = pair.moments.starts
    assert pair.alignment.a_frames[np.flatnonzero(pair.path_numbers == 2)[0]] == 0
    assert np.isfinite(pair.curves.distance).all()
    assert pair.moments.solo_stretches() == []
    steps = np.diff(pair.moments.a_frames)
    assert np.flatnonzero(steps < 0).tolist() == [starts[1] - 1]
    assert pair.alignable_score > 0.9


@pytest.mark.usefixtures("quick")
def test_repetitions_are_drawn_and_numbered(stand: Stand, view: PairView) -> None:
    def pictures() -> list[QPixmap]:
        return [part.grab() for part in (view.panel.heatmap, view.panel.strip)]

    stand.qtbot.waitUntil(lambda: view.panel.heatmap.is_sharp)
    before = pictures()
    pair = _find(stand, view)
    strip, sheet = view.panel.strip, view.panel.heatmap.sheet
    assert [one.toImage() for one in pictures()] != [one.toImage() for one in before]
    square = sheet.layout.square
    for start in _STARTS[1:]:
        y = sheet.layout.point(0.0, float(pair.b.edges_seconds[start])).y()
        assert square.top() < y < square.bottom()
    assert strip._lanes is not None
    assert strip._lanes.distance.top() > 2 * strip.fontMetrics().height(), "there is room for their numbers"


_TRACK = (Span("turn", 0, 15), Span("go", 15, 33))


@pytest.fixture
def labels(stand: Stand, project: Path) -> LabelController:
    """The step Label, with phases in the film that shows the movement once."""
    stand.session.open(project)
    for name in ("turn", "go"):
        stand.session.do(AddPhase(name))
    stand.session.do(ReplaceSpans(ONCE_ID, _TRACK))
    page = stand.stage(LabelController)
    stand.qtbot.waitUntil(lambda: page.panel.player.view.image is not None)
    return page


def _transfer(stand: Stand, page: LabelController, *, repetitions: bool) -> TransferDialog:
    page.panel.commands["transfer"].trigger()
    (dialog,) = [one for one in stand.findChildren(TransferDialog) if one.isVisible()]
    stand.qtbot.waitUntil(lambda: dialog.model.rowCount() > 0)
    dialog.model.check([OTHER_ID, THRICE_ID])
    if dialog.repetitions.isChecked() != repetitions:
        dialog.repetitions.click()
    dialog.start_button.click()
    return dialog


def _proposed(stand: Stand, page: LabelController, video_id: int) -> tuple[Span, ...]:
    stand.qtbot.waitUntil(lambda: bool(page.review.videos), timeout=CHILD_MS)
    page.choose(video_id)
    return tuple(page.panel.timeline.state.proposed.spans)


@pytest.mark.usefixtures("quick")
def test_labels_go_to_each_repetition(stand: Stand, labels: LabelController, made: Path, project: Path) -> None:
    _transfer(stand, labels, repetitions=True)
    ((_, found), _), rows = read_found(made / "found.npz"), read_features(project / "embeddings" / RUN)
    once, other = rows[found.reference.digest], rows[_digest(made, "other.mp4")]
    spans = _proposed(stand, labels, THRICE_ID)
    assert "3 repetitions" in labels.panel.review.line
    assert spans == carry(_TRACK, once, found.video.embeddings, cycles=found.repetitions.cycles).spans
    assert [span.phase for span in spans] == ["turn", "go"] * 3
    for place, (start, length) in enumerate(zip(_STARTS, LENGTHS, strict=True)):
        assert abs(spans[2 * place].start_frame - start) <= 1
        assert abs(spans[2 * place].end_frame_exclusive - (start + length * 15 / ONCE)) <= 3
    assert _proposed(stand, labels, OTHER_ID) == carry(_TRACK, once, other).spans, "it repeats nothing"
    assert "repetitions" not in labels.panel.review.line
    assert finds_repetitions(open_settings()), "it is remembered"


def test_without_repetitions_labels_go_along_one_path(
    stand: Stand, labels: LabelController, made: Path, project: Path
) -> None:
    _transfer(stand, labels, repetitions=False)
    rows = read_features(project / "embeddings" / RUN)
    once, thrice = (rows[_digest(made, name)] for name in ("once.mp4", "thrice.mp4"))
    spans = _proposed(stand, labels, THRICE_ID)
    assert spans == carry(_TRACK, once, thrice).spans
    assert (frame_labels(spans, _ALL, ["turn", "go"])[_STARTS[1] :] == 0).sum() < LENGTHS[1]


def test_a_transfer_that_finds_repetitions_can_be_cancelled(stand: Stand, labels: LabelController) -> None:
    dialog = _transfer(stand, labels, repetitions=True)
    assert dialog.line.full_text != ""
    assert not dialog.repetitions.isEnabled()
    dialog.reject()
    stand.qtbot.waitUntil(lambda: stand.jobs.jobs == ())
    assert labels.review.videos == []


def _digest(made: Path, name: str) -> str:
    return content_digest(made / "films" / name)


def test_what_was_found_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = _synthetic()
    write_found(tmp_path / "found.npz", [found, found], "digest")
    (again, _), digest = read_found(tmp_path / "found.npz")
    assert digest == "digest"
    assert again.repetitions.spans == found.repetitions.spans
    assert again.repetitions.prices == found.repetitions.prices
    for name in ("frames", "numbers"):
        np.testing.assert_array_equal(getattr(again.repetitions, name), getattr(found.repetitions, name))
    np.testing.assert_array_equal(again.video.embeddings, found.video.embeddings)
    assert (again.reference.path, again.reference.digest) == (found.reference.path, found.reference.digest)
    (tmp_path / "found.npz").write_bytes(b"nothing")
    with pytest.raises(StorageError, match="Find them again"):
        read_found(tmp_path / "found.npz")
