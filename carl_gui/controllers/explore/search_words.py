"""What is said of a search and of what came of it."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QObject

from carl_gui.models.hits import cosine_words
from carl_gui.models.scene import Passage
from carl_gui.models.searching import Answer
from carl_gui.panels.numbers import count
from carl_gui.panels.search.filmstrip import MOST_PICTURES

Said = tuple[str, str, str]
"""Title, sentence, and what the button is called."""


def pictured(passage: Passage) -> list[int]:
    """The frames that stand for a query: itself, or some of the span from its first to its last."""
    frames = np.linspace(passage.start_frame, passage.end_frame_exclusive - 1, MOST_PICTURES)
    return np.unique(frames.round().astype(int)).tolist()


def lowered(cosine: float) -> float:
    """The least cosine, in hundredths, that this one is not below."""
    return max(math.floor(cosine * 100) / 100, -1.0)


class SearchWords(QObject):
    """Translated."""

    def of_hits(self, answer: Answer) -> str:
        """How many, in how many videos."""
        videos = len({hit.passage.video_id for hit in answer.hits})
        what = self.tr("Frames found") if answer.passage.is_frame else self.tr("Spans found")
        return self.tr("{0}: {1} · videos: {2}").format(what, count(len(answer.hits)), count(videos))

    def of_moments(self, shown: int, chosen: int) -> str:
        """How many of those that were chosen by hand are seen."""
        if shown == chosen:
            return self.tr("Frames: {0}").format(count(shown))
        return self.tr("Frames: {0}, of which {1} are shown").format(count(chosen), count(shown))

    def of_none_above(self, answer: Answer) -> Said:
        """The least cosine is above all there is."""
        best, least = answer.best_cosine or 0.0, answer.filters.least_cosine
        what = (
            self.tr("No frame is as alike as that")
            if answer.passage.is_frame
            else self.tr("No span is as alike as that")
        )
        sentence = self.tr("The best that was found has a cosine of {0}, and the least that is shown is {1}.").format(
            cosine_words(best), cosine_words(least, 2)
        )
        return what, sentence, self.tr("Show down to {0}").format(cosine_words(lowered(best), 2))

    def of_nothing_found(self, answer: Answer) -> Said:
        """There was nothing to search, or nothing of it can be a hit."""
        filters = answer.filters
        is_narrowed = filters.other_videos or not filters.videos.is_empty
        if is_narrowed:
            sentence = self.tr("What is chosen beside this leaves no video in which something could be found.")
            return self.tr("Nothing to search in"), sentence, self.tr("Search in all videos")
        sentence = (
            self.tr("All frames lie within the seconds around the query that are left out: choose fewer seconds apart.")
            if answer.passage.is_frame
            else self.tr("No span is of a tempo that is allowed: allow more, or mark a shorter span.")
        )
        return self.tr("Nothing to search in"), sentence, ""
