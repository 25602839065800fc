"""The sample: what is drawn agrees with its truth, is the same every time, and never costs a user their files."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import av
import numpy as np
import pytest

from core.base.control import Control, Stopped
from core.base.errors import ConfigError, StorageError
from core.base.events import Event, Progress
from core.cli.sample import main
from core.sample import PHASES, PHASES_FILE, SceneRenderer, Take, draw_take, make_sample, phase_of_frames
from core.sample.motion import GRIP_HEIGHT, Choreography, ease_reach, min_jerk
from core.sample.props import BOTTLES, GLASSES, area, below, level_for, turn

SEED = 3


def _short(take: Take) -> Take:
    return dataclasses.replace(take, phase_frames=(2, 2, 2, 2, 2))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Event]]:
    """A sample of two short clips, and what was said while it was drawn."""
    out, events = tmp_path_factory.mktemp("sample") / "clips", []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.sample.make.draw_take", lambda seed, number: _short(draw_take(seed, number)))
        make_sample(out, videos=2, seed=SEED, sink=events.append)
    return out, events


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips of ten frames."""
    monkeypatch.setattr("core.sample.make.draw_take", lambda seed, number: _short(draw_take(seed, number)))


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_truth_covers_every_frame_of_every_clip_once(sample: tuple[Path, list[Event]]) -> None:
    out, _ = sample
    rows = list(csv.DictReader((out / PHASES_FILE).read_text(encoding="utf-8").splitlines()))
    for number in (1, 2):
        of_clip = [row for row in rows if row["video"] == f"pour_{number:02d}.mp4"]
        with av.open(str(out / f"pour_{number:02d}.mp4")) as container:
            frames = list(container.decode(video=0))
        assert [row["phase"] for row in of_clip] == list(PHASES)
        ends = [0] + [int(row["end_frame_exclusive"]) for row in of_clip]
        assert [int(row["start_frame"]) for row in of_clip] == ends[:-1]
        assert ends[-1] == len(frames)
        starts = [float(row["start_seconds"]) for row in of_clip]
        assert starts == pytest.approx([float(frames[int(row["start_frame"])].time) for row in of_clip], abs=1e-6)


def test_truth_per_frame_agrees_with_the_phases_durations() -> None:
    take = draw_take(SEED, 5)
    assert np.bincount(phase_of_frames(take)).tolist() == list(take.phase_frames)
    assert np.all(np.diff(phase_of_frames(take)) >= 0)


def test_progress_counts_every_frame(sample: tuple[Path, list[Event]]) -> None:
    last = [event for event in sample[1] if isinstance(event, Progress)][-1]
    assert (last.done, last.total, last.unit) == (20, 20, "frame")


@pytest.mark.usefixtures("short")
def test_a_clip_is_the_same_bytes_however_many_are_drawn(sample: tuple[Path, list[Event]], tmp_path: Path) -> None:
    make_sample(tmp_path / "one", videos=1, seed=SEED)
    assert (tmp_path / "one" / "pour_01.mp4").read_bytes() == (sample[0] / "pour_01.mp4").read_bytes()
    make_sample(tmp_path / "other", videos=1, seed=SEED + 1)
    assert (tmp_path / "other" / "pour_01.mp4").read_bytes() != (sample[0] / "pour_01.mp4").read_bytes()


def test_clips_differ_in_all_that_should_not_matter() -> None:
    takes = [draw_take(0, number) for number in range(1, 13)]
    for trait in ("palette", "wall", "skin", "bottle", "glass", "drink", "sleeve", "mirrored", "cover"):
        assert len({getattr(take, trait) for take in takes}) >= 2, trait
    assert len({take.palette for take in takes}) == 12
    assert all(60 <= take.num_frames <= 140 for take in takes)
    durations = np.array([take.phase_frames for take in takes])
    assert np.all(durations.max(axis=0) >= 2 * durations.min(axis=0))


