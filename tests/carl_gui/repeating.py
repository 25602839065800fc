"""Films for tests of which one shows several times what the others show once, and a run whose encoder sees that."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.carl_gui.projects import new_project
from tests.conftest import write_numbered_video

RUN = "run-1"
ONCE = 40
"""Frames of one performance."""
LENGTHS = (30, 50, 36)
"""Of the repetitions in the film that has several."""
_SIZE = (96, 72)
_SAVE_ENCODER = """
import sys
from pathlib import Path
from core.cli import embed
from core.model.checkpoint import save_encoder
from tests.core.small import small_config, small_encoder
folder, out, *films = sys.argv[1:]
config = small_config(
    backbone__name="hog", backbone__pool="avg4x4", augment__image_size=96, frames__short_side=72,
    encoder__temporal="none", encoder__embedding_dim=32, views__num_frames=40,
)
save_encoder(Path(folder) / "encoder.safetensors", small_encoder(config).eval(), config, {})
sys.exit(embed.main([*films, "--encoder", folder, "--out", out]))
"""


def _image(moment: float, seed: int, width: int, height: int) -> NDArray[np.uint8]:
    """A bar that turns while it moves to the right, on a ground of its own for each film."""
    image = np.random.default_rng(seed).integers(60, 90, (height, width, 3)).astype(np.uint8)
    centre = np.array([width * (0.25 + 0.5 * moment), height * 0.5])
    angle = np.pi * 0.9 * moment
    away = np.array([np.cos(angle), np.sin(angle)]) * height * 0.42
    ends = [tuple(int(x) for x in np.round(centre + sign * away)) for sign in (-1, 1)]
    return cv2.line(image, ends[0], ends[1], (235, 235, 235), 9)


def film(folder: Path, name: str, lengths: Sequence[int], seed: int) -> Path:
    """A video that shows the movement once for each length, one after the other."""
    moments = np.concatenate([np.linspace(0, 1, length) for length in lengths])

    def image(index: int, width: int, height: int) -> NDArray[np.uint8]:
        return _image(float(moments[index]), seed, width, height)

    return write_numbered_video(folder, name, len(moments), size=_SIZE, image=image)


def repeating_project(folder: Path) -> tuple[Path, list[Path]]:
    """A project of `once.mp4`, `other.mp4`, which shows it once too, and `thrice.mp4`; all are embedded."""
    films = [
        film(folder / "films", name, lengths, seed)
        for seed, (name, lengths) in enumerate(
            {"once.mp4": [ONCE], "other.mp4": [ONCE + 6], "thrice.mp4": LENGTHS}.items(), 1
        )
    ]
    project = new_project(folder / "project", films, decodes=True)
    (project / "runs" / RUN).mkdir(parents=True, exist_ok=True)
    words = [str(project / "runs" / RUN), str(project / "embeddings" / RUN), *map(str, films)]
    subprocess.run([sys.executable, "-c", _SAVE_ENCODER, *words], check=True, capture_output=True)
    return project, films
