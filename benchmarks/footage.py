"""What an alignment is worth on real footage, and where it fails: figures, and pictures to look at.

Needs `../shared/videos` and `../shared/weights/mobilenet_v1_075.onnx` beside the project; where a folder is absent, its
table is left out and that is said. No label is learned from. Rows:

* `diagonal`: the frame at the same share of the other video;
* `raw features`: the fixed network's own features, rows of norm 1;
* the recipe `frozen` on these features (two augmented copies), each seed on a line of its own, and changes of it.

Golf: swings 2 and 3, and all pairs of the five labelled swings: the share of the path's steps with the same phase on
both sides; learned from all nine videos. Push-ups: clips of two different people, both never seen; learned from the
other people: how far the path leads from an event's frame in the other clip. Balance: cameras 1 and 2, in step to a
frame, so the path should be the diagonal. It is for anything that sees no difference between frames, too; so each pair
is also aligned with the last 20 frames of one and the first 20 of the other cut off: `cut` is the error then, where
the diagonal's is 20. Sweeping: one task by four simulated bodies, which bring boxes home one by one or together: the
share of steps with as many boxes at home on both sides, counted in the pixels.

    python benchmarks/footage.py [--only golf push_up balance sweep] [--seeds 3] [--out pictures]   # 20 minutes
"""

from __future__ import annotations

import argparse
import csv
import itertools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from push_up import SHARED, Clips, Embed, embedder, normalised, trained

from core.align import align_embeddings, swap, warp_frames
from core.base.control import Control
from core.base.types import Alignment
from core.features.backbone_features import FeatureCache, FeatureFile
from core.learning.run_training import frame_store
from core.model.encoder import build_encoder
from core.pictures import VideoSource, write_heatmap, write_side_by_side
from core.settings.config import Config, with_values
from core.settings.recipes import find_recipe
from core.video.reader import VideoReader
from core.video.stored_video import StoredVideo

WEIGHTS = SHARED / "weights" / "mobilenet_v1_075.onnx"
COPIES, TEST_FOLD = 2, 1
CUT = 20
"""Frames cut off at opposite ends."""
EDGE = 5
"""Frames beside a cut that are not counted: the path begins and ends in the corners."""
GOLF_VARIANTS: dict[str, dict[str, object]] = {"frozen": {}}
BALANCE_VARIANTS: dict[str, dict[str, object]] = {
    "frozen": {},
    "frozen, differences": {"encoder.delta_lag": 4},
    "frozen, sincos": {"encoder.positional_encoding": "sincos"},
    "frozen, sincos, differences": {"encoder.positional_encoding": "sincos", "encoder.delta_lag": 4},
}


class Scene:
    """Some videos and their features, computed once and cached."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.names = [file.stem for file in files]
        self.config = with_values(
            find_recipe("frozen"),
            {
                "backbone.name": str(WEIGHTS),
                "backbone.weights": "none",
                "train.augmented_copies": COPIES,
                "train.seed": 1,
            },
        )
        self.videos: list[StoredVideo] = list(frame_store(self.config).add(files))
        cache = FeatureCache(build_encoder(self.config).eval(), self.config, torch.device("cpu"), max_bytes=10**11)
        self.copies: list[list[FeatureFile]] = cache.copies(self.videos, Control())
        self.features = [np.concatenate(list(copies[0].chunks())) for copies in self.copies]

    def place(self, name: str) -> int:
        return self.names.index(name)

    def learned(self, changed: dict[str, object], seed: int, only: Sequence[int] | None = None) -> Embed:
        """An encoder that learned from these videos, or from all."""
        config: Config = with_values(self.config, {"train.seed": seed, **changed})
        chosen = range(len(self.videos)) if only is None else only
        return embedder(trained(config, [self.copies[place] for place in chosen])[0])


def diagonal(num_a: int, num_b: int) -> Alignment:
    """The path of matching shares."""
    longer = max(num_a, num_b)
    shares = np.linspace(0, 1, longer)
    return Alignment(np.rint(shares * (num_a - 1)).astype(int), np.rint(shares * (num_b - 1)).astype(int), 0.0)


Align = Callable[[NDArray[np.float16], NDArray[np.float16]], Alignment]
"""From the features of two videos, or of parts of them."""


def aligner(embed: Embed | None, band: float | None = None) -> Align:
    """By an embedding; None: along the diagonal."""
    if embed is None:
        return lambda a, b: diagonal(len(a), len(b))
    return lambda a, b: align_embeddings(embed(a), embed(b), band=band)


def same(alignment: Alignment, a: NDArray[np.generic], b: NDArray[np.generic]) -> float:
    """The share of the path's steps where both sides are labelled alike."""
    return float(np.mean(a[alignment.a_frames] == b[alignment.b_frames]))


