"""The frozen part of a ResNet as a GPU runs it best: a copy in the precision of the pass, compiled if wanted."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection

import torch
from torch import Tensor, nn

Run = Callable[[Tensor], Tensor]


class FrozenCopy:
    """Runs a copy of a frozen part's layers.

    Under autocast, weights that need no gradient are converted in every call: here once. Nothing looks up between the
    layers of the copy (`core.model.parts`), so that they can be compiled; one who waits looks before the learnable part
    of every chunk. torch's mode `reduce-overhead` is not for it: the maps would be in memory that its next call writes
    to, while the gradient still reads them.

    Args:
        frozen: normalises in float32 first; in eval mode. Later changes of its weights are not seen.
        precision: of the layers after that.
        compiled_sizes: numbers of frames for which a program is compiled, each for a minute, when they first come;
            others run uncompiled.
        on_failure: called with a sentence where compiling fails; the copy runs uncompiled from then on.
    """

    def __init__(
        self,
        frozen: nn.Sequential,
        precision: torch.dtype,
        compiled_sizes: Collection[int] = (),
        on_failure: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self._normalise, *layers = frozen.children()
        self._precision, self._sizes, self._on_failure = precision, frozenset(compiled_sizes), on_failure
        self._layers = copy.deepcopy(nn.Sequential(*layers)).to(precision).to(memory_format=torch.channels_last)
        self._compiled: Run | None = None
        if self._sizes:
            self._compiled = torch.compile(self._layers, dynamic=False)

    def suits(self, device: torch.device) -> bool:
        """Return whether its precision is that of the pass that runs here now."""
        is_fast = torch.is_autocast_enabled(device.type)
        return self._precision == (torch.get_autocast_dtype(device.type) if is_fast else torch.float32)

    @torch.no_grad()
    def __call__(self, frames: Tensor) -> Tensor:
        """Map (N, 3, H, W) float RGB in [0, 1] -> (N, C, h, w): under autocast in the copy's precision."""
        kind = frames.device.type
        with torch.autocast(kind, enabled=False):
            maps = self._run(self._normalise(frames).to(self._precision))
        return maps if torch.is_autocast_enabled(kind) else maps.float()

    def _run(self, inputs: Tensor) -> Tensor:
        if self._compiled is not None and len(inputs) in self._sizes:
            try:
                return self._compiled(inputs)
            except (RuntimeError, ImportError, OSError) as error:  # no compiler, no Triton, a GPU that is too old
                if isinstance(error, torch.OutOfMemoryError):
                    raise
                self._compiled = None
                reason = (
                    " ".join(str(error).split("\n")[:2]).strip().rstrip(".")
                )  # the first may name torch's part alone
                self._on_failure(f"The image network could not be compiled ({reason}). It runs uncompiled.")
        maps: Tensor = self._layers(inputs)
        return maps
