"""Whether a search reads all frames or uses an index."""

from __future__ import annotations

from collections.abc import Sequence

from core.base.errors import CarlError, ConfigError
from core.base.events import Notice, Sink
from core.embedding.embedded_video import EmbeddedVideo
from core.search.defaults import EXACT_FRAMES
from core.search.index.engine import INSTALL, has_faiss
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
    from core.embedding.packed import PackedVideos  # pyarrow, which most folders do without

    is_asked = method == "approximate"
    if method == "exact":
        return None
    if not isinstance(videos, PackedVideos):
        if is_asked:
            raise ConfigError(
                "Only a single folder of packed embeddings can have a search index. Make one: python -m core.embed "
                "--merge FOLDER... --out NEW_FOLDER"
            )
        return None
    if not is_asked and videos.num_frames <= EXACT_FRAMES:
        return None
    if not is_asked and not has_faiss():
        sink(Notice(f"This search reads all {videos.num_frames:,} frames. An index takes seconds instead: {INSTALL}"))
        return None
    try:
        index = FrameIndex.open(videos)
    except CarlError as error:
        if is_asked:
            raise
        sink(Notice(f"This search reads all {videos.num_frames:,} frames. {error}"))
        return None
    if index.recall is not None:
        sink(Notice(index.recall.in_words()))
    return index
