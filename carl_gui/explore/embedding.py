"""Embedding all videos of a project with an encoder: the box, and the job."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from carl_gui import numbers
from carl_gui.app_context import AppContext
from carl_gui.embedding_index import EmbeddingIndex, EmbeddingSource
from carl_gui.job_control.factory import JobFactory
from carl_gui.job_control.recovery import EMBED
from carl_gui.jobs import JobFailedError
from carl_gui.models.messages import displayable
from carl_gui.models.rows import Choice
from carl_gui.models.runs import stage_text
from carl_gui.numbers import duration
from carl_gui.tasks import Tasks
from carl_gui.widgets.editors import NameCombo
from carl_gui.widgets.factories import push_button
from carl_gui.widgets.labels import wrapped_label
from carl_gui.widgets.layouts import section_title, vbox
from carl_gui.widgets.progress import ProgressRow
from core.base.control import Stopped
from core.base.errors import CarlError
from core.base.events import Event, Progress
from core.project.rows import VideoRow
from training.queue import QueuedJob


class EncoderBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._combo = NameCombo(self.tr("Encoder"))
        self.encoder_selected = self._combo.selected
        """The name of its run."""
        self._line, self._notice = wrapped_label(), wrapped_label(ink="warning")
        self._embed = push_button("")
        self.embed_requested = self._embed.clicked
        self._progress_row = ProgressRow(self.tr("Embedding"), self.tr("Cancel embedding"))
        self.cancel_requested = self._progress_row.cancel_requested
        self.pause_requested = self._progress_row.pause_requested
        """Pause embedding, or resume it."""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)  # it never spreads
        self._advice = wrapped_label()
        self._further = push_button(self.tr("Train further"))
        self.further_requested = self._further.clicked
        vbox(
            section_title(self.tr("Encoder"), self._combo),
            self._combo,
            self._line,
            self._notice,
            self._embed,
            self._progress_row,
            self._advice,
            self._further,
            on=self,
            spacing=6,
        )
        self.set_state("", "", "")
        self.set_progress(None, "")
        self.set_advice("")

    @property
    def line(self) -> str:
        """The number of embedded videos, in words."""
        return self._line.text()

    @property
    def notice(self) -> str:
        """The warning about the embeddings; empty if there is none."""
        return "" if self._notice.isHidden() else self._notice.text()

    @property
    def embed_button(self) -> QPushButton:
        return self._embed

    def set_encoders(self, choices: Sequence[Choice], current: str | None) -> None:
        """Set the runs to choose from, by name."""
        self._combo.set_choices(choices, current)

    def set_state(self, line: str, notice: str, action: str, disabled_reason: str = "") -> None:
        """Set the number of embedded videos in words, a warning (empty: none), the button's text (empty: no button) and
        why it is disabled (empty: it is not).
        """
        self._line.setText(line)
        self._line.setVisible(bool(line))
        self._notice.setText(notice)
        self._notice.setVisible(bool(notice))
        self._embed.setText(action)
        self._embed.setVisible(bool(action) and self._progress_row.isHidden())
        self._embed.setEnabled(not disabled_reason)
        self._embed.setToolTip(disabled_reason)

    @property
    def advice(self) -> str:
        """The reason to train further; empty if there is none."""
        return "" if self._advice.isHidden() else self._advice.text()

    @property
    def further_button(self) -> QPushButton:
        return self._further

    def set_advice(self, advice: str, disabled_reason: str = "") -> None:
        """Set the reason to train further (empty: none), and why the button is disabled (empty: it is not)."""
        self._advice.setText(advice)
        self._advice.setVisible(bool(advice))
        self._further.setVisible(bool(advice))
        self._further.setEnabled(not disabled_reason)
        self._further.setToolTip(
            disabled_reason or self.tr("Starts a new run from these weights, on all current videos")
        )

    def set_progress(self, share: float | None, text: str) -> None:
        """Set the progress of embedding, 0 to 1 (None: unknown), and its text; empty: nothing is running."""
        self._progress_row.set_progress(share, text)
        self._embed.setVisible(bool(self._embed.text()) and not text)

    def set_pause(self, text: str, *, is_enabled: bool = True) -> None:
        """Set the text of the button that pauses or resumes embedding; empty: there is none."""
        self._progress_row.set_pause(text, is_enabled=is_enabled)

    def set_locked(self, reason: str) -> None:
        """Set why embedding can be neither paused nor cancelled; empty: it can."""
        self._progress_row.set_locked(reason)


class ProgressBox(Protocol):
    """The box that shows the job."""

    @property
    def cancel_requested(self) -> SignalInstance: ...

    @property
    def pause_requested(self) -> SignalInstance: ...

    def set_progress(self, share: float | None, text: str) -> None: ...

    def set_pause(self, text: str, *, is_enabled: bool = True) -> None: ...

    def set_locked(self, reason: str) -> None: ...


class RunJob(QObject):
    """Shows the job of one run at a time; those of other runs are followed too, to know their failures."""

    changed = Signal()
    """The job of any run started or ended."""

    def __init__(self, app_context: AppContext, kind: str, box: ProgressBox, parent: QObject) -> None:
        super().__init__(parent)
        self._app_context, self._jobs, self._kind, self._box = app_context, app_context.jobs, kind, box
        self.run = ""
        """The run whose job is shown; empty: none. Call `show` after a change."""
        self._progress: dict[QueuedJob, Progress] = {}
        self._failures: dict[str, str] = {}
        """The message of the last failure, by run."""
        self._tasks = Tasks(self, lambda _: self.show())
        box.cancel_requested.connect(lambda: self._steer(self._jobs.stop))
        box.pause_requested.connect(self._pause)
        self._jobs.changed.connect(self.show)
        self._jobs.follow_kind(kind, self._tasks, self._on_job)

    @property
    def is_running(self) -> bool:
        """Whether the job of this run is running or queued."""
        return self._job() is not None

    @property
    def failure(self) -> str:
        """The message of the last failure; empty if there was none."""
        return displayable(self._failures.get(self.run, ""))

    def close(self) -> None:
        """Stop following jobs, because the project closes."""
        self.run = ""
        self._tasks.close()
        self._failures.clear()

    def _job(self) -> QueuedJob | None:
        return self._jobs.find(self._kind, self.run) if self.run else None

    def _pause(self) -> None:
        self._steer(lambda job: (self._jobs.resume if job.state == "paused" else self._jobs.pause)(job))

    def _steer(self, command: Callable[[QueuedJob], object]) -> None:
        job = self._job()
        try:
            if job is not None:
                command(job)
        except CarlError as error:
            self._app_context.warn(displayable(str(error)))
            self.show()

    def _on_job(self, job: QueuedJob) -> Coroutine[Any, Any, None]:
        """Show the job as started at once, and clear the last failure."""
        self._failures.pop(job.order.name, None)
        self.changed.emit()
        return self._follow(job)

    async def _follow(self, job: QueuedJob) -> None:
        def on_event(event: Event) -> None:
            if isinstance(event, Progress):
                self._progress[job] = event
                self.show()

        try:
            await self._jobs.watch(job, on_event)
        except JobFailedError as error:
            self._failures[job.order.name] = str(error)
        except Stopped:
            pass
        finally:
            self._progress.pop(job, None)
        self.changed.emit()

    def _disabled_reason(self, job: QueuedJob) -> str:
        """Return why the job can be neither paused nor stopped from here; empty if it can."""
        project = self._app_context.session.project
        if project is None or not project.read_only or not job.is_left:
            return ""
        text = self.tr(
            "Another window left this running. It can only be paused or stopped where the project is writable."
        )
        return f"{text}\n{displayable(project.read_only)}"

    def show(self) -> None:
        """Show the job's progress."""
        job = self._job()
        progress = self._progress.get(job) if job is not None else None
        names = {"running": self.tr("Pause"), "pausing": self.tr("Pausing…"), "paused": self.tr("Resume")}
        self._box.set_pause(names.get(job.state, "") if job else "", is_enabled=job is None or job.state != "pausing")
        if job is not None and job.state != "stopping":
            self._box.set_locked(self._disabled_reason(job))
        if job is None:
            self._box.set_progress(None, "")
        elif progress is not None:
            share = progress.done / progress.total if progress.total > 0 else None
            text = stage_text(progress.stage, progress.done, progress.total)
            remaining_seconds = max(progress.eta_seconds, progress.whole_eta_seconds)
            if remaining_seconds >= 1:
                text = self.tr("{0}, {1} left").format(text, duration(remaining_seconds))
            self._box.set_progress(share, text)
        else:
            waits, begins = self.tr("Waiting for other work to finish"), self.tr("Starting…")
            self._box.set_progress(None, waits if job.state == "waiting" else begins)


