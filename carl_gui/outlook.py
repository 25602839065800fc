"""What training will cost on this computer, estimated by a child process."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QProcess, QTimer, Signal

from carl_gui.jobs import Jobs
from carl_gui.models.recipes import QUICK
from carl_gui.numbers import bytes_of, duration
from carl_gui.session import Session
from core.base.child_command import command_line
from core.base.events import Event, RecipeMeasured, RecipeSuggested, decode
from core.base.files import cache_folder
from core.base.sample_files import is_sample
from core.outlook.estimate import Amount, Estimate, estimate
from core.project.places import candidates
from core.project.rows import VideoRow
from core.settings.config import Config
from core.settings.recipes import CHOOSING, PICTURES, POSE, turn_into

_KILL_MS = 2000


class OutlookQuestion(QObject):
    """Runs `python -m core.outlook` without blocking."""

    event_received = Signal(object)
    """An event of `core.base.events`."""
    finished = Signal()
    """Nothing more comes: it is done, or could not be."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._child = QProcess(self)
        self._child.setStandardErrorFile(QProcess.nullDevice())
        self._child.readyReadStandardOutput.connect(self._read)
        self._child.finished.connect(self._on_finished)
        self._child.errorOccurred.connect(self._on_error)

    @property
    def is_running(self) -> bool:
        return self._child.state() != QProcess.ProcessState.NotRunning

    def ask(self, videos: Sequence[Path], words: Sequence[str] = command_line("core.outlook")) -> None:
        """Start asking about these videos; an earlier question gets no answer any more."""
        self.stop()
        self._child.start(words[0], [*words[1:], *map(str, videos), "--events", "--control"])

    def stop(self) -> None:
        """Stop the child, which has ended when this returns; no signal is emitted."""
        self._child.blockSignals(True)
        if self.is_running:
            self._child.kill()
            self._child.waitForFinished(_KILL_MS)
        self._child.blockSignals(False)

    def _read(self) -> None:
        while self._child.canReadLine():
            line = bytes(self._child.readLine().data()).decode("utf-8", "replace")
            event: Event | None = decode(line)
            if event is not None:
                self.event_received.emit(event)

    def _on_finished(self) -> None:
        self._read()
        self.finished.emit()

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # after any other one, `finished` follows
            self.finished.emit()


_LEAST_DISK = 1e6
_ROUND_TO = ((20, 1), (60, 5), (600, 30), (5400, 300))
"""Below so many seconds, times are rounded to so many: they are estimates."""


@dataclass(frozen=True)
class Outlook:
    """Estimates of recipes for these videos and this device."""

    is_asking: bool = False
    """Whether more is being found out."""
    is_sample: bool = False
    """Whether the videos are the drawn sample."""
    measured: Mapping[str, RecipeMeasured] = field(default_factory=dict)
    """By recipe."""
    suggested: str = ""
    """The recipe that suits; empty while nobody knows."""
    reason: str = ""
    """Why, as a sentence."""
    has_weights: bool = True
    """Whether the image network lies on this computer; where it does not, it has to be downloaded."""

    @property
    def recipe(self) -> str:
        """Return the recipe to begin with: one whose download, if it needs one, can be had."""
        if self.is_sample or self.suggested == QUICK:
            return QUICK
        if self.suggested or self.has_weights or not self.is_asking:
            return CHOOSING
        return QUICK

    def estimate(self, recipe: str, config: Config, amount: Amount) -> Estimate | None:
        """Return what training costs; None while that is unknown, or for an image network that was not measured."""
        config = self._resolved(recipe, config)
        found = self._measured_for(recipe, config)
        if found is None or not amount.num_frames:
            return None
        cost = estimate(config, found, amount)
        return cost if config.backbone.weights == "imagenet" else dataclasses.replace(cost, download_bytes=0.0)

    def problem(self, recipe: str, config: Config) -> str:
        """Return why what has to be downloaded for it cannot be had now, as a sentence; empty where all can."""
        config = self._resolved(recipe, config)
        found = self._measured_for(recipe, config)
        if found is None or not found.problem or config.backbone.weights != "imagenet":
            return ""
        sentence = QCoreApplication.translate(
            "Outlook",
            "The image network ({0}) cannot be downloaded now: {1}. Choose “First look” or “Body pose”, or a file of "
            "your own as image network.",
        )
        return sentence.format(bytes_of(found.download_bytes), found.problem)

    def _resolved(self, recipe: str, config: Config) -> Config:
        """Return what the recipe that chooses for itself comes to."""
        if recipe != CHOOSING or config.backbone.name != CHOOSING or self.suggested not in (POSE, PICTURES):
            return config
        return turn_into(config, self.suggested, without=("backbone.name", "backbone.weights"))

    def _measured_for(self, recipe: str, config: Config) -> RecipeMeasured | None:
        backbone = config.backbone.name
        own = self.measured.get(recipe)
        if own is not None and own.backbone == backbone:
            return own
        return next((one for one in self.measured.values() if one.backbone == backbone), None)


