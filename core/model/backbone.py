"""The network for single frames: a frozen part, and the last blocks if they are trained."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection
from pathlib import Path

import torch
from torch import Tensor, nn

from core.base.control import Control
from core.base.errors import ConfigError
from core.base.events import Sink, ignore
from core.model.frozen_copy import FrozenCopy
from core.model.hog import Hog
from core.model.onnx_extractor import OnnxExtractor
from core.model.resnet import RESNETS, build_resnet
from core.model.timm_extractor import TimmExtractor
from core.pose.networks import PoseNetworks
from core.pose.vectors import width_of
from core.settings.config import BackboneConfig, did_you_mean

_PIECE_FRAMES = 4
"""Of a frozen part that is whole, such as an ONNX extractor: on a CPU forty frames would take seconds."""
_CHUNKS_IN_EVAL = 6
"""At 240 frames of 224 pixels a ResNet-50 takes some 2 GB without a gradient."""
_OTHERS = ("hog", "pose", "auto", "timm:NAME", "FILE.onnx")


class Backbone(nn.Module):
    """Frames to feature maps: the one interface for ResNets, timm models and ONNX extractors.

    Only the parameters of `learnable` have `requires_grad`. The frozen part is always in eval mode and without
    gradient, whatever `train()` says.

    Args:
        frozen: (N, 3, H, W) float RGB in [0, 1] -> (N, C', h', w'); normalises its input itself.
        learnable: continues from there; its batch norms take the statistics of a chunk when training (released code).
        name: as in the config; part of `identity`.
        channels: C, of the maps that come out.
        chunk: frames that go through at once: bounds memory.
        pool: how the encoder pools the maps; part of `identity`.
    """

    def __init__(
        self, frozen: nn.Module, learnable: nn.Sequential, *, name: str, channels: int, chunk: int, pool: str
    ) -> None:
        super().__init__()
        self.frozen = frozen.requires_grad_(False).eval()
        self.learnable = learnable
        self.channels, self.chunk, self.pool = channels, chunk, pool
        self._name = name
        self.frozen_copy: FrozenCopy | None = None
        """What runs instead of `frozen` in passes of its precision, where that changes no more (`run_copy`)."""

    def train(self, mode: bool = True) -> Backbone:
        """Set the mode of the learnable part alone."""
        super().train(mode)
        self.frozen.eval()
        return self

    def run_copy(
        self,
        precision: torch.dtype,
        compiled_sizes: Collection[int] = (),
        on_failure: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        """Run a copy of the frozen part in passes of this precision from now on, as `FrozenCopy` says; only that of a
        ResNet has one.

        Weights, state and `identity` stay those of the original, which is not to change any more.
        """
        if isinstance(self.frozen, nn.Sequential):
            self.frozen_copy = FrozenCopy(self.frozen, precision, compiled_sizes, on_failure)

    def chunk_sizes(self, num_frames: int) -> set[int]:
        """Return how many of so many frames learn at once: one number, or two that differ by one."""
        count = max(1, math.ceil(num_frames / self.chunk))
        return {num_frames // count, -(-num_frames // count)}

    def frames_at_once(self, device: torch.device) -> int:
        """Return how many frames a device takes at once: a GPU more where nothing learns, which takes less memory.

        An ONNX extractor may run on the CPU all the same, where it is not to run for seconds.
        """
        is_more = device.type == "cuda" and not self.training and not isinstance(self.frozen, OnnxExtractor)
        return self.chunk * (_CHUNKS_IN_EVAL if is_more else 1)

    def forward(self, frames: Tensor) -> Tensor:
        """Map (N, 3, H, W) float RGB in [0, 1] -> (N, C, h, w)."""
        return self.over_chunks(frames, lambda maps: maps)

    def over_chunks(self, frames: Tensor, reduce: Callable[[Tensor], Tensor]) -> Tensor:
        """Return `reduce` of the maps of each chunk, joined: the maps of all frames need never be in memory at once.

        Chunks are near-equal, so that no batch norm is left with a lone frame.
        """
        parts = frames.tensor_split(max(1, math.ceil(len(frames) / self.frames_at_once(frames.device))))
        return torch.cat([reduce(self._maps(part)) for part in parts])

    def _maps(self, frames: Tensor) -> Tensor:
        with torch.no_grad():
            if not isinstance(self.frozen, OnnxExtractor):
                frames = frames.contiguous(memory_format=torch.channels_last)
            if self.frozen_copy is not None and self.frozen_copy.suits(frames.device):
                maps = self.frozen_copy(frames)
            else:
                pieces = frames.tensor_split(max(1, math.ceil(len(frames) / self._at_once(frames))))
                maps = torch.cat(list(map(self.frozen, pieces))) if len(pieces) > 1 else self.frozen(pieces[0])
        learnt: Tensor = self.learnable(maps)
        return learnt

    def _at_once(self, frames: Tensor) -> int:
        """Return how many go through the frozen part before somebody may look up (`core.model.parts`)."""
        is_one_part = next(self.frozen.children(), None) is None
        return _PIECE_FRAMES if is_one_part and frames.device.type == "cpu" else max(len(frames), 1)

    @property
    def identity(self) -> str:
        """32 hex digits of the name, every weight and the pooling: where features of a fixed backbone are cached.

        Reads every weight (0.1 s for a ResNet-50): keep it.
        """
        digest = hashlib.sha256(f"{self._name} {self.pool}".encode())
        for name, value in sorted(self.state_dict().items()):
            digest.update(f"{name} {tuple(value.shape)}".encode())
            digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
        return digest.hexdigest()[:32]


def build_backbone(config: BackboneConfig, *, sink: Sink = ignore, control: Control | None = None) -> Backbone:
    """Return the backbone of these settings with its weights; random ones come from torch's global generator.

    Args:
        sink: hears of a download.

    Raises:
        ConfigError: an unknown name, settings that exclude each other, a package that is not installed.
        CheckpointError: weights that cannot be had or do not fit.
        Stopped: `control` asked for it during a download.
    """
    name = config.name
    learnable = nn.Sequential()
    if name in RESNETS:
        frozen, learnable, channels = build_resnet(name, config.weights, config.trainable_blocks, sink, control)
        return _assemble(config, frozen, learnable, name, channels)
    if name == "auto":
        raise ConfigError(
            "backbone.name = 'auto' is resolved by core.train, which sees the videos. Name a backbone here."
        )
    if name == "hog":
        _check_fixed(config)
        if config.weights != "none":
            raise ConfigError("backbone.name = 'hog' has no weights. Set backbone.weights = none.")
        return _assemble(config, Hog(), learnable, name, Hog.channels)
    if name == "pose":
        _check_fixed(config)
        _check_own_weights(config)
        return pose_backbone(config)
    if name.startswith("timm:"):
        _check_fixed(config)
        timm_model = TimmExtractor(name.removeprefix("timm:"), config.weights)
        return _assemble(config, timm_model, learnable, name, timm_model.channels)
    if name.endswith(".onnx"):
        _check_fixed(config)
        _check_own_weights(config)
        return onnx_backbone(config, OnnxExtractor.from_file(Path(name)))
    raise ConfigError(f"Unknown backbone {name!r}{did_you_mean(name, [*RESNETS, *_OTHERS])}")


def onnx_backbone(config: BackboneConfig, extractor: OnnxExtractor) -> Backbone:
    """Return a backbone around an ONNX extractor that is already in memory."""
    return _assemble(config, extractor, nn.Sequential(), "onnx", extractor.channels)


def pose_backbone(config: BackboneConfig) -> Backbone:
    """Return the networks of body pose. Not called with frames: `core.features.pose_features` follows a person through
    a video.

    Its "maps" are the vectors themselves, a channel a number; there is nothing to pool.
    """
    frozen, width = PoseNetworks(), width_of(config.pose_view)
    made = Backbone(frozen, nn.Sequential(), name="pose", channels=width, chunk=config.chunk_size, pool="max")
    return made.to(memory_format=torch.channels_last)


def _assemble(
    config: BackboneConfig, frozen: nn.Module, learnable: nn.Sequential, name: str, channels: int
) -> Backbone:
    made = Backbone(frozen, learnable, name=name, channels=channels, chunk=config.chunk_size, pool=config.pool)
    return made.to(memory_format=torch.channels_last)


def _check_own_weights(config: BackboneConfig) -> None:
    if config.weights not in ("imagenet", "none"):
        raise ConfigError(
            f"backbone.weights = {config.weights!r} cannot be used with {config.name}, which has its own. Leave it out."
        )


def _check_fixed(config: BackboneConfig) -> None:
    if config.trainable_blocks != "none":
        raise ConfigError(
            f"backbone.trainable_blocks = {config.trainable_blocks!r} needs a ResNet, but {config.name} cannot be "
            "trained. Set backbone.trainable_blocks = none."
        )
