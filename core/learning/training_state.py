"""Everything a run needs to resume as if it had never stopped: trained tensors, Adam's moments, the step.

Random draws need no state: each is derived from the seed and the step (`core.learning.data`, `core.learning.trainer`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.base.errors import CheckpointError
from core.base.tensor_files import check_finite
from core.model.checkpoint import load_tensors, save_tensors

_NAME = re.compile(r"step-(\d+)\.safetensors")


def learnt_tensors(model: nn.Module) -> dict[str, Tensor]:
    """Return the tensors changed by training: parameters with a gradient, and the buffers of modules in train mode."""
    tensors = {name: value.detach() for name, value in model.named_parameters() if value.requires_grad}
    return tensors | _buffers(model)


def _buffers(model: nn.Module) -> dict[str, Tensor]:
    """Return those of modules in train mode."""
    return {
        f"{path}.{name}" if path else name: value
        for path, module in model.named_modules()
        if module.training
        for name, value in module.named_buffers(recurse=False)
    }


def learnt_buffers(model: nn.Module) -> dict[str, Tensor]:
    """Return copies of all that a step's loss and gradient change of the model: the buffers in `learnt_tensors`."""
    return {name: value.clone() for name, value in _buffers(model).items()}


def put_back(model: nn.Module, buffers: Mapping[str, Tensor]) -> None:
    """Give the model's buffers the values that `learnt_buffers` returned; of no use to a gradient under way."""
    own = _buffers(model)
    with torch.no_grad():
        for name, value in buffers.items():
            own[name].copy_(value)


def _moments(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return Adam's state by parameter name, such as `layers.0.weight/exp_avg`."""
    return {
        f"{name}/{key}": value
        for name, parameter in model.named_parameters()
        for key, value in optimizer.state.get(parameter, {}).items()
    }


def save(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    meta: dict[str, Any],
    instead: Mapping[str, Tensor] | None = None,
) -> None:
    """Write a checkpoint; the file is whole or absent.

    Args:
        instead: values that stand for some of the model's own, by name.
    """
    tensors = {f"model/{name}": value for name, value in (learnt_tensors(model) | dict(instead or {})).items()}
    tensors |= {f"adam/{name}": value for name, value in _moments(model, optimizer).items()}
    save_tensors(path, tensors, meta)


def restore(path: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Load a checkpoint's tensors into the model and the optimiser. Returns its metadata.

    Raises:
        CheckpointError: damaged, of another architecture, or it holds NaN or infinity.
    """
    tensors, meta = load_tensors(path)
    check_finite(tensors, str(path))
    learnt = {name.removeprefix("model/"): value for name, value in tensors.items() if name.startswith("model/")}
    own = learnt_tensors(model)
    for name in sorted(own.keys() ^ learnt.keys()):
        raise CheckpointError(f"{path} has another architecture ({name} is on one side only). Start a new run.")
    with torch.no_grad():
        for name, value in own.items():
            if value.shape != learnt[name].shape:
                raise CheckpointError(
                    f"{path} has another architecture ({name} is {tuple(learnt[name].shape)} there and "
                    f"{tuple(value.shape)} here). Start a new run."
                )
            value.copy_(learnt[name])
    for name, parameter in model.named_parameters():
        prefix = f"adam/{name}/"
        moments = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
        if moments:
            optimizer.state[parameter] = {key: _lay_out_as(parameter, value) for key, value in moments.items()}
    return meta


def _lay_out_as(parameter: Tensor, value: Tensor) -> Tensor:
    """Return `value` on the parameter's device, in memory as the parameter is: a fused Adam looks at no strides."""
    if value.shape != parameter.shape:  # the count of steps
        return value.to(parameter.device)
    return torch.empty_like(parameter, dtype=value.dtype, requires_grad=False).copy_(value)


class Checkpoints:
    """The `checkpoints` folder of a run: `step-00000042.safetensors`, the newest `keep` of them."""

    def __init__(self, folder: Path, *, keep: int) -> None:
        self._folder, self._keep = folder, keep

    def _paths(self) -> list[Path]:
        """Return the checkpoints, newest first."""
        found = [path for path in self._folder.glob("step-*.safetensors") if _NAME.fullmatch(path.name)]
        return sorted(found, reverse=True)

    def save(
        self,
        step: int,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        meta: dict[str, Any],
        instead: Mapping[str, Tensor] | None = None,
    ) -> Path:
        """Write the checkpoint of `step`, then remove the ones that are too old; `instead` as of `save`."""
        path = self._folder / f"step-{step:08d}.safetensors"
        save(path, model, optimizer, {**meta, "step": step}, instead)
        for old in self._paths()[self._keep :]:
            old.unlink(missing_ok=True)
        return path

    def restore_newest(
        self, model: nn.Module, optimizer: torch.optim.Optimizer, notice: Callable[[str], None]
    ) -> dict[str, Any] | None:
        """Restore the newest checkpoint that reads; None where there is none.

        Raises:
            CheckpointError: there are checkpoints, and none of them reads.
        """
        refused: CheckpointError | None = None
        for path in self._paths():
            try:
                return restore(path, model, optimizer)
            except CheckpointError as error:
                notice(f"{error} Trying the one before it.")
                refused = error
        if refused is not None:
            raise refused
        return None
