"""Training starts soon: what it does not use is not imported, and our Adam is torch's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.learning.adam import Adam
from tests.conftest import VideoWriter
from tests.core.small import SMALL

_HEAVY = ("torchvision", "torch._dynamo", "sympy", "sklearn", "scipy", "matplotlib", "numba", "timm", "onnx")
_PROGRAM = f"""
import sys
from core.cli import train
status = train.main(sys.argv[1:])
print([name for name in {_HEAVY} if name in sys.modules])
sys.exit(status)
"""


@pytest.mark.journey
def test_a_whole_run_without_an_image_network_imports_nothing_heavy_but_torch(
    tmp_path: Path, write_video: VideoWriter
) -> None:
    clips = [write_video(f"clip{number}.mp4", 12 + number) for number in range(2)]
    settings = SMALL | {"backbone.name": "hog", "train.epochs": 1}
    options = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
    words = [*map(str, clips), "--out", str(tmp_path / "run"), "--device", "cpu", *options]
    done = subprocess.run([sys.executable, "-c", _PROGRAM, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["[]"]), done.stderr


def _trained(kind: type[torch.optim.Adam]) -> tuple[torch.Tensor, dict[str, object]]:
    generator = torch.Generator().manual_seed(0)
    weights = torch.nn.Parameter(torch.randn(4, 3, generator=generator))
    optimizer = kind([weights], lr=1e-2, weight_decay=1e-2)
    optimizer.add_param_group({"params": [torch.nn.Parameter(torch.ones(2))], "lr": 1e-3})
    for _ in range(3):
        optimizer.zero_grad()
        (weights @ torch.randn(3, generator=generator)).square().sum().backward()
        optimizer.step()
        optimizer.load_state_dict(optimizer.state_dict())
    return weights.detach(), optimizer.state_dict()["state"][0]


def test_it_steps_as_torchs_own() -> None:
    ours, state = _trained(Adam)
    torchs, expected = _trained(torch.optim.Adam)
    assert torch.equal(ours, torchs)
    assert state.keys() == expected.keys()
    for name, value in expected.items():
        assert torch.equal(state[name], value), name  # type: ignore[arg-type]
