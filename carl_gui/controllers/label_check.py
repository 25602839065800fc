"""Accuracy of the prediction of the Label page, computed in a thread on request, shown in a dialog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from carl_gui.controllers.app_context import AppContext
from carl_gui.controllers.label_page import LabelPage
from carl_gui.controllers.label_probe import LabelProbe
from carl_gui.controllers.label_queue import LabelQueue
from carl_gui.models.choices import Choice
from carl_gui.models.differences import differences, over_labels
from carl_gui.models.messages import displayable
from carl_gui.models.probe_work import Opinions, Prediction, ProbeCheck, QueueEntry, check, learn
from carl_gui.numbers import percent
from carl_gui.panels.label.check_dialog import CheckDialog
from carl_gui.tasks import Tasks, in_thread, together, until_cancelled
from core.project.rows import VideoRow

if TYPE_CHECKING:
    from core.label.learning_curve import LearningCurve

_LEAST_GAIN = 0.01
"""Of accuracy, that is worth more labels."""


class LabelCheck(QObject):
    """One dialog at a time."""

    def __init__(self, workshop: AppContext, page: LabelPage, probe: LabelProbe, queue: LabelQueue) -> None:
        super().__init__(page.panel)
        self._workshop, self._page, self._probe, self._queue = workshop, page, probe, queue
        self._tasks = Tasks(self, lambda sentence: workshop.warn(displayable(sentence)))

    def begin(self) -> None:
        """Ask how right it is."""
        prediction = self._probe.prediction
        if prediction is None or not prediction.by_video:
            self._page.edits.said.emit(self.tr("No predictions yet. Label frames of at least two phases."))
            return
        dialog = CheckDialog(self._workshop.window)
        dialog.set_line(self.tr("Predicting each labelled video from the others…"))
        dialog.set_curve([], self.tr("Waiting…"))
        dialog.place_selected.connect(self._go)
        self._tasks.start("check", self._check(dialog, prediction, self._probe.is_ordered), dialog=dialog)

    def close(self) -> None:
        """End the threads, and close what is open."""
        self._tasks.close()

    async def _check(self, dialog: CheckDialog, prediction: Prediction, is_ordered: bool) -> None:
        checked = await in_thread(lambda control: check(prediction, is_ordered, control))
        if checked.found.right:
            self._probe.show_over(checked.prediction, over_labels(checked))
            self._show(dialog, checked)
            await together(self._show_curve(dialog, checked), self._show_differences(dialog, checked))
        else:
            dialog.set_line(self.tr("Label at least two videos to measure the accuracy."))
            dialog.set_curve([], "")
        await until_cancelled()

    def _show(self, dialog: CheckDialog, checked: ProbeCheck) -> None:
        found, videos = checked.found, self._videos
        dialog.set_line(self.tr("Cross-validated accuracy: {0}").format(percent(found.accuracy)))
        dialog.set_confusion([displayable(phase) for phase in found.phases], found.confusion)
        names = {place: displayable(videos[key].name) for place, key in enumerate(checked.ids) if key in videos}
        worst = sorted((place for place in found.right if place in names), key=lambda place: found.right[place])
        dialog.set_videos([Choice(checked.ids[place], names[place], percent(found.right[place])) for place in worst])

    async def _show_differences(self, dialog: CheckDialog, checked: ProbeCheck) -> None:
        entries = await in_thread(lambda control: differences(checked, control))
        self._queue.set_differing(entries, checked.prediction)
        dialog.set_differences([self._choice(one) for one in entries if one.video_id in self._videos])

    async def _show_curve(self, dialog: CheckDialog, checked: ProbeCheck) -> None:
        dialog.set_curve([], self.tr("Predicting from fewer labelled videos…"))
        curve = await in_thread(lambda control: learn(checked.prediction, checked.order, control))
        if curve is None:
            dialog.set_curve([], self.tr("Label at least three videos to see whether more labels help."))
            return
        points = zip(curve.numbers, curve.mean.tolist(), curve.spread.tolist(), strict=True)
        dialog.set_curve(list(points), self._lesson(curve))

    def _choice(self, entry: QueueEntry) -> Choice:
        name, opinions = displayable(self._videos[entry.video_id].name), entry.opinions or Opinions(None, None, None)
        note = self.tr("{0} to {1}").format(entry.start_frame, entry.end_frame_exclusive - 1)
        tip = self.tr("{0}, frames {1}: {2}").format(name, note, self._queue.said_of(opinions))
        said = (opinions.label, opinions.probe, opinions.transfer)
        phases = " / ".join("–" if phase is None else displayable(phase) for phase in said)
        return Choice(entry.key, f"{name}: {phases}", note, tip)

    @property
    def _videos(self) -> Mapping[int, VideoRow]:
        return self._workshop.session.videos

    def _lesson(self, curve: LearningCurve) -> str:
        """Return whether more labels still help, by what the last ones did."""
        start, gain, error = curve.last_gain
        if gain > max(_LEAST_GAIN, error):
            said = self.tr("More labels still help: from {0} to {1} videos, accuracy rose by {2}.")
        elif gain + error > _LEAST_GAIN:
            said = self.tr("Not yet clear whether more labels help: from {0} to {1} videos, it depends on which ones.")
        else:
            said = self.tr("More labels are unlikely to help: accuracy did not improve from {0} to {1} videos.")
        return said.format(start, curve.numbers[-1], percent(gain))

    def _go(self, key: int | str) -> None:
        if isinstance(key, str):
            self._queue.go_to(key)
        elif key in self._videos:
            self._page.go_to(key, 0)
