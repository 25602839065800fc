"""Two embedded videos, paired and judged: what `python -m core.align A B` and a notebook do alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from core.align.alignable import Alignability, alignability
from core.align.confidence import LEAST_CONFIDENCE
from core.align.messages import alignable_in_words, matched_in_words
from core.align.partial import align_partial
from core.align.strangers import report_strangers
from core.base.errors import ConfigError, VideoError
from core.base.events import Notice, Sink, ignore
from core.base.types import Alignment
from core.embedding.embedded_video import EmbeddedVideo
from core.video.inputs import is_several


def pair(
    a: EmbeddedVideo,
    b: EmbeddedVideo,
    *,
    least_confidence: float = LEAST_CONFIDENCE,
    band: float | None = None,
    keep_other_scenes: bool = False,
    sink: Sink = ignore,
) -> tuple[Alignment, Alignability]:
    """Return the path between two videos, and whether it is to be believed; `sink` is told both in words.

    Args:
        least_confidence, band: as of `core.align.align_partial`.
        keep_other_scenes: match frames of another scene too (`core.embedding.scenes`).
    """
    strange_a, strange_b = report_strangers(
        {"A": a, "B": b}, sink, keep_other_scenes=keep_other_scenes, least_confidence=least_confidence
    )
    alignment = align_partial(
        a.embeddings,
        b.embeddings,
        least_confidence=least_confidence,
        band=band,
        strange_a=strange_a,
        strange_b=strange_b,
    )
    found = alignability(a.embeddings, b.embeddings, alignment)
    sentences = [matched_in_words(alignment)]
    if len(alignment):
        sentences.append(alignable_in_words(found))
    sink(Notice(" ".join(sentences)))
    return alignment, found


def check_single(paths: Iterable[Path]) -> None:
    """Refuse, before any is decoded, folders and lists where single videos are aligned. Raises ConfigError."""
    for path in paths:
        if is_several(path):
            raise ConfigError(f"{path} is a folder or a list, but single videos are aligned. Name a file.")


def video_at(path: Path, embedded: Sequence[EmbeddedVideo]) -> EmbeddedVideo:
    """Return the one of these that lies at `path`. VideoError: it was left out, since no frame of it decodes."""
    for one in embedded:
        if one.path.resolve() == path.resolve():
            return one
    raise VideoError(f"{path} cannot be aligned: none of its frames can be decoded. Give another video.")
