"""What the workers of a cluster do with a video: decode it, then embed its stored frames. Knows nothing of Ray.

The frames go from one to the other as they lie in the frame store, so that the numbers are those of a run on one
computer.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.disk_cache import COMPLETE
from core.base.errors import CarlError, CheckpointError, ConfigError, VideoError
from core.base.events import Event, Notice, VideoRefused
from core.base.files import cache_folder, replacing
from core.cluster.sources import Source
from core.embedding.embedded_video import EmbeddedVideo
from core.settings.config import FramesConfig
from core.version import VERSION
from core.video.frame_store import FrameStore, StoredVideo

Files = Mapping[str, NDArray[np.uint8]]
"""The files of a stored video by name."""


@dataclass(frozen=True)
class Plan:
    """What every worker needs to know."""

    encoder: NDArray[np.uint8]
    """The bytes of `encoder.safetensors`."""
    encoder_digest: str
    frames: FramesConfig
    short_side: int
    """That the encoder was trained with."""
    device: str
    """`cpu` or `cuda`."""
    threads: int
    """Of torch, as where the command runs; Ray leaves a worker one."""
    people: tuple[str, bytes] | None
    """Suffix and bytes of a table of whom body pose follows."""
    most_frame_bytes: int
    """A video with more stored frames is decoded where it is embedded."""
    held: NDArray[np.bytes_]
    """(V,) digests of the videos that need not be embedded, sorted."""
    version: str = VERSION

    def holds(self, digest: str) -> bool:
        """Return whether a video of that content is embedded already."""
        key = np.bytes_(digest)
        place = int(np.searchsorted(self.held, key))
        return place < len(self.held) and bool(self.held[place] == key)


@dataclass(frozen=True)
class Decoded:
    """What became of a video in the first stage, without its frames."""

    source: Source
    """With the state of the file that was read."""
    node: str = ""
    """The node that has its frames."""
    digest: str = ""
    num_bytes: int = 0
    """Of its frames; 0 where the next stage is to decode it."""
    is_held: bool = False
    """It is embedded already: nothing was decoded."""
    refused: str = ""
    """Why it is left out: a sentence; empty where it is not."""
    failed: str = ""
    """Why nothing can be decoded there: a sentence."""
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Embedded:
    """The embeddings of a video, as they go to the driver."""

    source: Source
    digest: str
    edges_seconds: NDArray[np.float64]
    embeddings: NDArray[np.float32]
    strangeness: NDArray[np.float32] | None
    fps: float
    image_rate: float | None
    """Of a folder of images."""
    notices: tuple[str, ...] = ()

    def video(self, encoder_digest: str) -> EmbeddedVideo:
        """Return it as the rest of the program knows it."""
        return EmbeddedVideo(
            self.source.path,
            self.digest,
            self.edges_seconds,
            self.embeddings,
            strangeness=self.strangeness,
            encoder_digest=encoder_digest,
        )

    @property
    def identity(self) -> dict[str, object]:
        """What a packed folder keeps of the file, which the driver need not read."""
        known: dict[str, object] = {"fps": self.fps}
        if self.source.modified_ns:
            known |= {"num_bytes": self.source.num_bytes, "modified_ns": self.source.modified_ns}
        return known | ({"image_rate": self.image_rate} if self.image_rate else {})


def decode(source: Source, plan: Plan, node: str = "") -> tuple[Decoded, Files]:
    """Decode a video into this node's frame store; returns its files there too, unless they are too many.

    What is wrong with the video, or with the disk, is in the result.
    """
    try:
        with source.read(plan.frames.image_rate) as (path, digest):
            made = Decoded(source, node, digest)
            if plan.holds(digest):
                return replace(made, is_held=True), {}
            if _estimated_bytes(path, plan) > plan.most_frame_bytes:
                return made, {}
            stored, notices = _stored(path, source, plan)
            made = replace(made, notices=notices)
            if stored.num_bytes > plan.most_frame_bytes:
                return made, {}
            folder = _store(plan).entry(digest).path
            files = {file.name: np.fromfile(file, np.uint8) for file in folder.iterdir() if file.name != COMPLETE}
            return replace(made, num_bytes=sum(file.nbytes for file in files.values())), files
    except VideoError as error:
        return Decoded(source, refused=str(error)), {}
    except CarlError as error:
        return Decoded(source, failed=f"{platform.node()}: {error}"), {}


class Encoder:
    """An encoder of a node, with the stores of that node."""

    def __init__(self, plan: Plan) -> None:
        """Load it.

        Raises:
            CarlError: it cannot be loaded there, or the node has another version of this program.
        """
        import torch

        from core.embedding.compute import Embedder

        if plan.version != VERSION:
            raise ConfigError(
                f"{platform.node()} has CARL Studio {VERSION}, not {plan.version}. Install one version on all nodes."
            )
        torch.set_num_threads(plan.threads)
        self._plan = plan
        self._notices: list[str] = []
        self._embedder = Embedder(
            _kept(f"{plan.encoder_digest}.safetensors", plan.encoder.tobytes()),
            frames=plan.frames,
            device=plan.device,
            people=_kept(f"people{plan.people[0]}", plan.people[1]) if plan.people else None,
            sink=self._note,
        )

    def embed(self, decoded: Decoded, files: Files) -> Embedded:
        """Embed a video, after decoding it where its frames did not come along.

        Raises:
            VideoError: it cannot be read.
            StorageError: the disk is full.
        """
        source = decoded.source
        if files:
            stored, notices = self._put(decoded, files), decoded.notices
        else:
            with source.read(self._plan.frames.image_rate) as (path, _):
                stored, notices = _stored(path, source, self._plan)
        self._notices.clear()
        video = self._embedder.one(stored)
        strange = video.strangeness
        return Embedded(
            source,
            video.digest,
            np.array(video.edges_seconds),
            np.array(video.embeddings),  # a copy: what is mapped does not leave the node
            None if strange is None else np.array(strange),
            stored.meta.fps,
            self._plan.frames.image_rate if source.path.is_dir() else None,
            notices + tuple(self._notices),
        )

    def _put(self, decoded: Decoded, files: Files) -> StoredVideo:
        """Put the frames of a video that another node decoded into the store of this one."""
        store = _store(self._plan)
        with store.entry(decoded.digest) as entry:
            with entry.making():
                if not entry.is_sound(f"frames of {decoded.source.path.name}"):
                    store.cache.make_room(decoded.num_bytes)
                    for name, content in files.items():
                        with replacing(entry.path / name) as partial:
                            content.tofile(partial)
                    entry.publish()
            return StoredVideo(decoded.source.path, decoded.digest, store.entry(decoded.digest))

    def _note(self, event: Event) -> None:
        if isinstance(event, Notice):
            self._notices.append(event.message)


def _store(plan: Plan) -> FrameStore:
    return FrameStore(
        short_side=plan.short_side,
        max_bytes=int(plan.frames.cache_size_gb * 1e9),
        workers=1,
        image_rate=plan.frames.image_rate,
    )


def _stored(path: Path, source: Source, plan: Plan) -> tuple[StoredVideo, tuple[str, ...]]:
    """Return a video of the store, and what is to be noted of it; sentences name the source, not what was fetched.

    Raises:
        VideoError: it cannot be read.
    """
    notices: list[str] = []
    refusals: list[str] = []

    def note(event: Event) -> None:
        match event:
            case Notice(message):
                notices.append(message.replace(str(path), source.name))
            case VideoRefused(_, message):
                refusals.append(message.replace(str(path), source.name))

    try:
        (stored,) = _store(plan).add([path], note, watch=note)
    except VideoError as error:
        raise VideoError(refusals[0] if refusals else str(error)) from error
    if source.path != path:
        stored = StoredVideo(source.path, stored.digest, _store(plan).entry(stored.digest))
    return stored, tuple(notices)


def _estimated_bytes(path: Path, plan: Plan) -> float:
    """Return about how much its stored frames will take, by the file's header; 0 where that does not say."""
    from core.video.image_decoding import open_decoding

    try:
        decoding = open_decoding(path)
        try:
            return decoding.num_frames_from_header * plan.short_side**2 * _BYTES_PER_PIXEL
        finally:
            decoding.close()
    except VideoError:
        return 0.0  # decoding it says why


_BYTES_PER_PIXEL = 0.35
"""Of a stored JPEG, for a square of the short side: frames are wider than high."""


def _kept(name: str, content: bytes) -> Path:
    """Return a file of this node with that content, which is there once for all of its processes."""
    file = cache_folder("cluster") / name
    if not file.is_file() or file.read_bytes() != content:
        with replacing(file) as partial:
            partial.write_bytes(content)
    return file


def as_keys(digests: list[str]) -> NDArray[np.bytes_]:
    """Return digests as `Plan.held` takes them."""
    return np.sort(np.array(digests, np.bytes_)) if digests else np.empty(0, "S32")


def num_threads() -> int:
    """Return how many threads torch takes here: those of the run on one computer that a cluster is to agree with."""
    import torch

    return torch.get_num_threads()


def read_encoder(file: Path) -> NDArray[np.uint8]:
    """Return the bytes of an encoder. CheckpointError: it cannot be read."""
    try:
        return np.fromfile(file, np.uint8)
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read ({error.strerror or os.strerror(5)}). Check the disk.") from error
