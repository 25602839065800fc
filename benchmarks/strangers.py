"""How surely frames of another scene are told (`core.embedding.scenes`), by the features of two recipes, on real
footage.

Needs `../shared/videos` and, for `frozen`, `../shared/weights/mobilenet_v1_075.onnx` beside the project; the sample is
drawn. Each video is looked at as it is: no frame should be flagged. Then a block of a video of another folder is put
into it at a random place, as 5 to 40 % of the whole: it counts as found where nine tenths of it are flagged. Last, it
is followed by as many frames of another one: of two halves none is the stranger. `scale`: how much the features vary
over the training videos, here those of the folder, or all; or it is not known (an encoder whose recipe does not
standardise them, such as those that fine-tune the network).

    python benchmarks/strangers.py [--recipes quick frozen] [--folders push_up golf_swing ...]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from push_up import SHARED

from core.base.control import Control
from core.base.progress import Meter
from core.cli import sample as sample
from core.embedding.scenes import sample_frames, strange_frames, strangeness
from core.features.backbone_features import FeatureCache
from core.learning.run_training import frame_store
from core.model.encoder import build_encoder
from core.model.inputs import FeatureInput
from core.settings.config import Config, with_values
from core.settings.recipes import find_recipe

WEIGHTS = SHARED / "weights" / "mobilenet_v1_075.onnx"
FOLDERS = ("push_up", "golf_swing", "multiview_balance_sync", "sweep_embodiments_gif", "sample")
SHARES = (0.05, 0.1, 0.2, 0.4)
Rows = NDArray[np.float16]


def config_of(recipe: str) -> Config:
    """The recipe, with the network that is at hand."""
    named = find_recipe(recipe)
    return (
        named if recipe == "quick" else with_values(named, {"backbone.name": str(WEIGHTS), "backbone.weights": "none"})
    )


def features(config: Config, files: Sequence[Path]) -> list[Rows]:
    """What the backbone says of each video's frames."""
    videos = list(frame_store(config).add(files))
    cache = FeatureCache(build_encoder(config).eval(), config, torch.device("cpu"), max_bytes=10**11)
    meter, made = Meter(lambda _: None, "features", sum(map(len, videos)), "frame"), []
    for video in videos:
        with cache.clean(video, Control(), meter) as rows:
            made.append(np.concatenate(list(rows.chunks())))
    return made


def scale_of(videos: Sequence[Rows]) -> float:
    """As an encoder that learns from these keeps it."""
    known = FeatureInput(videos[0].shape[1])
    known.fit(videos)
    return float(known.scale)


def flagged(rows: Rows, scale: float | None) -> NDArray[np.bool_]:
    """(S,) which frames show another scene."""
    return strange_frames(strangeness(rows[sample_frames(len(rows))], [rows], scale), len(rows))


def with_block(rows: Rows, other: Rows, share: float, rng: np.random.Generator) -> tuple[Rows, NDArray[np.bool_]]:
    """A video with frames of another one, and which these are."""
    count = max(round(len(rows) * share / (1 - share)), 3)
    other = np.tile(other, (-(-count // len(other)), 1))
    start, at = int(rng.integers(len(other) - count + 1)), int(rng.integers(len(rows) + 1))
    is_block = np.zeros(len(rows) + count, np.bool_)
    is_block[at : at + count] = True
    return np.concatenate([rows[:at], other[start : start + count], rows[at:]]), is_block


def measure(name: str, folder: str, videos: Mapping[str, list[Rows]], scale: float | None) -> None:
    """Print a line of the table."""
    rng = np.random.default_rng(0)
    others = [rows for key, value in videos.items() if key != folder for rows in value]
    own, beside, halves = [], [], []
    found: dict[float, list[bool]] = {share: [] for share in SHARES}
    for rows in videos[folder]:
        own.append(flagged(rows, scale))
        for share in SHARES:
            mixed, is_block = with_block(rows, others[rng.integers(len(others))], share, rng)
            told = flagged(mixed, scale)
            found[share].append(bool(told[is_block].mean() > 0.9))
            beside.append(told[~is_block])
        other = others[rng.integers(len(others))]
        length = min(len(rows), len(other))
        halves.append(bool(flagged(np.concatenate([rows[:length], other[:length]]), scale).any()))
    rates = [np.concatenate(own).mean(), np.concatenate(beside).mean(), *(np.mean(found[share]) for share in SHARES)]
    print(f"{name:52}{len(own):7}" + "".join(f"{100 * rate:9.2f}" for rate in rates) + f"{sum(halves):8}", flush=True)


def footage(folder: str, drawn: Path) -> list[Path]:
    """The videos of a folder; none where it is not here."""
    place = drawn if folder == "sample" else SHARED / "videos" / folder
    return sorted([*place.glob("*.mp4"), *place.glob("*.gif")])


def main() -> None:
    """Print the tables."""
    made = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    made.add_argument("--recipes", nargs="*", choices=("quick", "frozen"), default=["quick", "frozen"])
    made.add_argument("--folders", nargs="*", choices=FOLDERS, default=list(FOLDERS))
    given = made.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        drawn = Path(folder, "sample")
        if "sample" in given.folders:
            sample.main(["--out", str(drawn), "--videos", "6"])
        for recipe in given.recipes:
            if recipe == "frozen" and not WEIGHTS.is_file():
                sys.exit(f"benchmarks/strangers.py --recipes frozen needs {WEIGHTS}, which is not here.")
            files = {name: footage(name, drawn) for name in given.folders}
            for name in [name for name in files if not files[name]]:
                print(f"{name}: left out, since {SHARED / 'videos' / name} is not here.")
            videos = {name: features(config_of(recipe), paths) for name, paths in files.items() if paths}
            every = scale_of([rows for value in videos.values() for rows in value])
            heads = ("own %", "beside %", *(f"{share:.0%} block" for share in SHARES))
            print(
                f"\n{f'{recipe}: frames flagged, blocks found':52}{'videos':>7}"
                + "".join(f"{h:>9}" for h in heads)
                + f"{'halves':>8}"
            )
            for name, value in videos.items():
                for said, scale in (("its own", scale_of(value)), ("of all", every), ("not known", None)):
                    measure(f"{name}, scale {said}", name, videos, scale)


if __name__ == "__main__":
    main()
