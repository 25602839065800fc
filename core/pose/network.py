"""Run BlazePose's networks in plain torch: a list of steps over a dozen operators, read from a safetensors file.

The networks are data (`assets/pose`, made by `tools/pose_weights.py`): weights in half precision, and in the header the
steps [operator, name of the result, names of what it takes, numbers] in the order in which they are taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.base.errors import CheckpointError
from core.base.tensor_files import load_tensors

_Step = tuple[str, str, list[str], list[int]]
_INPUT = "frames"


class StepNetwork(nn.Module):
    """A network with fixed float32 weights, described by its file.

    Args:
        weights: by the names that the steps use.
        steps: see the module.
        outputs: names of the results that `forward` returns.

    Raises:
        CheckpointError: a step of an operator that is not known here.
    """

    def __init__(self, weights: dict[str, Tensor], steps: Sequence[_Step], outputs: Sequence[str]) -> None:
        super().__init__()
        for operator, *_ in steps:
            if operator not in _OPERATORS:
                raise CheckpointError(f"A pose network has an unknown operator {operator!r}. Update CARL Studio.")
        self._steps, self._outputs = list(steps), list(outputs)
        uses = Counter(name for _, _, taken, _ in steps for name in taken)
        self._last_use = {name: index for index, (_, _, taken, _) in enumerate(steps) for name in taken}
        self._in_place = {index for index, step in enumerate(steps) if step[0] == "relu6" and uses[step[2][0]] == 1}
        for name, weight in weights.items():
            self.register_buffer(name, weight.float())

    @classmethod
    def from_file(cls, path: Path) -> StepNetwork:
        """Read a file that `tools/pose_weights.py` wrote. CheckpointError: it is missing, damaged or something else."""
        weights, graph = load_tensors(path)
        try:
            steps: list[_Step] = [(kind, made, taken, parameters) for kind, made, taken, parameters in graph["steps"]]
            return cls(weights, steps, graph["outputs"])
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"{path} is not a pose network. Install CARL Studio again.") from error

    def in_batches(self, images: Tensor, size: int) -> list[Tensor]:
        """Return as `forward`, of `size` images at a time, the last ones filled up with black ones: what comes of an
        image never depends on how many others there are."""
        missing = -len(images) % size
        filled = torch.cat([images, images.new_zeros(missing, *images.shape[1:])]) if missing else images
        made = zip(*(self(part) for part in filled.tensor_split(len(filled) // size)), strict=True)
        return [torch.cat(parts)[: len(images)] for parts in made]

    @torch.no_grad()
    def forward(self, images: Tensor) -> list[Tensor]:
        """Map (N, 3, side, side) float32 of the network's own side and range -> its outputs, the batch first."""
        values = dict(self.named_buffers())
        values[_INPUT] = images.contiguous(memory_format=torch.channels_last)
        for index, (operator, made, taken, parameters) in enumerate(self._steps):
            inputs = [values[name] for name in taken]
            if index in self._in_place:
                values[made] = F.hardtanh_(inputs[0], 0.0, 6.0)
            else:
                values[made] = _OPERATORS[operator](inputs, parameters)
            for name in taken:
                if self._last_use[name] == index and name not in self._outputs:
                    del values[name]
        return [values[name] for name in self._outputs]


def _conv(inputs: list[Tensor], parameters: list[int]) -> Tensor:
    """Apply a convolution. Numbers: strides down and across, padding down and across, groups."""
    x, weight, bias = inputs
    return F.conv2d(x, weight, bias, parameters[0:2], parameters[2:4], groups=parameters[4])


def _depth_to_space(inputs: list[Tensor], parameters: list[int]) -> Tensor:
    """Move channels into blocks. Depth, column, row: the block's place is the slowest part of the channel (ONNX calls
    it DCR)."""
    (x,), (block,) = inputs, parameters
    count, channels, height, width = x.shape
    split = x.reshape(count, block, block, channels // block**2, height, width)
    spread = split.permute(0, 3, 4, 1, 5, 2)  # (N, C / block^2, h, block, w, block)
    return spread.reshape(count, channels // block**2, height * block, width * block)


_OPERATORS: dict[str, Callable[[list[Tensor], list[int]], Tensor]] = {
    "conv": _conv,
    "relu6": lambda inputs, _: F.hardtanh(inputs[0], 0.0, 6.0),
    "add": lambda inputs, _: inputs[0] + inputs[1],
    "pad": lambda inputs, parameters: F.pad(inputs[0], parameters),
    "max_pool": lambda inputs, parameters: F.max_pool2d(inputs[0], parameters[:2], parameters[2:]),
    "upsample": lambda inputs, parameters: F.interpolate(inputs[0], scale_factor=float(parameters[0]), mode="bilinear"),
    "depth_to_space": _depth_to_space,
    "channels_last": lambda inputs, _: inputs[0].permute(0, 2, 3, 1),
    "reshape": lambda inputs, parameters: inputs[0].reshape(len(inputs[0]), *parameters),
    "concat": lambda inputs, _: torch.cat(inputs, dim=1),
    "sigmoid": lambda inputs, _: inputs[0].sigmoid(),
}
