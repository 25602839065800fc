"""The trainer: a run that was stopped, killed or spread over processes learns what an undisturbed one learns."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from core.base.control import Control
from core.base.errors import CheckpointError, TrainingError
from core.base.events import CheckpointSaved, Event, Notice, Paused, StepDone, ignore
from core.base.tensor_files import load_tensors, save_tensors
from core.learning.trainer import ClipLoss, OnEpoch, Trainer, _out_of_memory_explained, no_op
from core.learning.training_state import Checkpoints
from core.settings.config import Config
from tests.core.small import Waves, small_config, small_encoder

LENGTHS = [30, 9, 50, 12, 25]


def trainer(
    folder: Path,
    config: Config | None = None,
    *,
    identity: str = "videos",
    on_epoch: OnEpoch = no_op,
) -> Trainer:
    config = config or small_config()
    return Trainer(
        small_encoder(config),
        Waves(LENGTHS),
        config,
        Checkpoints(folder, keep=config.train.keep_checkpoints),
        device=torch.device("cpu"),
        videos_identity=identity,
        on_epoch=on_epoch,
    )


def weights(made: Trainer) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in made.model.state_dict().items()}


def assert_same(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        assert torch.equal(one[name], other[name]), name


class StopAt:
    """A sink that asks for a stop after a step."""

    def __init__(self, step: int) -> None:
        self.control, self.step = Control(), step

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepDone) and event.step == self.step:
            self.control.stop()


def test_loss_falls_and_rate_follows_the_cosine(tmp_path: Path) -> None:
    events: list[Event] = []
    made = trainer(tmp_path, small_config(train__epochs=40))
    assert made.fit(events.append, Control(), workers=1) == "done"
    steps = [event for event in events if isinstance(event, StepDone)]
    assert [event.step for event in steps] == list(range(1, 121))
    assert sum(event.loss for event in steps[-12:]) < 0.9 * sum(event.loss for event in steps[:12])
    expected = [1e-3 * 0.5 * (1 + math.cos(math.pi * epoch / 41)) for epoch in range(40)]
    assert [event.learning_rate for event in steps[::3]] == pytest.approx(expected)
    assert steps[-1].eta_seconds == 0


@pytest.mark.parametrize("stop_after", [1, 3, 5, 7], ids=lambda step: f"step{step}")
def test_a_stopped_run_resumes_to_the_very_weights_of_an_uninterrupted_one(tmp_path: Path, stop_after: int) -> None:
    whole = trainer(tmp_path / "whole")
    assert whole.fit(ignore, Control(), workers=1) == "done"
    stop = StopAt(stop_after)
    first = trainer(tmp_path / "parts")
    assert first.fit(stop, stop.control, workers=1) == "stopped"
    assert first.step == stop_after
    second = trainer(tmp_path / "parts")
    assert second.restore(ignore)
    assert second.step == stop_after
    assert second.fit(ignore, Control(), workers=2) == "done"
    assert_same(weights(second), weights(whole))


class Ends(Waves):
    """One video that is learned at once, so that the loss soon stops falling."""

    def __init__(self) -> None:
        super().__init__([12])


def ending_trainer(folder: Path, told: list[tuple[int, bool]] | None = None) -> Trainer:
    config = small_config(train__epochs=400, train__patience=2, train__learning_rate=1e-2, encoder__dropout=0.0)

    def tell(model: ClipLoss, epochs: int, steps: int, is_last: bool) -> None:
        if told is not None:
            told.append((epochs, is_last))

    return Trainer(
        small_encoder(config),
        Ends(),
        config,
        Checkpoints(folder, keep=2),
        device=torch.device("cpu"),
        videos_identity="videos",
        on_epoch=tell,
    )


def test_a_run_that_learns_no_more_ends_and_a_resumed_one_ends_at_the_same_step(tmp_path: Path) -> None:
    events: list[Event] = []
    told: list[tuple[int, bool]] = []
    whole = ending_trainer(tmp_path / "whole", told)
    assert whole.total_steps == 400
    assert whole.fit(events.append, Control(), workers=1) == "done"
    assert whole.step == whole.total_steps < 200
    assert [epochs for epochs, is_last in told if is_last] == [whole.step]
    assert sum(isinstance(event, Notice) and "stopped falling" in event.message for event in events) == 1
    steps = [event for event in events if isinstance(event, StepDone)]
    assert [event.step for event in steps] == list(range(1, whole.step + 1))
    assert steps[-1].learning_rate < 0.2 * steps[0].learning_rate
    for stop_after in (3, whole.step - 2):  # before and after it is known when it ends
        folder = tmp_path / f"parts{stop_after}"
        stop = StopAt(stop_after)
        assert ending_trainer(folder).fit(stop, stop.control, workers=1) == "stopped"
        second = ending_trainer(folder)
        assert second.restore(ignore)
        assert second.fit(ignore, Control(), workers=1) == "done"
        assert second.step == whole.step
        assert_same(weights(second), weights(whole))
    again = ending_trainer(tmp_path / "whole")
    assert again.restore(ignore)
    assert again.fit(ignore, Control(), workers=1) == "done"
    assert again.step == whole.step, "an ended run has nothing left to do"


def _truncate(checkpoint: Path) -> None:
    checkpoint.write_bytes(checkpoint.read_bytes()[:-100])


def _put_nan(checkpoint: Path) -> None:
    tensors, meta = load_tensors(checkpoint)
    next(tensor for tensor in tensors.values() if tensor.is_floating_point()).view(-1)[0] = math.nan
    save_tensors(checkpoint, tensors, meta)


@pytest.mark.parametrize("damage", [_truncate, _put_nan])
def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(damage: Callable[[Path], None], tmp_path: Path) -> None:
    made = trainer(tmp_path)
    made.fit(ignore, Control(), workers=1)
    newest, before = sorted(tmp_path.iterdir(), reverse=True)[:2]
    damage(newest)
    notices: list[Event] = []
    again = trainer(tmp_path)
    assert again.restore(notices.append)
    assert again.step == int(before.stem.removeprefix("step-"))
    assert any(isinstance(event, Notice) and newest.name in event.message for event in notices)
    again.fit(ignore, Control(), workers=1)
    assert_same(weights(again), weights(made))


def test_only_the_newest_checkpoints_are_kept_and_each_epoch_makes_one(tmp_path: Path) -> None:
    events: list[Event] = []
    trainer(tmp_path).fit(events.append, Control(), workers=1)
    assert [event.epoch for event in events if isinstance(event, CheckpointSaved)] == [1, 2, 3]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "step-00000006.safetensors",
        "step-00000009.safetensors",
    ]


def test_each_epoch_is_told_before_its_checkpoint_so_that_a_resumed_run_misses_none(tmp_path: Path) -> None:
    told: list[tuple[int, int] | CheckpointSaved] = []

    def tell(model: ClipLoss, epochs: int, steps: int, is_last: bool) -> None:
        told.append((epochs, steps))

    def sink(event: Event) -> None:
        told.extend([event] if isinstance(event, CheckpointSaved) else [])

    trainer(tmp_path, on_epoch=tell).fit(sink, Control(), workers=1)
    assert [one if isinstance(one, tuple) else one.step for one in told] == [(1, 3), 3, (2, 6), 6, (3, 9), 9]


def test_checkpoints_hold_no_fixed_weights(tmp_path: Path) -> None:
    trainer(tmp_path).fit(ignore, Control(), workers=1)
    assert max(path.stat().st_size for path in tmp_path.iterdir()) < 2e6  # a ResNet-18 alone has 45 MB


def test_a_pause_saves_and_holds_until_it_ends(tmp_path: Path) -> None:
    control, events = Control(), []

    def sink(event: Event) -> None:
        events.append(event)
        if isinstance(event, StepDone) and event.step == 2:
            control.pause()
        if event == Paused(True):
            control.resume()

    assert trainer(tmp_path).fit(sink, control, workers=1) == "done"
    kinds = [type(event) for event in events]
    at = kinds.index(Paused)
    assert kinds[at - 1] is CheckpointSaved
    assert events[at : at + 2] == [Paused(True), Paused(False)]
    assert sum(kind is StepDone for kind in kinds[:at]) == 2


def test_a_loss_that_is_not_finite_stops_with_a_reason_and_keeps_the_last_good_weights(tmp_path: Path) -> None:
    made = trainer(tmp_path)
    good: list[dict[str, Tensor]] = []

    def spoil(event: Event) -> None:
        if isinstance(event, CheckpointSaved):
            good.append(weights(made))
            with torch.no_grad():
                next(parameter for parameter in made.model.parameters() if parameter.requires_grad).fill_(math.nan)

    with pytest.raises(TrainingError, match=r"step 4: the loss became nan.*lower train.learning_rate \(now 0.001\)"):
        made.fit(spoil, Control(), workers=1)
    again = trainer(tmp_path)
    assert again.restore(ignore)
    assert_same(weights(again), good[0])


def test_memory_that_runs_out_names_the_two_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = trainer(tmp_path)

    def full(*_: object) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    monkeypatch.setattr(made.model, "forward", full)
    with pytest.raises(TrainingError, match=r"train.batch_size \(now 2\) or views.num_frames \(now 10\)"):
        made.fit(ignore, Control(), workers=1)


@pytest.mark.parametrize(
    ("kind", "fraction", "says"),
    [
        ("cuda", 0.5, r"Out of memory. Resume with frames.gpu_fraction = 0 \(now 0.5\). If it recurs, lower train.ba"),
        ("cuda", 0.0, r"Out of memory. Lower train.batch_size"),
        ("cpu", 0.5, r"Out of memory. Lower train.batch_size"),
    ],
)
def test_memory_of_a_gpu_that_keeps_frames_may_be_had_back(kind: str, fraction: float, says: str) -> None:
    config = small_config(train__mode="finetune", backbone__trainable_blocks="layer4", frames__gpu_fraction=fraction)
    with pytest.raises(TrainingError, match=says), _out_of_memory_explained(config, torch.device(kind)):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")


def test_another_runtime_error_is_our_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = trainer(tmp_path)
    monkeypatch.setattr(made.model, "forward", lambda *_: torch.zeros(2) @ torch.zeros(3))
    with pytest.raises(RuntimeError, match=r"inconsistent tensor size|size mismatch"):
        made.fit(ignore, Control(), workers=1)


def test_a_checkpoint_of_another_architecture_or_other_videos_is_refused(tmp_path: Path) -> None:
    trainer(tmp_path).fit(ignore, Control(), workers=1)
    with pytest.raises(CheckpointError, match="has another architecture"):
        trainer(tmp_path, small_config(encoder__d_model=32)).restore(ignore)
    with pytest.raises(CheckpointError, match="videos have changed"):
        trainer(tmp_path, identity="others").restore(ignore)


def test_seeds_decide_what_is_learned(tmp_path: Path) -> None:
    def trained(name: str, seed: int) -> dict[str, Tensor]:
        made = trainer(tmp_path / name, small_config(train__seed=seed))
        made.fit(ignore, Control(), workers=1)
        return weights(made)

    one, same, other = trained("a", 1), trained("b", 1), trained("c", 2)
    assert_same(one, same)
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_nothing_is_learned_from_padded_steps(tmp_path: Path) -> None:
    """A batch in which every view is padded gives the loss of the batch without the padding."""
    short = small_config(views__num_frames=20, encoder__dropout=0)
    made = trainer(tmp_path, short)
    made.model.train()
    batch = next(made._batches.from_step(0, 1, workers=1))
    loss = made.model(batch, torch.device("cpu"))
    longest = max(int(view.temporal.valid.sum()) for view in batch.views)
    cut = dataclasses.replace(
        batch,
        views=tuple(
            dataclasses.replace(
                view,
                temporal=dataclasses.replace(
                    view.temporal, indices=view.temporal.indices[:longest], valid=view.temporal.valid[:longest]
                ),
            )
            for view in batch.views
        ),
    )
    assert longest < 20 or any(length < 20 for length in itertools.chain(LENGTHS))
    assert made.model(cut, torch.device("cpu")).item() == pytest.approx(loss.item(), rel=1e-5)