_MOST_NAMED = 3
"""The largest number of files that are named."""
LEAST_UNSEEN = 0.05
"""The share of videos that the encoder did not learn from, from which on the user is advised to train further."""


class EmbeddingController(QObject):
    """Connects the encoder box to the jobs."""

    def __init__(self, app_context: AppContext, box: EncoderBox) -> None:
        super().__init__(box)
        self._app_context, self._box = app_context, box
        self._orders = JobFactory(app_context)
        self._source: EmbeddingSource | None = None
        self.job = RunJob(app_context, EMBED, box, self)
        self._disabled_reason = ""
        self.action = ""
        """The button's text; empty where there is nothing to embed."""
        box.embed_requested.connect(self.start)
        box.further_requested.connect(self._train_further)

    @property
    def is_running(self) -> bool:
        """Whether videos are being embedded with the chosen run, or will be."""
        return self.job.is_running

    @property
    def can_start(self) -> bool:
        """Whether there is something to embed, and it can be."""
        return bool(self.action) and not self._disabled_reason and not self.is_running

    def start(self) -> None:
        """Embed all videos with the selected run; those already embedded are only opened."""
        if self._source is None or self.is_running:
            return
        try:
            self._orders.embed(self._source.name)
        except CarlError as error:
            self._app_context.warn(displayable(str(error)))

    def show(
        self, videos: Mapping[int, VideoRow], index: EmbeddingIndex | None, source: EmbeddingSource | None
    ) -> None:
        """Show how many of the videos are embedded with this run."""
        self._source = source
        self.job.run = source.name if source is not None else ""
        sources = index.sources if index is not None else ()
        choices = [Choice(one.name, displayable(one.name)) for one in sources]
        self._box.set_encoders(choices, source.name if source is not None else None)
        if index is None or source is None:
            self.action = self._disabled_reason = ""
            self._box.set_state("", "", "")
            self._box.set_advice("")
        else:
            done = sum(video.digest in source.digests for video in videos.values())
            remaining = sum(v.id in index.usable and v.digest not in source.digests for v in videos.values())
            self.action = self._action_of(source, done, remaining)
            self._disabled_reason = self._find_disabled_reason(source)
            line = self._line(source, len(videos), done)
            unusable = [v.name for v in videos.values() if v.digest not in source.digests and v.id not in index.usable]
            line = " ".join(filter(None, (line, self._unusable(unusable))))
            replaced = [videos[video_id].name for video_id in sorted(index.replaced) if video_id in videos]
            notice = self._notice(source) or self._replaced_text(replaced)
            self._box.set_state(line, notice, self.action, self._disabled_reason)
            usable = [video for video in videos.values() if video.id in index.usable]
            self._box.set_advice(self._advice(source, usable), self._disabled_reason)
        self.job.show()

    def _unusable(self, names: Sequence[str]) -> str:
        """Return which files cannot be embedded, because people look for them."""
        if not names:
            return ""
        listed = [displayable(name) for name in names[:_MOST_NAMED]]
        if len(names) > _MOST_NAMED:
            listed.append(self.tr("%n more", "", len(names) - _MOST_NAMED))
        return self.tr("Missing or broken: {0}.").format(", ".join(listed))

    def _line(self, source: EmbeddingSource, count: int, done: int) -> str:
        name = displayable(source.name)
        if done == count:
            return self.tr("{0} embedded with {1}.").format(numbers.videos(count), name)
        return self.tr("{0} of %n video(s) embedded with {1}.", "", count).format(numbers.count(done), name)

    def _action_of(self, source: EmbeddingSource, done: int, remaining: int) -> str:
        if source.is_outdated or source.problem:
            return self.tr("Embed all again")
        if not remaining:
            return ""
        return self.tr("Embed %n more video(s)", "", remaining) if done else self.tr("Embed %n video(s)", "", remaining)

    def _advice(self, source: EmbeddingSource, usable: Sequence[VideoRow]) -> str:
        """Return the reason to train further; empty if the encoder learned from all videos, or that is not known."""
        unseen = len(source.unseen(usable))
        if not source.has_encoder or not unseen or unseen < LEAST_UNSEEN * len(usable):
            return ""
        name = displayable(source.name)
        text = self.tr("{0} was not trained on %n of {1}. Train further to align (it|them) better.", "", unseen)
        return text.format(name, numbers.videos(len(usable)))

    def _train_further(self) -> None:
        if self._source is not None:
            self._app_context.train_further(self._source.name)

    def _find_disabled_reason(self, source: EmbeddingSource) -> str:
        """Return why nothing can be embedded now; empty if it can."""
        if not source.has_encoder:
            return self.tr("Run {0} was deleted; its embeddings remain.").format(displayable(source.name))
        return displayable(self._app_context.session.require().read_only)

    def _replaced_text(self, replaced: list[str]) -> str:
        if not replaced:
            return ""
        name, more = displayable(replaced[0]), len(replaced) - 1
        which = self.tr("{0} and %n more", "", more).format(name) if more else name
        return self.tr(
            "{0}: the file has changed since it was embedded. Restore the old file, or add the new one as a "
            "video and embed it."
        ).format(which)

    def _notice(self, source: EmbeddingSource) -> str:
        failure = self.job.failure
        if source.is_outdated and not failure:
            return self.tr(
                "{0} was trained further after these embeddings were made. Embed again to update them."
            ).format(displayable(source.name))
        return failure
