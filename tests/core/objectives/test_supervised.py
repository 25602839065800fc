"""Supervised learning against plain loops."""

import pytest
import torch
from torch import Tensor

from tests.core.objectives.drawn import Clip, agrees, drawn_clips, made_head, value_and_gradients
from tests.core.objectives.plain import mean_of, softmax


def test_it_equals_plain_loops() -> None:
    head = made_head("supervised")
    assert head is not None

    def plain(clips: list[Clip]) -> Tensor:
        return mean_of(
            [
                -torch.log(softmax(list(head(z)))[label])
                for clip in clips
                for z, label in zip(clip.z, clip.labels, strict=True)
                if label >= 0
            ]
        )

    agrees("supervised", plain, drawn_clips([5, 3, 4]), None, head)


def test_what_it_needs() -> None:
    clips = drawn_clips([8])
    with pytest.raises(ValueError, match="clips with labels"):
        value_and_gradients("supervised", clips)
    assert clips.labels is not None
    clips.labels[0, 3] = 3
    with pytest.raises(ValueError, match="label 3 is not one of the head's 3 classes"):
        value_and_gradients("supervised", clips, None, made_head("supervised"))
    clips.labels[:] = -1
    assert value_and_gradients("supervised", clips, None, made_head("supervised"))[0].item() == 0.0
