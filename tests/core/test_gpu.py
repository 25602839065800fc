"""What holds on a GPU: the laws of the CPU, to its rounding. Skipped where there is none."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from core.augment import spatial
from core.base.control import Control
from core.base.events import Event, Paused, StepDone, ignore
from core.embedding.compute import Embedder
from core.features.backbone_features import FeatureCache
from core.learning.data import FrameViews, ViewSource
from core.learning.device_views import DeviceFrames, SentViews
from core.learning.fixed_shapes import has_fixed_shapes
from core.learning.run_training import frame_source, prepare_backbone
from core.learning.trainer import Trainer
from core.learning.training_state import Checkpoints
from core.model.checkpoint import save_encoder
from core.model.device import flags
from core.model.uploads import Uploader
from core.settings.config import Config
from core.video.frame_store import FrameStore, StoredVideo
from tests.conftest import VideoWriter
from tests.core.small import Waves, small_config, small_encoder

pytestmark = pytest.mark.gpu
CUDA, CPU = torch.device("cuda", 0), torch.device("cpu")


@pytest.fixture
def videos(write_video: VideoWriter, tmp_path: Path) -> list[StoredVideo]:
    clips = [write_video(f"clip{number}.mp4", 20 + 3 * number) for number in range(3)]
    return FrameStore(tmp_path / "store", short_side=32, max_bytes=10**9).add(clips)


def config_of(**changed: object) -> Config:
    """Of a training whose weights hardly change: else a rounding grows from step to step."""
    own = {
        "train__mode": "finetune",
        "backbone__trainable_blocks": "layer4",
        "views__num_frames": 8,
        "train__epochs": 4,
        "train__learning_rate": 1e-6,
    }
    return small_config(**(own | changed))


@pytest.fixture
def deterministic() -> Iterator[None]:
    with flags(CUDA, is_deterministic=True):
        yield


def trained(config: Config, source: ViewSource, device: torch.device, folder: Path) -> tuple[list[float], Trainer]:
    losses = list[float]()

    def hear(event: Event) -> None:
        if isinstance(event, StepDone):
            losses.append(event.loss)

    encoder = small_encoder(config).to(device)
    prepare_backbone(encoder, config, device, [source.num_frames(video) for video in range(len(source))], ignore)
    made = Trainer(encoder, source, config, Checkpoints(folder, keep=9), device=device)
    made.restore(ignore)
    made.fit(hear, Control(), workers=2)
    return losses, made


def state(trainer: Trainer) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in trainer.model.state_dict().items()}


@pytest.mark.parametrize("max_bytes", [0, 10**9], ids=["sent", "kept"])
def test_views_on_the_gpu_are_those_of_the_cpu(videos: list[StoredVideo], max_bytes: int) -> None:
    from core.learning.data import Batches

    config = config_of()
    plain = Batches(FrameViews(videos, config.augment), config).from_step(0, 12, workers=1)
    there = Batches(DeviceFrames(videos, config.augment, CUDA, max_bytes), config).from_step(0, 12, workers=4, ahead=3)
    for one, other in zip(plain, there, strict=True):
        torch.rand(2048, 2048, device=CUDA) @ torch.rand(2048, 2048, device=CUDA)  # the GPU is busy meanwhile
        for expected, view in zip(one.views, other.views, strict=True):
            assert torch.equal(view.rows_on(CUDA).cpu(), expected.rows)
            assert view.spatial == expected.spatial


def test_what_was_sent_is_whole_however_busy_the_gpu_is() -> None:
    uploader, generator = Uploader(CUDA), torch.Generator().manual_seed(0)
    for _ in range(50):
        whole = torch.randint(0, 256, (32, 64, 64, 3), dtype=torch.uint8, generator=generator)
        with uploader.beside():
            there = uploader.send(whole)
            arrival = uploader.mark()
        assert arrival is not None
        arrival.wait(there)
        doubled = there.int() * 2
        del there
        assert torch.equal(doubled.cpu(), whole.int() * 2)


def test_augmented_frames_are_those_of_the_cpu() -> None:
    draws = np.random.default_rng(0)
    frames = torch.randint(0, 256, (40, 48, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    augment = dataclasses.replace(Config().augment, jitter_prob=1.0, blur_prob=1.0)
    for _ in range(5):
        draw = spatial.draw(augment, draws)
        torch.testing.assert_close(
            spatial.apply(frames.to(CUDA), draw, 32).cpu(), spatial.apply(frames, draw, 32), rtol=0, atol=0.03
        )


def test_losses_in_float32_are_those_of_the_cpu_and_in_bfloat16_near_them(
    videos: list[StoredVideo], tmp_path: Path
) -> None:
    exact = config_of(train__precision="float32", encoder__dropout=0.0)
    half = config_of(train__precision="bfloat16", encoder__dropout=0.0)
    on_cpu, _ = trained(exact, FrameViews(videos, exact.augment), CPU, tmp_path / "cpu")
    on_gpu, _ = trained(exact, frame_source(videos, exact, CUDA, ignore), CUDA, tmp_path / "gpu")
    in_half, _ = trained(half, frame_source(videos, half, CUDA, ignore), CUDA, tmp_path / "half")
    assert on_gpu == pytest.approx(on_cpu, rel=2e-2)
    assert in_half == pytest.approx(on_gpu, rel=0.1)


@pytest.mark.usefixtures("deterministic")
@pytest.mark.filterwarnings("ignore:.*deterministic.*:UserWarning")
def test_a_stopped_run_resumes_to_the_very_weights_with_a_fused_adam(videos: list[StoredVideo], tmp_path: Path) -> None:
    config = config_of(train__deterministic=True)
    source = frame_source(videos, config, CUDA, ignore)
    _, whole = trained(config, source, CUDA, tmp_path / "whole")
    assert whole.optimizer.defaults["fused"]
    middle = sorted((tmp_path / "whole").iterdir())[1]
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / middle.name).write_bytes(middle.read_bytes())
    _, again = trained(config, source, CUDA, tmp_path / "parts")
    assert again.step == whole.step
    for name, value in state(again).items():
        assert torch.equal(value, state(whole)[name]), name


def test_a_compiled_backbone_learns_and_pauses_within_a_step(videos: list[StoredVideo], tmp_path: Path) -> None:
    eager, compiled = config_of(encoder__dropout=0.0), config_of(encoder__dropout=0.0, train__compile="on")
    assert has_fixed_shapes(compiled, [len(video) for video in videos])
    expected, _ = trained(eager, frame_source(videos, eager, CUDA, ignore), CUDA, tmp_path / "eager")
    losses, _ = trained(compiled, frame_source(videos, compiled, CUDA, ignore), CUDA, tmp_path / "compiled")
    assert losses == pytest.approx(expected, rel=0.1)
    control, paused = Control(), list[bool]()

    def hear(event: Event) -> None:
        if isinstance(event, StepDone) and event.step == 2:
            control.pause()
        if isinstance(event, Paused):
            paused.append(event.paused)
            control.resume()

    encoder = small_encoder(compiled).to(CUDA)
    prepare_backbone(encoder, compiled, CUDA, [len(video) for video in videos], ignore)
    source = frame_source(videos, compiled, CUDA, ignore)
    made = Trainer(encoder, source, compiled, Checkpoints(tmp_path / "paused", keep=9), device=CUDA)
    assert made.fit(hear, control, workers=2) == "done"
    assert paused == [True, False]


def test_embeddings_agree_with_those_of_the_cpu_whatever_the_other_videos(
    write_video: VideoWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small_config(backbone__chunk_size=4)
    save_encoder(tmp_path / "run" / "encoder.safetensors", small_encoder(config), config, {})
    clips = [write_video(f"several/{number}.mp4", frames) for number, frames in enumerate((70, 3, 41, 1, 100))]

    def embedded(folder: str, device: str, paths: list[Path]) -> dict[Path, NDArray[np.float32]]:
        monkeypatch.setenv("CARL_CACHE", str(tmp_path / folder))
        videos = Embedder(tmp_path / "run", device=device).each(paths)
        return {video.path: np.array(video.embeddings) for video in videos}

    expected, made = embedded("cpu", "cpu", clips), embedded("gpu", "cuda", clips)
    for clip in clips:
        assert float((expected[clip] * made[clip]).sum(1).min()) >= 1 - 1e-3
        np.testing.assert_array_equal(embedded(f"alone-{clip.stem}", "cuda", [clip])[clip], made[clip])


def test_features_that_are_batched_are_those_of_the_cpu_augmented_or_not(
    videos: list[StoredVideo], tmp_path: Path
) -> None:
    config = small_config(train__augmented_copies=2, train__copy_stride=4, backbone__chunk_size=1)
    encoder = small_encoder(config).eval()
    found = {}
    for device in (CPU, CUDA):
        cache = FeatureCache(encoder.to(device), config, device, max_bytes=10**9, folder=tmp_path / device.type)
        files = [file for of_video in cache.copies(videos, Control()) for file in of_video]
        found[device] = [torch.from_numpy(np.concatenate(list(file.chunks()))).float() for file in files]
    for one, other in zip(found[CPU], found[CUDA], strict=True):
        assert float(F.cosine_similarity(one, other).min()) >= 1 - 1e-3


def test_sent_features_are_learned_from(tmp_path: Path) -> None:
    config = small_config(train__precision="float32", train__learning_rate=1e-6, encoder__dropout=0.0)
    on_cpu, _ = trained(config, Waves([30, 9, 50]), CPU, tmp_path / "cpu")
    on_gpu, _ = trained(config, SentViews(Waves([30, 9, 50]), CUDA), CUDA, tmp_path / "gpu")
    assert on_gpu == pytest.approx(on_cpu, rel=1e-2)
