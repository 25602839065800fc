"""Training over several processes, as started by `torchrun`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist

from core.base.errors import ConfigError, TrainingError

_PATIENCE = timedelta(minutes=30)
"""How long a process waits for the others: they may have longer videos to decode."""


@dataclass(frozen=True)
class Processes:
    """The rank of this process and the number of processes."""

    rank: int = 0
    local_rank: int = 0
    world: int = 1
    was_launched: bool = False
    """By torchrun: it is the way of several processes then, though it be one."""

    @property
    def is_group(self) -> bool:
        """Whether gradients are averaged over processes."""
        return self.world > 1 or self.was_launched

    @property
    def is_first(self) -> bool:
        """The one that writes and reports."""
        return self.rank == 0

    @staticmethod
    def from_environment() -> Processes:
        """Read RANK, LOCAL_RANK and WORLD_SIZE of torchrun; one process if unset."""
        environment = os.environ
        return Processes(
            int(environment.get("RANK", "0")),
            int(environment.get("LOCAL_RANK", "0")),
            int(environment.get("WORLD_SIZE", "1")),
            was_launched="TORCHELASTIC_RUN_ID" in environment,
        )

    def check(self, batch_size: int) -> None:
        """Raise ConfigError where a step's videos do not divide evenly among the processes."""
        if batch_size % self.world:
            raise ConfigError(
                f"train.batch_size = {batch_size} cannot be divided among {self.world} processes. Choose a multiple "
                f"of {self.world}."
            )

    @contextmanager
    def joined(self, device: torch.device) -> Iterator[None]:
        """Let the processes talk within the block to each other (NCCL on CUDA, gloo on a CPU).

        Raises:
            TrainingError: another process was lost while this one waited for it.
        """
        if not self.is_group:
            yield
            return
        try:
            is_cuda = device.type == "cuda"
            dist.init_process_group(
                "nccl" if is_cuda else "gloo", timeout=_PATIENCE, device_id=device if is_cuda else None
            )
            yield
        except (dist.DistError, RuntimeError) as error:
            if not _is_lost_peer(error):
                raise
            raise TrainingError(
                f"Process {self.rank} of {self.world} ended because another process of this training was lost. The "
                "last checkpoint is intact; run the same command again with --resume."
            ) from error
        finally:
            if dist.is_initialized():
                dist.destroy_process_group()

    def any(self, flag: bool, device: torch.device) -> bool:
        """Return whether any process says yes: all of them get the same answer at the same step."""
        if not self.is_group:
            return flag
        value = torch.tensor([float(flag)], device=device)
        dist.all_reduce(value, op=dist.ReduceOp.MAX)
        return bool(value.item())

    def mean(self, value: torch.Tensor) -> torch.Tensor:
        """Return the mean of a scalar over the processes."""
        if not self.is_group:
            return value
        total = value.clone()
        dist.all_reduce(total)
        return total / self.world


def _is_lost_peer(error: BaseException) -> bool:
    text = str(error).lower()
    signs = ("connection closed", "connection reset", "broken pipe", "socket", "timed out", "gloo", "nccl", "peer")
    return isinstance(error, dist.DistError) or any(sign in text for sign in signs)
