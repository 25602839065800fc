"""The time-contrastive loss against plain loops, and the law of its positives."""

import torch
from torch import Tensor

from core.objectives.kinds import TcnSettings
from core.objectives.tcn import positives
from tests.core.objectives.drawn import Clip, agrees, drawn_clips, generator
from tests.core.objectives.plain import mean_of, softmax

SETTINGS = TcnSettings(window=5.0, l2_weight=0.3)
CLIPS = drawn_clips([9, 1, 5, 2], scale=0.7)


def plain(clips: list[Clip]) -> Tensor:
    chosen, used = positives(CLIPS.clean(), SETTINGS.window, generator())
    losses = []
    for r, clip in enumerate(clips):
        anchors = [i for i in range(len(clip)) if used[r, i]]
        positive = {i: int(chosen[r, i]) for i in anchors}
        rows = []
        for i in anchors:
            columns = [j for j in anchors if j == i or positive[j] not in (i, positive[i])]
            shares = softmax([(clip.z[i] * clip.z[positive[j]]).sum() for j in columns])
            lengths = clip.z[i].square().sum() + clip.z[positive[i]].square().sum()
            rows.append(-torch.log(shares[columns.index(i)]) + 0.25 * SETTINGS.l2_weight * lengths)
        if rows:
            losses.append(mean_of(rows))
    return mean_of(losses)


def test_it_equals_plain_loops() -> None:
    agrees("tcn", plain, CLIPS, SETTINGS)


def test_positives_are_drawn_evenly_from_the_frames_just_before() -> None:
    clips = drawn_clips([8], seed=3).clean()
    clips.frames[:] = torch.tensor([0.0, 0.0, 2.0, 3.0, 5.0, 8.0, 20.0, 21.0])
    draws = generator()
    seen: list[set[int]] = [set() for _ in range(8)]
    counts = torch.zeros(8)
    for _ in range(400):
        chosen, used = positives(clips, 5.0, draws)
        assert used[0].tolist() == [False, False, True, True, True, True, True, True]
        for i in range(8):
            seen[i].add(int(chosen[0, i]))
        counts[int(chosen[0, 4])] += 1
    # Frame 20 has none within 5 frames: the nearest before it, two steps long, stands in.
    assert seen[2:] == [{0, 1}, {0, 1, 2}, {0, 1, 2, 3}, {3, 4}, {5}, {6}]
    assert (counts[:4] > 60).all()
