"""Results of a search, and the embeddings it looks through."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QPixmap

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

    passage: VideoRange
    start_seconds: float
    """From the video's first frame on."""
    end_seconds: float
    """Of its last frame."""
    cosine: float | None
    """With the query; None where there is none."""

    @property
    def moment(self) -> FrameRef:
        """Where it begins: what is shown beside the beginning of the query."""
        return FrameRef(self.passage.video_id, self.passage.start_frame)

    @property
    def pictured(self) -> int:
        """The frame that stands for it: itself, or the middle of the span."""
        return (self.passage.start_frame + self.passage.end_frame_exclusive - 1) // 2


_PICTURES_KEPT = 600


class HitsModel(RowsModel[Hit]):
    """Best first. Names are displayable, and given separately, because a video may be renamed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictured: dict[tuple[int, int], list[int]] = {}
        """By what they are pictured with."""
        self._names: Mapping[int, str] = {}
        self._pictures: OrderedDict[tuple[int, int], QPixmap] = OrderedDict()
        """By video id and frame."""
        self._playing: tuple[int, QPixmap] | None = None
        """The row that plays, and what of it is seen."""

    def set_hits(self, hits: Sequence[Hit], names: Mapping[int, str]) -> None:
        """Show these; `names` are those of their videos, by id."""
        self.beginResetModel()
        self._rows, self._names, self._playing = hits, names, None
        self._pictured = {}
        for row, hit in enumerate(hits):
            self._pictured.setdefault((hit.passage.video_id, hit.pictured), []).append(row)
        self.endResetModel()

    def set_names(self, names: Mapping[int, str]) -> None:
        """What the videos are called now."""
        if names != self._names:
            self._names = names
            self.announce()

    def set_picture(self, video_id: int, frame: int, picture: QPixmap) -> None:
        """The last few hundred are kept."""
        self._pictures[video_id, frame] = picture
        self._pictures.move_to_end((video_id, frame))
        while len(self._pictures) > _PICTURES_KEPT:
            self._pictures.popitem(last=False)
        for row in self._pictured.get((video_id, frame), ()):
            self.announce(row, row)

    def clear_pictures(self) -> None:
        """They are those of another project."""
        self._pictures.clear()

    def set_playing(self, row: int, picture: QPixmap | None) -> None:
        """Show this in the place of the row's picture; None: its own again."""
        before, self._playing = self._playing, None if picture is None else (row, picture)
        for one in {row, *(() if before is None else (before[0],))}:
            if one < len(self.rows):
                self.announce(one, one)

    def name(self, row: int) -> str:
        """Of the hit's video."""
        return self._names.get(self.rows[row].passage.video_id, "")

    def picture(self, row: int) -> QPixmap | None:
        """What is seen of the hit; None while there is nothing."""
        if self._playing is not None and self._playing[0] == row:
            return self._playing[1]
        hit = self.rows[row]
        return self._pictures.get((hit.passage.video_id, hit.pictured))

    def time(self, row: int) -> str:
        """`0:04.25`, or from when to when."""
        return time_of(self.rows[row])

    def text(self, row: Hit) -> str:
        return self._names.get(row.passage.video_id, "")

    def tip(self, row: Hit) -> str:
        return tooltip(self.text(row), time_of(row), frames_of(row.passage), _spoken_cosine(row))

    def spoken(self, row: Hit) -> str:
        return ", ".join(filter(None, (self.text(row), time_of(row), _spoken_cosine(row))))


def time_of(hit: Hit) -> str:
    """`0:04.25`, or from when to when."""
    start = clock(hit.start_seconds)
    return start if hit.passage.is_frame else f"{start} – {clock(hit.end_seconds)}"


def frames_of(passage: VideoRange) -> str:
    """In words."""
    if passage.is_frame:
        return QCoreApplication.translate("Results", "frame {0}").format(passage.start_frame)
    return QCoreApplication.translate("Results", "frames {0} to {1}").format(
        passage.start_frame, passage.end_frame_exclusive - 1
    )


def cosine_words(cosine: float, digits: int = 3) -> str:
    """`0.934`."""
    return f"{cosine:.{digits}f}".replace("-", "−")


def cosine_of(hit: Hit) -> str:
    """`0.934`; empty where there is no query."""
    return "" if hit.cosine is None else cosine_words(hit.cosine)


def _spoken_cosine(hit: Hit) -> str:
    return "" if hit.cosine is None else QCoreApplication.translate("Results", "similarity {0}").format(cosine_of(hit))


