"""Whether a search reads all frames or uses an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from core.base.errors import CarlError, ConfigError
from core.base.events import Notice, Sink
from core.embedding.embedded_video import EmbeddedVideo, InBlocks
from core.search.defaults import EXACT_FRAMES
from core.search.index.engine import INSTALL, has_faiss

if TYPE_CHECKING:
    from core.embedding.packed import PackedVideos
    from core.search.index.frame_index import FrameIndex


def open_index(videos: Sequence[EmbeddedVideo], method: str, sink: Sink) -> FrameIndex | None:
    """Return the index that a search of these videos uses; None: it reads all frames.

    Args:
        method: one of `core.search.defaults.METHODS`.
        sink: told how good the index's results are; and where the videos are so many that an index would pay, why there
            is none.

    Raises:
        ConfigError, StorageError: the method is `approximate`, but there is no index that can be used.
    """
    is_asked, is_packed = method == "approximate", isinstance(videos, InBlocks)
    if is_asked and not is_packed:
        raise ConfigError(
            "Only a single folder of packed embeddings can have a search index. Make one: python -m core.embed --merge "
            "FOLDER... --out NEW_FOLDER"
        )
    if method == "exact" or not is_packed:
        return None
    from core.search.index.frame_index import FrameIndex  # pyarrow, which most folders do without

    packed = cast("PackedVideos", videos)  # no others are in blocks
    if not is_asked and packed.num_frames <= EXACT_FRAMES:
        return None
    if not is_asked and not has_faiss():
        sink(Notice(f"This search reads all {packed.num_frames:,} frames. An index takes seconds instead: {INSTALL}"))
        return None
    try:
        index = FrameIndex.open(packed)
    except CarlError as error:
        if is_asked:
            raise
        sink(Notice(f"This search reads all {packed.num_frames:,} frames. {error}"))
        return None
    if index.recall is not None:
        sink(Notice(index.recall.in_words()))
    return index
