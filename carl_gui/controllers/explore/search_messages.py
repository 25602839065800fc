"""Sentences about a search and its results."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QObject

from carl_gui.models.hits import cosine_words
from carl_gui.models.scene import VideoRange
from carl_gui.models.search_index import Answer
from carl_gui.numbers import count, frames, videos
from carl_gui.panels.search.filmstrip import MOST_PICTURES

Said = tuple[str, str, str]
"""Title, sentence, and what the button is called."""


def sample_frames(passage: VideoRange) -> list[int]:
    """The frames that stand for a query: itself, or some of the span from its first to its last."""
    frames = np.linspace(passage.start_frame, passage.end_frame_exclusive - 1, MOST_PICTURES)
    return [int(frame) for frame in np.unique(frames.round())]


def round_down(cosine: float) -> float:
    """The least cosine, in hundredths, that this one is not below."""
    return max(math.floor(cosine * 100) / 100, -1.0)


class SearchMessages(QObject):
    """Translated."""

    def of_hits(self, answer: Answer) -> str:
        """How many, in how many videos."""
        number = len({hit.passage.video_id for hit in answer.hits})
        spans = self.tr("%n span(s)", "", len(answer.hits))
        what = frames(len(answer.hits)) if answer.passage.is_frame else spans
        return self.tr("{0} in {1}").format(what, videos(number))

    def of_moments(self, shown: int, chosen: int) -> str:
        """Return how many of those that were chosen by hand are seen."""
        if shown == chosen:
            return frames(shown)
        return self.tr("{0} of {1} shown").format(count(shown), frames(chosen))

    def of_none_above(self, answer: Answer) -> Said:
        """The least cosine is above all there is."""
        best, least = answer.best_cosine or 0.0, answer.filters.least_cosine
        what = (
            self.tr("No frames above this similarity")
            if answer.passage.is_frame
            else self.tr("No spans above this similarity")
        )
        sentence = self.tr("The best result has a similarity of {0}; the minimum is {1}.").format(
            cosine_words(best), cosine_words(least, 2)
        )
        return what, sentence, self.tr("Lower the minimum to {0}").format(cosine_words(round_down(best), 2))

    def of_nothing_found(self, answer: Answer) -> Said:
        """There was nothing to search, or nothing of it can be a hit."""
        filters = answer.filters
        is_narrowed = filters.other_videos or not filters.videos.is_empty
        if is_narrowed:
            sentence = self.tr("The current filters exclude every video.")
            return self.tr("No video to search"), sentence, self.tr("Search all videos")
        sentence = (
            self.tr("All frames are closer to the query than the minimum gap. Choose a smaller gap.")
            if answer.passage.is_frame
            else self.tr("No span is within the allowed tempo range. Widen the range or mark a shorter span.")
        )
        return self.tr("No video to search"), sentence, ""