_BATCH_FRAMES = 1 << 15
"""Spans are looked for in so many frames before it is asked whether anybody still waits."""
_JUST_SO_MUCH = 2e-6
"""Seconds: what lies just so far apart is apart, as for hits; the query's neighbourhood would count it in."""


@dataclass(frozen=True, eq=False)
class SearchIndex:
    """The embeddings to search. Immutable, because a thread may be reading it."""

    videos: Mapping[int, VideoRow]
    embedded: Mapping[int, EmbeddedVideo]
    """By id: those of `videos` that could be opened."""
    quick: QuickSearch | None = None
    """Over `embedded`, in its order; None: not ready."""


@dataclass(frozen=True, eq=False)
class Answer:
    """The results of a search."""

    passage: VideoRange
    filters: Filters
    hits: Sequence[Hit]
    """Best first, none below the least cosine."""
    best_cosine: float | None
    """Of all that was found; None: there was nothing to search."""


def search(ground: SearchIndex, passage: VideoRange, filters: Filters, control: Control) -> Answer:
    """Search, for up to some seconds where it is a span.

    Raises:
        VideoError, StorageError: the query's frames are not among the embeddings, or damaged.
        Stopped: `control` asked for it.
    """
    ids, videos = list(ground.embedded), list(ground.embedded.values())
    query = Query.of_frames(ground.embedded[passage.video_id], passage.start_frame, passage.end_frame_exclusive)
    sieve = FilteredVideos()
    sieve.filter = filters.videos
    among = set(sieve.apply(ground.videos, ids, {}))
    among -= {passage.video_id} if filters.other_videos else set()
    left_out = {place for place, number in enumerate(ids) if number not in among}
    if len(left_out) == len(ids):
        return Answer(passage, filters, (), None)
    find = _frames if passage.is_frame else _clips
    matches = find(ground, query, videos, filters, left_out, control)
    hits = [hit_of(match, ids, videos) for match in matches if match.cosine >= filters.least_cosine]
    return Answer(passage, filters, hits, matches[0].cosine if matches else None)


def hit_of(match: SearchMatch | ClipMatch, ids: Sequence[int], videos: Sequence[EmbeddedVideo]) -> Hit:
    """As the window shows it; `ids` are those of the videos that were searched."""
    start, stop = (
        (match.frame, match.frame + 1)
        if isinstance(match, SearchMatch)
        else (match.start_frame, match.end_frame_exclusive)
    )
    edges = videos[match.video_index].edges_seconds
    passage = VideoRange(ids[match.video_index], start, stop)
    return Hit(passage, float(edges[start]), float(edges[stop]), match.cosine)


def _frames(
    ground: SearchIndex,
    query: Query,
    videos: Sequence[EmbeddedVideo],
    filters: Filters,
    left_out: set[int],
    control: Control,
) -> Sequence[SearchMatch]:
    """The query's own neighbourhood is left out as that of a hit would be."""
    exclude = [FrameRange(place, 0, len(videos[place])) for place in left_out]
    exclude += query.neighbourhood(videos, max(filters.apart_seconds - _JUST_SO_MUCH, 0.0))
    direction = query.embeddings[0]
    if ground.quick is not None:
        return ground.quick.find_frames(direction, k=filters.k, apart_seconds=filters.apart_seconds, exclude=exclude)
    return find_frames(direction, videos, k=filters.k, apart_seconds=filters.apart_seconds, exclude=exclude)


def _clips(
    ground: SearchIndex,
    query: Query,
    videos: Sequence[EmbeddedVideo],
    filters: Filters,
    left_out: set[int],
    control: Control,
) -> Sequence[ClipMatch]:
    """Some videos at a time; the k best of all are among the k best of each."""
    best: list[ClipMatch] = []
    itself = {stretch.video_index: stretch for stretch in query.neighbourhood(videos, 0.0)}
    for batch in _batches(videos, left_out):
        control.obey()
        exclude = [
            FrameRange(place, itself[index].start_frame, itself[index].end_frame_exclusive)
            for place, index in enumerate(batch)
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


def _batches(videos: Sequence[EmbeddedVideo], left_out: set[int]) -> Sequence[Sequence[int]]:
    batches: list[list[int]] = [[]]
    frames = 0
    for index, video in enumerate(videos):
        if index in left_out:
            continue
        if frames >= _BATCH_FRAMES:
            batches.append([])
            frames = 0
        batches[-1].append(index)
        frames += len(video)
    return batches
