"""Results of a search, and the search itself."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QPixmap

from carl_gui.explore.opened import OpenedVideos
from carl_gui.explore.search.approximate import ApproximateSearch
from carl_gui.explore.search.filters import Filters
from carl_gui.models.messages import tooltip
from carl_gui.models.rows import RowsModel
from carl_gui.models.scene import FrameRef, VideoRange
from carl_gui.models.video_filter import FilteredVideos
from carl_gui.timecode import clock
from core.base.control import Control
from core.embedding.embedded_video import EmbeddedVideo
from core.project.rows import VideoRow
from core.search import ClipMatch, FrameRange, SearchMatch, find_clips, find_frames
from core.search.query import Query
from core.search.quick import QuickSearch


@dataclass(frozen=True, slots=True)
class Hit:
    """Frames that were found, or chosen by hand."""

    video_range: VideoRange
    start_seconds: float
    """The start time in the video."""
    end_seconds: float
    """The end of its last frame."""
    cosine: float | None
    """The cosine with the query; None without a query."""

    @property
    def moment(self) -> FrameRef:
        """The start of the hit, which is shown beside the start of the query."""
        return FrameRef(self.video_range.video_id, self.video_range.start_frame)

    @property
    def pictured(self) -> int:
        """The frame that represents it: itself, or the middle of the span."""
        return (self.video_range.start_frame + self.video_range.end_frame_exclusive - 1) // 2


_PICTURES_KEPT = 600


class HitsModel(RowsModel[Hit]):
    """Best first. Names are displayable, and given separately, because a video may be renamed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictured: dict[tuple[int, int], list[int]] = {}
        """The rows by the video and frame of their picture."""
        self._names: Mapping[int, str] = {}
        self._pictures: OrderedDict[tuple[int, int], QPixmap] = OrderedDict()
        """By video id and frame."""
        self._playing: tuple[int, QPixmap] | None = None
        """The row that plays, and its current picture."""

    def set_hits(self, hits: Sequence[Hit], names: Mapping[int, str]) -> None:
        """Set the hits; `names` are those of their videos, by id."""
        self.beginResetModel()
        self._rows, self._names, self._playing = hits, names, None
        self._pictured = {}
        for row, hit in enumerate(hits):
            self._pictured.setdefault((hit.video_range.video_id, hit.pictured), []).append(row)
        self.endResetModel()

    def set_names(self, names: Mapping[int, str]) -> None:
        """Set the current names of the videos."""
        if names != self._names:
            self._names = names
            self.announce()

    def set_picture(self, video_id: int, frame: int, picture: QPixmap) -> None:
        """Set the picture of a frame; the last few hundred are kept."""
        self._pictures[video_id, frame] = picture
        self._pictures.move_to_end((video_id, frame))
        while len(self._pictures) > _PICTURES_KEPT:
            self._pictures.popitem(last=False)
        for row in self._pictured.get((video_id, frame), ()):
            self.announce(row, row)

    def clear_pictures(self) -> None:
        """Clear the pictures, because the project changes."""
        self._pictures.clear()

    def set_playing(self, row: int, picture: QPixmap | None) -> None:
        """Show this picture in place of the row's own; None: its own again."""
        before, self._playing = self._playing, None if picture is None else (row, picture)
        for one in {row, *(() if before is None else (before[0],))}:
            if one < len(self.rows):
                self.announce(one, one)

    def name(self, row: int) -> str:
        """Return the name of the hit's video."""
        return self._names.get(self.rows[row].video_range.video_id, "")

    def picture(self, row: int) -> QPixmap | None:
        """Return the picture that the hit shows; None while there is none."""
        if self._playing is not None and self._playing[0] == row:
            return self._playing[1]
        hit = self.rows[row]
        return self._pictures.get((hit.video_range.video_id, hit.pictured))

    def time(self, row: int) -> str:
        """Return `0:04.25`, or the start and end of a span."""
        return time_of(self.rows[row])

    def text(self, row: Hit) -> str:
        return self._names.get(row.video_range.video_id, "")

    def tip(self, row: Hit) -> str:
        return tooltip(self.text(row), time_of(row), frames_of(row.video_range), _spoken_cosine(row))

    def spoken(self, row: Hit) -> str:
        return ", ".join(filter(None, (self.text(row), time_of(row), _spoken_cosine(row))))


def time_of(hit: Hit) -> str:
    """Return `0:04.25`, or the start and end of a span."""
    start = clock(hit.start_seconds)
    return start if hit.video_range.is_frame else f"{start} – {clock(hit.end_seconds)}"


def frames_of(video_range: VideoRange) -> str:
    """Return the frames, in words."""
    if video_range.is_frame:
        return QCoreApplication.translate("Results", "frame {0}").format(video_range.start_frame)
    return QCoreApplication.translate("Results", "frames {0} to {1}").format(
        video_range.start_frame, video_range.end_frame_exclusive - 1
    )


def cosine_text(cosine: float, digits: int = 3) -> str:
    """Return `0.934`."""
    return f"{cosine:.{digits}f}".replace("-", "−")


def cosine_of(hit: Hit) -> str:
    """Return `0.934`; empty where there is no query."""
    return "" if hit.cosine is None else cosine_text(hit.cosine)


def _spoken_cosine(hit: Hit) -> str:
    return "" if hit.cosine is None else QCoreApplication.translate("Results", "similarity {0}").format(cosine_of(hit))


_BATCH_FRAMES = 1 << 15
"""Frames that are searched for spans between two checks for cancellation."""
_JUST_SO_MUCH = 2e-6
"""Seconds subtracted from the gap, so that frames exactly that far from the query count, as they do between hits."""