def rounded_duration(seconds: float) -> str:
    """Return `40 s`, `12 min`: no more digits than are known."""
    step = next((step for below, step in _ROUND_TO if seconds < below), 1800)
    return duration(max(round(seconds / step), 1) * step)


def cost_sentence(cost: Estimate) -> str:
    """Return `About 40 s: features 15 s, learning 20 s, the rest 5 s. No download. 60 MB of disk.`"""
    words = QCoreApplication.translate(
        "Outlook", "About {0} on this computer: looking at frames {1}, learning {2}, the rest {3}."
    )
    parts = [
        words.format(
            *map(rounded_duration, (cost.seconds, cost.features_seconds, cost.learning_seconds, cost.rest_seconds))
        ),
        download_sentence(cost.download_bytes),
    ]
    if cost.disk_bytes >= _LEAST_DISK:
        parts.append(QCoreApplication.translate("Outlook", "{0} of disk.").format(bytes_of(cost.disk_bytes)))
    return " ".join(parts)


def cost_in_short(cost: Estimate) -> str:
    """Return `about 40 s`, `about 12 min, 103 MB to download`."""
    if cost.download_bytes:
        words = QCoreApplication.translate("Outlook", "about {0}, {1} to download")
        return words.format(rounded_duration(cost.seconds), bytes_of(cost.download_bytes))
    return QCoreApplication.translate("Outlook", "about {0}").format(rounded_duration(cost.seconds))


def download_sentence(download_bytes: float) -> str:
    """Return `No download.`, `Downloads 103 MB, once.`"""
    if not download_bytes:
        return QCoreApplication.translate("Outlook", "No download.")
    return QCoreApplication.translate("Outlook", "Downloads {0}, once.").format(bytes_of(download_bytes))


def recipe_reason(outlook: Outlook, recipe: str) -> str:
    """Return which recipe was chosen for these videos and why; empty where there is nothing to say."""
    if outlook.is_sample and recipe == QUICK:
        return QCoreApplication.translate("Outlook", "Chosen because these are the sample clips.")
    if recipe == outlook.recipe and outlook.reason:
        return outlook.reason
    if recipe == CHOOSING and outlook.suggested in (POSE, PICTURES):
        return outlook.reason
    if outlook.is_asking and recipe in (QUICK, CHOOSING):
        return QCoreApplication.translate("Outlook", "Looking at a few frames to see which recipe suits…")
    return ""


_REST_MS = 300
"""After the last change: an import changes the project all the time."""
_MOST_ASKED = 24
"""Videos that are looked at."""
_MOST_OF_SAMPLE = 100
"""Videos; nobody draws more."""
_WEIGHTS = "resnet50-0676ba61.pth"
"""torchvision's file of the image network of the recipe `frozen`, known without torch; a test compares."""


