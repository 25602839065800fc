"""The runner of batches: every batch's features, in order; what overflows in float16 is computed again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from core.augment.spatial import resize_whole
from core.model import batch_runner
from core.model.batch_runner import BatchRunner
from tests.core.model.tiny import tiny_encoder

CPU = torch.device("cpu")


def images(*counts: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randint(0, 256, (count, 40, 48, 3), dtype=torch.uint8, generator=generator) for count in counts]


@pytest.mark.parametrize("under_way", [0, 2])
def test_it_gives_the_features_of_each_batch_in_order(under_way: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_runner, "_UNDER_WAY", {"cpu": under_way})
    encoder, given = tiny_encoder(), images(3, 1, 5, 2)
    asked = list[int]()

    def batches() -> Iterator[Tensor]:
        for number, batch in enumerate(given):
            asked.append(number)
            yield batch

    def forward(frames: Tensor) -> Tensor:
        return encoder.features(resize_whole(frames, 32))

    for number, rows in enumerate(BatchRunner(CPU, torch.float32).features(forward, batches())):
        assert len(asked) == min(number + 1 + under_way, len(given)), "no more than that is in memory"
        with torch.no_grad():
            expected = forward(given[number])
        np.testing.assert_array_equal(rows, expected.half().numpy())
    assert number == len(given) - 1


def test_a_batch_that_overflows_in_float16_is_computed_again_in_float32() -> None:
    asked = list[torch.dtype]()

    def function(frames: Tensor) -> Tensor:
        asked.append(torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else torch.float32)
        rows = frames.float().mean((1, 2))
        return rows / 0 * 0 if asked[-1] == torch.float16 and len(frames) == 5 else rows

    given = images(3, 5)
    rows = list(BatchRunner(CPU, torch.float16).features(function, given))
    assert asked == [torch.float16, torch.float16, torch.float32]
    for made, batch in zip(rows, given, strict=True):
        np.testing.assert_allclose(made, batch.numpy().mean((1, 2)), rtol=1e-3)
