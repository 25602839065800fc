"""Video similarity as a process: Brownian bridges (VSP; Zhang et al., CVPR 2023, process-based contrastive loss)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.objectives.clips import Clips, draw, in_float64, in_single, mean_over, unit
from core.objectives.kinds import VspSettings


@in_single
def bridge_loss(clips: Clips, settings: VspSettings, head: nn.Module | None, generator: torch.Generator) -> Tensor:
    """Return the mean over the clips of that over their segments: between two frames lie those that really do.

        e(x) = exp(-|x - (1 - alpha) z_a - alpha z_b|^2 / (2 sigma^2))
        alpha = (p - a) / (b - a),   sigma = alpha (b - p)
        L = -log( e(z_p) / (e(z_p) + sum over negatives of e(x)) )

    with head a < point p < tail b of a segment, in steps, and embeddings at length 1, as released. Negatives are the
    three points of all other segments of the batch (released), of the same clip too.

    A clip is cut into `segments` equal ones, fewer where they would have less than three steps; each end reaches at
    random into the neighbour by up to `overlap` / 2 of a segment. p is drawn evenly between a and b. The released code
    draws one segment a clip from the annotated phases of short videos, and several of videos without: so do we by
    default. One alone from end to end teaches little, since its negatives are frames of other videos only.

    Args:
        clips: z (R, T, D) projections. A segment of fewer than three steps is left out, as a negative too. If all are,
            or there is one alone, the loss is 0.
        settings: segments of a clip, overlap.
        head: not used.
        generator: draws the bridges.
    """
    z = unit(clips.z)
    bridges = draw_bridges(clips.lengths, settings, generator)  # (R, K, 3)
    a, p, b = bridges.flatten(0, 1).unbind(1)  # (G,) with G = R K
    used = (b - a >= 2).reshape(bridges.shape[:2])  # (R, K)
    rows = torch.arange(len(z), device=z.device)[:, None, None]
    points = z[rows, bridges].flatten(0, 1)  # (G, 3, D)
    alpha = ((p - a) / (b - a).clamp(min=1)).to(z.dtype)[:, None]
    sigma = torch.where(used.flatten(), alpha[:, 0] * (b - p), 1.0)[:, None]
    expected = (1 - alpha) * points[:, 0] + alpha * points[:, 2]  # (G, D)
    own = -(points[:, 1] - expected).square().sum(1) / (2 * sigma[:, 0].square())  # (G,)
    others = -_squared_distances(expected, points.flatten(0, 1)) / (2 * sigma.square())  # (G, 3 G)
    other = ~torch.eye(len(points), dtype=torch.bool, device=z.device) & used.flatten()
    energies = others.masked_fill(~other.repeat_interleave(3, 1), -1e30)
    losses = torch.cat((own[:, None], energies), 1).logsumexp(1) - own
    return mean_over(mean_over(losses.reshape(used.shape), used), used.any(1))


def draw_bridges(lengths: Tensor, settings: VspSettings, generator: torch.Generator) -> Tensor:
    """Return (R, K, 3) steps of head, point and tail; all three 0 where there is no such segment."""
    numbers = draw(generator, len(lengths), settings.segments, 3, like=lengths)
    number = torch.arange(settings.segments, device=lengths.device)
    count = (lengths // 3).clamp(1, settings.segments)[:, None]  # (R, 1)
    size = in_float64(lengths[:, None], lengths.device) / count  # (R, 1) steps
    reach = size * settings.overlap / 2
    first = (number * size - numbers[..., 0] * reach).floor().long()
    last = ((number + 1) * size + numbers[..., 1] * reach).floor().long() - 1
    a, b = first.clamp(min=0), torch.minimum(last, lengths[:, None] - 1)
    b = torch.maximum(a, b)
    p = a + 1 + (numbers[..., 2] * (b - a - 1).clamp(min=0)).long()
    real = (number < count) & (b - a >= 2)
    return torch.where(real[..., None], torch.stack((a, p, b), 2), 0)


def _squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """Return (N, M) |a_i - b_j|^2, exact where they are near."""
    return (a[:, None] - b[None]).square().sum(2)
