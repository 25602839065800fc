"""`core.align_videos`: which frame of one video belongs to which of another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.align.alignable import Alignability
from core.align.confidence import LEAST_CONFIDENCE
from core.align.warp import partners
from core.base.errors import ConfigError
from core.base.types import Alignment
from core.embedding.embedded_video import EmbeddedVideo
from core.notebook.embedding import EmbeddedVideos, as_embedded, check_same_encoder, encoder_of
from core.notebook.inputs import StrPath
from core.notebook.pictures import page, picture, side
from core.notebook.telling import Telling, Work, working

Video = StrPath | EmbeddedVideo
"""One video: its file or folder of images, or one that is embedded already."""


@dataclass(frozen=True, repr=False, eq=False)
class AlignedPair:
    """Two videos and the path that pairs their frames. A frame that only one of them shows has no match."""

    a: EmbeddedVideo
    b: EmbeddedVideo
    alignment: Alignment
    """The path: `a_frames` and `b_frames` (P,), `confidence` (P,) 0 to 1, `matched_share`."""
    alignability: Alignability
    """Whether the path is to be believed: `score`, 0 to 1 (`core.align.alignable`)."""
    notices: tuple[str, ...] = ()
    """What a person should know of it, in sentences."""

    @property
    def matches(self) -> NDArray[np.int64]:
        """(A,) for each frame of A the frame of B that is its match; -1: it has none."""
        return partners(self.alignment)

    @property
    def similarity(self) -> NDArray[np.float32]:
        """(A, B) cosine of every frame of A with every frame of B: 4 bytes times A times B are made anew each time."""
        made: NDArray[np.float32] = self.a.embeddings @ self.b.embeddings.T
        return made

    def write_table(self, path: StrPath) -> None:
        """Write the path as CSV or XLSX, as `core.align --out` does.

        Raises:
            StorageError: the disk is full or the folder cannot be written.
        """
        from core.align.tables import write_path

        write_path(Path(path), self.a, self.b, self.alignment)

    def write_heatmap(self, path: StrPath) -> None:
        """Write the similarity with the path on it as PNG or SVG, as `core.align --heatmap` does.

        Raises:
            ConfigError: the name ends in neither `.png` nor `.svg`.
            VideoError: the frames of a video are gone.
            StorageError: the disk is full or the folder cannot be written.
        """
        from core.pictures.heatmap import write_heatmap

        if Path(path).suffix.lower() not in (".png", ".svg"):
            raise ConfigError(f"A heatmap needs a name that ends in .png or .svg, not {path}. Rename it.")
        with side(self.a) as a, side(self.b) as b:
            write_heatmap(Path(path), a, b, self.a.embeddings, self.b.embeddings, self.alignment)

    def __repr__(self) -> str:
        names, share = f"{self.a.path.name} with {self.b.path.name}", math.floor(100 * self.alignment.matched_share)
        return f"AlignedPair({names}, {share} % of the frames matched, alignability {self.alignability.score:.2f})"

    def _repr_html_(self) -> str:
        words = f"The similarity of {self.a.path.name} and {self.b.path.name}, with the path on it."
        return page(repr(self), picture(self.write_heatmap, words, width=640), notices=self.notices)


def align_videos(
    a: Video,
    b: Video,
    encoder: StrPath | None = None,
    *,
    min_confidence: float = LEAST_CONFIDENCE,
    band: float | None = None,
    keep_other_scenes: bool = False,
    device: str = "auto",
    progress: Telling = True,
) -> AlignedPair:
    """Pair the frames of two videos, as `python -m core.align A B` does.

    Dynamic time warping over the cosine of embeddings, in which either video may begin earlier, end later or have a
    step that the other lacks (`core.align.partial`).

    Args:
        a, b: files, or videos out of `embed_videos`.
        encoder: an `encoder.safetensors`, the folder of its run, or what `train_encoder` returned; None: both are
            embedded already.
        min_confidence: how sure a match must be, from 0 (every frame is matched) to below 1.
        band: maximum distance between matched positions, as a fraction of the videos' lengths; None: unlimited.
        keep_other_scenes: also match frames of other scenes than the rest of their video, such as titles.
        device: `auto`, `cpu` or `cuda`.
        progress: as of `embed_videos`.

    Returns:
        The pair with its path; `notices` says whether it is to be believed.

    Raises:
        ConfigError: a number out of its range, or no encoder where a video is not embedded.
        VideoError: a video does not decode.
        CheckpointError: the encoder cannot be read.
        StorageError: the disk is full.
        KeyboardInterrupt: it was interrupted.

    Example:
        >>> pair = carl.align_videos(videos[0], videos[1])
        >>> pair.matches[:4]
        array([-1, -1,  0,  1])
    """
    from core.align.pairing import pair
    from core.cli.align_options import check_search

    with working(progress, align_videos) as work:
        check_search(band, min_confidence)
        one, other = _both(a, b, encoder, device, work)
        check_same_encoder([one, other])
        alignment, found = pair(
            one,
            other,
            least_confidence=min_confidence,
            band=band,
            keep_other_scenes=keep_other_scenes,
            sink=work.sink,
        )
        return AlignedPair(one, other, alignment, found, tuple(work.notices))


def _both(a: Video, b: Video, encoder: StrPath | None, device: str, work: Work) -> tuple[EmbeddedVideo, EmbeddedVideo]:
    """Embed both, those that are not yet at once."""
    from core.align.pairing import check_single, video_at

    files = [Path(video) for video in (a, b) if not isinstance(video, EmbeddedVideo)]
    check_single(files)
    opened: EmbeddedVideos | None = None
    if files:
        opened = as_embedded(list(dict.fromkeys(files)), encoder_of(encoder), device, work)

    def found(video: Video) -> EmbeddedVideo:
        if isinstance(video, EmbeddedVideo):
            return video
        assert opened is not None, "it is a file"
        return video_at(Path(video), opened)

    return found(a), found(b)
