"""Frozen ResNet-50, frames per second: as torchvision gives it, in channels last, with batch norms folded too (ours).

Rounds alternate, so that a busy machine slows all rows alike; medians are shown, and the largest relative difference.

    python benchmarks/frozen_backbone.py [--frames 8] [--rounds 5] [--threads 1]
"""

from __future__ import annotations

import argparse
import copy
import statistics
import time

import torch
from torch import Tensor, nn
from torchvision import models

from core.model.backbone import Backbone
from core.model.normalise import Normalise
from core.model.resnet import MEAN, STD, fold_batch_norms
from core.settings.config import BackboneConfig


def rows(chunk: int) -> dict[str, nn.Module]:
    """The same weights three ways; frames (N, 3, H, W) -> maps."""
    model = models.resnet50(weights=None).eval()
    for norm in model.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.running_var, 0.5, 1.5)
    stages = [model.conv1, model.bn1, model.relu, model.maxpool, model.layer1, model.layer2, model.layer3, model.layer4]
    plain = nn.Sequential(Normalise(MEAN, STD), *stages)

    def wrapped(frozen: nn.Module) -> Backbone:
        made = Backbone(frozen, nn.Sequential(), name="resnet50", channels=2048, chunk=chunk, pool="max")
        return made.to(memory_format=torch.channels_last)

    folded = nn.Sequential()
    for name, stage in zip(("normalise", "conv1", "bn1", "relu", "maxpool", "1", "2", "3", "4"), plain, strict=True):
        folded.add_module(f"layer{name}" if name.isdigit() else name, copy.deepcopy(stage))
    fold_batch_norms(folded)
    return {"torchvision": plain, "channels last": wrapped(copy.deepcopy(plain)), "and folded": wrapped(folded)}


@torch.no_grad()
def main() -> None:
    """Measure and print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--frames", type=int, default=8)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--threads", type=int, default=1)
    given = options.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(0)
    frames = torch.rand(given.frames, 3, 224, 224)
    networks = rows(BackboneConfig().chunk_size)
    seconds: dict[str, list[float]] = {name: [] for name in networks}
    maps: dict[str, Tensor] = {name: network(frames) for name, network in networks.items()}
    for _ in range(given.rounds):
        for name, network in networks.items():
            started = time.perf_counter()
            network(frames)
            seconds[name].append(time.perf_counter() - started)
    first = statistics.median(seconds["torchvision"])
    print(f"{'':16}{'frames/s':>10}{'ratio':>8}{'difference':>12}")
    for name, taken in seconds.items():
        middle = statistics.median(taken)
        differs = (maps[name] - maps["torchvision"]).abs().max() / maps["torchvision"].abs().max()
        print(f"{name:16}{given.frames / middle:10.2f}{first / middle:8.2f}{differs:12.1e}")


if __name__ == "__main__":
    main()
