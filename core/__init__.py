"""The science and the project's data. No Qt.

For notebooks: `import core as carl`, then `carl.train_encoder`, `embed_videos`, `align_videos`, `search_frames` and
`label_videos` (docs/notebook.ipynb). Nothing heavy is imported before one of them is asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from core import version
from core.base.surroundings import forbid_reports

if TYPE_CHECKING:
    from core.notebook.aligning import AlignedPair, align_videos
    from core.notebook.embedding import EmbeddedVideos, embed_videos
    from core.notebook.labelling import LabelledVideos, label_videos
    from core.notebook.searching import SearchResult, SearchResults, search_frames
    from core.notebook.training import TrainedEncoder, train_encoder

__all__ = [
    "AlignedPair",
    "EmbeddedVideos",
    "LabelledVideos",
    "SearchResult",
    "SearchResults",
    "TrainedEncoder",
    "__version__",
    "align_videos",
    "embed_videos",
    "label_videos",
    "search_frames",
    "train_encoder",
]
__version__ = version.VERSION
forbid_reports()
_HOMES = {
    "AlignedPair": "aligning",
    "EmbeddedVideos": "embedding",
    "LabelledVideos": "labelling",
    "SearchResult": "searching",
    "SearchResults": "searching",
    "TrainedEncoder": "training",
    "align_videos": "aligning",
    "embed_videos": "embedding",
    "label_videos": "labelling",
    "search_frames": "searching",
    "train_encoder": "training",
}
"""The module of `core.notebook` that holds it."""

if not TYPE_CHECKING:  # else every misspelt name would pass for an object

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        found = getattr(importlib.import_module(f"core.notebook.{_HOMES[name]}"), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
