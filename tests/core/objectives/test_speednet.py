"""SpeedNet against plain loops."""

import pytest
import torch
from torch import Tensor

from tests.core.objectives.drawn import Clip, agrees, drawn_clips, made_head, value_and_gradients
from tests.core.objectives.plain import mean_of


def test_it_equals_plain_loops() -> None:
    head = made_head("speednet")
    assert head is not None

    def plain(clips: list[Clip]) -> Tensor:
        losses = []
        for clip in clips:
            mean = torch.stack([mean_of([z[d] for z in clip.z]) for d in range(clip.z.shape[1])])
            share = 1 / (1 + torch.exp(-head(mean)[0]))
            losses.append(-torch.log(share if clip.is_fast else 1 - share))
        return mean_of(losses)

    agrees("speednet", plain, drawn_clips([5, 3, 4]), None, head)


def test_it_needs_a_head() -> None:
    with pytest.raises(ValueError, match="SpeedNet needs a head"):
        value_and_gradients("speednet", drawn_clips([8]))
