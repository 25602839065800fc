"""A search as it is asked for, by the command or a notebook: a moment or a span of one video, among embedded videos."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from core.base.errors import ConfigError
from core.base.events import Notice, Sink, ignore
from core.embedding.embedded_video import EmbeddedVideo
from core.search.clips import find_clips
from core.search.defaults import APART_SECONDS, METHODS, OVERLAP, TEMPO
from core.search.frames import find_frames
from core.search.matches import ClipMatch, SearchMatch
from core.search.method import open_index
from core.search.query import Query


@dataclass(frozen=True)
class Asked:
    """What is searched for, and what counts as found. Exactly one of the first four is given."""

    frame: int | None = None
    """From 0."""
    second: float | None = None
    span: tuple[int, int] | None = None
    """First frame, and the one after the last."""
    span_seconds: tuple[float, float] | None = None
    k: int = 5
    """How many are wanted."""
    min_gap: float | None = None
    """Least seconds between single frames of one video; None: `APART_SECONDS`."""
    max_overlap: float | None = None
    """Most that two clips of one video share, of the shorter one; None: `OVERLAP`."""
    max_tempo: float | None = None
    """How many times as long, or as short, as the span a clip may be, in frames; None: `TEMPO`."""
    exclude_seconds: float | None = None
    """Leave out the query and what lies within so many seconds of it."""
    exclude_video: bool = False
    """Leave out the query's whole video."""
    method: str = "auto"
    """One of `core.search.defaults.METHODS`; clips are always searched for exactly."""

    @property
    def is_clip(self) -> bool:
        """Whether a span is searched for, not a single frame."""
        return self.span is not None or self.span_seconds is not None

    def check(self) -> None:
        """Refuse, before anything is read, numbers out of their range. Raises ConfigError."""
        if self.k < 1:
            raise ConfigError(f"-k must be at least 1, not {self.k}.")
        for name in ("frame", "second", "min_gap", "exclude_seconds"):
            if (value := getattr(self, name)) is not None and not value >= 0:
                raise ConfigError(f"{_option(name)} must be at least 0, not {value}.")
        for name in ("span", "span_seconds"):
            if (value := getattr(self, name)) is not None and not 0 <= value[0] < value[1]:
                words = f"{_option(name)} {value[0]} {value[1]}"
                raise ConfigError(f"{words}: the end must come after the start, and the start must not be negative.")
        if self.max_overlap is not None and not 0 <= self.max_overlap <= 1:
            raise ConfigError(f"--max-overlap must be a fraction from 0 to 1, not {self.max_overlap}.")
        if self.max_tempo is not None and not self.max_tempo >= 1:
            raise ConfigError(f"--max-tempo must be at least 1, not {self.max_tempo}.")
        if self.method not in METHODS:
            raise ConfigError(f"--method must be one of {', '.join(METHODS)}, not {self.method}.")
        if self.is_clip and self.method == "approximate":
            raise ConfigError("--method approximate is for single frames. Leave it out, or search with --frame.")
        for name in ("min_gap",) if self.is_clip else ("max_overlap", "max_tempo"):
            if getattr(self, name) is not None:
                what, instead = ("single frames", "--frame") if name == "min_gap" else ("clips", "--span")
                raise ConfigError(f"{_option(name)} is for {what}. Leave it out, or search with {instead}.")

    def query(self, video: EmbeddedVideo) -> Query:
        """Return what is searched for. VideoError, StorageError: as `Query.of_frames` and `Query.of_seconds`."""
        if self.frame is not None:
            return Query.of_frames(video, self.frame, self.frame + 1)
        if self.span is not None:
            return Query.of_frames(video, *self.span)
        if self.span_seconds is not None:
            return Query.of_seconds(video, *self.span_seconds)
        assert self.second is not None, "one of them is given"
        return Query.of_seconds(video, self.second, None)

    def find(
        self, query: Query, videos: Sequence[EmbeddedVideo], sink: Sink = ignore
    ) -> tuple[list[SearchMatch], list[ClipMatch]]:
        """Return the frames, or the clips, that are most like the query, best first; the other list is empty.

        Args:
            sink: told where there are fewer than `k`, and how an index was used.

        Raises:
            ConfigError, StorageError: as `core.search.method.open_index`.
        """
        exclude = query.whole_video(videos) if self.exclude_video else []
        if self.exclude_seconds is not None:
            exclude += query.neighbourhood(videos, self.exclude_seconds)
        frames: list[SearchMatch] = []
        clips: list[ClipMatch] = []
        if self.is_clip:
            overlap = OVERLAP if self.max_overlap is None else self.max_overlap
            tempo = TEMPO if self.max_tempo is None else self.max_tempo
            clips = find_clips(
                query.embeddings, videos, k=self.k, max_overlap=overlap, max_tempo=tempo, exclude=exclude
            )
        else:
            apart = APART_SECONDS if self.min_gap is None else self.min_gap
            index = open_index(videos, self.method, sink)
            find = functools.partial(find_frames, videos=videos) if index is None else index.find_frames
            frames = find(query.embeddings[0], k=self.k, apart_seconds=apart, exclude=exclude)
        if (count := len(frames) + len(clips)) < self.k:
            less = "a larger --max-overlap or --max-tempo" if self.is_clip else "a smaller --min-gap"
            sink(Notice(f"Found {count} of {self.k} results. More videos or {less} may give more."))
        return frames, clips


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