@dataclass(frozen=True, eq=False)
class SearchIndex:
    """The embeddings to search. Immutable, because a thread may be reading it."""

    videos: Mapping[int, VideoRow]
    embedded: Mapping[int, EmbeddedVideo]
    """By id: those of `videos` that could be opened."""
    quick: QuickSearch | None = None
    """Over `embedded`, in its order; None: not ready."""

    @cached_property
    def approximate(self) -> ApproximateSearch | None:
        """The search with an index; None where the embeddings can have none. Opened by the first search."""
        return ApproximateSearch(self.embedded) if isinstance(self.embedded, OpenedVideos) and self.embedded else None


@dataclass(frozen=True, eq=False)
class Answer:
    """The results of a search."""

    video_range: VideoRange
    filters: Filters
    hits: Sequence[Hit]
    """Best first, none below the least cosine."""
    best_cosine: float | None
    """Of all that was found; None: there was nothing to search."""
    note: str = ""
    """How good approximate results are."""


def search(search_index: SearchIndex, video_range: VideoRange, filters: Filters, control: Control) -> Answer:
    """Search, for up to some seconds where it is a span.

    Raises:
        VideoError, StorageError: the query's frames are not among the embeddings, or damaged.
        Stopped: `control` asked for it.
    """
    ids, videos = list(search_index.embedded), list(search_index.embedded.values())
    query = Query.of_frames(
        search_index.embedded[video_range.video_id], video_range.start_frame, video_range.end_frame_exclusive
    )
    filtered = FilteredVideos()
    filtered.filter = filters.videos
    searched = set(filtered.apply(search_index.videos, ids, {}))
    searched -= {video_range.video_id} if filters.other_videos else set()
    excluded = {index for index, video_id in enumerate(ids) if video_id not in searched}
    if len(excluded) == len(ids):
        return Answer(video_range, filters, (), None)
    find = _frames if video_range.is_frame else _clips
    matches = find(search_index, query, videos, filters, excluded, control)
    hits = [hit_of(match, ids, videos) for match in matches if match.cosine >= filters.least_cosine]
    approximate = search_index.approximate if video_range.is_frame else None
    note = "" if approximate is None else approximate.note
    return Answer(video_range, filters, hits, matches[0].cosine if matches else None, note)


def hit_of(match: SearchMatch | ClipMatch, ids: Sequence[int], videos: Sequence[EmbeddedVideo]) -> Hit:
    """Return the hit as the window shows it; `ids` are those of the videos that were searched."""
    start, stop = (
        (match.frame, match.frame + 1)
        if isinstance(match, SearchMatch)
        else (match.start_frame, match.end_frame_exclusive)
    )
    edges = videos[match.video_index].edges_seconds
    video_range = VideoRange(ids[match.video_index], start, stop)
    return Hit(video_range, float(edges[start]), float(edges[stop]), match.cosine)


def _frames(
    search_index: SearchIndex,
    query: Query,
    videos: Sequence[EmbeddedVideo],
    filters: Filters,
    excluded: set[int],
    control: Control,
) -> Sequence[SearchMatch]:
    """Search for a frame; its own neighbourhood is left out as that of a hit would be."""
    exclude = [FrameRange(index, 0, len(videos[index])) for index in excluded]
    exclude += query.neighbourhood(videos, max(filters.apart_seconds - _JUST_SO_MUCH, 0.0))
    direction = query.embeddings[0]
    approximate = search_index.approximate
    if approximate is not None and approximate.is_usable:
        return approximate.find_frames(direction, k=filters.k, apart_seconds=filters.apart_seconds, exclude=exclude)
    if search_index.quick is not None:
        return search_index.quick.find_frames(
            direction, k=filters.k, apart_seconds=filters.apart_seconds, exclude=exclude
        )
    return find_frames(direction, videos, k=filters.k, apart_seconds=filters.apart_seconds, exclude=exclude)


def _clips(
    search_index: SearchIndex,
    query: Query,
    videos: Sequence[EmbeddedVideo],
    filters: Filters,
    excluded: set[int],
    control: Control,
) -> Sequence[ClipMatch]:
    """Search for a span, some videos at a time; the k best of all are among the k best of each."""
    best: list[ClipMatch] = []
    itself = {stretch.video_index: stretch for stretch in query.neighbourhood(videos, 0.0)}
    for batch in _batches(videos, excluded):
        control.obey()
        exclude = [
            FrameRange(batch_index, itself[index].start_frame, itself[index].end_frame_exclusive)
            for batch_index, index in enumerate(batch)
            if index in itself
        ]
        found = find_clips(
            query.embeddings,
            [videos[index] for index in batch],
            k=filters.k,
            max_overlap=filters.max_overlap,
            max_tempo=filters.max_tempo,
            exclude=exclude,
        )
        best += [
            ClipMatch(batch[match.video_index], match.start_frame, match.end_frame_exclusive, match.cosine)
            for match in found
        ]
        best = sorted(best, key=lambda match: (-match.cosine, match.video_index, match.start_frame))[: filters.k]
    return best


def _batches(videos: Sequence[EmbeddedVideo], excluded: set[int]) -> Sequence[Sequence[int]]:
    batches: list[list[int]] = [[]]
    frames = 0
    for index, video in enumerate(videos):
        if index in excluded:
            continue
        if frames >= _BATCH_FRAMES:
            batches.append([])
            frames = 0
        batches[-1].append(index)
        frames += len(video)
    return batches