class OutlookController(QObject):
    """Nothing is started before `start`; waits while jobs are running, which the child would slow down."""

    changed = Signal()

    def __init__(self, session: Session, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._may_ask = self._is_ready = False
        self._asked: frozenset[str] = frozenset()
        """Digests of the videos that the answer is about, or will be."""
        self._is_cut_off = False
        """Whether a job ended the question before it was answered."""
        self.outlook = Outlook()
        self._question = OutlookQuestion(self)
        self._question.event_received.connect(self._on_event)
        self._question.finished.connect(self._on_finished)
        self._delay = QTimer(self, singleShot=True, interval=_REST_MS)
        self._delay.timeout.connect(self._ask_if_changed)
        session.opened.connect(self._clear)
        session.about_to_close.connect(self.stop)
        session.changes_of("videos").connect(lambda changes: self._delay.start())
        jobs.changed.connect(self._delay.start)

    def start(self) -> None:
        """Ask from now on, once `go_on` says that nothing else is being found out."""
        self._may_ask = True
        self._set(dataclasses.replace(self.outlook, is_asking=self._session.project is not None))

    def resume(self) -> None:
        """Ask now that the device is known."""
        self._is_ready = True
        self._delay.start()

    def stop(self) -> None:
        """Stop asking; the child has ended when this returns."""
        self._delay.stop()
        self._question.stop()
        self._asked, self._is_cut_off = frozenset(), False

    def _clear(self) -> None:
        self._question.stop()
        self._asked, self._is_cut_off = frozenset(), False
        self._set(self._recalled())
        self._delay.start()

    def _recalled(self) -> Outlook:
        has_weights = (cache_folder("weights") / _WEIGHTS).is_file()
        return Outlook(self._may_ask, self._is_sample(), {}, "", "", has_weights)

    def _is_sample(self) -> bool:
        project = self._session.project
        rows = list(self._session.videos.values()) if project is not None else []
        if project is None or not 0 < len(rows) <= _MOST_OF_SAMPLE:  # paths of thousands take long to make
            return False
        return is_sample([candidates(row, project.folder)[0] for row in rows])

    def _ask_if_changed(self) -> None:
        project = self._session.project
        if project is None:
            return
        usable = [row for row in self._session.videos.values() if row.num_frames and not row.problem]
        digests = frozenset(row.digest for row in usable)
        if self.outlook.is_sample != (is_drawn := self._is_sample()):
            self._set(dataclasses.replace(self.outlook, is_sample=is_drawn))
        if not (self._may_ask and self._is_ready and usable):
            return
        if self._jobs.jobs:
            if self._question.is_running:  # it would slow the job down, and is asked again after it
                self._question.stop()
                self._is_cut_off = True
                if self.outlook.suggested:
                    self._set(dataclasses.replace(self.outlook, is_asking=False))
            return
        if not self._is_cut_off and self._is_answered(digests):
            return
        is_incomplete = self._is_cut_off and bool(self.outlook.suggested) and self._is_answered(digests)
        outlook = self.outlook if is_incomplete else self._recalled()
        self._asked, self._is_cut_off = digests, False
        self._set(dataclasses.replace(outlook, is_asking=True, measured=self.outlook.measured))
        self._question.ask(self._files(usable, project.folder))

    def _is_answered(self, digests: frozenset[str]) -> bool:
        """Return whether the answer still holds: some videos more change neither the speed nor much of what is seen."""
        return bool(self._asked) and len(self._asked & digests) >= 0.75 * len(self._asked | digests)

    @staticmethod
    def _files(rows: Sequence[VideoRow], folder: Path) -> list[Path]:
        step = max(1, -(-len(rows) // _MOST_ASKED))
        files = [candidates(row, folder)[0] for row in rows[::step]]
        return [file for file in files if file.exists()] or files[:1]

    def _on_event(self, event: Event) -> None:
        match event:
            case RecipeMeasured(recipe):
                outlook = {**self.outlook.measured, recipe: event}
                self._set(dataclasses.replace(self.outlook, measured=outlook))
            case RecipeSuggested(recipe, reason):
                self._set(dataclasses.replace(self.outlook, suggested=recipe, reason=reason))

    def _on_finished(self) -> None:
        self._set(dataclasses.replace(self.outlook, is_asking=False))

    def _set(self, outlook: Outlook) -> None:
        if outlook != self.outlook:
            self.outlook = outlook
            self.changed.emit()
