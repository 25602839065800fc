"""An objective that is chosen by name: its settings, its batches, and that it learns and resumes."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from core.augment.temporal import draw_speeds
from core.base.control import Control
from core.base.errors import ConfigError
from core.base.events import Event, StepDone, ignore
from core.cli import train
from core.learning.batch_order import paired_order
from core.learning.data import Batches, Knowledge
from core.learning.knowledge import check_given
from core.learning.trainer import Trainer
from core.learning.training_state import Checkpoints
from core.objectives.kinds import KINDS, Needs
from core.settings.config import Config, from_toml, settings, to_toml, with_values
from core.video.inputs import actions_of
from tests.core.learning.test_data import Ramp
from tests.core.learning.test_trainer import LENGTHS, StopAt, assert_same, weights
from tests.core.small import Waves, small_config, small_encoder

LABELS = Knowledge(labels=[np.arange(length) * 3 // length for length in LENGTHS], classes=("a", "b", "c"))


def trainer(folder: Path, name: str, **changed: object) -> Trainer:
    config = small_config(objective__name=name, **changed)
    knowledge = LABELS if KINDS[name].needs is Needs.LABELS else None
    made = Checkpoints(folder, keep=2)
    device = torch.device("cpu")
    return Trainer(small_encoder(config), Waves(LENGTHS), config, made, device=device, knowledge=knowledge)


@pytest.mark.parametrize("name", KINDS)
def test_settings_of_each_come_back_from_a_file_without_those_of_the_others(name: str) -> None:
    own = [item for item in settings() if item.name.startswith(f"{name}.")]
    changed = {item.name: item.default * 2 if isinstance(item.default, float) else item.default for item in own}
    changed = {
        key: min(value, 0.9) if key.endswith(("fraction", "smoothing")) else value for key, value in changed.items()
    }
    config = with_values(Config(), {"objective.name": name, **changed})
    text = to_toml(config)
    assert from_toml(text, source="test") == config
    assert [section for section in KINDS if f"[{section}]" in text] == ([name] if own else [])


def test_a_setting_of_another_objective_is_refused_by_name() -> None:
    with pytest.raises(
        ConfigError, match=r"tcc\.temperature is a setting of the objective tcc, but objective\.name is"
    ):
        with_values(Config(), {"tcc.temperature": 0.5})
    assert with_values(Config(), {"tcc.temperature": 0.1}) == Config()  # as it is
    assert with_values(Config(), {"tcc.temperature": 0.5, "objective.name": "tcc"}).section("tcc").temperature == 0.5
    with pytest.raises(ConfigError, match=r"did you mean 'gta\.gamma'"):
        with_values(Config(), {"gta.gama": 0.5})


def test_the_former_names_of_the_sequence_contrastive_loss_still_hold(tmp_path: Path) -> None:
    former = "[objective]\nvariance = 4.0\ntemperature = 0.2\n"
    assert from_toml(former, source="an older run").section("scl") == with_values(
        Config(), {"scl.variance": 4.0, "scl.temperature": 0.2}
    ).section("scl")


def test_the_help_shows_the_settings_of_the_objective_that_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    for words, shown, hidden in (
        ([], "--scl.variance", "--gta.gamma"),
        (["--objective.name", "gta"], "--gta.gamma", "--scl.variance"),
        (["--objective.name=gta"], "--gta.gamma", "--scl.variance"),
    ):
        with pytest.raises(SystemExit):
            train.main([*words, "--help"])
        said = capsys.readouterr().out
        assert shown in said
        assert hidden not in said
        assert "--objective.variance" not in said


@pytest.mark.parametrize("name", KINDS)
def test_the_clips_are_what_the_objective_needs(name: str) -> None:
    needs = KINDS[name].needs
    config = with_values(Config(), {"objective.name": name, "views.num_frames": 8, "train.batch_size": 4})
    lengths, actions = [30, 21, 50, 12, 25, 40, 33], [0, 1, 0, 1, 1, 0, 2]
    labels = [np.arange(length) // 10 for length in lengths]
    known = Knowledge(actions=actions, labels=labels if needs is Needs.LABELS else ())
    made = Batches(Ramp(lengths), config, knowledge=known)
    for batch in made.from_step(0, 3, workers=2):
        clips = 2 if needs in (Needs.VIEWS, Needs.SPEEDS) else 1
        assert len(batch.views) == 4 * clips
        videos = [int(view.rows[0, 0]) for view in batch.views]
        assert videos[:4] * clips == videos
        assert batch.lengths == tuple(lengths[video] for video in videos)
        assert batch.groups == tuple(actions[video] for video in videos)
        assert (batch.labels is not None) == (needs is Needs.LABELS)
        assert batch.is_fast == ((False,) * 4 + (True,) * 4 if needs is Needs.SPEEDS else None)
        if needs is Needs.PAIRS:
            assert len(set(batch.groups)) == 1
            assert 6 not in videos  # nobody else does what it shows
            assert len(set(videos)) == min(4, actions.count(batch.groups[0]))
        for video, view, of_steps in zip(videos, batch.views, batch.labels or (), strict=False):
            np.testing.assert_array_equal(of_steps, labels[video][view.temporal.indices])


def test_every_video_with_a_partner_comes_as_often_as_asked() -> None:
    actions = [0, 1, 0, 1, 1, 0, 2, 0, 0]
    order = paired_order(actions, 3, 2, np.random.default_rng(0))
    counts = Counter(order.tolist())
    assert set(counts) == {0, 1, 2, 3, 4, 5, 7, 8}
    assert min(counts.values()) >= 2
    for batch in order.reshape(-1, 3):
        assert len({actions[video] for video in batch}) == 1
    assert not len(paired_order([0, 1, 2], 3, 1, np.random.default_rng(0)))


def test_the_fast_clip_goes_twice_as_fast_through_the_same_segment() -> None:
    generator = np.random.default_rng(3)
    for num_frames, _ in itertools.product((2, 3, 9, 40, 400), range(20)):
        slow, fast = draw_speeds(num_frames, 12, generator)
        steps = int(slow.valid.sum())
        assert steps == int(fast.valid.sum()) == min(12, num_frames // 2)
        for clip, stride in ((slow, 1), (fast, 2)):
            shown = clip.indices[clip.valid]
            assert (np.diff(shown) == stride).all()
            assert clip.crop.start_frame == shown[0]
            assert clip.crop.num_frames == shown[-1] - shown[0] + 1
        assert fast.indices[0] <= slow.indices[0]
        assert slow.indices[steps - 1] <= fast.indices[steps - 1] + 1 < num_frames


@pytest.mark.parametrize("name", KINDS)
def test_each_learns(tmp_path: Path, name: str) -> None:
    events: list[Event] = []
    made = trainer(tmp_path, name, train__epochs=6, train__repeats_per_epoch=10, train__learning_rate=3e-3)
    before = weights(made)
    assert made.fit(events.append, Control(), workers=1) == "done"
    losses = [event.loss for event in events if isinstance(event, StepDone)]
    assert np.isfinite(losses).all()
    first, last = np.mean(losses[:30]), np.mean(losses[-30:])
    assert last < first - 0.02 * abs(first)
    after = weights(made)
    assert any(not torch.equal(before[key], after[key]) for key in before if key.startswith("encoder.head"))
    moved = any(not torch.equal(before[key], after[key]) for key in before if key.startswith("encoder.projection."))
    assert moved == KINDS[name].on_projection


@pytest.mark.parametrize("name", ["lac", "sal", "supervised", "speednet", "tcc"])
def test_a_stopped_run_resumes_to_the_very_weights(tmp_path: Path, name: str) -> None:
    whole = trainer(tmp_path / "whole", name)
    assert whole.fit(ignore, Control(), workers=1) == "done"
    stop = StopAt(4)
    assert trainer(tmp_path / "parts", name).fit(stop, stop.control, workers=1) == "stopped"
    second = trainer(tmp_path / "parts", name)
    assert second.restore(ignore)
    assert second.fit(ignore, Control(), workers=1) == "done"
    assert_same(weights(second), weights(whole))


def test_what_an_objective_lacks_is_one_sentence() -> None:
    supervised, tcc = (with_values(Config(), {"objective.name": name}) for name in ("supervised", "tcc"))
    with pytest.raises(ConfigError, match=r"needs labels\. Pass --labels"):
        check_given(supervised, None, 5)
    with pytest.raises(ConfigError, match="there is only one video"):
        check_given(tcc, None, 1)
    with pytest.raises(ConfigError, match="no two of the 3 videos share one"):
        check_given(tcc, None, 3, ["swing", "jump", ""])
    check_given(tcc, None, 3, ["swing", "jump", "jump"])
    check_given(tcc, None, 2)
    check_given(supervised, Path("labels.csv"), 1)


def test_a_list_names_the_actions(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        (tmp_path / name).touch()
    (tmp_path / "list.csv").write_text("video,action\na.mp4,swing\nb.mp4,\nc.mp4,jump\n", encoding="utf-8")
    (tmp_path / "plain.csv").write_text("a.mp4\nb.mp4\n", encoding="utf-8")
    found = actions_of([tmp_path / "list.csv", tmp_path / "plain.csv", tmp_path])
    assert found == {tmp_path / "a.mp4": "swing", tmp_path / "c.mp4": "jump"}
