"""One process of a distributed training: `python -m tests.core.learning.distributed_child TASK OUT`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch
from torch.nn.parallel import DistributedDataParallel

from core.base.control import Control
from core.base.errors import TrainingError
from core.base.events import Event, StepDone
from core.learning.distributed import Processes
from core.learning.trainer import Trainer
from core.learning.training_state import Checkpoints
from tests.core.small import Waves, small_config, small_encoder


def made_trainer(folder: Path, processes: Processes, **changed: object) -> Trainer:
    """A trainer whose batches have four videos."""
    config = small_config(train__batch_size=4, **changed)
    return Trainer(
        small_encoder(config),
        Waves([30, 9, 50, 12, 25]),
        config,
        Checkpoints(folder, keep=2),
        device=torch.device("cpu"),
        processes=processes,
    )


def gradients(trainer: Trainer, model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Of the first step, with batch norm in eval mode and without dropout."""
    model.eval()
    batch = next(trainer._batches.from_step(0, 1, workers=1))
    model(batch, torch.device("cpu")).backward()
    return {name: value.grad for name, value in trainer.model.named_parameters() if value.grad is not None}


def main() -> None:
    task, out = sys.argv[1], Path(sys.argv[2])
    torch.set_num_threads(1)
    processes = Processes.from_environment()
    with processes.joined(torch.device("cpu")):
        if task == "gradient":
            trainer = made_trainer(out, processes, encoder__dropout=0)
            found = gradients(trainer, DistributedDataParallel(trainer.model))
            if processes.is_first:
                torch.save(found, out / "gradients.pt")
            return
        trainer = made_trainer(out / f"rank{processes.rank}", processes, train__epochs=50 if task == "lose" else 2)

        def sink(event: Event) -> None:
            if task == "lose" and processes.rank == 1 and isinstance(event, StepDone) and event.step == 3:
                os._exit(9)
            if task == "stop" and processes.rank == 1 and isinstance(event, StepDone) and event.step == 2:
                control.stop()

        control = Control()
        if task == "whole":
            print(isinstance(trainer._distribute(), DistributedDataParallel), end=" ")
        print(trainer.fit(sink, control, workers=1), trainer.step, flush=True)


if __name__ == "__main__":
    try:
        main()
    except TrainingError as error:
        print(error, flush=True)
        sys.exit(2)
