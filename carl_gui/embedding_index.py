"""Find the runs of a project with an encoder or embeddings, and the embedded videos. Reads the disk; no Qt."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.base.errors import StorageError
from core.base.files import content_digest
from core.embedding.folder import is_embedded, read_card
from core.evaluation.judgement import Judgement, read_judgement
from core.learning.run_folder import RunFolder
from core.project.badges import look_at
from core.project.rows import VideoRow, natural
from core.video.content import current_digest, video_state

_ENCODER = "encoder.safetensors"
KnownDigests = dict[Path, tuple[tuple[int, int], str]]
"""The modification time, size and digest of each encoder file."""


@dataclass(frozen=True)
class EmbeddingSource:
    """One run, or the embeddings of a deleted run."""

    name: str
    has_encoder: bool
    encoder_digest: str = ""
    """The digest of the encoder that made the embeddings; empty while there are none."""
    digests: frozenset[str] = frozenset()
    """The digests of the embedded videos."""
    is_outdated: bool = False
    """Whether the run was trained since."""
    problem: str = ""
    """Why the embeddings cannot be opened."""
    states: Mapping[str, tuple[int, int]] = field(default_factory=dict, repr=False)
    """The size and modification time of the embedded files, by digest."""
    learned: frozenset[str] = frozenset()
    """Digests of the videos that the run learned from; empty where that is not known."""
    trained_ns: int = 0
    """The modification time of its encoder; 0: there is none."""
    judgement: Judgement | None = None
    """The evaluation of the encoder that made the embeddings; None: unknown."""

    def unseen(self, videos: Iterable[VideoRow]) -> list[VideoRow]:
        """Return those of the videos that the run did not learn from; none where that is not known."""
        return [video for video in videos if self.learned and video.digest and video.digest not in self.learned]


@dataclass(frozen=True)
class EmbeddingIndex:
    """The embedding sources of a project."""

    sources: tuple[EmbeddingSource, ...]
    usable: frozenset[int]
    """Ids of the videos whose file is there and can be read."""
    replaced: frozenset[int] = frozenset()
    """Ids of embedded videos whose file was replaced by another one of the same size."""
    is_lost: bool = False
    """Whether the folder itself is gone."""

    def source(self, name: str | None) -> EmbeddingSource | None:
        """Return the source of that name."""
        return next((source for source in self.sources if source.name == name), None)


def scan_embeddings(folder: Path, videos: Sequence[VideoRow], known: KnownDigests | None = None) -> EmbeddingIndex:
    """Scan a project's folder; any thread may.

    Args:
        known: digests of encoders from the last look, brought up to date: large files are read once.
    """
    runs, embeddings = folder / "runs", folder / "embeddings"
    encoders = {entry.name: entry / _ENCODER for entry in _folders(runs) if (entry / _ENCODER).is_file()}
    embedded = {entry.name for entry in _folders(embeddings) if is_embedded(entry)}
    known = {} if known is None else known
    sources = [
        _judged(_source(name, encoders.get(name), embeddings / name if name in embedded else None, known), folder)
        for name in sorted({*encoders, *embedded}, key=natural, reverse=True)
    ]
    files = {video.id: file for video in videos if (file := look_at(video, folder)[0]) and not video.problem}
    replaced = frozenset(one.id for one in videos if one.id in files and _is_replaced(one, files[one.id], sources))
    return EmbeddingIndex(tuple(sources), frozenset(files), replaced, is_lost=not folder.is_dir())


def _is_replaced(video: VideoRow, file: Path, sources: Sequence[EmbeddingSource]) -> bool:
    """Return whether another file replaced an embedded video; it is read only where its modification time differs."""
    known = [source.states[video.digest] for source in sources if video.digest in source.states]
    with contextlib.suppress(OSError):
        if known and file.is_file() and video_state(file) not in known:
            return current_digest(file) != video.digest
    return False


def _source(name: str, encoder: Path | None, embedded: Path | None, known: KnownDigests) -> EmbeddingSource:
    if embedded is None:
        return EmbeddingSource(name, has_encoder=True)
    try:
        card = read_card(embedded)
    except StorageError as error:
        return EmbeddingSource(name, encoder is not None, problem=str(error))
    current_digest = "" if encoder is None else _digest(encoder, known)
    outdated = bool(current_digest) and current_digest != card.encoder_digest
    return EmbeddingSource(
        name, encoder is not None, card.encoder_digest, frozenset(card.digests), outdated, "", card.states
    )


def _judged(source: EmbeddingSource, folder: Path) -> EmbeddingSource:
    """Return the source with the information on its run, and its evaluation."""
    source = _with_run(source, folder / "runs")
    found = read_judgement(folder / "judgements" / f"{source.name}.json")
    if found is None or found.encoder_digest != source.encoder_digest:
        return source
    return dataclasses.replace(source, judgement=found)


def _with_run(source: EmbeddingSource, runs: Path) -> EmbeddingSource:
    """Return the source with the information on its run."""
    with contextlib.suppress(OSError, StorageError):
        written = (runs / source.name / _ENCODER).stat().st_mtime_ns
        learned = RunFolder.open(runs / source.name).digests().values()
        return dataclasses.replace(source, learned=frozenset(learned), trained_ns=written)
    return source


def _digest(encoder: Path, known: KnownDigests) -> str:
    """Return the digest; empty where it cannot be read now."""
    with contextlib.suppress(OSError):
        status = encoder.stat()
        state = (status.st_mtime_ns, status.st_size)
        if encoder not in known or known[encoder][0] != state:
            known[encoder] = state, content_digest(encoder)
        return known[encoder][1]
    return ""


def _folders(parent: Path) -> Sequence[Path]:
    with contextlib.suppress(OSError):
        return [entry for entry in parent.iterdir() if entry.is_dir() and not entry.name.startswith(".")]
    return ()


def by_digest(videos: Mapping[int, VideoRow], source: EmbeddingSource) -> list[VideoRow]:
    """Return those of the project's videos that are embedded, by name."""
    found = [video for video in videos.values() if video.digest in source.digests]
    return sorted(found, key=lambda video: natural(video.name))
