"""Sentences of the Many view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from carl_gui.models.alignable import alignable_words
from carl_gui.models.messages import displayable, place_of
from carl_gui.numbers import percent
from carl_gui.panels.many.many import CellWords
from core.align.alignable import BOUNDARY_SCORE
from core.project.rows import VideoRow

if TYPE_CHECKING:
    from core.align.many import AlignedVideo


class ManyMessages(QObject):
    """Sentences, translated."""

    is_forced = False
    """Whether every frame gets a partner, however unsure: then how many have one says nothing."""

    def cell(self, video: VideoRow, match: AlignedVideo | None) -> CellWords:
        """Of a video; None: it is the reference, or not aligned yet."""
        name, place = displayable(video.name), place_of(video)
        if match is None:
            return CellWords(name, place, "")
        sentence = alignable_words(match.matched_share, mean_confidence(match), match.alignable_score)
        cosine = self.tr("Mean similarity {0}").format(_figure(match.mean_cosine))
        note, details = self.note(match), f"{sentence}\n{cosine}" if match.matched_share else sentence
        is_doubtful = not match.matched_share or not is_alignable(match)
        return CellWords(name, place, note, details, note if is_doubtful else "")

    def note(self, match: AlignedVideo) -> str:
        """How well a video goes along, in few letters."""
        if not match.matched_share:
            return self.tr("no match")
        if not is_alignable(match):
            return self.tr("another action?")
        if self.is_forced:
            return self.tr("confidence {0}").format(percent(mean_confidence(match)))
        return self.tr("{0} matched").format(percent(match.matched_share))

    def figure(self, match: AlignedVideo) -> str:
        """The same as a number alone."""
        return percent(mean_confidence(match) if self.is_forced else match.matched_share)

    def above(self, reference: VideoRow, others: int, playing: int, seen: range) -> str:
        """Return which of how many are seen.

        Args:
            others: videos that could play beside the reference.
            playing: those that do.
            seen: which of these are in cells.
        """
        name = displayable(reference.name)
        if not others:
            return self.tr("Only one video is embedded. Embed more to compare them.")
        if not playing:
            return self.tr("Tick the videos on the left to play beside {0}.").format(name)
        if len(seen) == playing:
            return self.tr("Beside {1}: {0}").format(playing, name)
        return self.tr("Beside {3}: {0}–{1} of {2}").format(seen.start + 1, seen.stop, playing, name)

    def odd(self, videos: Mapping[int, VideoRow], aligned: Sequence[int], matches: Mapping[int, AlignedVideo]) -> str:
        """Return which one does something else than the reference, and what was not searched."""
        if not aligned:
            return ""
        least = min(aligned, key=lambda video: likeness(matches[video]))
        name, found = displayable(videos[least].name), matches[least]
        if not found.matched_share:
            line = self.tr("Least similar: {0}, no match.").format(name)
        elif not is_alignable(found):
            line = self.tr("Least similar: {0}, which may not show the same action.").format(name)
        elif self.is_forced:
            words = self.tr("Least similar: {0}, mean confidence {1}.")
            line = words.format(name, percent(mean_confidence(found)))
        else:
            words = self.tr("Least similar: {0}, {1} of the frames match.")
            line = words.format(name, percent(found.matched_share))
        bands = [band for video in aligned if (band := matches[video].band) is not None]
        if bands:
            share = f"{min(bands) * 100:.2g}"
            line += " " + self.tr("In long videos, matched frames are at most {0} % apart.").format(share)
        return line


def mean_confidence(match: AlignedVideo) -> float:
    """Of the reference's frames with a partner, 0 to 1; 0 where none has one."""
    sure = match.confidence[match.has_partner]
    return float(sure.mean()) if len(sure) else 0.0


def is_alignable(match: AlignedVideo) -> bool:
    """Return whether it is likelier than not that the video shows what the reference shows."""
    return match.alignable_score >= BOUNDARY_SCORE


def likeness(match: AlignedVideo) -> tuple[bool, float, float]:
    """By which videos are sorted: those of another action last, then by what share of both surely matches; where that
    is equal, by how alike the frames are."""
    return is_alignable(match), round(match.matched_share * mean_confidence(match), 3), match.mean_cosine


def _figure(cosine: float) -> str:
    return f"{cosine:.3f}".replace("-", "−")
