"""The embedded videos given as input, and their encoder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.base.arrays import is_finite
from core.base.control import Control
from core.base.errors import CheckpointError, ConfigError, StorageError
from core.base.events import Sink
from core.base.files import content_digest
from core.embedding import folder as embedded_folder
from core.embedding.card import not_finite_in_words
from core.embedding.embedded_video import EmbeddedVideo, encoder_path
from core.embedding.library import open_embedded


def open_inputs(
    inputs: Sequence[Path], encoder: Path | None, device: str, sink: Sink, control: Control
) -> tuple[Sequence[EmbeddedVideo], str]:
    """Open folders that `core.embed` wrote, and embed other videos with the encoder.

    Returns:
        The videos, and the digest of the encoder that made their embeddings.

    Raises:
        ConfigError: videos are given without an encoder.
        CheckpointError: folders of two encoders are given.
        StorageError: embeddings are damaged, or hold a number that is not finite.
        Others: as of `core.embedding.library.open_embedded`.
    """
    if encoder is not None:
        digest = content_digest(encoder_path(encoder))
        videos = open_embedded(inputs, encoder, device=device, sink=sink, control=control)
    else:
        digest, videos = _of_folders(inputs)
    for video in videos:
        check_finite(video)
    return videos, digest


def _of_folders(inputs: Sequence[Path]) -> tuple[str, list[EmbeddedVideo]]:
    if other := next((path for path in inputs if not embedded_folder.is_embedded(path)), None):
        raise ConfigError(f"{other} was not written by core.embed. Pass --encoder to embed it.")
    digests = {path: embedded_folder.read_card(path).encoder_digest for path in inputs}
    digest = digests[inputs[0]]
    for path, own in digests.items():
        if own != digest:
            raise CheckpointError(
                f"{path} holds embeddings of another encoder (digest {own[:8]}) than {inputs[0]} (digest "
                f"{digest[:8]}). Embed both with the same one."
            )
        if sentence := embedded_folder.describe_replaced(path):
            raise StorageError(sentence)
    found = [video for path in inputs for video in embedded_folder.read_embedded(path, digest)]
    return digest, list({video.path.absolute(): video for video in found}.values())


def check_finite(video: EmbeddedVideo) -> None:
    """Refuse embeddings that hold NaN or infinity. Raises StorageError."""
    if not is_finite(video.embeddings):
        raise StorageError(not_finite_in_words(video.path, video.embeddings))
