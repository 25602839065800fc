"""The card of an index, `index.json`: what it covers, and how much of the exact results it finds."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import ConfigError, StorageError
from core.base.files import write_text
from core.embedding.card import INDEX
from core.embedding.packed import PackedVideos
from core.search.index.shards import IndexedFile, state_of_file

SHARDS, TRAINED = "shards", "trained.faiss"
"""What lies in the folder of an index."""
COMMAND = "python -m core.index"

_CARD = "index.json"
_KIND, _VERSION = "carl search index", 1


@dataclass(frozen=True)
class Recall:
    """How many of the exact results an index finds, measured on frames of its own library.

    Each of these frames is searched for in all other videos.
    """

    k: int
    frames: int
    """That were searched for."""
    share: float
    still_frames: int
    """That were searched for in videos of still cameras, half of them frames in which something moves; 0: there are no
    such videos."""
    still_share: float

    def in_words(self) -> str:
        """Return the sentence that goes with every answer of the index."""
        share, still_share = (f"{math.floor(100 * one) / 100:.2f}" for one in (self.share, self.still_share))
        still = f", and {still_share} on {self.still_frames} frames of still cameras" if self.still_frames else ""
        return f"Approximate results: recall@{self.k} is {share} on {self.frames} frames of this library{still}."


@dataclass(frozen=True)
class IndexCard:
    """The metadata of an index."""

    encoder_digest: str
    files: tuple[IndexedFile, ...]
    trained_digest: str
    """`core.base.files.content_digest` of the trained file."""
    trained_frames: int
    """Frames of the library when it was trained."""
    seed: int
    code_bytes: int
    merged: str
    """Name of the file of lists, and with another suffix that of their sizes."""
    probes: int
    """Lists that are read for a query."""
    score_error: float
    """What a score is seldom further below the cosine."""
    recall: Recall

    def write(self, folder: Path) -> None:
        """Write it into an index's folder. StorageError: the disk refuses."""
        card = {"kind": _KIND, "format_version": _VERSION, **dataclasses.asdict(self)}
        write_text(folder / _CARD, json.dumps(card, indent=1) + "\n")

    @classmethod
    def read(cls, folder: Path) -> IndexCard:
        """Read the card of a packed folder's index.

        Raises:
            ConfigError: there is none.
            StorageError: it is damaged.
        """
        try:
            card: dict[str, Any] = json.loads((folder / INDEX / _CARD).read_text(encoding="utf-8"))
            if card.pop("kind") != _KIND or card.pop("format_version") > _VERSION:
                raise ValueError("its kind or version is another")
            files = tuple(IndexedFile(**file) for file in card.pop("files"))
            return cls(files=files, recall=Recall(**card.pop("recall")), **card)
        except FileNotFoundError as error:
            raise ConfigError(f"{folder} has no search index. Build it: {COMMAND} {folder}") from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise StorageError(damaged_index_in_words(folder, error)) from error

    def check(self, packed: PackedVideos) -> None:
        """Refuse an index that does not cover all frames of the videos. StorageError: it is of another state."""
        if self.encoder_digest != packed.encoder_digest:
            raise StorageError(
                f"The search index in {packed.folder} was made for another encoder (digest {self.encoder_digest[:8]}) "
                f"than the embeddings (digest {packed.encoder_digest[:8]}). Build it again: {COMMAND} {packed.folder}"
            )
        covered = {(file.name, file.state) for file in self.files}
        try:
            current = {(name, state_of_file(packed.folder, name)) for name in packed.file_names}
        except OSError as error:
            raise StorageError(damaged_index_in_words(packed.folder, error)) from error
        if missing := len(current - covered):
            raise StorageError(
                f"The search index in {packed.folder} lacks {missing} of {len(current)} files of frames. Update it: "
                f"{COMMAND} {packed.folder}"
            )


def damaged_index_in_words(folder: Path, error: Exception) -> str:
    """Return the sentence on an index that cannot be read."""
    reason = str(error).split("\n")[0]
    return (
        f"The search index in {folder} cannot be read ({reason}). Delete {folder / INDEX} and build it "
        f"again: {COMMAND} {folder}"
    )
