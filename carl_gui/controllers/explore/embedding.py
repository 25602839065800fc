"""Embed the videos without embeddings as one job, with its progress next to the choice of the encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject

from carl_gui import numbers
from carl_gui.controllers.app_context import AppContext
from carl_gui.controllers.explore.run_job import RunJob
from carl_gui.controllers.job_factory import JobFactory
from carl_gui.controllers.job_recovery import EMBED
from carl_gui.models.choices import Choice
from carl_gui.models.embedding_index import EmbeddingIndex, EmbeddingSource
from carl_gui.models.messages import displayable
from carl_gui.panels.explore.encoder_box import EncoderBox
from core.base.errors import CarlError
from core.project.rows import VideoRow

_MOST_NAMED = 3
"""Files that cannot be embedded."""
LEAST_UNSEEN = 0.05
"""Share of the videos that the encoder did not learn from: below it, nobody is advised to train further."""


class EmbeddingController(QObject):
    """Connects the encoder box to the jobs."""

    def __init__(self, workshop: AppContext, box: EncoderBox) -> None:
        super().__init__(box)
        self._workshop, self._box = workshop, box
        self._orders = JobFactory(workshop)
        self._source: EmbeddingSource | None = None
        self.job = RunJob(workshop, EMBED, box, self)
        self._disabled_reason = ""
        self.action = ""
        """What the button is called; empty where there is nothing to embed."""
        box.embed_requested.connect(self.begin)
        box.further_requested.connect(self._train_further)

    @property
    def is_running(self) -> bool:
        """Whether videos are being embedded with the chosen run, or will be."""
        return self.job.is_running

    @property
    def can_begin(self) -> bool:
        """Whether there is something to embed, and it can be."""
        return bool(self.action) and not self._disabled_reason and not self.is_running

    def begin(self) -> None:
        """Embed all videos with the chosen run; those that are embedded are only opened."""
        if self._source is None or self.is_running:
            return
        try:
            self._orders.embed(self._source.name)
        except CarlError as error:
            self._workshop.warn(displayable(str(error)))

    def show(
        self, videos: Mapping[int, VideoRow], found: EmbeddingIndex | None, source: EmbeddingSource | None
    ) -> None:
        """Say how many of the videos are embedded with this run."""
        self._source = source
        self.job.run = source.name if source is not None else ""
        sources = found.sources if found is not None else ()
        choices = [Choice(one.name, displayable(one.name)) for one in sources]
        self._box.set_encoders(choices, source.name if source is not None else None)
        if found is None or source is None:
            self.action = self._disabled_reason = ""
            self._box.set_state("", "", "")
            self._box.set_advice("")
        else:
            done = sum(video.digest in source.digests for video in videos.values())
            rest = sum(v.id in found.usable and v.digest not in source.digests for v in videos.values())
            self.action = self._action_of(source, done, rest)
            self._disabled_reason = self._find_disabled_reason(source)
            line = self._line(source, len(videos), done)
            unusable = [v.name for v in videos.values() if v.digest not in source.digests and v.id not in found.usable]
            line = " ".join(filter(None, (line, self._unusable(unusable))))
            replaced = [videos[number].name for number in sorted(found.replaced) if number in videos]
            notice = self._notice(source) or self._told_of(replaced)
            self._box.set_state(line, notice, self.action, self._disabled_reason)
            usable = [video for video in videos.values() if video.id in found.usable]
            self._box.set_advice(self._advice(source, usable), self._disabled_reason)
        self.job.show()

    def _unusable(self, names: Sequence[str]) -> str:
        """Return which files cannot be embedded: people look for them."""
        if not names:
            return ""
        said = [displayable(name) for name in names[:_MOST_NAMED]]
        if len(names) > _MOST_NAMED:
            said.append(self.tr("%n more", "", len(names) - _MOST_NAMED))
        return self.tr("Missing or broken: {0}.").format(", ".join(said))

    def _line(self, source: EmbeddingSource, count: int, done: int) -> str:
        name = displayable(source.name)
        if done == count:
            return self.tr("{0} embedded with {1}.").format(numbers.videos(count), name)
        return self.tr("{0} of %n video(s) embedded with {1}.", "", count).format(numbers.count(done), name)

    def _action_of(self, source: EmbeddingSource, done: int, rest: int) -> str:
        if source.is_outdated or source.problem:
            return self.tr("Embed all again")
        if not rest:
            return ""
        return self.tr("Embed %n more video(s)", "", rest) if done else self.tr("Embed %n video(s)", "", rest)

    def _advice(self, source: EmbeddingSource, usable: Sequence[VideoRow]) -> str:
        """Return why it would help to train further; empty where the encoder learned from all, or it is not known."""
        unseen = len(source.unseen(usable))
        if not source.has_encoder or not unseen or unseen < LEAST_UNSEEN * len(usable):
            return ""
        name = displayable(source.name)
        said = self.tr("{0} was not trained on %n of {1}. Train further to align (it|them) better.", "", unseen)
        return said.format(name, numbers.videos(len(usable)))

    def _train_further(self) -> None:
        if self._source is not None:
            self._workshop.train_further(self._source.name)

    def _find_disabled_reason(self, source: EmbeddingSource) -> str:
        """Return why nothing can be embedded now; empty if it can."""
        if not source.has_encoder:
            return self.tr("Run {0} was deleted; its embeddings remain.").format(displayable(source.name))
        return displayable(self._workshop.session.require().read_only)

    def _told_of(self, replaced: list[str]) -> str:
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
