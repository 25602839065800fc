"""The file of sensor curves beside a video: chosen, moved in time, removed."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.base.errors import LabelError
from core.base.files import content_digest
from core.curves.curves import Curves
from core.curves.reading import read_curves
from core.project.changes import Changes
from core.project.edits import Patch
from core.project.places import Place
from core.project.queries import check_ids

_MOST_SECONDS = 1e6


@dataclass(frozen=True, slots=True)
class SensorFile:
    """A file of curves, wherever it lies."""

    digest: str
    relative: str
    """To the project's folder, with `/`; empty where it does not lie below it."""
    absolute: str
    offset_seconds: float
    """What is added to the times of the file, so that they are those of the video."""

    @staticmethod
    def of(path: Path, folder: Path) -> SensorFile:
        """Return a readable file, for the project in `folder`. LabelError: it cannot be read."""
        try:
            digest = content_digest(path)
        except OSError as error:
            raise LabelError(f"{path} cannot be read ({error.strerror}). Check its name.") from error
        place = Place.of(path, folder)
        return SensorFile(digest, place.relative, place.absolute, 0.0)

    @property
    def name(self) -> str:
        return Path(self.absolute).name

    def read(self, folder: Path) -> Curves:
        """Read the curves, on the clock of the video.

        Raises:
            LabelError: the file is missing, is another one by now, or cannot be read.
        """
        places = [folder / PurePosixPath(self.relative)] if self.relative else []
        found = [path for path in (*places, Path(self.absolute)) if path.is_file()]
        if not found:
            raise LabelError(f"The sensor file {self.absolute} is missing. Put it back, or add it again.")
        for path in found:
            try:
                if content_digest(path) == self.digest:
                    return read_curves(path).shifted(self.offset_seconds)
            except OSError as error:
                raise LabelError(f"{path} cannot be read ({error.strerror}). Check its permissions.") from error
        raise LabelError(f"The sensor file {found[0]} has changed since it was added. Add it again.")


def sensor_file(db: sqlite3.Connection, video_id: int) -> SensorFile | None:
    """Return the file of curves beside a video; None: there is none."""
    row = db.execute(
        "SELECT digest, relative, absolute, offset_seconds FROM sensor_file WHERE video_id = ?", (video_id,)
    ).fetchone()
    return None if row is None else SensorFile(*row)


@dataclass(frozen=True)
class SetSensorFile:
    """Draw the curves of this file beside the video; None: of none any more."""

    video_id: int
    file: SensorFile | None

    @property
    def label(self) -> str:
        return "Add sensor curves" if self.file is not None else "Remove sensor curves"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        check_ids(db, "video", (self.video_id,))
        file = self.file
        row = None if file is None else (file.digest, file.relative, file.absolute, file.offset_seconds)
        return Patch({("sensor_file", (self.video_id,)): row}).apply(db)


@dataclass(frozen=True)
class ShiftSensorCurves:
    """Let the curves of a video lie that many seconds later than their file says. LabelError: it has none."""

    video_id: int
    offset_seconds: float

    @property
    def label(self) -> str:
        return "Shift sensor curves"

    def apply(self, db: sqlite3.Connection) -> tuple[Changes, Patch]:
        file = sensor_file(db, self.video_id)
        if file is None:
            raise LabelError("This video has no sensor curves. Add some first.")
        if not math.isfinite(self.offset_seconds) or abs(self.offset_seconds) > _MOST_SECONDS:
            raise LabelError(f"An offset of {self.offset_seconds} s is too large. Use at most {_MOST_SECONDS:g} s.")
        row = file.digest, file.relative, file.absolute, float(self.offset_seconds)
        return Patch({("sensor_file", (self.video_id,)): row}).apply(db)
