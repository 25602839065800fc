"""Run by the Python that has `lerobot`: makes a data set by LeRobot itself, or reads one as its own training would.

    lerobot_child.py make FOLDER
    lerobot_child.py read FOLDER

`read` prints JSON: one row a frame, with what the loader gives. It holds no code of ours. LeRobot 0.4's `pyav` backend
wants `torchvision.io.VideoReader`, which newer releases of torchvision lack: where it is missing, PyAV stands in.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch
import torchvision

warnings.simplefilter("ignore")

from lerobot.datasets.lerobot_dataset import LeRobotDataset  # noqa: E402

H, W, FPS, LENGTHS = 96, 128, 20, (36, 30, 41)
FRONT, WRIST = "observation.images.front", "observation.images.wrist"


class Reader:
    """What LeRobot uses of `torchvision.io.VideoReader`."""

    def __init__(self, path: str, stream: str) -> None:
        self.container = av.open(path)
        self.stream = self.container.streams.video[0]

    def seek(self, seconds: float, keyframes_only: bool = False) -> None:
        self.container.seek(int(seconds / self.stream.time_base), stream=self.stream)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for frame in self.container.decode(self.stream):
            image = torch.from_numpy(frame.to_ndarray(format="rgb24")).permute(2, 0, 1)
            yield {"data": image, "pts": float(frame.pts * frame.time_base)}


def make(root: Path) -> None:
    """Record three episodes of two cameras, by LeRobot."""
    video = {"dtype": "video", "shape": (H, W, 3), "names": ["height", "width", "channels"]}
    state = {"dtype": "float32", "shape": (2,), "names": ["x", "y"]}
    features = {FRONT: dict(video), WRIST: dict(video), "observation.state": dict(state), "action": dict(state)}
    made = LeRobotDataset.create("local/demo", FPS, features, root=root, robot_type="drawn", vcodec="h264")
    for episode, length in enumerate(LENGTHS):
        for index in range(length):
            share = index / (length - 1)
            x, y = int(10 + 90 * share), int(40 + 30 * np.sin(3 * share))
            front = np.full((H, W, 3), 40 + 20 * episode, np.uint8)
            front[y : y + 16, x : x + 16] = (220, 60, 40)
            place = np.array([x, y], np.float32)
            task = "move left" if episode == 1 else "move right"
            made.add_frame(
                {FRONT: front, WRIST: front[::-1], "observation.state": place, "action": place, "task": task}
            )
        made.save_episode()
    made.finalize()


def read(root: Path) -> None:
    """Print what the loader gives of every frame."""
    if not hasattr(torchvision.io, "VideoReader"):
        torchvision.io.VideoReader = Reader
        torchvision.set_video_backend = lambda backend: None
    data = LeRobotDataset("local/demo", root=root, video_backend="pyav")
    rows = []
    for index in range(len(data)):
        item = data[index]
        row = {name: item[name] for name in ("task", "subtask") if name in item}
        for name in ("episode_index", "frame_index", "timestamp", "progress"):
            if name in item:
                row[name] = float(item[name])
        row["corner"] = float(item[FRONT][:, 0, 0].mean())
        rows.append(row)
    print(json.dumps({"fps": data.fps, "stats": sorted(data.meta.stats), "rows": rows}))


if __name__ == "__main__":
    {"make": make, "read": read}[sys.argv[1]](Path(sys.argv[2]))
