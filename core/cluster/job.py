"""What goes between a command and the process that drives Ray for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.cluster.sources import Source
from core.settings.config import FramesConfig

AUTO = "auto"
LOCAL = "local"
"""Of addresses: the Ray that runs on this computer, or else one that is started for this; always the latter."""


@dataclass(frozen=True)
class Job:
    """Videos to embed."""

    sources: tuple[Source, ...]
    encoder: Path
    encoder_digest: str
    address: str
    """`AUTO`, `LOCAL`, or host and port of the head."""
    device: str
    """`auto`, `cpu` or `cuda`."""
    frames: FramesConfig
    people: Path | None
    held: NDArray[np.bytes_]
    """As of `core.cluster.stages.Plan`."""
    most_frame_bytes: int = 0
    """As of `core.cluster.stages.Plan`; 0: what the object stores of the nodes allow."""


@dataclass(frozen=True)
class Connected:
    """Ray can be reached."""

    num_nodes: int
    num_cpus: int
    num_gpus: int


@dataclass(frozen=True)
class Refused:
    """The work cannot be done: a sentence for the user."""

    message: str


@dataclass(frozen=True)
class Broken:
    """A bug of ours in a worker, or in the driver: its traceback."""

    trace: str


@dataclass(frozen=True)
class Ended:
    """Nothing more comes; what did not come was lost with a worker."""
