"""The pictures of a report show what they say they show, for one video and for many, whatever their names."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from core.base.types import Frame, Span
from core.drawing.sheet import DPI, MOST_ROWS, UNMATCHED, fit_text, inches, legend_height, phase_styles
from core.drawing.text import A_ON_WHITE, B_ON_WHITE
from core.embedding.embedded_video import EmbeddedVideo
from core.report import Performance, compare, departures, tempo_curves, timeline
from core.report.departures import write_departures_picture
from core.report.tempo_curves import write_tempo_curves
from core.report.timeline import write_timeline
from tests.conftest import number_of, numbered_image
from tests.core.report.made import changing, looks, performance, video

DOWN_UP = (Span("down", 0, 40), Span("up", 40, 100))
ODD = "\udcff\n$x_1$ " + "long " * 50 + "跑步.mp4"


class Numbered(EmbeddedVideo):
    """Its frame i, an upright one, shows the number i."""

    def frames(self, indices: object) -> list[Frame]:
        assert isinstance(indices, list)
        return [Frame(numbered_image(index, 48, 64), index, index / 25) for index in indices]


def numbered(one: Performance) -> Performance:
    fields = {field.name: getattr(one.video, field.name) for field in dataclasses.fields(one.video)}
    return dataclasses.replace(one, video=Numbered(**fields))


def picture(path: Path) -> NDArray[np.uint8]:
    return np.asarray(cv2.imread(str(path))[:, :, ::-1], np.uint8)


def is_colour(pixel: NDArray[np.uint8], colour: str) -> bool:
    return bool(np.abs(pixel - np.array(to_rgb(colour)) * 255).max() < 12)


def test_bars_stand_where_the_phases_are(tmp_path: Path) -> None:
    half = performance(name="half", spans=(Span("up", 50, 80),))
    write_timeline(tmp_path / "x.png", [performance(spans=DOWN_UP), half], ["down", "up"])
    image = picture(tmp_path / "x.png")
    styles = phase_styles(["down", "up"])
    left = timeline._MARGIN + timeline._NAMES
    top = timeline._HEAD + legend_height(9, styles) + 0.1

    def at(row: int, share: float) -> NDArray[np.uint8]:
        down, across = top + (row + 0.5) * timeline._ROW, left + share * timeline._SECONDS
        found: NDArray[np.uint8] = image[round(down * DPI), round(across * DPI)]
        return found

    for share in (0.02, 0.38):
        assert is_colour(at(0, share), styles["down"]["facecolor"])
    for row, share in ((0, 0.42), (0, 0.98), (1, 0.52), (1, 0.78)):
        assert is_colour(at(row, share), styles["up"]["facecolor"])
    for share in (0.3, 0.9):
        assert is_colour(at(1, share), timeline.GRID)


def test_a_much_longer_video_does_not_make_the_others_unreadable() -> None:
    assert timeline._limit([2, 3, 4]) == 4
    assert timeline._limit([2, 3, 20]) == 20
    assert timeline._limit([2, 3, 300]) == 12


def test_the_frames_of_a_moment_stand_beside_each_other(tmp_path: Path) -> None:
    reference = numbered(performance(spans=DOWN_UP))
    rows = reference.video.embeddings.copy()
    rows[70:76] = np.array([0, 0, 1])
    differs = numbered(Performance("b", dataclasses.replace(reference.video, embeddings=rows)))
    found = compare(differs, reference)
    write_departures_picture(tmp_path / "x.png", [found], ["down", "up"])
    image = picture(tmp_path / "x.png")
    (moment,) = found.moments
    first = departures._MARGIN + departures._TICKS + departures._CURVE + departures._BETWEEN
    found_frames = []
    for colour in (A_ON_WHITE, B_ON_WHITE):
        inside = (np.abs(image.astype(int) - np.array(to_rgb(colour)) * 255).max(axis=2) < 3)[:, round(first * DPI) :]
        down, across = np.flatnonzero(inside.sum(axis=1) > 60), np.flatnonzero(inside.sum(axis=0) > 60)
        left, right = (round(first * DPI) + edge for edge in (across[0] + 3, across[-1] - 2))
        found_frames.append((number_of(image[down[0] + 3 : down[-1] - 2, left:right]), left, right))
    (a_frame, _, a_right), (b_frame, b_left, _) = found_frames
    assert (a_frame, b_frame) == (moment.frame, found.reference_frames[moment.frame])
    assert b_left - a_right == pytest.approx(departures._INSIDE * DPI + 6, abs=2)


@pytest.mark.parametrize("count", [1, 5, 13, 75])
def test_any_number_of_videos(tmp_path: Path, count: int) -> None:
    reference = performance(fps=5, spans=(Span("down", 0, 5),))
    found = [compare(dataclasses.replace(reference, name=f"{place}.mp4"), reference) for place in range(count)]
    write_tempo_curves(tmp_path / "tempo.png", found, ["down"])
    shown = min(count, MOST_ROWS)
    columns = next(columns for most, columns in tempo_curves._COLUMNS if shown <= most)
    panel = tempo_curves._TITLE + tempo_curves._PANEL
    assert picture(tmp_path / "tempo.png").shape[0] > -(-shown // columns) * panel * DPI
    assert picture(tmp_path / "tempo.png").shape[0] < (-(-shown // columns) + 1) * 2.5 * DPI
    if count != 75:
        return
    write_timeline(tmp_path / "phases.png", [reference, *(one.performance for one in found)], ["down"])
    assert picture(tmp_path / "phases.png").shape[0] < (MOST_ROWS + 8) * timeline._ROW * DPI


def test_odd_names_many_phases_and_single_frames(tmp_path: Path) -> None:
    phases = [f"{ODD} {place}" for place in range(12)]
    spans = tuple(Span(phase, 3 * place, 3 * place + 3) for place, phase in enumerate(phases))
    reference = performance(name=ODD, spans=spans)
    single = Performance("", video(np.array([0, 0.04]), looks(np.array([0.5]))), (Span(phases[0], 0, 1),))
    gone = performance(name="$", tempo=0.3)
    found = [compare(other, reference) for other in (single, gone, reference)]
    write_timeline(tmp_path / "phases.png", [reference, single, gone], phases)
    write_tempo_curves(tmp_path / "tempo.png", found, phases)
    write_departures_picture(tmp_path / "departures.png", found, phases)
    for name in ("phases", "tempo", "departures"):
        assert picture(tmp_path / f"{name}.png").shape[1] < 2000


def test_every_phase_looks_different_and_every_name_fits() -> None:
    styles = phase_styles([str(place) for place in range(50)])
    assert len({(style["facecolor"], style["hatch"]) for style in styles.values()}) == 50
    for room in (0.5, 1.0, 3.0):
        assert inches(fit_text(ODD, room, 9), 9) <= room
        assert inches(fit_text(ODD, room, 12, bold=True), 12, bold=True) <= room
    assert fit_text("short", 3, 9) == "short"


def test_predicted_phases_are_striped_and_phases_have_the_colours_that_are_given(tmp_path: Path) -> None:
    colours = {"down": "#7a3ff2", "up": "#0a8f5b"}
    drawn = {}
    for source in ("label", "probe"):
        spans = (Span("down", 0, 40), Span("up", 40, 100, 0.8, source))
        reference = performance(spans=spans)
        one = compare(dataclasses.replace(reference, name="b"), reference)
        write_timeline(tmp_path / "phases.png", [reference, one.performance], ["down", "up"], {}, colours)
        write_tempo_curves(tmp_path / "tempo.png", [one], ["down", "up"], colours)
        write_departures_picture(tmp_path / "departures.png", [one], ["down", "up"], colours)
        for kind in ("phases", "tempo", "departures"):
            image = picture(tmp_path / f"{kind}.png")
            drawn[source, kind] = [
                int((np.abs(image - np.array(to_rgb(colour)) * 255).max(axis=2) < 3).sum())
                for colour in colours.values()
            ]
    for kind in ("phases", "tempo", "departures"):
        (down, up), (same, fewer) = drawn["label", kind], drawn["probe", kind]
        assert min(down, up) > 200, "the colours of the project"
        assert same == pytest.approx(down, rel=0.02), "confirmed: as before"
        assert 0.3 * up < fewer < 0.9 * up, "predicted: stripes of white over it"


def test_what_has_no_partner_is_hatched_and_no_curve_goes_over_it(tmp_path: Path) -> None:
    rows, foreign = changing(100, seed=1), changing(30, seed=2)
    spans = (Span("down", 0, 40), Span("up", 40, 70))
    reference = Performance("reference", video(np.arange(101) / 25, rows), DOWN_UP)
    gaps, whole, nothing = (
        compare(Performance(name, video(np.arange(len(own) + 1) / 25, own), spans), reference)
        for name, own in (
            ("gaps", np.concatenate([rows[:20], foreign, rows[20:40], rows[70:]])),
            ("whole", rows),
            ("nothing", -rows[:70]),
        )
    )
    hatched = {}
    for one in (gaps, whole, nothing):
        name = one.performance.name
        write_tempo_curves(tmp_path / "tempo.png", [one], ["down", "up"])
        write_departures_picture(tmp_path / "departures.png", [one], ["down", "up"])
        write_timeline(tmp_path / "phases.png", [reference, one.performance], ["down", "up"], {name: one})
        for kind in ("tempo", "departures", "phases"):
            image = picture(tmp_path / f"{kind}.png")
            fill = np.array(to_rgb(UNMATCHED["facecolor"])) * 255
            hatched[name, kind] = int((np.abs(image - fill).max(axis=2) < 2).sum())
    for kind, least in (("tempo", 10_000), ("departures", 5_000), ("phases", 500)):
        assert hatched["gaps", kind] > hatched["whole", kind] + least
        assert hatched["nothing", kind] > hatched["gaps", kind]
    across, up, _ = tempo_curves._curve(gaps)
    (missing,) = [one for one in gaps.unmatched if one.kind == "missing"]
    edges = reference.video.edges_seconds
    inside = (across > edges[missing.start_frame] + 1e-9) & (across < edges[missing.end_frame_exclusive] - 1e-9)
    assert not inside.any()
    assert np.isnan(up[across == edges[missing.start_frame]]).any(), "the line is broken there"
