"""Save and load a detector as safetensors: its weights and the metadata to use them; reading runs no code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import CheckpointError
from core.base.tensor_files import fit_tensors, load_tensors, save_tensors
from core.embedding.embedded_video import EmbeddedVideo
from core.localise.detectors import DETECTORS, Detector, build
from core.version import VERSION

FORMAT_VERSION = 1
_KIND = "carl localiser"


@dataclass(frozen=True)
class Localiser:
    """A trained detector and its classes and encoder."""

    detector: Detector
    classes: tuple[str, ...]
    """In the order of the detector's numbers."""
    embedding: int
    """D of the embeddings that it learned from."""
    encoder_digest: str
    """`core.base.files.content_digest` of the encoder that made them."""


def save_localiser(path: Path, localiser: Localiser, card: dict[str, object]) -> None:
    """Write it; the file is whole or as it was.

    Args:
        card: what to say of it besides; JSON values.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    meta = {
        **card,
        "kind": _KIND,
        "format_version": FORMAT_VERSION,
        "project_version": VERSION,
        "detector": localiser.detector.name,
        "classes": list(localiser.classes),
        "embedding": localiser.embedding,
        "encoder_digest": localiser.encoder_digest,
    }
    save_tensors(path, localiser.detector.state_dict(), meta)


def load_localiser(path: Path) -> Localiser:
    """Read it, in eval mode.

    Raises:
        CheckpointError: missing, damaged, no detector, of a newer version or another architecture.
    """
    tensors, meta = load_tensors(path)
    if meta.get("kind") != _KIND:
        raise CheckpointError(
            f"{path} is not a detector of CARL Studio. Give one written by `python -m core.localise train`."
        )
    if not isinstance(meta.get("format_version"), int) or meta["format_version"] > FORMAT_VERSION:
        raise CheckpointError(
            f"{path} has format {meta.get('format_version')}, but this program reads up to {FORMAT_VERSION}. Update "
            f"CARL Studio (the file was made by {meta.get('project_version')})."
        )
    try:
        name, classes, width = str(meta["detector"]), tuple(map(str, meta["classes"])), int(meta["embedding"])
        digest = str(meta["encoder_digest"])
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"The metadata of {path} cannot be read ({error}). Train it again.") from error
    if name not in DETECTORS or not classes or width < 1:
        raise CheckpointError(f"{path} holds a detector {name!r} of {len(classes)} classes. Train it again.")
    detector = build(name, width, len(classes), seed=0)
    fit_tensors(detector, tensors, str(path))
    return Localiser(detector.eval(), classes, width, digest)


def check_embeddings_of(localiser: Localiser, path: Path, videos: Sequence[EmbeddedVideo], encoder_digest: str) -> None:
    """Refuse embeddings that the detector did not learn from. Raises CheckpointError."""
    for video in videos:
        if (width := video.embeddings.shape[1]) != localiser.embedding:
            raise CheckpointError(
                f"{path} was trained on embeddings of {localiser.embedding} numbers, but those of {video.path.name} "
                f"have {width}. Embed the videos with the encoder that it was trained with (digest "
                f"{localiser.encoder_digest[:8]})."
            )
    if encoder_digest != localiser.encoder_digest:
        raise CheckpointError(
            f"{path} was trained with another encoder (digest {localiser.encoder_digest[:8]}) than these embeddings "
            f"(digest {encoder_digest[:8]}). Embed the videos with that one, or train again."
        )
