"""The time to go is that of the whole work: of the stage at hand, and of all that follow."""

from __future__ import annotations

import pytest
import torch

from core.base.events import Event, Notice, Progress
from core.features.remaining import Costs, Remaining, measure_costs, remaining_of_embedding, remaining_of_training
from tests.core.small import small_config, small_encoder


def _news(stage: str, done: float, total: float, eta_seconds: float) -> Progress:
    return Progress(stage, done, total, "frame", 1.0, eta_seconds)


def _whole(outlook: Remaining, told: list[Event], event: Event) -> float:
    outlook(event)
    last = told[-1]
    assert isinstance(last, Progress)
    return last.whole_eta_seconds


def test_every_stage_counts_those_that_follow() -> None:
    told = list[Event]()
    config = small_config(train__augmented_copies=3, train__copy_stride=4, train__epochs=5)
    outlook = remaining_of_training(told.append, lambda: Costs(of_image=0.5, of_step=2.0), config, num_videos=8)
    steps = 4 * 5
    features = 0.5 * (101 + 3 * 26)  # clean frames, and of each copy every fourth and the last
    assert _whole(outlook, told, _news("check", 1, 2, 3)) == 0, "how many frames there are is not known yet"
    assert _whole(outlook, told, _news("decode", 1, 101, 7)) == 7 + features + 2 * steps
    assert _whole(outlook, told, _news("decode", 101, 101, 0)) == features + 2 * steps
    assert _whole(outlook, told, _news("features", 1, 9, 30)) == 30 + 2 * steps, "its own speed counts now"
    assert _whole(outlook, told, _news("features", 1, 9, 0)) == 0, "its speed is not known yet"
    outlook(Notice("as it is"))
    outlook(_news("another stage", 1, 2, 3))
    assert told[-2:] == [Notice("as it is"), _news("another stage", 1, 2, 3)]


def test_a_backbone_that_learns_has_no_stage_of_features() -> None:
    told = list[Event]()
    config = small_config(train__mode="finetune", train__epochs=1)
    outlook = remaining_of_training(told.append, lambda: Costs(of_image=100.0, of_step=1.0), config, num_videos=2)
    assert _whole(outlook, told, _news("decode", 1, 50, 5)) == 5 + 1


def test_embedding_follows_decoding() -> None:
    told = list[Event]()
    outlook = remaining_of_embedding(told.append, lambda: Costs(of_image=0.1))
    assert _whole(outlook, told, _news("decode", 1, 50, 5)) == pytest.approx(5 + 0.1 * 50)
    assert _whole(outlook, told, _news("embed", 1, 50, 5)) == 5


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"train__mode": "finetune"},
        {"encoder__temporal": "conv3d", "train__mode": "finetune"},
        {"encoder__delta_lag": "1"},
    ],
)
def test_measuring_changes_neither_weights_nor_random_numbers(changed: dict[str, object]) -> None:
    config = small_config(**changed)
    encoder = small_encoder(config).train()
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    state = torch.get_rng_state()
    costs = measure_costs(encoder, config, torch.device("cpu"), trains=True)
    assert costs.of_image > 0
    assert costs.of_step > 0
    assert encoder.training
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())
    assert measure_costs(encoder, config, torch.device("cpu"), trains=False).of_step == 0