def draw(out: Path | None, name: str, scene: Scene, a: int, b: int, embed: Embed) -> None:
    """The heatmap and the film of two videos, to be looked at."""
    if out is None:
        return
    embedded = [embed(scene.features[place]) for place in (a, b)]
    alignment = align_embeddings(*embedded)
    sides = [VideoSource(scene.names[place], scene.videos[place]) for place in (a, b)]
    write_heatmap(out / f"{name}.png", *sides, *embedded, alignment)
    write_side_by_side(out / f"{name}.mp4", *sides, alignment)


def rows(
    scene: Scene, variants: dict[str, dict[str, object]], seeds: int, only: Sequence[int] | None = None
) -> list[tuple[str, Embed | None]]:
    """Names and embeddings of all rows of a table."""
    made: list[tuple[str, Embed | None]] = [("diagonal", None), ("raw features", normalised)]
    for name, changed in variants.items():
        made += [(f"{name}, seed {seed}", scene.learned(changed, seed, only)) for seed in range(1, seeds + 1)]
    return made


def golf(out: Path | None, seeds: int) -> None:
    """Phases along the path."""
    folder = SHARED / "videos" / "golf_swing"
    scene = Scene(sorted(folder.glob("*.mp4")))
    labels = {}
    for file in sorted((folder / "labels").glob("*_phase.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            labels[scene.place(file.stem.removesuffix("_phase"))] = np.array(
                [line["phase"] for line in csv.DictReader(lines)]
            )
    two, three = scene.place("swing2"), scene.place("swing3")
    print(f"\n{'golf: steps with the same phase':40}{'2 and 3':>10}{'swapped':>10}{'all pairs':>11}")
    made = rows(scene, GOLF_VARIANTS, seeds)
    for name, embed in made:
        align = aligner(embed)

        def agreement(a: int, b: int, align: Align = align) -> float:
            return same(align(scene.features[a], scene.features[b]), labels[a], labels[b])

        every = np.mean([agreement(a, b) for a, b in itertools.permutations(labels, 2)])
        print(f"{name:40}{agreement(two, three):10.2f}{agreement(three, two):10.2f}{every:11.2f}", flush=True)
    embed = made[2][1]
    assert embed is not None
    path = align_embeddings(embed(scene.features[two]), embed(scene.features[three]))
    back = align_embeddings(embed(scene.features[three]), embed(scene.features[two]))
    apart = np.abs(warp_frames(path) - warp_frames(swap(back)))
    print(f"the path of swings 3 and 2 differs from that of 2 and 3 by at most {apart.max()} frames")
    for phase in dict.fromkeys(labels[two].tolist()):
        steps = labels[two][path.a_frames] == phase
        print(f"    {phase}: {same_of(path, labels[two], labels[three], steps):.2f} of its steps")
    draw(out, "golf-2-3", scene, two, three, embed)


def same_of(path: Alignment, a: NDArray[np.generic], b: NDArray[np.generic], steps: NDArray[np.bool_]) -> float:
    return float(np.mean((a[path.a_frames] == b[path.b_frames])[steps]))


def push_up(out: Path | None, seeds: int) -> None:
    """Events along the path, of people never seen."""
    folder = SHARED / "videos" / "push_up"
    clips = Clips.read(folder)
    scene = Scene([folder / name for name in clips.names])
    test = clips.folds(4)[TEST_FOLD]
    known = [place for place in range(len(clips.names)) if place not in set(test.tolist())]
    pairs = [(a, b) for a, b in itertools.permutations(test.tolist(), 2) if clips.people[a] != clips.people[b]]
    people = sorted({clips.people[place] for place in test})
    print(
        f"\npush-ups: {len(pairs)} pairs of clips of {', '.join(people)}; learned from the {len(known)} clips of others"
    )
    print(f"{'error of events':40}{'mean':>8}{'median':>8}{'90 %':>8} frames{'mean':>8} s")
    made = rows(scene, {"frozen": {}}, seeds, known)
    for name, embed in made:
        align, frames, seconds = aligner(embed), [], []
        for a, b in pairs:
            follower = warp_frames(align(scene.features[a], scene.features[b]))
            wrong = np.abs(follower[clips.events[a]] - clips.events[b])
            frames += wrong.tolist()
            seconds += (wrong / scene.videos[b].meta.fps).tolist()
        middle, most = np.percentile(frames, [50, 90])
        print(f"{name:40}{np.mean(frames):8.1f}{middle:8.1f}{most:8.1f}{np.mean(seconds):15.2f}", flush=True)
    embed = made[2][1]
    assert embed is not None
    draw(out, "push-ups", scene, *pairs[0], embed)


def balance(out: Path | None, seeds: int) -> None:
    """The same performance from two sides."""
    scene = Scene(sorted((SHARED / "videos" / "multiview_balance_sync").glob("*.mp4")))
    takes = [(scene.place(f"{take}_cam01"), scene.place(f"{take}_cam02")) for take in ("multi", "single")]
    columns = f"{'mean':>8}{'most':>6}{'cut':>6}{'nearest':>9}"
    print(f"\n{'balance, cameras 1 and 2: frames off':40}   multi{columns}   single{columns}")
    made = rows(scene, BALANCE_VARIANTS, seeds)
    made = [*made[:2], ("raw features, less their mean", _centred), *made[2:]]
    for name, embed in made:
        print(f"{name:40}" + "".join(_frames_off(scene, a, b, embed) for a, b in takes), flush=True)
    first, learned = made[3]
    assert learned is not None
    print(f"{first + ', band 0.05':40}" + "".join(_frames_off(scene, a, b, learned, band=0.05) for a, b in takes))
    for take, (a, b) in zip(("multi", "single"), takes, strict=True):
        draw(out, f"balance-{take}", scene, a, b, learned)


def _frames_off(scene: Scene, a: int, b: int, embed: Embed | None, band: float | None = None) -> str:
    """Mean and greatest distance from the diagonal; error of the path of cut videos; of the nearest frames alone."""
    align, left, right = aligner(embed, band), scene.features[a], scene.features[b]
    path = align(left, right)
    off = np.abs(path.a_frames - path.b_frames)
    part = align(left[:-CUT], right[CUT:])
    counted = (part.a_frames >= CUT + EDGE) & (part.a_frames < len(left) - CUT - EDGE)
    cut = np.abs(part.a_frames - CUT - part.b_frames)[counted].mean()
    nearest = "-"
    if embed is not None:
        nearest = f"{np.abs((embed(left) @ embed(right).T).argmax(axis=1) - np.arange(len(left))).mean():.1f}"
    return f"        {off.mean():8.1f}{off.max():6d}{cut:6.1f}{nearest:>9}"


def _centred(features: NDArray[np.float16]) -> NDArray[np.float32]:
    """Without what all frames of the video share: the camera, the room."""
    single = features.astype(np.float32)
    return normalised((single - single.mean(axis=0)).astype(np.float16))


def sweep(out: Path | None, seeds: int) -> None:
    """One task by four bodies."""
    scene = Scene(sorted((SHARED / "videos" / "sweep_embodiments_gif").glob("*.gif")))
    boxes = [boxes_at_home(video.path) for video in scene.videos]
    for name, count in zip(scene.names, boxes, strict=True):
        came = [int((count >= number).argmax()) for number in (1, 2, 3)]
        print(f"{name}: {len(count)} frames; boxes are at home from frames {came} on")
    pairs = list(itertools.combinations(range(len(boxes)), 2))
    short = [name.removesuffix("-sweep").removesuffix("stick") for name in scene.names]
    heads = "".join(f"{f'{short[a]}, {short[b]}':>17}" for a, b in pairs)
    print(f"\n{'sweeping: steps with as many boxes':36}{heads}")
    made = rows(scene, {"frozen": {}}, seeds)
    for name, embed in made:
        align = aligner(embed)
        paths = [align(scene.features[a], scene.features[b]) for a, b in pairs]
        figures = [same(path, boxes[a], boxes[b]) for path, (a, b) in zip(paths, pairs, strict=True)]
        print(f"{name:36}" + "".join(f"{figure:17.2f}" for figure in figures), flush=True)
    embed = made[2][1]
    assert embed is not None
    for a, b in pairs:
        draw(out, f"sweep-{short[a]}-{short[b]}", scene, a, b, embed)


def boxes_at_home(file: Path) -> NDArray[np.int64]:
    """(S,) how many of the three boxes lie in the band on top, by the area of their colour there; never one less."""
    with VideoReader(file) as reader:
        images = np.stack([frame.image for frame in reader.frames()]).astype(np.int16)
    band, box = 63, (192, 106)  # rows of the band; a pixel in a box of the first frame
    is_box = np.abs(images - images[0][box]).sum(axis=-1) < 40  # (S, H, W)
    one = is_box[0, band:].sum() / 3
    found = (is_box[:, :band].sum(axis=(1, 2)) - is_box[0, :band].sum()) / one
    return np.maximum.accumulate(np.rint(found).astype(np.int64))


def main() -> None:
    """Print the tables."""
    tables = {"golf": golf, "push_up": push_up, "balance": balance, "sweep": sweep}
    folders = {"golf": "golf_swing", "balance": "multiview_balance_sync", "sweep": "sweep_embodiments_gif"}
    made = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    made.add_argument("--only", nargs="*", choices=tables, default=list(tables))
    made.add_argument("--seeds", type=int, default=3, help="trainings of each row")
    made.add_argument("--out", type=Path, metavar="FOLDER", help="for the pictures; default none")
    made.add_argument("--threads", type=int, default=0, help="CPU threads; 0: torch's choice")
    given = made.parse_args()
    if not WEIGHTS.is_file():
        sys.exit(f"benchmarks/footage.py needs {WEIGHTS}, which is not here.")
    torch.set_num_threads(given.threads or torch.get_num_threads())
    for name in given.only:
        folder = SHARED / "videos" / folders.get(name, name)
        if folder.is_dir():
            tables[name](given.out, given.seeds)
        else:
            print(f"\n{name}: left out, since {folder} is not here.")


if __name__ == "__main__":
    main()
