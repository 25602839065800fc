"""The objectives by name: their losses, all with one signature, and their heads.

    objective = OBJECTIVES[name]
    head = objective.head and objective.head(HeadSizes(...))
    loss = objective.loss(clips, objective.kind.settings(), head, generator)

`objective.kind` says what the clips must be and whether z is h or the projection (`core.objectives.kinds`,
without torch). A new objective is a file with a loss, a `Kind` and a line here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from core.objectives.clips import Loss
from core.objectives.contrastive import frame_contrastive_loss
from core.objectives.d3tw import discriminative_alignment_loss
from core.objectives.gta import global_alignment_loss
from core.objectives.kinds import KINDS, Kind
from core.objectives.lac import local_alignment_loss
from core.objectives.lav import alignment_loss
from core.objectives.sal import order_loss
from core.objectives.scl import scl
from core.objectives.speednet import speed_loss
from core.objectives.supervised import label_loss
from core.objectives.tcc import cycle_consistency_loss
from core.objectives.tcn import time_contrastive_loss
from core.objectives.vsp import bridge_loss


@dataclass(frozen=True)
class HeadSizes:
    """The sizes that determine a head's layers."""

    width: int
    """D of what the objective looks at."""
    frames: int
    """T, most steps of a clip."""
    classes: int = 0
    """Classes of the labels."""


@dataclass(frozen=True)
class Objective:
    """One objective."""

    kind: Kind
    loss: Loss[Any]
    head: Callable[[HeadSizes], nn.Module] | None = None
    """Builds what it learns besides the encoder, freshly initialised; None: nothing."""


def _order_head(sizes: HeadSizes) -> nn.Module:
    """Map (N, 3 D) -> (N, 2): shuffled, in order (layers of the released code of TCC)."""
    return nn.Sequential(nn.Linear(3 * sizes.width, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 2))


def _speed_head(sizes: HeadSizes) -> nn.Module:
    """Map (N, D) -> (N, 1): the logit of "sped up"."""
    return nn.Linear(sizes.width, 1)


def _label_head(sizes: HeadSizes) -> nn.Module:
    """Map (N, D) -> (N, C)."""
    return nn.Linear(sizes.width, sizes.classes)


def _gap_prices(sizes: HeadSizes) -> nn.Module:
    """Return (T, T) prices of opening and of extending a gap, one a cell, before their softplus; they begin at 1."""
    start = math.log(math.e - 1)
    return nn.ParameterDict(
        {name: nn.Parameter(torch.full((sizes.frames, sizes.frames), start)) for name in ("opening", "extending")}
    )


OBJECTIVES = {
    objective.kind.name: objective
    for objective in (
        Objective(KINDS["scl"], scl),
        Objective(KINDS["contrastive"], frame_contrastive_loss),
        Objective(KINDS["tcn"], time_contrastive_loss),
        Objective(KINDS["tcc"], cycle_consistency_loss),
        Objective(KINDS["sal"], order_loss, _order_head),
        Objective(KINDS["lav"], alignment_loss),
        Objective(KINDS["gta"], global_alignment_loss),
        Objective(KINDS["d3tw"], discriminative_alignment_loss),
        Objective(KINDS["speednet"], speed_loss, _speed_head),
        Objective(KINDS["supervised"], label_loss, _label_head),
        Objective(KINDS["lac"], local_alignment_loss, _gap_prices),
        Objective(KINDS["vsp"], bridge_loss),
    )
}
