"""What the view of many videos says of what is seen in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from carl_gui.models.wording import displayable, place_of
from carl_gui.panels.many.many import CellWords
from core.project.rows import VideoRow

if TYPE_CHECKING:
    from core.align.many import Match


class ManyWords(QObject):
    """Sentences, translated."""

    def cell(self, video: VideoRow, match: Match | None) -> CellWords:
        """Of a video; None: it is the reference, or not aligned yet."""
        note = "" if match is None else self.tr("cosine {0}").format(_figure(match.mean_cosine))
        return CellWords(displayable(video.name), place_of(video), note)

    def above(self, reference: VideoRow, others: int, playing: int, seen: range) -> str:
        """Which of how many are seen.

        Args:
            others: videos that could play beside the reference.
            playing: those that do.
            seen: which of these are in cells.
        """
        name = displayable(reference.name)
        if not others:
            return self.tr("Only one video is embedded: embed others to see them beside it.")
        if not playing:
            return self.tr("Tick at the left which videos play beside {0}.").format(name)
        if len(seen) == playing:
            return self.tr("Beside {1}: {0}").format(playing, name)
        return self.tr("Beside {3}: {0}–{1} of {2}").format(seen.start + 1, seen.stop, playing, name)

    def odd(self, videos: Mapping[int, VideoRow], aligned: Sequence[int], matches: Mapping[int, Match]) -> str:
        """Which one does something else than the reference, and what was not searched."""
        if not aligned:
            return ""
        least = min(aligned, key=lambda video: matches[video].mean_cosine)
        name, cosine = displayable(videos[least].name), _figure(matches[least].mean_cosine)
        line = self.tr("Least alike: {0}, cosine {1}.").format(name, cosine)
        bands = [band for video in aligned if (band := matches[video].band) is not None]
        if bands:
            share = f"{min(bands) * 100:.2g}"
            line += " " + self.tr("Of long videos, matched frames lie at most {0} % apart.").format(share)
        return line


def _figure(cosine: float) -> str:
    return f"{cosine:.3f}".replace("-", "−")
