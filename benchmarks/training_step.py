"""Training frames per second: ours against a step as the released code makes it, in one run.

Same machine, same random ResNet-50 and head (checked), same frames of the same video, same draws. Rounds alternate, so
that a busy machine slows all rows alike; medians are shown. The floor is the multiplications that the network needs, at
the rate of a large matrix product on this device. Exit status 1 where ours is not at least 2 times as fast (5 times on
a GPU).

    python benchmarks/training_step.py [--frames 40] [--rounds 2] [--threads 2] [--video FILE] [--device auto]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from step.ours import CachedFeatures, OurStep
from step.released import MEAN, STD, ReleasedStep
from step.watch import Watch
from torch.utils.flop_counter import FlopCounterMode
from torchvision.transforms import functional

from core.learning.data import Batches, FrameViews
from core.model.device import choose_device, choose_precision, describe
from core.model.encoder import Encoder, build_encoder
from core.settings.config import Config, with_values
from core.video.frame_store import FrameStore, StoredVideo
from core.video.writer import writing_video

PHASES = ("read", "augment", "frozen stages", "learnable stage", "head and loss", "backward", "optimiser")


def draw_video(path: Path, num_frames: int) -> None:
    """640x360, H.264: a disc and a square move over a soft noise."""
    generator = np.random.default_rng(0)
    noise = np.kron(generator.integers(40, 120, (45, 80, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    rows, columns = np.mgrid[:360, :640]
    with writing_video(path, width=640, height=360, fps=25) as append:
        for i in range(num_frames):
            image = np.roll(noise, i, axis=1)
            x, y = 320 + 200 * np.sin(i / 23), 180 + 100 * np.cos(i / 31)
            image[(rows - y) ** 2 + (columns - x) ** 2 < 60**2] = (230, 180, 60)
            image[100:160, 3 * i % 580 : 3 * i % 580 + 60] = (40, 90, 220)
            append(image)


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 by itself; elsewhere it is slower than float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    known = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(known.get("avx512_bf16") or known.get("amx_bf16"))


def products_per_second(device: torch.device, precision: torch.dtype, watch: Watch) -> float:
    """Floating point operations a second of a large matrix product, the best of five."""
    size = 2048 if device.type == "cpu" else 8192
    matrix = torch.rand(size, size, device=device, dtype=precision)
    times = []
    for _ in range(6):
        started = watch.now()
        matrix @ matrix
        times.append(watch.now() - started)
    return float(2 * size**3 / min(times[1:]))


def operations_per_frame(encoder: Encoder, size: int) -> float:
    """Of the ResNet: the frozen stages forward, the learnable one forward and backward."""
    frames = torch.rand(8, 3, size, size, device=next(encoder.parameters()).device)
    with FlopCounterMode(display=False) as counter:
        encoder.features(frames).sum().backward()
    encoder.zero_grad(set_to_none=True)
    return counter.get_total_flops() / len(frames)


def check_same_network(released: ReleasedStep, encoder: Encoder, device: torch.device) -> None:
    """The two backbones make the same features of the same frames."""
    frames = torch.rand(8, 3, 96, 96, generator=torch.Generator().manual_seed(0)).to(device)
    with torch.no_grad():
        expected = released.features(functional.normalize(frames, MEAN, STD))
        torch.testing.assert_close(encoder.features(frames), expected, rtol=1e-2, atol=1e-2)


def prepared(config: Config, video: StoredVideo, path: Path, device: torch.device) -> dict[str, tuple[Any, Watch]]:
    """Row -> a step to run, and its watch."""
    rows: dict[str, tuple[Any, Watch]] = {}
    source = FrameViews([video], config.augment)
    views = (
        [(view.temporal, view.spatial) for view in batch.views]
        for batch in Batches(source, config).from_step(0, 1000, workers=1)
    )
    watch = Watch(device)
    encoder = build_encoder(config)
    released = ReleasedStep(encoder, config, device, watch.phase)
    check_same_network(released, encoder.to(device).train(), device)
    drawn = [next(views) for _ in range(20)]
    views.close()
    remaining = iter(drawn * 50)
    rows["as released, float32"] = (lambda: released.run(path, next(remaining)), watch)
    precisions = [torch.float32, torch.bfloat16] if has_bfloat16(device) else [torch.float32]
    for precision in precisions:
        watch = Watch(device)
        batches = Batches(source, config).from_step(0, 1000, workers=2)
        encoder = build_encoder(config).to(device)
        rows[f"finetune, {str(precision)[6:]}"] = (OurStep(encoder, batches, config, precision, watch).run, watch)
    watch = Watch(device)
    frozen = with_values(config, {"train.mode": "frozen", "backbone.trainable_blocks": "none"})
    encoder = build_encoder(frozen).to(device)
    cached = CachedFeatures(len(video), encoder.feature_width)
    batches = Batches(cached, frozen).from_step(0, 1000, workers=2)
    rows["frozen, float32"] = (OurStep(encoder, batches, frozen, torch.float32, watch).run, watch)
    return rows


def measured(rows: dict[str, tuple[Any, Watch]], rounds: int) -> dict[str, float]:
    """Fill the watches; returns each row's first loss. The first round, which is slow for all, is left out."""
    first = {}
    for number in range(rounds + 1):
        for name, (run, watch) in rows.items():
            torch.manual_seed(number)  # the same dropout in every row
            loss = watch.step(run)
            if number == 0:
                first[name] = loss
                watch.forget()
    return first