@pytest.mark.parametrize("number", range(1, 11))
def test_the_motion_is_what_the_phases_say(number: int) -> None:
    take = draw_take(SEED, number)
    bottle = BOTTLES[take.bottle]
    moves = Choreography(take, bottle, GLASSES[take.glass])
    poses = [moves.pose(index) for index in range(take.num_frames)]
    outline = bottle.outline() + np.array([0.0, bottle.height * GRIP_HEIGHT])
    for pose, phase in zip(poses, phase_of_frames(take), strict=True):
        standing = PHASES[phase] in ("reach", "withdraw")
        lowest = (turn(outline, pose.tilt) + pose.grip)[:, 1].max()
        assert lowest <= take.base_y + 1e-6, "the bottle is in the table"
        assert (pose.tilt == 0.0 and lowest == pytest.approx(take.base_y)) or not standing
        assert standing or (pose.closed == 1.0 and pose.hand == pose.grip), "the bottle flies"
        assert pose.stream[0] == pose.stream[1] or PHASES[phase] == "pour"
    levels = np.array([pose.level for pose in poses])
    assert np.all(np.diff(levels) >= -1e-12)
    assert (levels[0], levels[-1]) == pytest.approx(take.level)
    steps = np.hypot(*np.diff([pose.hand for pose in poses], axis=0).T)
    assert steps.max() < 60, "the hand jumps"
    assert any(pose.stream[1] - pose.stream[0] == 1.0 for pose in poses), "nothing is poured"


def test_what_stands_still_does_not_tell_the_time() -> None:
    steady = dataclasses.replace(draw_take(0, 1).camera, drift=(0.0, 0.0), zoom_drift=0.0, shake=0.0, roll=0.0)
    take = dataclasses.replace(draw_take(0, 1), camera=steady, mirrored=False)
    scene = SceneRenderer(take)
    first, middle, last = (scene.frame(index) for index in (0, take.num_frames // 2, take.num_frames - 1))
    wall = np.s_[:90, :150]  # the hand never comes here
    np.testing.assert_array_equal(first[wall], middle[wall])
    np.testing.assert_array_equal(first[wall], last[wall])
    assert np.abs(first.astype(int) - middle).max() > 60


def test_the_other_hand_is_the_mirror_image() -> None:
    level = dataclasses.replace(draw_take(0, 2).camera, roll=0.0, shake=0.0, drift=(0.0, 0.0))
    right = dataclasses.replace(draw_take(0, 2), camera=level, mirrored=False)
    a, b = (SceneRenderer(dataclasses.replace(right, mirrored=side)).frame(40).astype(int) for side in (False, True))
    assert np.abs(a[:, ::-1] - b).mean() < 2.0
    assert np.abs(a - b).mean() > 10.0


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("tilt", [0.0, 0.7, 1.6])
def test_a_tilted_bottle_holds_as_much_as_an_upright_one(share: float, tilt: float) -> None:
    inside = turn(BOTTLES["wine"].inside(), tilt)
    assert area(below(inside, level_for(inside, share))) == pytest.approx(share * area(inside), rel=5e-3)


def test_a_reach_starts_and_ends_at_rest_and_may_hesitate() -> None:
    for ease in (min_jerk, lambda p: ease_reach(p, 0.4, 0.3)):
        way = np.array([ease(p) for p in np.linspace(0, 1, 201)])
        assert (way[0], way[-1]) == pytest.approx((0.0, 1.0))
        assert np.all(np.diff(way) >= -1e-12)
        assert max(way[1] - way[0], way[-1] - way[-2]) < 1e-4
    assert ease_reach(0.35, 0.4, 0.3) == ease_reach(0.5, 0.4, 0.3) == pytest.approx(0.4)


@pytest.mark.usefixtures("short")
def test_an_older_sample_is_replaced_whole(tmp_path: Path) -> None:
    make_sample(tmp_path / "s", videos=2, seed=1)
    make_sample(tmp_path / "s", videos=1, seed=SEED)
    make_sample(tmp_path / "fresh", videos=1, seed=SEED)
    assert _content(tmp_path / "s") == _content(tmp_path / "fresh")
    assert {path.name for path in tmp_path.iterdir()} == {"s", "fresh"}


@pytest.mark.parametrize("name", ["holiday.mp4", "pour_01.mp4"])
def test_a_folder_with_other_files_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"mine")
    with pytest.raises(StorageError, match=f"holds other files \\({name}\\)"):
        make_sample(tmp_path, videos=1)
    assert _content(tmp_path) == {name: b"mine"}


@pytest.mark.usefixtures("short")
def test_a_stop_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    make_sample(tmp_path / "s", videos=1, seed=1)
    before, control = _content(tmp_path / "s"), Control()
    with pytest.raises(Stopped):
        make_sample(tmp_path / "s", videos=3, seed=2, sink=lambda event: control.stop(), control=control)
    assert _content(tmp_path / "s") == before
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_no_videos_is_a_users_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path / "s"), "--videos", "0"]) == 2
    assert capsys.readouterr().err == "--videos 0 must be at least 1.\n"
    with pytest.raises(ConfigError, match="--seed -1"):
        make_sample(tmp_path / "s", seed=-1)
