"""Find the best and the worst pair of embedded videos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from carl_gui.models.scene import FrameRef
from core.base.control import Control
from core.project.rows import VideoRow

if TYPE_CHECKING:
    from core.align.ranking import RankedPair


@dataclass(frozen=True)
class FoundPair:
    """Two videos of a run's embeddings, and where their alignment begins."""

    run: str
    a: FrameRef
    b: FrameRef
    pair: RankedPair


@dataclass(frozen=True)
class FoundPairs:
    """Pairs of a run's embeddings, best first; empty if fewer than two videos are embedded."""

    run: str
    pairs: tuple[FoundPair, ...]


def find_pairs(folder: Path, run: str, rows: Sequence[VideoRow], control: Control) -> FoundPairs:
    """Rank the videos of the project that are embedded with this run, in the folder of its embeddings.

    Raises:
        CarlError: the embeddings cannot be opened.
        Stopped: `control` asked for it.
    """
    from core.align.ranking import rank_pairs  # numba
    from core.embedding.folder import read_card, read_embedded  # OpenCV

    by_digest = {row.digest: row for row in rows}
    card = read_card(folder)
    videos = read_embedded(folder, card.encoder_digest, set(by_digest) & set(card.digests))
    known = [by_digest[video.digest] for video in videos]
    pairs = rank_pairs(
        [video.embeddings for video in videos],
        actions=[row.action for row in known],
        strange=[video.is_strange for video in videos],
        control=control,
    )
    return FoundPairs(
        run,
        tuple(
            FoundPair(run, FrameRef(known[pair.a].id, pair.a_frame), FrameRef(known[pair.b].id, pair.b_frame), pair)
            for pair in pairs
        ),
    )
