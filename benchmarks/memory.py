"""Peak memory of training and embedding does not grow with the length or the number of videos.

Draws videos (moving squares, 160x120) of 1,000 and of 20,000 frames, and 20 of 1,000; runs the commands on each as a
user would, and prints the peak resident memory of each process. What may grow: the embeddings of one video (128
float32 a frame: 10 MB for 20,000), and the paths of many videos.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import numpy as np
import psutil

SMALL = ["--augment.image_size", "64", "--frames.short_side", "64", "--views.num_frames", "64", "--weights", "none"]
SHORT = [
    "--train.batch_size",
    "2",
    "--train.augmented_copies",
    "1",
    "--train.min_steps_per_epoch",
    "2",
    "--epochs",
    "2",
]
FROZEN = ["--recipe", "quick"]
FINETUNE = ["--recipe", "penn_action", "--backbone.name", "resnet18"]


def draw_video(path: Path, num_frames: int) -> None:
    """A square that moves over a background, so that frames differ."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.gop_size = 50
        image = np.full((120, 160, 3), (40, 60, 90), np.uint8)
        for i in range(num_frames):
            frame = image.copy()
            x, y = int(70 + 60 * np.sin(i / 17)), int(50 + 40 * np.cos(i / 29))
            frame[y : y + 20, x : x + 20] = (230, 180, 60)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


def peak_bytes(command: list[str], cache: Path) -> tuple[int, float]:
    """Run a command; (peak resident bytes, seconds)."""
    started = time.monotonic()
    environment = os.environ | {"CARL_CACHE": str(cache)}
    child = psutil.Popen([sys.executable, "-m", *command], env=environment, stderr=subprocess.PIPE, text=True)
    peak = 0
    while True:
        try:
            child.wait(timeout=0.05)
            break
        except psutil.TimeoutExpired:
            peak = max(peak, child.memory_info().rss)
    if child.returncode:
        sys.exit(f"{' '.join(command)} failed: {child.stderr.read()[-2000:]}")
    return peak, time.monotonic() - started


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="carl-memory-") as name:
        folder = Path(name)
        draw_video(folder / "short" / "v.mp4", 1_000)
        draw_video(folder / "long" / "v.mp4", 20_000)
        for i in range(20):
            draw_video(folder / "many" / f"v{i}.mp4", 1_000 + i)
        print(f"{'videos':24}{'train frozen':>14}{'train finetune':>16}{'embed':>10}   peak MB")
        for kind, label in (
            ("short", "1 of 1,000 frames"),
            ("long", "1 of 20,000 frames"),
            ("many", "20 of 1,000 frames"),
        ):
            videos, cache, row = str(folder / kind), folder / f"cache-{kind}", []
            for mode in ("frozen", "finetune"):
                run = str(folder / f"{kind}-{mode}")
                recipe = FROZEN if mode == "frozen" else FINETUNE
                words = [videos, "--out", run, "--device", "cpu", *recipe, *SMALL, *SHORT]
                row.append(peak_bytes(["core.train", *words], cache))
            out = str(folder / f"{kind}-embedded")
            row.append(
                peak_bytes(["core.embed", videos, "--encoder", str(folder / f"{kind}-frozen"), "--out", out], cache)
            )
            cells = [f"{peak / 1e6:.0f}" for peak, _ in row]
            print(f"{label:24}{cells[0]:>14}{cells[1]:>16}{cells[2]:>10}", flush=True)


if __name__ == "__main__":
    main()
