"""Statistics of labels: what is told of videos adds up to their length, and is drawn however much there is of it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image

from core.base.types import Span
from core.labels.formats.statistics_folder import DURATIONS, SHARES, write
from core.labels.statistics import UNLABELLED, figures_of, groups_of
from core.labels.tracks import Labels, Track
from tests.core.labels.formats.made import PHASES, labels


@given(labels())
@settings(max_examples=40, deadline=None)
def test_all_frames_are_told_once(made: Labels) -> None:
    figures = figures_of(made.tracks, made.phases)
    assert [one.phase for one in figures][: len(PHASES)] == list(PHASES), "absent ones too"
    assert sum(one.frames for one in figures) == sum(track.num_frames for track in made.tracks)
    assert sum(one.seconds for one in figures) == pytest.approx(sum(track.seconds for track in made.tracks))
    assert sum(one.share for one in figures) == pytest.approx(1.0)
    for one in figures[: len(PHASES)]:
        spans = [span for track in made.tracks for span in track.spans if span.phase == one.phase]
        assert (one.times, one.frames) == (len(spans), sum(map(len, spans)))
        assert one.num_videos == sum(any(s.phase == one.phase for s in track.spans) for track in made.tracks)
    assert {one.phase for one in figures[len(PHASES) :]} <= {UNLABELLED}


def test_groups_are_told_apart() -> None:
    edges = np.arange(11) / 10
    tracks = [Track(Path(f"/{n}.mp4"), edges, (Span("up", 0, n + 1),), group="ab"[n % 2]) for n in range(4)]
    groups = groups_of(Labels(("up",), (*tracks, Track(Path("/bare.mp4"), edges, (), group="c"))))
    assert {group: [track.path.name for track in those] for group, those in groups.items()} == {
        "a": ["0.mp4", "2.mp4"],
        "b": ["1.mp4", "3.mp4"],
    }
    (up, rest) = figures_of(groups["b"], ("up",))
    np.testing.assert_allclose(up.spans_seconds, [0.2, 0.4])
    assert (up.share, rest.share) == (pytest.approx(0.3), pytest.approx(0.7))


def test_what_was_predicted_is_told_apart(tmp_path: Path) -> None:
    edges = np.arange(101) / 10
    colour = "#7a3ff2"

    def made(source: str) -> Labels:
        spans = (Span("up", 0, 40), Span("up", 50, 90, 0.8, source))
        return Labels(("up",), (Track(Path("/a.mp4"), edges, spans),), colours=(("up", colour),))

    (up, _) = figures_of(made("probe").tracks, ("up",))
    assert up.is_predicted.tolist() == [False, True]
    assert (up.share, up.predicted_share) == (pytest.approx(0.8), pytest.approx(0.4))
    seen = {}
    for source in ("label", "probe"):
        write(tmp_path / source, made(source))
        for name in (DURATIONS, SHARES):
            with Image.open(tmp_path / source / name) as picture:
                apart = np.abs(np.asarray(picture.convert("RGB")).astype(int) - [0x7A, 0x3F, 0xF2]).max(axis=2)
            seen[source, name] = int((apart < 3).sum())
    for name in (DURATIONS, SHARES):
        assert 0.5 * seen["label", name] < seen["probe", name] < 0.9 * seen["label", name], "half of it has stripes"


@pytest.mark.parametrize("num_groups", [1, 3, 70])
def test_pictures_of_much_and_of_little(num_groups: int) -> None:
    phases = tuple(f"phase {n} with a name that is longer than any room that there is for it" for n in range(12))
    tracks = [
        Track(
            Path(f"/videos/{n:03d} a recording with a long name.mp4"),
            np.arange(101) / 25,
            (Span(phases[n % 11], 0, 1 + n), Span(phases[0], 90, 100)),
            group=f"group {n % num_groups}",
        )
        for n in range(80)
    ]
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder, "out"), Labels(phases, tuple(tracks)))
        for name in (DURATIONS, SHARES):
            with Image.open(Path(folder, "out", name)) as picture:
                assert picture.width > 1000
                assert 200 < picture.height < 5000
