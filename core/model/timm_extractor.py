"""Any model of the timm library as a frozen extractor of feature maps."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from core.base.errors import CheckpointError, ConfigError
from core.base.tensor_files import check_finite, read_state_dict
from core.model.normalise import Normalise

_PREFIXES = ("", "model.", "module.", "state_dict.", "state_dict.module.")


class TimmExtractor(nn.Module):
    """A timm model without its classifier, with its own normalisation.

    Args:
        name: as timm knows it, with or without a tag of its weights.
        weights: `imagenet` (timm's own, downloaded by it), `none`, or a file with its state dict.

    Raises:
        ConfigError: timm is not installed, or knows no such model.
        CheckpointError: the weights cannot be had or do not fit.
    """

    def __init__(self, name: str, weights: str) -> None:
        super().__init__()
        self.name = name
        self.model, self._side = _create(name, pretrained=weights == "imagenet")
        if weights not in ("imagenet", "none"):
            _fit(self.model, Path(weights), name)
        constants = self.model.pretrained_cfg
        self.normalise = Normalise(constants["mean"], constants["std"])
        self.channels = int(self.model.num_features)

    def forward(self, frames: Tensor) -> Tensor:
        """Map (N, 3, H, W) in [0, 1] -> (N, C, h, w)."""
        if self._side is not None and frames.shape[-2:] != self._side:
            frames = F.interpolate(frames, self._side, mode="bilinear", antialias=True)
        return self._as_maps(self.model.forward_features(self.normalise(frames)))

    def _as_maps(self, features: Any) -> Tensor:
        if not isinstance(features, Tensor):
            raise ConfigError(f"timm:{self.name} does not give a single feature map. Choose another model.")
        if features.ndim == 4:
            last = features.shape[1] != self.channels  # Swin and its like put channels last
            return features.permute(0, 3, 1, 2) if last else features
        if features.ndim == 2:
            return features[..., None, None]
        tokens = features[:, getattr(self.model, "num_prefix_tokens", 0) :]  # (N, L, C)
        side = math.isqrt(tokens.shape[1])
        shape = (side, side) if side * side == tokens.shape[1] else (tokens.shape[1], 1)
        return tokens.transpose(1, 2).reshape(-1, self.channels, *shape)


def _create(name: str, *, pretrained: bool) -> tuple[Any, tuple[int, int] | None]:
    """Return the model, and the height and width that it insists on, if any."""
    try:
        import timm
    except ImportError as error:
        raise ConfigError(
            f"backbone.name = 'timm:{name}' needs the package timm. Run pip install \"carl-gui[timm]\"."
        ) from error
    if not timm.is_model(name.split(".")[0]):
        near = timm.list_models(f"*{name[:6]}*")[:3]
        hint = f", such as {', '.join(near)}" if near else ""
        raise ConfigError(f"timm has no model {name!r}. Choose one of timm.list_models(){hint}.")
    fixed = getattr(timm.models.get_pretrained_cfg(name), "fixed_input_size", False)
    try:
        try:
            dynamic: dict[str, Any] = {"dynamic_img_size": True, "dynamic_img_pad": True} if fixed else {}
            return timm.create_model(name, pretrained=pretrained, num_classes=0, **dynamic), None
        except TypeError:  # a model that takes images of one size only
            model: Any = timm.create_model(name, pretrained=pretrained, num_classes=0)
            return model, tuple(model.pretrained_cfg["input_size"][1:])
    except (OSError, RuntimeError, ValueError) as error:
        raise CheckpointError(
            f"The weights of timm:{name} could not be loaded ({str(error).partition('. ')[0]}). Connect to the "
            "internet, or choose another image network: a local file (--weights FILE) or none."
        ) from error


def _fit(model: nn.Module, path: Path, name: str) -> None:
    if not path.exists():
        raise ConfigError(f"backbone.weights = '{path}' is neither imagenet, none nor a file. Check its name.")
    tensors = read_state_dict(path)
    fitted = {}
    for own, value in model.state_dict().items():
        theirs = next((prefix + own for prefix in _PREFIXES if prefix + own in tensors), "")
        shape = tuple(tensors[theirs].shape) if theirs else "absent"
        if shape != tuple(value.shape):
            raise CheckpointError(
                f"{path} does not fit timm:{name}: {own} is {shape} in the file and {tuple(value.shape)} in the "
                "model. Set backbone.name to the file's architecture."
            )
        fitted[own] = tensors[theirs]
    check_finite(fitted, str(path))
    model.load_state_dict(fitted)
