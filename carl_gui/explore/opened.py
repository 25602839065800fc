"""The opened embeddings of a scene."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from core.embedding.embedded_video import EmbeddedVideo, InBlocks
from core.embedding.folder import read_embedded

if TYPE_CHECKING:
    from core.embedding.packed import PackedVideos


class OpenedVideos(dict[int, EmbeddedVideo]):
    """The videos by id."""

    packed: PackedVideos | None = None
    """Where they lie, if they are packed."""


def open_videos(folder: Path, encoder_digest: str, digests: Mapping[int, str]) -> OpenedVideos:
    """Open the embeddings of those videos that are in the folder; `digests` by id.

    Raises: as `read_embedded`.
    """
    found = read_embedded(folder, encoder_digest, set(digests.values()))
    opened = {video.digest: video for video in found}
    videos = OpenedVideos((video_id, opened[digest]) for video_id, digest in digests.items() if digest in opened)
    is_packed = isinstance(found, InBlocks)
    videos.packed = cast("PackedVideos", found) if is_packed else None
    return videos
