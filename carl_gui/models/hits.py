"""The results of a search as a Qt list, with pictures as they arrive."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QPixmap

from carl_gui.models.hit import Hit
from carl_gui.models.messages import tooltip
from carl_gui.models.rows import RowsModel
from carl_gui.models.scene import VideoRange
from carl_gui.timecode import clock

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

    def forget_pictures(self) -> None:
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
