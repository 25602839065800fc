"""ResNets (He et al. 2016) split into a frozen and a trainable part (CARL paper, section 3.3 and Table 7)."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from core.base.control import Control
from core.base.errors import ConfigError
from core.base.events import Sink
from core.base.tensor_files import read_state_dict
from core.model.normalise import Normalise
from core.model.weights import fit_resnet, imagenet_file

RESNETS = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_STAGES = ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4")


def build_resnet(
    name: str, weights: str, learnable: str, sink: Sink, control: Control | None = None
) -> tuple[nn.Sequential, nn.Sequential, int]:
    """Return the frozen part (its batch norms folded into its convolutions), the learnable part, and the maps'
    channels.

    Args:
        name: one of `RESNETS`.
        weights: `imagenet` (torchvision's first edition, as the released code), `none`, or a file.
        learnable: `none`, `layer4` or `layer3+layer4`.

    Raises:
        ConfigError: `weights` is none of these.
        CheckpointError: the weights cannot be had or do not fit.
        Stopped: `control` asked for it during a download.
    """
    from torchvision import models  # 1 s, and half of it the compiler of torch

    model = models.get_model(name, weights=None)
    file = _weights_file(name, weights, sink, control)
    if file is not None:
        fit_resnet(model, read_state_dict(file), f"{file}", name)
    learnt = () if learnable == "none" else tuple(learnable.split("+"))
    stages = {stage: getattr(model, stage) for stage in _STAGES}
    frozen = nn.Sequential(
        OrderedDict(normalise=Normalise(MEAN, STD))
        | {stage: module for stage, module in stages.items() if stage not in learnt}
    )
    fold_batch_norms(frozen.eval())
    return frozen, nn.Sequential(OrderedDict((stage, stages[stage]) for stage in learnt)), model.fc.in_features


def _weights_file(name: str, weights: str, sink: Sink, control: Control | None) -> Path | None:
    if weights == "none":
        return None
    if weights == "imagenet":
        return imagenet_file(name, sink, control)
    if not Path(weights).exists():
        raise ConfigError(f"backbone.weights = {weights!r} is neither imagenet, none nor a file. Check its name.")
    return Path(weights)


@torch.no_grad()
def fold_batch_norms(module: nn.Module) -> None:
    """Fold each batch norm of a ResNet in eval mode into the convolution before it: the same function, faster."""
    for block in list(module.modules()):
        pairs = [(f"conv{i}", f"bn{i}") for i in (1, 2, 3)] + [("0", "1")]  # a block's own, and its downsample's
        children = dict(block.named_children())
        for convolution, norm in pairs:
            first, second = children.get(convolution), children.get(norm)
            if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                setattr(block, convolution, fuse_conv_bn_eval(first, second))
                setattr(block, norm, nn.Identity())
