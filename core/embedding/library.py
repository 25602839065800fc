"""Open the embedded videos given by the user: from folders written by `core.embed`, or embedded now.

Where all is in such folders no torch is imported.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path

from core.base.control import Control
from core.base.errors import StorageError
from core.base.events import Notice, Sink, ignore
from core.base.files import content_digest
from core.base.importing import without_collecting
from core.embedding import folder as embedded_folder
from core.embedding.embedded_video import EmbeddedVideo, encoder_path
from core.pose.people import People
from core.settings.config import FramesConfig
from core.settings.recipes import POSE
from core.video.content import known_digests
from core.video.inputs import find_videos


def paths_of(inputs: Sequence[Path], encoder: Path) -> list[Path]:
    """Return the videos that `open_embedded` would open, before any is decoded; broken ones are still among them.

    Raises:
        ConfigError: an input is missing or holds no video.
        CheckpointError, StorageError: as `open_embedded`, of folders that `core.embed` wrote.
    """
    ready = [folder for folder in inputs if embedded_folder.is_embedded(folder)]
    others = [path for path in inputs if path not in ready]
    _refuse_replaced(ready)
    digest = content_digest(encoder_path(encoder))
    found = [path for folder in ready for path in embedded_folder.read_digests(folder, digest)]
    return found + (find_videos(others) if others else [])


def content_finder(inputs: Sequence[Path], encoder: Path) -> Callable[[Path], str]:
    """Return a function for the digest of one of the `paths_of` these; empty if unreadable. Reads on demand."""

    @functools.cache
    def held() -> dict[Path, str]:
        digest = content_digest(encoder_path(encoder))
        ready = [folder for folder in inputs if embedded_folder.is_embedded(folder)]
        known = (embedded_folder.read_digests(folder, digest) for folder in ready)
        return {path: content for digests in known for path, content in digests.items()}

    return lambda path: held().get(path) or known_digests([path]).get(path, "")


def open_embedded(
    inputs: Sequence[Path],
    encoder: Path,
    *,
    device: str = "auto",
    frames: FramesConfig | None = None,
    people: Path | None = None,
    sink: Sink = ignore,
    control: Control | None = None,
) -> Sequence[EmbeddedVideo]:
    """Embed what is not embedded yet, and open all of it; memory stays bounded whatever the number of videos.

    Args:
        inputs: video files, folders of videos, lists (CSV or JSON); or folders that `core.embed` wrote, taken as they
            are.
        encoder: an `encoder.safetensors`, or the run folder that holds one.
        frames: bounds of the caches; None: those the encoder was trained with.
        people: as of `core.embedding.compute.Embedder`.

    Returns:
        One a video; each path once, and of what was moved only what is found. A single packed folder is opened as
        `core.embedding.packed.PackedVideos`, which refuses a replaced video where it is asked for.

    Raises:
        ConfigError, VideoError: nothing to open, as `find_videos` and `FrameStore.add` say it.
        CheckpointError: the encoder cannot be read, or did not make the embeddings in a folder.
        StorageError: the disk is full, or what lies in a folder is damaged, or of a video that was replaced since.
        Stopped: `control` asked for it; what was embedded is kept.
    """
    encoder = encoder_path(encoder)
    digest = content_digest(encoder)
    ready = [folder for folder in inputs if embedded_folder.is_embedded(folder)]
    if len(inputs) == 1 and ready and embedded_folder.is_packed(ready[0]):
        return embedded_folder.read_packed(ready[0], digest, refuses_replaced=True)
    _refuse_replaced(ready)
    opened = [video for folder in ready for video in embedded_folder.read_embedded(folder, digest)]
    for folder in ready:
        if embedded_folder.read_card(folder).is_of_first_frames:
            sink(
                Notice(
                    f"{folder} was written by an older version. Where a video begins late, its times may count from "
                    "its first frame, unlike in a player. Run core.embed again to correct them."
                )
            )
    if others := [path for path in inputs if path not in ready]:
        with without_collecting():
            from core.embedding.compute import Embedder  # torch

        paths = find_videos(others, sink)
        if people:
            People.read(people).check(paths)
        embedder = Embedder(encoder, frames=frames, device=device, people=people, sink=sink, control=control)
        opened += embedder.embedded(paths)
    there = {video.digest for video in opened if video.path.exists()}
    kept = [video for video in opened if video.digest not in there or video.path.exists()]  # the others were moved
    return list({video.path.absolute(): video for video in kept}.values())


def follows_people(encoder: Path) -> bool:
    """Return whether an encoder works on a person's pose, who may be chosen. CheckpointError: it cannot be read."""
    from core.model.checkpoint import config_of, read_card  # torch

    return str(config_of(read_card(encoder), encoder).backbone.name) == POSE


def _refuse_replaced(folders: Sequence[Path]) -> None:
    """Refuse replaced videos: old embeddings beside a new file would pass for its own."""
    for folder in folders:
        if sentence := embedded_folder.describe_replaced(folder):
            raise StorageError(sentence)
