"""Tiny data sets as tests write them; their videos are never opened, so a name is enough."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.base.events import Event, Notice


def touch(folder: Path, *names: str) -> list[Path]:
    """Empty files in place of videos."""
    paths = [folder / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return paths


def edges(num_frames: int, fps: float = 25.0) -> NDArray[np.float64]:
    """(S + 1,) at a constant rate."""
    return np.arange(num_frames + 1) / fps


def entry(name: str, labels: Iterable[float], *, dtype: torch.dtype = torch.int64, **more: Any) -> dict[str, Any]:
    """One video as the pickles of CARL's release have it."""
    frame_label = torch.tensor(list(labels), dtype=dtype)
    return {"id": 0, "name": name, "frame_label": frame_label, "seq_len": len(frame_label), "video_file": name} | more


def dump(path: Path, value: object, protocol: int = 3) -> Path:
    """Protocol 3 is what Python 3.7, which made the release, writes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(value, protocol))
    return path


class Heard(list[str]):
    """A sink that keeps what notices say."""

    def __call__(self, event: Event) -> None:
        assert isinstance(event, Notice)
        self.append(event.message)
