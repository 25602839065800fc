"""Cached features of a fixed backbone, from images or from body pose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Protocol

import torch

from core.base.control import Control
from core.base.events import Sink, ignore
from core.base.progress import Counter
from core.features.backbone_features import FeatureCache, FeatureFile
from core.features.pose_features import PoseFeatures
from core.model.encoder import Encoder
from core.pose.networks import PoseNetworks
from core.pose.people import People
from core.settings.config import Config
from core.video.frame_store import StoredVideo


class Features(Protocol):
    """Features of videos, computed once and cached on disk; see `FeatureCache` and `PoseFeatures`."""

    @property
    def together(self) -> int:
        """How many videos `prepare` computes at less cost together than one by one; 1: it need not be called."""

    @property
    def at_once(self) -> int:
        """How many calls of `clean` keep this device busy, each in a thread of `core.model.one_thread`."""

    @property
    def precision_key(self) -> str:
        """The precision they are computed in, for the keys of what is computed from them; empty: float32."""

    def notices(self, video: StoredVideo) -> list[str]:
        """Return what is to be reported of a video whose features are there."""

    def closing_notices(self) -> list[str]:
        """Return what is to be reported in one sentence of all videos that `notices` was called with."""

    def prepare(self, videos: Sequence[StoredVideo], control: Control, sink: Sink = ignore) -> None:
        """Compute together what is cheaper together, and tell what there is to tell of the videos."""

    def variant(self, video: StoredVideo) -> str:
        """Return what names a choice that was made in a video, for the keys of what is computed; often empty."""

    def clean(self, video: StoredVideo, control: Control, meter: Counter) -> FeatureFile:
        """Return features of the unchanged video."""

    def copies(self, videos: Sequence[StoredVideo], control: Control, sink: Sink = ignore) -> list[list[FeatureFile]]:
        """Return for each video the clean features and those of `train.augmented_copies` augmented copies."""

    def each_with_copies(
        self, videos: Sequence[StoredVideo], control: Control, sink: Sink = ignore
    ) -> Iterator[list[FeatureFile]]:
        """Yield what `copies` returns, of some of the videos that are learned from."""


def features_of(
    encoder: Encoder,
    config: Config,
    device: torch.device,
    *,
    max_bytes: int,
    people: People | None = None,
    folder: Path | None = None,
    threads: Executor | None = None,
) -> Features:
    """Return what computes and keeps the features that an encoder reads.

    Args:
        encoder: in eval mode, on `device`.
        max_bytes: the least recently used features go first.
        people: whom body pose follows; None: whom the table `backbone.person_table` says.
        folder: where they lie; None: the user's cache folder.
        threads: as of `FeatureCache`.
    """
    if isinstance(encoder.backbone.frozen, PoseNetworks):
        people = people or people_of(config)
        return PoseFeatures(encoder, config, max_bytes=max_bytes, people=people, folder=folder)
    return FeatureCache(encoder, config, device, max_bytes=max_bytes, folder=folder, threads=threads)


def people_of(config: Config) -> People:
    """Return whom body pose follows by the settings. LabelError: their table cannot be used."""
    return People.read(Path(config.backbone.person_table)) if config.backbone.person_table else People()
