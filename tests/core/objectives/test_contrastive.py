"""The frame-wise contrastive baseline against plain loops."""

import torch
from torch import Tensor

from core.objectives.kinds import ContrastiveSettings
from tests.core.objectives.drawn import Clip, agrees, drawn_clips, value_and_gradients
from tests.core.objectives.plain import cosine, mean_of, softmax

SETTINGS = ContrastiveSettings(temperature=0.2, window=3.0)


def one_way(a: Clip, b: Clip) -> Tensor | None:
    rows = []
    for i in range(len(a)):
        distances = [abs(a.frames[i] - s) for s in b.frames]
        nearest = distances.index(min(distances))
        if distances[nearest] > SETTINGS.window:
            continue
        shares = softmax([cosine(a.z[i], other) / SETTINGS.temperature for other in b.z])
        rows.append(-torch.log(shares[nearest]))
    return mean_of(rows) if rows else None


def plain(clips: list[Clip]) -> Tensor:
    half = len(clips) // 2
    losses = []
    for a, b in zip(clips[:half], clips[half:], strict=True):
        there, back = one_way(a, b), one_way(b, a)
        if there is not None and back is not None:
            losses.append(there + back)
    return mean_of(losses)


def test_it_equals_plain_loops() -> None:
    agrees("contrastive", plain, drawn_clips([7, 4, 6, 3, 7, 6]), SETTINGS)


def test_frames_without_a_partner_in_reach_are_ignored() -> None:
    clips = drawn_clips([6, 6, 6, 6])
    clips.frames[0, 2:] += 100
    clips.frames[1] += 1000
    agrees("contrastive", plain, clips, SETTINGS)
    loss, (grad,) = value_and_gradients("contrastive", clips, SETTINGS)
    assert not grad[1].any()
    assert not grad[3].any()
    clips.frames[0] += 1000
    assert value_and_gradients("contrastive", clips, SETTINGS)[0].item() == 0.0
    assert loss.item() > 0
