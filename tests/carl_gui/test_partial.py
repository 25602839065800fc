"""Frames without a partner in the window: who is held, what is said, drawn and written of them, and the one setting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QSlider
from pytestqt.qtbot import QtBot

from carl_gui.explore.alignable import alignable_text
from carl_gui.explore.many.controller import ManyView
from carl_gui.explore.page import ExploreController
from carl_gui.explore.pair.controller import PairView
from carl_gui.explore.pair.drive import MODES, PACES, Mode, Pace, track_of
from carl_gui.explore.pair.heatmap import HeatmapView
from carl_gui.explore.pair.heatmap_look import Look
from carl_gui.explore.pair.heatmap_pictures import Region
from carl_gui.explore.pair.model import Pair, PairSide, pair_of, realign
from carl_gui.explore.pair.path_shape import PathShape
from carl_gui.explore.sureness import LEVELS, Sureness, level_of, level_text
from carl_gui.player.frame_view import FrameView
from core.align.many_tables import read_followers
from tests.carl_gui.embedded import course, edges, embed_by_hand
from tests.carl_gui.projects import Stand, new_project, standing, tiny_video

_SHARED = 12
_A_ALONE, _B_ALONE = range(6, 10), range(3)


def _rows(moments: NDArray[np.float64], movement: int) -> NDArray[np.float32]:
    """What is seen at these moments of one of three movements, which have nothing in common."""
    rows = course(moments)
    return np.hstack([rows if place == movement else np.zeros_like(rows) for place in range(3)])


def _films() -> list[NDArray[np.float32]]:
    """A shows something else in its middle, B before it begins, C all the time."""
    shared, other, foreign = (_rows(np.linspace(0, 1, frames), n) for n, frames in enumerate((_SHARED, 9, 9)))
    a = np.vstack([shared[:6], other[: len(_A_ALONE)], shared[6:]])
    return [a, np.vstack([other[-len(_B_ALONE) :], shared]), foreign]


def _pair(a: NDArray[np.float32], b: NDArray[np.float32]) -> Pair:
    return pair_of(PairSide(edges(len(a)), a), PairSide(edges(len(b)), b))


@pytest.fixture
def pair() -> Pair:
    return _pair(*_films()[:2])


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


@pytest.fixture
def page(stand: Stand, tmp_path: Path) -> ExploreController:
    rows = _films()
    films = [tiny_video(tmp_path / "films", f"film{n}.mp4", n, len(one)) for n, one in enumerate(rows, 1)]
    project = new_project(tmp_path / "project", films, decodes=True)
    embed_by_hand(project, "run-1", list(zip(films, rows, strict=True)))
    stand.session.open(project)
    made = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: made._embeddings.index is not None)
    return made


@pytest.fixture
def view(stand: Stand, page: ExploreController) -> PairView:
    made = page.views["pair"]
    assert isinstance(made, PairView)
    stand.qtbot.waitUntil(lambda: made.comparison.is_settled and all(one.view.image is not None for one in _both(made)))
    return made


def _both(view: PairView) -> tuple:
    return view.panel.a_player, view.panel.b_player


def _captions(view: PairView) -> tuple[str, str]:
    a, b = (player.view.caption for player in _both(view))
    return a, b


def _settle(stand: Stand, view: PairView) -> Pair:
    stand.qtbot.waitUntil(lambda: view.comparison.is_settled)
    assert view.pair is not None
    return view.pair


def test_what_one_lacks_has_no_partner_in_it(pair: Pair) -> None:
    assert np.flatnonzero(~pair.has_partner[0]).tolist() == list(_A_ALONE)
    assert np.flatnonzero(~pair.has_partner[1]).tolist() == list(_B_ALONE)
    assert pair.step_of(0, 3) == 0
    assert pair.step_of(7, 8) is None
    assert pair.confidence[0][7] == 0 < pair.confidence[0][0]


def test_along_the_path_every_frame_of_both_is_played_in_order(pair: Pair) -> None:
    moments = pair.moments
    for frames, plays, count in zip(moments.frames, moments.plays, (16, 15), strict=True):
        assert (np.diff(frames) >= 0).all()
        assert list(dict.fromkeys(frames[plays].tolist())) == list(range(count))
    alone = [(moments.frames[side][start:end].tolist(), side) for start, end, side in moments.solo_stretches()]
    assert alone == [(list(_B_ALONE), 1), (list(_A_ALONE), 0)]
    assert (moments.a_plays | moments.b_plays).all()


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "free"])
@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("other", [1, 2])
def test_every_mode_goes_through_each_leading_frame_and_says_who_is_held(mode: Mode, pace: Pace, other: int) -> None:
    films = _films()
    pair = _pair(films[0], films[other])
    track = track_of(mode, pace, pair, (3, 3))
    assert track is not None
    assert (np.diff(track.seconds) > 0).all()
    for side, count in enumerate((len(pair.a), len(pair.b))):
        if track.leads[side]:
            there = [track.moment_of(side, frame) for frame in range(count)]
            assert [track.frames(place)[side] for place in there] == list(range(count))
            assert not any(track.frozen_at(place)[side] for place in there)
            held = [track.frozen_at(place)[1 - side] for place in there]
            assert held == ([False] * count if mode == "offset" else (~pair.has_partner[side]).tolist())


def test_who_is_held_is_grey_and_says_so(stand: Stand, view: PairView) -> None:
    pair, players = _settle(stand, view), view.players
    for moment in range(len(pair.moments)):
        players.seek_step(moment)
        a_plays, b_plays = pair.moments.a_plays[moment], pair.moments.b_plays[moment]
        assert _captions(view) == ("" if a_plays else "no match in A", "" if b_plays else "no match in B")
    view.panel.commands["move_a"].trigger()
    for frame in range(len(pair.a)):
        players.a.seek(frame)
        assert _captions(view) == ("", "no match in B" if frame in _A_ALONE else "")
    view.panel.commands["move_b"].trigger()
    for frame in range(len(pair.b)):
        players.b.seek(frame)
        assert _captions(view) == ("no match in A" if frame in _B_ALONE else "", "")
    players.b.seek(0)
    for name in ("move_offset", "move_free"):
        view.panel.commands[name].trigger()
        assert _captions(view) == ("", ""), "nobody follows"


def test_where_two_frames_are_chosen_nobody_is_held(stand: Stand, view: PairView) -> None:
    _settle(stand, view)
    view.players.seek_step(view.pair.moments.frame_moments[0][7])
    assert _captions(view) == ("", "no match in B")
    view.players.seek(7, 12)
    assert _captions(view) == ("", "")
    assert view.panel.read_out.endswith("A has no match")


def test_laid_over_each_other_who_plays_is_seen_alone(stand: Stand, view: PairView) -> None:
    _settle(stand, view)
    view.drive.choose_look("onion")
    view.players.seek_step(view.pair.moments.frame_moments[0][7])
    both, player = view.panel.both, view.panel.a_player
    stand.qtbot.waitUntil(lambda: both.view.image is not None and np.array_equal(both.view.image, player.view.image))
    assert both.captions == ("A · film1.mp4", "B · no match · film2.mp4")
    view.players.seek_step(view.pair.moments.frame_moments[0][2])
    assert both.captions == ("A · film1.mp4", "B · film2.mp4")
    stand.qtbot.waitUntil(lambda: not np.array_equal(both.view.image, player.view.image))


def test_a_caption_greys_the_picture_and_leaves_the_image(qtbot: QtBot) -> None:
    view = FrameView()
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.set_video_size(30, 20)
    image = np.full((20, 30, 3), (250, 40, 20), np.uint8)
    view.set_image(image)
    view.set_caption("no match")
    grey = view.grab().toImage().pixelColor(20, 20)
    assert grey.red() == grey.green() == grey.blue() < 60
    assert view.accessibleDescription() == "no match"
    view.set_caption("")
    assert view.grab().toImage().pixelColor(20, 20).red() == 250
    np.testing.assert_array_equal(view.image, image)


def test_how_sure_a_match_is_is_read_out(stand: Stand, view: PairView, qtbot: QtBot) -> None:
    pair, panel = _settle(stand, view), view.panel
    view.players.seek_step(pair.moments.of_step[2])
    sure = round(float(pair.alignment.confidence[2]) * 100)
    assert panel.read_out.endswith(f"confidence {min(sure, 99)} %")
    for frame, side, words in ((7, 0, "no match in B"), (1, 1, "no match in A")):
        x = panel.strip.x_of(int(pair.moments.frame_moments[side][frame]))
        qtbot.mouseMove(panel.strip, QPoint(round(x), panel.strip.height() // 2))
        assert panel.read_out.startswith(f"{'AB'[side]} ")
        assert f" · {frame}   {words}" in panel.read_out
    view.players.seek(7, 1)
    qtbot.mouseMove(panel.strip, QPoint(-5, -5))
    panel._read()
    assert panel.read_out.endswith("no match in either")


def test_stretches_without_a_partner_are_marked_on_every_timeline(stand: Stand, view: PairView) -> None:
    _settle(stand, view)
    assert [player._bar.missing for player in _both(view)] == [[(6, 10)], [(0, 3)]]
    curves, moments = view.pair.curves, view.pair.moments
    together = moments.a_plays & moments.b_plays
    assert np.isnan(curves.distance[~together]).all()
    assert np.isfinite(curves.distance[together]).all()
    view.swap()
    _settle(stand, view)
    assert [player._bar.missing for player in _both(view)] == [[(0, 3)], [(6, 10)]]
    view.compare_with_itself()
    _settle(stand, view)
    assert [player._bar.missing for player in _both(view)] == [[], []]
    assert view.panel.choice.verdict == ""


def test_the_heatmap_veils_what_has_no_partner_and_its_path_breaks(pair: Pair, qtbot: QtBot) -> None:
    heatmap = HeatmapView()
    qtbot.addWidget(heatmap)
    heatmap.resize(640, 560)
    heatmap.show()
    heatmap.set_look(Look("gray"))
    heatmap.set_pair(pair, "a", "b")
    qtbot.waitUntil(lambda: heatmap.is_sharp)
    drawn = heatmap.grab().toImage()

    def mean(a_frame: int, b_frame: int) -> float:
        """Of the middle of a cell; where cosines are 0 it is black."""
        spot = heatmap.spot(a_frame, b_frame).toPoint()
        return float(np.mean([drawn.pixelColor(spot + QPoint(x, y)).lightness() for x in range(9) for y in range(9)]))

    assert mean(2, 12) < 10
    assert mean(7, 12) > 25
    assert mean(2, 1) > 25
    a_seconds, b_seconds = PathShape(pair).course(Region.whole(pair))
    assert np.flatnonzero(np.isnan(a_seconds)).tolist() == np.flatnonzero(np.isnan(b_seconds)).tolist() == [6]
    shape = PathShape(pair)
    across_the_gap = (pair.a.middle(7), pair.b.middle(8))
    assert shape.step_near(*across_the_gap, (300, 300), 8) is None, "nothing is there to take hold of"
    assert shape.step_near(pair.a.middle(5), pair.b.middle(8), (300, 300), 8) == (5, 8)


def test_a_pair_with_nothing_in_common_says_so_and_looks_it(stand: Stand, view: PairView, qtbot: QtBot) -> None:
    view.choose(1, 3)
    pair, panel = _settle(stand, view), view.panel
    assert not pair.is_matched
    assert panel.choice.verdict.startswith("Nothing in common")
    assert "Mean similarity on the path" not in panel.choice._facts.findChild(QLabel).text()
    for moment in (0, len(pair.a) - 1, len(pair.a), len(pair.moments) - 1):
        view.players.seek_step(moment)
        assert (_captions(view)[0] == "") == (moment < len(pair.a))
        panel.grab()
    assert panel.heatmap.sheet.shape is not None
    assert panel.heatmap.mouse.grip(panel.heatmap.spot(3, 3)) is None
    view.pins.add(5, 4)
    stand.qtbot.waitUntil(lambda: view.pair is not None and view.pair.step_of(5, 4) is not None)
    panel.grab()
    assert panel.read_out.endswith("pinned")


def test_every_heatmap_has_the_same_scale_so_that_nonsense_stays_dark(qtbot: QtBot) -> None:
    films = _films()
    assert Look().scaling == "fixed"
    brightest = []
    for other in (1, 2):
        heatmap = HeatmapView()
        qtbot.addWidget(heatmap)
        heatmap.resize(500, 450)
        half = (films[other] + films[0][: len(films[other])] * 0.2) / np.hypot(1, 0.2)
        heatmap.set_pair(_pair(films[0], half.astype(np.float32)), "a", "b")
        shown = heatmap.sheet.pictures.shown[-1]
        assert (shown.scale.cosine_at(0), shown.scale.cosine_at(1)) == (0.0, 1.0)
        gray = shown.image
        brightest.append(max(gray.pixelColor(x, y).lightness() for x in range(0, 256, 4) for y in range(0, 256, 4)))
    assert brightest[1] < brightest[0] - 20


def test_how_sure_is_one_setting_of_all_views_and_is_kept(
    stand: Stand, page: ExploreController, view: PairView, qtbot: QtBot
) -> None:
    usual = _settle(stand, view)
    slider = view.sure_box.findChild(QSlider)
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    forced = _settle(stand, view)
    assert forced.alignment.matched_share == 1.0
    assert view.sure_box.text == "Every frame gets a match"
    assert view.panel.choice.verdict.startswith("Every frame matches") or "only" in view.panel.choice.verdict
    assert page.views["many"].widget is not None
    assert [box.level for box in QApplication.instance().allWidgets() if isinstance(box, type(view.sure_box))] == [
        0.0,
        0.0,
    ]
    assert Sureness(stand).level == 0.0, "the next start begins so"
    for _ in range(LEVELS.index(usual.least_confidence)):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert _settle(stand, view) is usual, "nothing is searched twice"
    slider.setSliderDown(True)
    slider.setValue(slider.maximum())
    assert page.context.sureness.level == usual.least_confidence, "not before it is let go"
    slider.setSliderDown(False)
    assert _settle(stand, view).least_confidence == LEVELS[-1]


def test_what_was_remembered_wrongly_is_the_usual_level() -> None:
    for level in LEVELS:
        assert level_of(str(level)) == level
    assert level_of(None) == level_of("often") == level_of("0.12345") == 0.5
    assert len({level_text(level) for level in LEVELS}) == len(LEVELS)


def test_the_same_pair_with_another_level_and_back(pair: Pair) -> None:
    forced = realign(pair, [], 0.0)
    assert forced.has_partner[0].all()
    assert forced.has_partner[1].all()
    assert realign(forced, [], 0.0) is forced
    back = realign(forced, [], pair.least_confidence)
    np.testing.assert_array_equal(back.alignment.a_frames, pair.alignment.a_frames)


@pytest.mark.parametrize(
    ("share", "sure", "words"),
    [
        (1.0, 0.9, "Every frame matches with high confidence."),
        (0.92, 0.9, "92 % of the frames match with high confidence."),
        (0.92, 0.6, "92 % of the frames match, mean confidence 60 %."),
        (1.0, 0.6, "Every frame matches, mean confidence 60 %."),
        (1.0, 0.2, "Mean match confidence is only 20 %: these two may not show the same action."),
        (0.14, 0.9, "Only 14 % of the frames match: these two may not show the same action."),
        (0.0, 0.0, "Nothing in common: no frame of one video confidently matches one of the other."),
    ],
)
def test_how_well_two_go_together_is_said_in_words(share: float, sure: float, words: str) -> None:
    assert alignable_text(share, sure) == words


def test_two_that_do_not_move_alike_are_not_said_to_match() -> None:
    assert "with high confidence" in alignable_text(0.92, 0.9, 0.97)
    assert "may not show the same action" in alignable_text(0.92, 0.9, 0.2)


def test_cells_of_many_without_a_partner_are_grey_and_the_table_says_so(
    stand: Stand, page: ExploreController, tmp_path: Path
) -> None:
    page.choose_view("many")
    many = page.views["many"]
    assert isinstance(many, ManyView)
    stand.qtbot.waitUntil(
        lambda: bool(many.visible) and many.context.embedded is not None and not many.alignments.missing
    )
    cells = many.panel.player.grid.visible_cells
    for place in (7, 2):
        many.playing.metronome.seek(place)
        stand.qtbot.waitUntil(lambda: all(cell.view.image is not None for cell in cells))
        wanted = ["", "no match" if place in _A_ALONE else "", "no match"]
        stand.qtbot.waitUntil(lambda wanted=wanted: [cell.view.caption for cell in cells] == wanted)
    share = round(many.alignments.matches[2].matched_share * 100)
    assert [cell.texts[2] for cell in cells] == ["", f"{share} % matched", "no match"]
    assert many.panel.choice.line == "Least similar: film3.mp4, no match."
    many.sort("odd")
    assert list(many.visible) == [1, 3, 2]
    many.sort("alike")
    assert list(many.visible) == [1, 2, 3]
    seen = many.exported()
    assert seen is not None
    many.export.write("export_grid_table", tmp_path / "t.csv", seen)
    stand.qtbot.waitUntil(lambda: bool(many.export.box.result))
    found = read_followers(tmp_path / "t.csv")
    assert np.flatnonzero(~found[1].has_partner).tolist() == list(_A_ALONE)
    assert not found[2].has_partner.any()
    page.context.sureness.choose(0.0)
    stand.qtbot.waitUntil(lambda: not many.alignments.missing and all(m.has_partner.all() for m in _matches(many)))
    stand.qtbot.waitUntil(lambda: [cell.view.caption for cell in cells] == ["", "", ""])


def _matches(many: ManyView) -> list:
    return list(many.alignments.matches.values())
