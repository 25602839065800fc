"""On a GPU that is only pretended: no tensor of the CPU is mixed into what is on the device."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import ShapeEnv

from core.augment.spatial import draw
from core.features.batched_backbone import BatchedBackbone
from core.learning.data import Batch, Batches, FrameViews
from core.learning.device_views import DeviceFrames
from core.learning.trainer import ClipLoss
from core.model import encoder as encoders
from core.model import temporal
from core.model.one_thread import one_thread_each
from core.objectives.clips import Clips
from core.video.frame_store import FrameStore
from tests.conftest import VideoWriter
from tests.core.small import small_config, small_encoder

CUDA = torch.device("cuda", 0)


def _move(module: nn.Module) -> None:
    """Replace weights and buffers by pretended ones; `Module.to` cannot."""
    for part in module.modules():
        for tensors in (part._parameters, part._buffers):
            for name, value in tensors.items():
                if isinstance(value, nn.Parameter):
                    empty = torch.empty(value.shape, dtype=value.dtype, device=CUDA)
                    tensors[name] = nn.Parameter(empty, requires_grad=value.requires_grad)
                elif value is not None:
                    tensors[name] = torch.empty(value.shape, dtype=value.dtype, device=CUDA)


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let autocast work, and all steps be valid: how many are is not known of a pretended mask."""
    on_valid_steps = temporal.on_valid_steps
    for module in (temporal, encoders):
        monkeypatch.setattr(module, "on_valid_steps", lambda part, x, valid: on_valid_steps(part, x, None))
    monkeypatch.setattr(torch.cuda.amp.common, "amp_definitely_not_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: True)
    monkeypatch.setattr(ClipLoss, "_scatter", staticmethod(_as_views))
    monkeypatch.setattr(Clips, "__post_init__", lambda clips: None)


def _as_views(rows: Tensor, valid: Tensor) -> Tensor:
    return rows.view(*valid.shape, *rows.shape[1:])


@pytest.mark.usefixtures("narrow", "pretended")
@pytest.mark.parametrize("num_draws", [0, 2], ids=["clean", "augmented"])
def test_features_of_a_batch_mix_no_devices(num_draws: int) -> None:
    config, draws = small_config(augment__jitter_prob=1.0, augment__blur_prob=1.0), np.random.default_rng(0)
    encoder = small_encoder(config).eval()
    with one_thread_each(1, "test") as threads:
        batched = BatchedBackbone(encoder, 32, torch.device("cpu"), torch.float16, threads)
    assert encoder.backbone.frozen_copy is not None
    changes = [None, *(draw(config.augment, draws) for _ in range(num_draws))]
    with FakeTensorMode(allow_non_fake_inputs=True):
        for module in itertools.chain([encoder], [encoder.backbone.frozen_copy._layers]):
            _move(module)
        _move(encoder.backbone.frozen_copy._normalise)
        frames = torch.empty((9, 48, 64, 3), dtype=torch.uint8, device=CUDA)
        with torch.inference_mode(), torch.autocast("cuda", torch.float16):
            rows = (batched._augmented if num_draws else batched._maps)(changes, frames)
    assert (rows.device, rows.dtype, rows.shape) == (CUDA, torch.float16, (9, 1 + num_draws, 64))


@pytest.mark.usefixtures("narrow", "pretended")
@pytest.mark.parametrize("kept", [False, True], ids=["read", "kept"])
def test_a_loss_of_frames_mixes_no_devices(kept: bool, write_video: VideoWriter, tmp_path: Path) -> None:
    config = small_config(
        train__mode="finetune",
        backbone__trainable_blocks="layer4",
        views__num_frames=8,
        augment__jitter_prob=1.0,
        augment__blur_prob=1.0,
        augment__grayscale_prob=1.0,
        augment__flip_prob=1.0,
    )
    clips = [write_video(f"clip{number}.mp4", 12) for number in range(2)]
    videos = FrameStore(tmp_path / "store", short_side=32, max_bytes=10**9).add(clips)
    source = (
        DeviceFrames(videos, config.augment, torch.device("cpu"), 10**9) if kept else FrameViews(videos, config.augment)
    )
    batch: Batch = next(iter(Batches(source, config).from_step(0, 1, workers=1)))
    assert np.all([view.temporal.valid.all() for view in batch.views])
    made = small_encoder(config)
    made.backbone.run_copy(torch.bfloat16)
    assert made.backbone.frozen_copy is not None
    with FakeTensorMode(shape_env=ShapeEnv(), allow_non_fake_inputs=True):
        model = ClipLoss(made, config).train()
        for module in itertools.chain([model], [made.backbone.frozen_copy._layers]):
            _move(module)
        with torch.autocast("cuda", torch.bfloat16):
            loss = model(batch, CUDA)
    assert (loss.device, loss.dtype, loss.requires_grad) == (CUDA, torch.float32, True)
