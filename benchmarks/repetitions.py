"""How often a video shows what a reference shows once: counts and labels on clips joined from real ones.

Needs `../shared/videos/push_up` and `../shared/weights/mobilenet_v1_075.onnx` beside the project. In each fold an
encoder learns from the other people's clips, without labels (recipe `frozen`, two augmented copies). A joined clip
holds 1 to 6 clips of one person of the fold, whom it never saw. Their frames' features are joined and then put in
context as one video: the backbone sees frame by frame, so this is what the joined frames would give. Each repetition
has a random tempo, 0.6 to 1.6 (frames left out or shown twice). Between two of them the rest is kept, cut at random, or
held for 10 to 80 frames (its frames to and fro). The reference is a clip of another person of the fold; where a fold
has one person only, of one of the people that the encoder learned from.

* right: the repetitions are counted right.
* labels: the share of all frames that get their own phase from the reference; a frame that is matched with none counts
  as wrong. Held frames are in the phase `after`.
* matched: the same of those frames that are matched.
* as one video: embedded whole, as a clip of one repetition is. plain DTW: labels from one path over all of it.

"Two joined": two clips of one person end to end, at their own tempo, against one of another person; `votes` takes the
labels of all clips that the encoder learned from (`core.label`, `both`).

    python benchmarks/repetitions.py --clips 200 --seed 11  # 1, 2, 3 and 7 were used while it was made
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from labels import PUSH_UP_PHASES, WEIGHTS, Labelled, by_frame
from numpy.typing import NDArray
from push_up import SHARED, Clips, Footage, embedder, phases, trained

from core.align import align_embeddings, swap, warp_frames
from core.align.repetitions import find_repetitions
from core.label.labelling import label_videos
from core.model.encoder import Encoder
from core.repetitions.repeats import find_in_clip

TEMPO = 0.6, 1.6
HELD_FRAMES = 10, 80


@dataclass(frozen=True)
class Joined:
    """A clip made of several."""

    features: NDArray[np.float16]
    labels: NDArray[np.int64]
    count: int
    reference: int
    """Index of the clip that it is compared with."""


class Material:
    """Clips, their features and events; and one fold's encoder."""

    def __init__(self, clips: Clips, features: Sequence[NDArray[np.float16]]) -> None:
        self.clips, self.features = clips, features

    def labels(self, clip: int) -> NDArray[np.int64]:
        return phases(len(self.features[clip]), self.clips.events[clip])

    def drawn(
        self, test: Sequence[int], count: int, generator: np.random.Generator, *, is_plain: bool = False
    ) -> Joined:
        """A joined clip of one of these people; `is_plain`: whole clips end to end at their own tempo."""
        people = self.clips.people
        person = generator.choice(sorted({people[i] for i in test}))
        own = [i for i in test if people[i] == person]
        others = [i for i in test if people[i] != person] or [i for i in range(len(people)) if people[i] != person]
        reference = int(generator.choice(others))
        chosen = generator.choice(own, size=count, replace=len(own) < count)
        parts = [self._part(int(i), generator, is_plain) for i in chosen]
        features, labels = (np.concatenate(some) for some in zip(*parts, strict=True))
        return Joined(features, labels, count, reference)

    def _part(
        self, clip: int, generator: np.random.Generator, is_plain: bool
    ) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
        frames, labels = np.arange(len(self.features[clip])), self.labels(clip)
        if not is_plain:
            gap = generator.integers(3)
            if gap == 0:
                first, _, last = self.clips.events[clip]
                frames = frames[int(generator.uniform(0, first)) : int(generator.uniform(last + 1, len(frames)))]
            tempo = np.exp(generator.uniform(*np.log(TEMPO)))
            frames = frames[np.linspace(0, len(frames) - 1, max(2, round(len(frames) / tempo))).round().astype(int)]
            if gap == 1:
                rest = frames[-max(2, int((labels[frames] == labels[-1]).sum())) :]
                held = np.resize(np.concatenate([rest[::-1], rest]), generator.integers(*HELD_FRAMES))
                frames = np.concatenate([frames, held])
        return self.features[clip][frames], labels[frames]


@dataclass(frozen=True)
class Found:
    """What came of one joined clip."""

    count: int
    is_right: bool
    right: float
    matched: float
    is_right_whole: bool
    right_plain: float


