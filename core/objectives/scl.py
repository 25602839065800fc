"""The sequence contrastive loss of CARL (Chen, Wei, Li, Cai, CVPR 2022, section 3.4, equations 1 to 3)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.objectives.clips import Clips
from core.objectives.kinds import SclSettings


def sequence_contrastive_loss(
    z1: Tensor,
    z2: Tensor,
    s1: Tensor,
    s2: Tensor,
    valid1: Tensor | None = None,
    valid2: Tensor | None = None,
    *,
    variance: float = 10.0,
    temperature: float = 0.1,
) -> Tensor:
    """Return mean over the videos of L1 + L2: each frame should find the other view's frames near it in time.

        w_ij = G(s1_i - s2_j) / sum_k G(s1_i - s2_k),   G(x) = exp(-x^2 / (2 variance))                  (equation 2)
        L1_i = -sum_j w_ij log softmax_j(cos(z1_i, z2_j) / temperature),   L1 = mean_i L1_i         (equations 1, 3)

    and L2 the same with the views swapped. Only the other view of the same video is in the denominator.

    Computed in float32 (float64 stays float64), under autocast too. The softmax over -x^2 / (2 variance) is taken with
    its largest term subtracted, so that a frame none of whose targets is within float32 reach of G puts its weight on
    the nearest of them. A padded step is never a target, never in a denominator and never in a mean, and whatever it
    holds (NaN too) reaches neither the loss nor a gradient. A video with a wholly padded view is left out of the mean;
    if all are, the loss is 0.

    Args:
        z1, z2: (B, T1, D) and (B, T2, D) embeddings, of any length.
        s1, s2: (B, T1) and (B, T2) timestamps, integer or floating: frame indices of the source video.
        valid1, valid2: (B, T1) and (B, T2) bool, False at padded steps; None: all valid.
        variance: sigma^2 of the Gaussian, in squared units of s.
        temperature: tau.

    Returns:
        A scalar, at least 0.

    Raises:
        ValueError: shapes that do not agree, or a mask that is not bool.
    """
    valid1 = torch.ones(z1.shape[:2], dtype=torch.bool, device=z1.device) if valid1 is None else valid1
    valid2 = torch.ones(z2.shape[:2], dtype=torch.bool, device=z2.device) if valid2 is None else valid2
    _check(z1, z2, s1, s2, valid1, valid2)
    with torch.autocast(z1.device.type, enabled=False):
        logits = _cosines(z1, z2, valid1, valid2) / temperature  # (B, T1, T2)
        closeness = -_time_differences(s1, s2, valid1, valid2, logits.dtype).square() / (2.0 * variance)
        loss1 = _one_way(logits, closeness, valid1, valid2)  # (B,)
        loss2 = _one_way(logits.mT, closeness.mT, valid2, valid1)
        used = valid1.any(1) & valid2.any(1)  # (B,)
        total = torch.where(used, loss1 + loss2, 0.0).sum()
        return total / used.sum().clamp(min=1)


def scl(clips: Clips, settings: SclSettings, head: nn.Module | None, generator: torch.Generator) -> Tensor:
    """Return `sequence_contrastive_loss` of two views of each video; neither head nor generator is used."""
    (z1, z2), (s1, s2), (valid1, valid2) = (x.chunk(2) for x in (clips.z, clips.frames, clips.valid))
    return sequence_contrastive_loss(
        z1, z2, s1, s2, valid1, valid2, variance=settings.variance, temperature=settings.temperature
    )


def _one_way(logits: Tensor, closeness: Tensor, valid: Tensor, valid_other: Tensor) -> Tensor:
    """Return (B,) mean over the valid rows of the cross-entropy between softmax(closeness) and softmax(logits).

    logits, closeness: (B, T, T_other). A finite floor, not -inf, for padded columns: 0 * -inf would be NaN.
    """
    floor = torch.finfo(logits.dtype).min
    padded = ~valid_other[:, None, :]
    targets = closeness.masked_fill(padded, floor).softmax(2)
    log_shares = logits.masked_fill(padded, floor).log_softmax(2)
    rows = -(targets * log_shares).sum(2)  # (B, T)
    return torch.where(valid, rows, 0.0).sum(1) / valid.sum(1).clamp(min=1)


def _cosines(z1: Tensor, z2: Tensor, valid1: Tensor, valid2: Tensor) -> Tensor:
    """Return (B, T1, T2) cosine similarities in float32 at least; padded steps are zeroed before anything can
    spread."""
    dtype = torch.promote_types(torch.promote_types(z1.dtype, z2.dtype), torch.float32)
    u1 = F.normalize(torch.where(valid1[..., None], z1.to(dtype), 0.0), dim=2, eps=1e-8)
    u2 = F.normalize(torch.where(valid2[..., None], z2.to(dtype), 0.0), dim=2, eps=1e-8)
    return u1 @ u2.mT


def _time_differences(s1: Tensor, s2: Tensor, valid1: Tensor, valid2: Tensor, dtype: torch.dtype) -> Tensor:
    """Return (B, T1, T2) s1_i - s2_j; whole numbers are subtracted as such, so that a late frame loses no precision."""
    s1, s2 = (s.to(dtype) if s.is_floating_point() and s.dtype.itemsize < 4 else s for s in (s1, s2))
    s1, s2 = torch.where(valid1, s1, 0), torch.where(valid2, s2, 0)
    return (s1[:, :, None] - s2[:, None, :]).to(dtype)


def _check(z1: Tensor, z2: Tensor, s1: Tensor, s2: Tensor, valid1: Tensor, valid2: Tensor) -> None:
    if z1.ndim != 3 or z2.ndim != 3 or z1.shape[0] != z2.shape[0] or z1.shape[2] != z2.shape[2]:
        raise ValueError(f"z1 and z2 must be (B, T1, D) and (B, T2, D), not {tuple(z1.shape)} and {tuple(z2.shape)}")
    for name, tensor, z in (("s1", s1, z1), ("s2", s2, z2), ("valid1", valid1, z1), ("valid2", valid2, z2)):
        if tensor.shape != z.shape[:2]:
            raise ValueError(f"{name} is {tuple(tensor.shape)}, but its embeddings are {tuple(z.shape)}")
    if valid1.dtype != torch.bool or valid2.dtype != torch.bool:
        raise ValueError(f"valid1 and valid2 must be bool, not {valid1.dtype} and {valid2.dtype}")
