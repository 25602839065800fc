"""A short training, alone or as torchrun's one process: `one_process.py tiny|full DEVICE FOLDER OUT.json VIDEO...`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from device.sizes import TINY, Sizes
from device.training import finetune

from core.learning.distributed import Processes
from core.video.frame_store import FrameStore


def main() -> None:
    size, device_name, folder, out, *paths = sys.argv[1:]
    sizes = TINY if size == "tiny" else Sizes()
    config = sizes.config(train__min_steps_per_epoch=sizes.loss_steps, train__deterministic=True)
    store = FrameStore(Path(folder), short_side=sizes.short_side, max_bytes=10**11)
    device = torch.device(device_name, 0) if device_name == "cuda" else torch.device(device_name)
    processes = Processes.from_environment()
    trained = finetune(config, store.add([Path(path) for path in paths]), device, processes)
    Path(out).write_text(json.dumps({"losses": trained.losses, "is_group": processes.is_group}))


if __name__ == "__main__":
    main()
