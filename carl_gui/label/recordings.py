"""What was heard and measured during the video that is shown: its sound and its sensors, as rows of the timeline."""

from __future__ import annotations

import functools
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QInputDialog

from carl_gui.app_context import AppContext
from carl_gui.label.lanes_drawing import MOST_LANES, CurveRow
from carl_gui.label.page import LabelPage
from carl_gui.models.messages import displayable
from carl_gui.tasks import Tasks, in_thread
from core.base.control import Control
from core.base.errors import VideoError
from core.curves.curves import Curves
from core.curves.reading import SUFFIXES, read_curves
from core.project.places import find_file
from core.project.rows import VideoRow
from core.project.sensor_edits import SensorFile, SetSensorFile, ShiftSensorCurves
from core.sound.decoding import has_sound
from core.sound.peaks import Peaks, known_peaks, peaks_of_video

_MOST_SECONDS = 1e6


class LabelRecordings(QObject):
    """Sound is decoded in a thread, and kept; curves are read from the file that the project names."""

    message_changed = Signal(str)

    def __init__(self, app_context: AppContext, page: LabelPage) -> None:
        super().__init__(app_context.window)
        self._app_context, self._page = app_context, page
        self._video: VideoRow | None = None
        self._file: SensorFile | None = None
        self._tasks = Tasks(self, self.message_changed.emit)

    def show(self, video: VideoRow | None) -> None:
        """Show the rows of this video, also where it was shown before; None: of none."""
        if video is None or self._video is None or video.digest != self._video.digest:
            self._page.panel.timeline.set_sound(None)
            self._page.panel.timeline.set_curves(None)
            self._tasks.cancel("sound", "curves")
            self._file = None
            if video is not None:
                self._tasks.start("sound", self._show_sound(video), on_error=lambda sentence: None)
        self._video = video
        if video is not None:
            self._show_curves_of(video)

    def close(self) -> None:
        """End the threads."""
        self._tasks.close()
        self._video = self._file = None

    def ask_for_file(self) -> None:
        """Let the person choose a file of curves for this video."""
        if self._video is None:
            return
        kinds = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        offered = self.tr("Sensor curves ({kinds});;All files (*)").format(kinds=kinds)
        dialog = QFileDialog(self._app_context.window, self.tr("Add sensor curves"), "", offered)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.add(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def add(self, path: Path) -> None:
        """Read this file, and draw it under the video that is shown."""
        if self._video is not None:
            self._tasks.start("add", self._add(self._video.id, path))

    def ask_for_offset(self) -> None:
        """Let the person type by how many seconds the curves are to be shifted."""
        if self._video is None or self._file is None:
            self.message_changed.emit(self.tr("This video has no sensor curves. Add some first."))
            return
        video_id = self._video.id
        dialog = QInputDialog(self._app_context.window)
        dialog.setWindowTitle(self.tr("Shift sensor curves"))
        dialog.setInputMode(QInputDialog.InputMode.DoubleInput)
        dialog.setLabelText(self.tr("Time of the video, in seconds, at which the file’s 0 lies:"))
        dialog.setDoubleRange(-_MOST_SECONDS, _MOST_SECONDS)
        dialog.setDoubleDecimals(3)
        dialog.setDoubleStep(0.01)
        dialog.setDoubleValue(self._file.offset_seconds)
        dialog.doubleValueSelected.connect(
            lambda seconds: self._app_context.session.do(ShiftSensorCurves(video_id, seconds))
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def remove(self) -> None:
        """Draw none any more."""
        if self._video is not None and self._file is not None:
            self._app_context.session.do(SetSensorFile(self._video.id, None))
        else:
            self.message_changed.emit(self.tr("This video has no sensor curves. Add some first."))

    async def _add(self, video_id: int, path: Path) -> None:
        folder = self._app_context.session.require().folder
        file, curves = await in_thread(lambda control: (SensorFile.of(path, folder), read_curves(path)))
        if self._app_context.session.do(SetSensorFile(video_id, file)):
            self.message_changed.emit(self._summary(path.name, curves))

    def _summary(self, name: str, curves: Curves) -> str:
        number = len(curves.channels)
        text = self.tr("%n channel(s) of {0}.", "", number).format(displayable(name))
        if number > MOST_LANES:
            text += " " + self.tr("The first {0} are drawn.").format(MOST_LANES)
        return text

    async def _show_sound(self, video: VideoRow) -> None:
        folder = self._app_context.session.require().folder
        peaks = await in_thread(functools.partial(_peaks, video, folder))
        if peaks is not None:
            self._page.panel.timeline.set_sound(peaks)

    def _show_curves_of(self, video: VideoRow) -> None:
        project = self._app_context.session.require()
        file = project.sensor_file(video.id)
        if file == self._file:
            return
        self._file = file
        if file is None:
            self._tasks.cancel("curves")
            self._page.panel.timeline.set_curves(None)
        else:
            self._tasks.start("curves", self._show_curves(file, project.folder), on_error=self._show_problem)

    async def _show_curves(self, file: SensorFile, folder: Path) -> None:
        curves = await in_thread(lambda control: file.read(folder))
        self._page.panel.timeline.set_curves(CurveRow(curves))

    def _show_problem(self, sentence: str) -> None:
        self._page.panel.timeline.set_curves(CurveRow(None, sentence))


def _peaks(video: VideoRow, folder: Path, control: Control) -> Peaks | None:
    """Return the peaks of a video's sound; None where it has none, or its file is missing."""
    if (known := known_peaks(video.digest)) is not None:
        return known
    file = find_file(video, folder)
    if file is None or not has_sound(file):
        return None
    try:
        return peaks_of_video(video.digest, file, control)
    except VideoError:  # the player says what is wrong with it
        return None
