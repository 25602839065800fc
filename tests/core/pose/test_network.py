"""The networks in plain torch say what onnxruntime said of the files that they were converted from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.base.errors import CheckpointError
from core.base.tensor_files import save_tensors
from core.pose.network import StepNetwork
from core.pose.networks import PoseNetworks
from tests.core.pose.networks import networks as networks

GOLDEN = Path(__file__).parents[2] / "golden" / "pose.npz"


@pytest.fixture(scope="module")
def golden() -> dict[str, NDArray[np.generic]]:
    with np.load(GOLDEN) as arrays:
        return dict(arrays)


def batch(images: NDArray[np.generic]) -> torch.Tensor:
    return torch.from_numpy(images).permute(0, 3, 1, 2).float()


def near(made: torch.Tensor, expected: NDArray[np.generic]) -> None:
    scale = max(1.0, float(np.abs(expected).max()))
    assert np.abs(made.numpy() - expected).max() < 1e-3 * scale


def test_the_detector_is_the_original(networks: PoseNetworks, golden: dict[str, NDArray[np.generic]]) -> None:
    boxes, scores = networks.detector(batch(golden["small"]) / 127.5 - 1)
    near(boxes[:, golden["surest"].tolist()], golden["boxes"])
    near(scores[:, ::9], golden["scores"])


def test_the_landmarks_are_the_originals(networks: PoseNetworks, golden: dict[str, NDArray[np.generic]]) -> None:
    landmarks, presence, heat, space = networks.landmarks(batch(golden["source"]) / 255)
    near(landmarks, golden["landmarks"])
    near(presence, golden["presence"])
    near(heat[:, :, ::8, ::8], golden["heat"])
    near(space, golden["space"])


def test_pictures_do_not_change_one_another(networks: PoseNetworks, golden: dict[str, NDArray[np.generic]]) -> None:
    images = batch(golden["source"]) / 255
    together = networks.landmarks(images)
    for place in range(len(images)):
        for joint, alone in zip(together, networks.landmarks(images[place : place + 1]), strict=True):
            torch.testing.assert_close(joint[place : place + 1], alone, rtol=1e-4, atol=1e-3)


def test_a_result_that_is_used_again_is_not_changed_in_place() -> None:
    steps = [("add", "a", ["frames", "one"], []), ("relu6", "b", ["a"], []), ("add", "c", ["a", "b"], [])]
    network = StepNetwork({"one": torch.tensor(-1.0)}, steps, ["c"])
    (made,) = network(torch.full((1, 1, 1, 1), 0.5))
    assert made.item() == -0.5


def test_what_is_no_pose_network_is_refused(tmp_path: Path) -> None:
    save_tensors(tmp_path / "other.safetensors", {"w": torch.zeros(1)}, {"kind": "carl encoder"})
    with pytest.raises(CheckpointError, match=r"other\.safetensors is not a pose network"):
        StepNetwork.from_file(tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="an unknown operator 'fft'"):
        StepNetwork({}, [("fft", "a", ["frames"], [])], ["a"])
