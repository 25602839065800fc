"""Frames a second of embedding, beside those of the bare backbone on frames that are on the device already."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from device.sizes import Sizes
from device.training import own_cache
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from core.augment.spatial import resize_whole
from core.embedding.compute import Embedder
from core.model.batch_runner import BatchRunner
from core.model.checkpoint import save_encoder
from core.model.device import choose_precision
from core.model.encoder import Encoder, build_encoder
from core.settings.config import FramesConfig
from core.video.frame_store import FrameStore


@dataclass(frozen=True)
class Roofline:
    """What the device can do."""

    precision: torch.dtype
    products_per_second: float
    """Floating point operations of a large matrix product."""
    operations_per_frame: float
    """Of the backbone."""
    frames_per_second: float
    """Of the bare backbone at its best batch size."""
    batch: int

    @property
    def fraction(self) -> float:
        """Of the matrix product's operations a second that the bare backbone reaches."""
        return self.frames_per_second * self.operations_per_frame / self.products_per_second


def measure_roofline(sizes: Sizes, device: torch.device) -> Roofline:
    """Time the matrix product and the bare backbone, in the precision that embeddings are computed in."""
    encoder, precision = fixed_encoder(sizes, device)
    rates = {batch: _forward_rate(encoder, sizes, device, precision, batch) for batch in sizes.forward_batches}
    best = max(rates, key=lambda batch: rates[batch])
    frames = torch.rand(8, 3, sizes.image_size, sizes.image_size, device=device)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        encoder.features(frames)
    products = products_per_second(device, precision, sizes.matrix)
    return Roofline(precision, products, counter.get_total_flops() / len(frames), rates[best], best)


def fixed_encoder(sizes: Sizes, device: torch.device) -> tuple[Encoder, torch.dtype]:
    """Return an encoder of random weights whose backbone does not learn, and the precision that it embeds in."""
    config = sizes.config(train__mode="frozen", backbone__trainable_blocks="none")
    precision = choose_precision(device, config.train, through_backbone=True, has_gradient=False)
    return build_encoder(config).to(device).eval(), precision


def products_per_second(device: torch.device, precision: torch.dtype, size: int) -> float:
    """Return operations a second of a matrix product, the best of several."""
    matrix = torch.rand(size, size, device=device, dtype=precision)
    return 2 * size**3 / _best_seconds(lambda: matrix @ matrix, device)


def _forward_rate(encoder: Encoder, sizes: Sizes, device: torch.device, precision: torch.dtype, batch: int) -> float:
    """Return frames a second through the frozen layers at once, in that precision already."""
    shape = (batch, 3, sizes.image_size, sizes.image_size)
    frames = torch.rand(shape, device=device).to(memory_format=torch.channels_last)
    encoder.backbone.run_copy(precision)
    bare = encoder.backbone.frozen_copy
    assert bare is not None, "a ResNet has one"
    with torch.inference_mode(), torch.autocast(device.type, precision, enabled=precision != torch.float32):
        return batch / _best_seconds(lambda: bare(frames), device)


def _best_seconds(work: Callable[[], Tensor], device: torch.device, repeats: int = 6) -> float:
    times = []
    for _ in range(repeats):
        started = _now(device)
        work()
        times.append(_now(device) - started)
    return min(times[1:])


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def runner_rate(sizes: Sizes, device: torch.device, compiles: bool = False) -> float:
    """Return frames a second of uint8 frames in memory: sent, resized, through the backbone, and fetched."""
    encoder, precision = fixed_encoder(sizes, device)
    at_once = encoder.backbone.frames_at_once(device)
    encoder.backbone.run_copy(precision, {at_once} if compiles else ())
    width, height = sizes.video_size
    side = sizes.short_side
    shape = (at_once, side, round(side * width / height), 3)
    images = torch.randint(0, 256, shape, dtype=torch.uint8, pin_memory=device.type == "cuda")
    count = max(2, sizes.embedded_clips[0] * sizes.embedded_clips[1] // at_once)
    runner = BatchRunner(device, precision)

    def forward(frames: Tensor) -> Tensor:
        return encoder.features(resize_whole(frames, sizes.image_size))

    for _ in runner.features(forward, [images] * 2):
        pass
    started = _now(device)
    total = sum(len(rows) for rows in runner.features(forward, [images] * count))
    return total / (_now(device) - started)


def embedding_rates(sizes: Sizes, paths: Sequence[Path], device: torch.device, folder: Path) -> dict[str, float]:
    """Return frames a second of `Embedder.each`: of files, and of videos that were decoded before."""
    encoder, _ = fixed_encoder(sizes, device)
    config = sizes.config(train__mode="frozen", backbone__trainable_blocks="none")
    save_encoder(folder / "encoder.safetensors", encoder, config, {})
    del encoder
    rates = {}
    for row in ("from files", "from stored frames"):
        with own_cache(folder / row.replace(" ", "-")):
            if row == "from stored frames":
                FrameStore(short_side=sizes.short_side, max_bytes=10**11).add(paths)
            embedder = Embedder(folder / "encoder.safetensors", frames=FramesConfig(), device=device.type)
            list(embedder.each(paths[:1]))  # what is slow the first time
            started = _now(device)
            num_frames = sum(len(video) for video in embedder.each(paths[1:]))
            rates[row] = num_frames / (_now(device) - started)
    return rates