def judged(encoder: Encoder, material: Material, joined: Joined) -> Found:
    """Count and label one joined clip, with and without what stands in `core.repetitions.repeats`."""
    reference = material.features[joined.reference]
    said = material.labels(joined.reference)
    clip = find_in_clip(encoder, [reference], joined.features)
    frames = clip.repetitions.frames
    right = (said[frames] == joined.labels) & (frames >= 0)
    embed = embedder(encoder)
    one, many = embed(reference), embed(joined.features)
    plain = said[warp_frames(swap(align_embeddings(one, many)))]
    return Found(
        joined.count,
        clip.repetitions.count == joined.count,
        float(right.mean()),
        float(right[frames >= 0].mean()) if (frames >= 0).any() else np.nan,
        find_repetitions(one, many).count == joined.count,
        float((plain == joined.labels).mean()),
    )


def voted(encoder: Encoder, material: Material, joined: Joined, train: Sequence[int]) -> float:
    """Share of right frames by the labels of all clips that the encoder learned from."""
    embed = embedder(encoder)
    known = [
        Labelled.of(embed(material.features[i]), [PUSH_UP_PHASES[phase] for phase in material.labels(i)]) for i in train
    ]
    clip = find_in_clip(encoder, [material.features[i] for i in train[:: -(-len(train) // 5)]], joined.features)
    tested = Labelled.of(clip.embeddings, [PUSH_UP_PHASES[phase] for phase in joined.labels])
    cycles = [(span.start_frame, span.end_frame_exclusive) for span in clip.repetitions.spans]
    made = label_videos(
        [*(one.video for one in known), tested.video],
        [*(one.spans for one in known), []],
        cycles=[*(None for _ in known), cycles or None],
    )[-1]
    return float(np.mean(by_frame(made.spans) == by_frame(tested.spans)))


def row(name: str, found: Sequence[Found]) -> str:
    """One line of the table."""
    values = [
        np.mean([one.is_right for one in found]),
        np.mean([one.right for one in found]),
        np.nanmean([one.matched for one in found]),
        np.mean([one.is_right_whole for one in found]),
        np.mean([one.right_plain for one in found]),
    ]
    return f"{name:24}{len(found):6}" + "".join(f"{value:12.3f}" for value in values)


def main() -> None:
    """Print the tables."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--clips", type=int, default=200, help="joined clips of 2 to 6, over all folds")
    made.add_argument("--folds", type=int, default=4)
    made.add_argument("--only-fold", type=int, metavar="N", help="one of them, from 1")
    made.add_argument("--seed", type=int, default=11, help="of what is drawn")
    made.add_argument("--training-seed", type=int, default=1)
    made.add_argument("--learned-from", action="store_true", help="one encoder that learned from all clips, unlabelled")
    made.add_argument("--threads", type=int, default=0, help="CPU threads; 0: torch's choice")
    given = made.parse_args()
    if not WEIGHTS.is_file():
        sys.exit("benchmarks/repetitions.py needs the footage in ../shared, which is not here.")
    torch.set_num_threads(given.threads or torch.get_num_threads())
    folder = SHARED / "videos" / "push_up"
    clips = Clips.read(folder)
    footage = Footage(clips, WEIGHTS, folder)
    config = footage.config({"train.augmented_copies": 2}, given.training_seed)
    files = footage.copies(config)
    material = Material(clips, footage.clean(config))
    tables: dict[str, list[Found]] = defaultdict(list)
    votes = []
    everybody = trained(config, files)[0] if given.learned_from else None
    for number, test in enumerate(clips.folds(given.folds)):
        if given.only_fold not in (None, number + 1):
            continue
        train = [i for i in range(len(files)) if i not in set(test.tolist())]
        encoder = everybody or trained(config, [files[i] for i in train])[0]
        generator = np.random.default_rng([given.seed, number])
        for index in range(given.clips // given.folds):
            joined = material.drawn(test, int(generator.integers(2, 7)), generator)
            tables[f"{joined.count} repetitions"].append(judged(encoder, material, joined))
            if index % 4 == 0:
                tables["one alone"].append(judged(encoder, material, material.drawn(test, 1, generator)))
                joined = material.drawn(test, 2, generator, is_plain=True)
                tables["two joined"].append(judged(encoder, material, joined))
            if index % 8 == 0:
                votes.append(voted(encoder, material, joined, train))
        print(f"fold {number + 1} of {given.folds} is done", file=sys.stderr, flush=True)
    print(f"{'':24}{'clips':>6}{'right':>12}{'labels':>12}{'matched':>12}{'as one':>12}{'plain DTW':>12}")
    several = [one for name, found in tables.items() if name.endswith("repetitions") for one in found]
    print(row("2 to 6 repetitions", several))
    for name in sorted(tables):
        print(row(f"  {name}", tables[name]))
    print(f"two joined, labels by the votes of all labelled clips: {np.mean(votes):.3f}")


if __name__ == "__main__":
    main()
