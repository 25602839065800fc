"""The course of a run: when its learning rate falls and when it ends, told by the losses of its epochs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.settings.config import TrainConfig
from core.settings.schedule import COOLDOWN, Schedule, course

FALLING = [8.0 - 0.05 * epoch for epoch in range(100)]
"""Every few epochs bring as much as the ones before."""
STALLING = [4.0 + 4.0 * 0.5**epoch for epoch in range(100)]


def patient(patience: int = 4, epochs: int = 100) -> TrainConfig:
    return TrainConfig(epochs=epochs, patience=patience)


def test_without_patience_it_is_a_cosine_over_all_epochs_whatever_the_losses() -> None:
    made = course(STALLING, patient(0, 40))
    assert (made.epochs, made.has_stalled) == (40, False)
    expected = [0.5 * (1 + math.cos(math.pi * epoch / 41)) for epoch in range(40)]
    assert [made.rate(epoch) for epoch in range(40)] == pytest.approx(expected)


def test_as_long_as_the_loss_falls_it_goes_on_to_the_last_epoch_and_cools_down_there() -> None:
    made = course(FALLING, patient())
    assert (made.epochs, made.has_stalled) == (100, False)
    assert made.decay_epoch == 100 - round(100 * COOLDOWN)


def test_a_loss_that_stopped_falling_ends_it_and_nothing_that_follows_changes_that() -> None:
    courses = [course(STALLING[:epochs], patient()) for epochs in range(101)]
    stalled = next(epochs for epochs, made in enumerate(courses) if made.has_stalled)
    assert 8 <= stalled <= 16
    made = courses[stalled]
    assert made == Schedule(stalled, math.ceil(stalled / (1 - COOLDOWN)), has_stalled=True)
    assert all(later == made for later in courses[stalled:])
    assert course([*STALLING[:stalled], *[9.0] * 50], patient()) == made


def test_the_rate_of_an_epoch_is_known_before_it_and_never_rises() -> None:
    for losses in (FALLING, STALLING):
        courses = [course(losses[:epochs], patient()) for epochs in range(101)]
        last = courses[-1]
        assert [courses[epoch].rate(epoch) for epoch in range(last.epochs)] == [
            last.rate(epoch) for epoch in range(last.epochs)
        ]
        rates = np.array([last.rate(epoch) for epoch in range(last.epochs)])
        assert (rates[: last.decay_epoch] == 1).all()
        assert (np.diff(rates[last.decay_epoch - 1 :]) < 0).all()
        assert 0 < rates[-1] < 0.15


def test_nothing_stops_before_something_was_learned() -> None:
    """A loss that stays at the value of chance for a while is no end."""
    assert not course([6.93, 6.92] * 25, patient()).has_stalled


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_the_shortest_runs_have_a_course(epochs: int) -> None:
    made = course([], patient(5, epochs))
    assert made.epochs == epochs
    assert all(0 < made.rate(epoch) <= 1 for epoch in range(epochs))


def test_a_scale_of_the_loss_changes_nothing() -> None:
    assert course([10 * loss for loss in STALLING], patient()) == course(STALLING, patient())
