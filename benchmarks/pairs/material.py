"""Videos, their features and what was learned from them; features and encoders are computed once and kept."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import core
from core.base.control import Control
from core.base.events import ignore
from core.base.files import cache_folder
from core.base.progress import Meter
from core.features.backbone_features import FeatureCache
from core.learning.distributed import Processes
from core.learning.run_folder import RunFolder
from core.learning.run_training import feature_source, frame_store, train_run
from core.model.checkpoint import load_encoder
from core.model.encoder import Encoder, build_encoder
from core.settings.config import Config, with_values
from core.settings.recipes import find_recipe
from core.video.stored_video import StoredVideo

SHARED = Path(__file__).resolve().parents[3] / "shared"
"""Where the footage lies if nothing else is said."""
COPIES_SEED = 1
"""Of the augmented copies, whatever the training's seed: their features are computed once for all seeds."""
_CACHE_BYTES = 10**11
_LEARNING = ("*.py", "augment/*.py", "model/**/*.py", "objectives/*.py", "video/*.py")
"""The files of `core` that what is learned depends on."""

Features = NDArray[np.float16]
"""(S, F) of a clip or of a part of it."""
Embed = Callable[[Features], NDArray[np.float32]]
"""(S, F) features of a clip or of a part of it -> (S, D) rows of norm 1."""


@dataclass(frozen=True)
class Choice:
    """What a table is made with."""

    data: Path
    """The folder with `videos` and `weights`."""
    recipe: str = "frozen"
    backbone: str | None = None
    """An ONNX file or a name; None: the recipe's own, or MobileNet's where the recipe's would have to be downloaded."""
    values: dict[str, object] = field(default_factory=dict)
    """Settings on top."""

    def config(self, seed: int) -> Config:
        """The settings of one training."""
        recipe = find_recipe(self.recipe)
        network = self.data / "weights" / "mobilenet_v1_075.onnx"
        name = self.backbone or (str(network) if recipe.backbone.weights == "imagenet" else recipe.backbone.name)
        backbone: dict[str, object] = {"backbone.name": name, "backbone.weights": "none"}
        return with_values(recipe, {**backbone, "train.cpu_threads": 1, **self.values, "train.seed": seed})


@contextlib.contextmanager
def _copies_of_one_seed() -> Iterator[None]:
    """Within the block the copies' augmentation is drawn from one seed, whatever that of the training."""
    kinds = [FeatureCache, *_pose_features()]
    plain = [kind.__init__ for kind in kinds]

    def drawing(begin: Callable[..., None]) -> Callable[..., None]:
        def with_one_seed(self: Any, encoder: Encoder, config: Config, *rest: Any, **how: Any) -> None:
            begin(self, encoder, with_values(config, {"train.seed": COPIES_SEED}), *rest, **how)

        return with_one_seed

    for kind, begin in zip(kinds, plain, strict=True):
        kind.__init__ = drawing(begin)
    try:
        yield
    finally:
        for kind, begin in zip(kinds, plain, strict=True):
            kind.__init__ = begin


def _pose_features() -> list[Any]:
    """What keeps the features of body pose; an older commit has none."""
    try:
        from core.features.pose_features import PoseFeatures
    except ImportError:
        return []
    return [PoseFeatures]


def _features(encoder: Encoder, config: Config) -> Any:
    """What keeps the features of an encoder; an older commit knows pictures only."""
    try:
        from core.features.cached import features_of
    except ImportError:
        return FeatureCache(encoder, config, torch.device("cpu"), max_bytes=_CACHE_BYTES)
    return features_of(encoder, config, torch.device("cpu"), max_bytes=_CACHE_BYTES)


class Material:
    """Some videos, looked at as a choice says."""

    def __init__(self, files: Sequence[Path], choice: Choice) -> None:
        self.files, self.choice = list(files), choice
        self.names = [file.stem for file in files]
        self.config = choice.config(COPIES_SEED)
        self.videos: list[StoredVideo] = list(frame_store(self.config).add(self.files))
        cache = _features(build_encoder(self.config).eval(), self.config)
        if hasattr(cache, "prepare"):
            cache.prepare(self.videos, Control(), ignore)
        meter = Meter(ignore, "features", sum(map(len, self.videos)), "frame")
        self._clean = [cache.clean(video, Control(), meter) for video in self.videos]
        self.features: list[Features] = [np.concatenate(list(file.chunks())) for file in self._clean]

    def __len__(self) -> int:
        return len(self.files)

    def place(self, name: str) -> int:
        """Of a video by its name without ending."""
        return self.names.index(name)

    def learned(self, places: Sequence[int], seed: int) -> Encoder:
        """An encoder that learned from these videos by the very function that `core.train` calls."""
        run = RunFolder(cache_folder("benchmarks", self._key(places, seed)))
        if not run.encoder_file.is_file():
            shutil.rmtree(run.folder, ignore_errors=True)
            self._learn(run.folder, [self.files[place] for place in places], self.choice.config(seed))
        return load_encoder(run.folder)[0]

    def untrained(self, places: Sequence[int], seed: int) -> Encoder:
        """An encoder before its first step; the scale of its input is that of these videos."""
        config = self.choice.config(seed)
        encoder = build_encoder(config)
        feature_source(encoder, [[self._clean[place]] for place in places], config)
        return encoder.eval()

    def _learn(self, folder: Path, files: Sequence[Path], config: Config) -> None:
        try:
            with _copies_of_one_seed(), RunFolder.create(folder, config, files) as run:
                train_run(run, config, files, "cpu", Processes(), ignore, Control())
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        shutil.rmtree(folder / "checkpoints", ignore_errors=True)

    def _key(self, places: Sequence[int], seed: int) -> str:
        parts = [_code_digest(), repr(self.choice.config(seed)), *(self.videos[place].digest for place in places)]
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:32]


def _code_digest() -> str:
    """Names the code that learns, so that what another commit learned is not taken for this one's."""
    root = Path(core.__path__[0])
    digest = hashlib.sha256()
    for pattern in _LEARNING:
        for file in sorted(root.glob(pattern)):
            digest.update(str(file.relative_to(root)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def embedder(encoder: Encoder, *, constant: bool = False) -> Embed:
    """An encoder as a function; `constant`: it sees every frame alike, and so has its positions only."""

    def embed(rows: Features) -> NDArray[np.float32]:
        x = torch.from_numpy(rows.astype(np.float32))
        made: NDArray[np.float32] = encoder.embed_features(torch.full_like(x, 0.5) if constant else x).numpy()
        return made

    return embed


def normalised(rows: Features) -> NDArray[np.float32]:
    """The raw features themselves as embeddings; a row of zeros stays one."""
    single = rows.astype(np.float32)
    norms = np.linalg.norm(single, axis=1, keepdims=True)
    unit: NDArray[np.float32] = single / np.where(norms > 0, norms, 1)
    return unit
