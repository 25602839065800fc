"""Embed videos on a cluster into a packed folder: each once, whatever happens to workers, nodes and the head."""

from __future__ import annotations

import importlib.util
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.base.control import Control
from core.base.errors import ConfigError, TrainingError, VideoError
from core.base.events import Notice, Sink, ignore
from core.base.files import content_digest
from core.base.listing import count_noun, some
from core.base.progress import Meter
from core.cluster.child import Child
from core.cluster.job import AUTO, LOCAL, Broken, Connected, Ended, Job, Refused
from core.cluster.out_folder import open_out
from core.cluster.sources import INSTALL, Source, find_sources
from core.cluster.stages import Decoded, Embedded, as_keys
from core.embedding.embedded_video import encoder_path
from core.embedding.packed import PackedVideos
from core.embedding.packing import PackedWriter
from core.settings.config import FramesConfig

_MOST_AT_ONCE = 10_000
"""Videos that are given to Ray at once, which keeps something of each."""
_MOST_LOSSES = 3
"""A video that is lost with its worker so often is left out: it may be what kills them."""
_MOST_BREAKDOWNS = 2
"""Times in a row that all of Ray is lost before any video is embedded."""
_PROBE_SECONDS, _START_SECONDS = 5.0, 90.0


@dataclass
class _State:
    """What became of the videos so far."""

    losses: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    """Names of videos whose content another one has."""


class ClusterEmbedding:
    """One run.

    Args:
        inputs: as of `core.cluster.sources.find_sources`.
        encoder: its file, or the folder of its run.
        out: a packed folder, made if it is missing, or its URL.
        address: `auto`, or host and port of the head of a running cluster.
        most_frame_bytes: of a video that goes from node to node; 0: what their object stores allow.
    """

    def __init__(
        self,
        inputs: Sequence[Path],
        encoder: Path,
        out: Path,
        address: str = AUTO,
        *,
        device: str = "auto",
        frames: FramesConfig | None = None,
        people: Path | None = None,
        precision: str = "float32",
        most_frame_bytes: int = 0,
        sink: Sink = ignore,
        control: Control | None = None,
    ) -> None:
        self._inputs, self._encoder, self._out, self._address = inputs, encoder_path(encoder), out, address
        self._device, self._frames, self._people = device, frames or FramesConfig(), people
        self._precision, self._most_frame_bytes = precision, most_frame_bytes
        self._sink, self._control = sink, control or Control()
        self._state = _State()

    def run(self) -> None:
        """Embed what the folder does not hold yet.

        Raises:
            ConfigError: Ray is not installed, the cluster cannot be reached, or there are no videos.
            CheckpointError, StorageError: as `PackedWriter`.
            VideoError: no video is left.
            TrainingError: the cluster was lost; what was embedded is kept.
            Stopped: asked to; what was embedded is kept.
        """
        check(self._address)
        sources = find_sources(self._inputs, self._sink)
        digest = content_digest(self._encoder)
        with open_out(self._out) as out:
            with PackedWriter(out.folder, digest, self._precision) as writer:
                out.follow(writer)
                known = _known(out.folder)
                todo = [source for source in sources if known.get(source.name) != (source.num_bytes, source.modified_ns)]
                meter = Meter(self._sink, "embed", len(sources), "video")
                meter.skip(len(sources) - len(todo))
                for source in self._each(todo, digest, set(known.digests), writer, meter):
                    out.push_now_and_then()
        self._report(len(sources))

    ...
