"""BlazePose's two networks, as the frozen part of a backbone: a saved encoder holds their weights."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import NoReturn

from torch import Tensor, nn

from core.pose.network import StepNetwork

_FOLDER = resources.files("assets") / "pose"


class PoseNetworks(nn.Module):
    """The detector and the landmark network, with the weights that come with the program (`assets/pose`).

    Raises:
        CheckpointError: they are missing or damaged.
    """

    def __init__(self) -> None:
        super().__init__()
        self.detector, self.landmarks = _network("detector"), _network("landmarks")

    def forward(self, frames: Tensor) -> NoReturn:
        """Refuse: a person is followed through a video (`core.features.pose_features`), not looked at frame by
        frame."""
        raise TypeError("body pose is computed from videos, not from single frames")


def _network(name: str) -> StepNetwork:
    with resources.as_file(_FOLDER / f"{name}.safetensors") as file:
        return StepNetwork.from_file(Path(file))
