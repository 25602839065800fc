"""The networks that come with the program, loaded once."""

from __future__ import annotations

import pytest
import torch

from core.pose.following import Follower
from core.pose.networks import PoseNetworks


@pytest.fixture(scope="session")
def networks() -> PoseNetworks:
    return PoseNetworks().to(memory_format=torch.channels_last)


@pytest.fixture(scope="session")
def follower(networks: PoseNetworks) -> Follower:
    return Follower(networks)