def main() -> int:
    """Print the tables; returns the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument(
        "--frames", type=int, default=40, help="T: frames of a view; the drawn video has 2.5 times as many"
    )
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--video", type=Path)
    options.add_argument("--device", default="auto")
    chosen = options.parse_args()
    torch.set_num_threads(chosen.threads)
    device = choose_device(chosen.device)
    values = {"views.num_frames": chosen.frames, "backbone.weights": "none", "train.batch_size": 1}
    config = with_values(Config(), values)
    with tempfile.TemporaryDirectory(prefix="carl-step-") as name:
        path = chosen.video or Path(name) / "video.mp4"
        if chosen.video is None:
            draw_video(path, 5 * chosen.frames // 2)
        started = time.perf_counter()
        (video,) = FrameStore(Path(name) / "frames", max_bytes=10**9).add([path])
        stored_seconds = time.perf_counter() - started
        rows = prepared(config, video, path, device)
        first = measured(rows, chosen.rounds)
        print(f"{describe(device)}; {len(video)} frames of {video.meta.width}x{video.meta.height}, T = {chosen.frames}")
        print("first loss: " + ", ".join(f"{row} {loss:.3f}" for row, loss in first.items() if "frozen" not in row))
        print(f"storing the small frames, once a video: {stored_seconds / len(video) * 1e3:.1f} ms a frame\n")
        ratio = report(rows, config, device, 2 * min(chosen.frames, len(video)))
    least = 5.0 if device.type == "cuda" else 2.0
    print(f"\nfinetune trains {ratio:.2f} times as many frames a second (claimed: at least {least:.0f})")
    return 0 if ratio >= least else 1


def report(rows: dict[str, tuple[Any, Watch]], config: Config, device: torch.device, num_frames: int) -> float:
    """Print both tables; returns the ratio of the row in the precision that `auto` chooses."""
    operations = operations_per_frame(build_encoder(config).to(device).train(), config.augment.image_size)
    rates = {}
    base_watch = next(iter(rows.values()))[1]
    print(f"{'':24}{'frames/s':>9}{'ratio':>7}{'by work':>9}{'of floor':>10}")
    ratios = {}
    for row, (_, watch) in rows.items():
        precision = torch.bfloat16 if "bfloat16" in row else torch.float32
        if precision not in rates:
            rates[precision] = products_per_second(device, precision, watch)
        seconds = float(np.median(watch.steps)) / num_frames
        ratios[row] = float(np.median(base_watch.steps)) / num_frames / seconds
        work = float(np.median(base_watch.busy) / np.median(watch.busy))
        floor = "" if "frozen" in row else f"{operations / rates[precision] / seconds:10.0%}"
        print(f"{row:24}{1 / seconds:9.1f}{ratios[row]:7.2f}{work:9.2f}{floor:>10}")
    listed = ", ".join(f"{str(precision)[6:]} {rate / 1e9:.0f}" for precision, rate in rates.items())
    print(f"floor: {operations / 1e9:.2f} GFLOP a frame at the rate of a matrix product, in GFLOP/s: {listed}")
    print("by work: ratio of the processor time of all threads\n\nms a frame" + " " * 14, end="")
    print("".join(f"{phase:>17}" for phase in PHASES))
    for row, (_, watch) in rows.items():
        done = watch.phases
        inner = done["augment"] + done["frozen stages"] + done["learnable stage"]
        if "forward" in done:
            done["head and loss"] = done["forward"] - inner
        shown = [done[phase] / len(watch.steps) / num_frames * 1e3 for phase in PHASES]
        print(f"{row:24}" + "".join(f"{value:17.2f}" for value in shown))
    return ratios[f"finetune, {str(choose_precision(device, config.train, through_backbone=True))[6:]}"]


if __name__ == "__main__":
    sys.exit(main())
