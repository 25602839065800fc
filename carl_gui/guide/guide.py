"""The next step: what it is, and the best pair to look at."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from PySide6.QtCore import QObject, QSettings

from carl_gui.app_context import AppContext, PageController
from carl_gui.guide.next_step import NextStep, NextStepBar, Situation, next_step
from carl_gui.job_control.recovery import EMBED, TRAIN
from carl_gui.job_control.status import IMPORT, SAMPLE
from carl_gui.jobs import JobFailedError
from carl_gui.models.messages import displayable
from carl_gui.models.scene import FrameRef
from carl_gui.outlook import cost_in_short
from carl_gui.tasks import Tasks, in_thread
from core.base.control import Control, Stopped
from core.outlook.estimate import Amount
from core.project.rows import VideoRow
from core.settings.recipes import find_recipe

if TYPE_CHECKING:
    from carl_gui.explore.page import ExploreController
    from carl_gui.outlook import OutlookController
    from carl_gui.train.controller import TrainingController
    from carl_gui.videos.controller import LibraryController
    from core.align.ranking import RankedPair


@dataclass(frozen=True)
class FoundPair:
    """Two videos of a run's embeddings, and where their alignment begins."""

    run: str
    a: FrameRef
    b: FrameRef
    pair: RankedPair


@dataclass(frozen=True)
class FoundPairs:
    """Pairs of a run's embeddings, best first; empty if fewer than two videos are embedded."""

    run: str
    pairs: tuple[FoundPair, ...]


def find_pairs(folder: Path, run: str, rows: Sequence[VideoRow], control: Control) -> FoundPairs:
    """Rank the videos of the project that are embedded with this run, in the folder of its embeddings.

    Raises:
        CarlError: the embeddings cannot be opened.
        Stopped: `control` asked for it.
    """
    from core.align.ranking import rank_pairs  # numba
    from core.embedding.folder import read_card, read_embedded  # OpenCV

    by_digest = {row.digest: row for row in rows}
    card = read_card(folder)
    videos = read_embedded(folder, card.encoder_digest, set(by_digest) & set(card.digests))
    outlook = [by_digest[video.digest] for video in videos]
    pairs = rank_pairs(
        [video.embeddings for video in videos],
        actions=[row.action for row in outlook],
        strange=[video.is_strange for video in videos],
        control=control,
    )
    return FoundPairs(
        run,
        tuple(
            FoundPair(run, FrameRef(outlook[pair.a].id, pair.a_frame), FrameRef(outlook[pair.b].id, pair.b_frame), pair)
            for pair in pairs
        ),
    )


_IS_HIDDEN = "next_step_hidden"
_OPEN_BY_THEMSELVES = ("videos", "train", "explore")
"""Pages that the best pair may take the place of; on the others somebody is working."""


class GuidedWindow(Protocol):
    """The interface of the window for the guide."""

    @property
    def page_id(self) -> str: ...
    @property
    def library(self) -> LibraryController: ...
    @property
    def training(self) -> TrainingController: ...
    def page(self, page_id: str) -> PageController: ...
    def show_page(self, page_id: str) -> None: ...
    def show_state(self) -> None: ...


class Guide(QObject):
    """One per window; follows the open project."""

    def __init__(
        self,
        window: GuidedWindow,
        bar: NextStepBar,
        outlook: OutlookController,
        app_context: AppContext,
        settings: QSettings,
    ) -> None:
        super().__init__(bar)
        self._window, self._bar, self._outlook, self._app_context = window, bar, outlook, app_context
        self._settings = settings
        self._run_to_open = ""
        """The run that led on last; see `_leading`."""
        self._wants_to_learn = self._has_seen_pair = False
        self._num_ranked = 0
        """Videos of the best pair that was found, until the library has seen that they are embedded."""
        self._step: NextStep | None = None
        self._now = Situation()
        """What the step follows from."""
        self._usable_ids: frozenset[int] = frozenset()
        self._is_shown = not bool(settings.value(_IS_HIDDEN, False, bool))
        self._tasks = Tasks(self, self._give_up)
        session, jobs = app_context.session, app_context.jobs
        session.opened.connect(self._open)
        session.about_to_close.connect(self._close)
        session.closed.connect(self.show)
        session.changes_of("spans").connect(lambda changes: self._on_labels())
        jobs.changed.connect(self.show)
        outlook.changed.connect(self._on_outlook)
        bar.action_triggered.connect(self._on_action)
        bar.dismissed.connect(lambda: self.set_shown(False))

    @property
    def is_shown(self) -> bool:
        """Whether the next step is named at all."""
        return self._is_shown

    def set_shown(self, is_shown: bool) -> None:
        """Name the next step, or do not; remembered."""
        self._is_shown = is_shown
        self._settings.setValue(_IS_HIDDEN, not is_shown)
        self.show()
        self._window.show_state()

    def follow_library(self) -> None:
        """Follow the library, which was just made."""
        self._window.library.changed.connect(self.show)
        self._window.library.badges_changed.connect(self._on_badges)

    def follow_training(self, training: TrainingController) -> None:
        """Follow the step of training, which was just made."""
        training.lead_on_requested.connect(self.lead_on)
        training.pair_requested.connect(self.open_best)

    def lead_on(self, run: str) -> None:
        """Open the best pair of this run once it is trained and embedded with; a run before it no longer does."""
        self._run_to_open = run
        self._tasks.start("lead", self._embed_and_open(run))
        self.show()

    def learn(self) -> None:
        """Train with the recipe that suits, as soon as that is known, and open the best pair afterwards."""
        self._wants_to_learn = True
        self._on_outlook()

    def open_best(self, run: str) -> None:
        """Show the best pair of this run's embeddings, whatever page is seen."""
        self._run_to_open = ""
        self._app_context.show_status(self.tr("Looking for the best pair…"))
        self._tasks.start("lead", self._show_best(run, is_asked=True))

    def _on_badges(self) -> None:
        self._num_ranked = 0
        self.show()

    def show(self) -> None:
        """Find out how the project stands, and say what comes next."""
        self._usable_ids = frozenset()
        self._now = self._situation()
        self._show_step()

    def show_page(self) -> None:
        """Show the next step on another page; once videos are embedded, nothing else changes it."""
        if self._now.num_embedded:
            page = self._window.page_id
            self._has_seen_pair |= page == "explore"
            self._now = dataclasses.replace(self._now, page=page, has_seen_pair=self._has_seen_pair)
            self._show_step()
        else:  # encoders may have come, by other processes too
            self.show()

    def _on_labels(self) -> None:
        videos = self._app_context.session.videos
        labelled = self._num_labelled([videos[video_id] for video_id in self._usable_ids if video_id in videos])
        if labelled != self._now.num_labelled:
            self._now = dataclasses.replace(self._now, num_labelled=labelled)
            self._show_step()

    def _show_step(self) -> None:
        self._step = next_step(self._now) if self.is_shown else None
        if self._step is None:
            self._bar.show_message("")
        else:
            self._bar.show_message(self._step.sentence, self._step.button)

    def close(self) -> None:
        """Stop the tasks."""
        self._tasks.close()

    def _situation(self) -> Situation:
        session, window = self._app_context.session, self._window
        project = session.project
        if project is None or not window.page_id:
            return Situation()
        badges = window.library.badges
        if session.videos and not badges:  # what is embedded is not known yet: anything said now may be wrong
            return Situation()
        usable = [
            row
            for row in session.videos.values()
            if not row.problem and not (row.id in badges and badges[row.id].missing)
        ]
        self._usable_ids = frozenset(row.id for row in usable)
        learned = [row for row in usable if row.split != "val"] or usable
        num_embedded = max(sum(one.embedded for one in badges.values()), self._num_ranked)
        if window.page_id == "explore" and num_embedded:
            self._has_seen_pair = True
        learning = self._learning()
        return Situation(
            page=window.page_id,
            is_read_only=bool(project.read_only),
            num_videos=len(learned),
            num_kept=len(usable) - len(learned),
            is_importing=any(self._app_context.jobs.find(kind) for kind in (IMPORT, SAMPLE)),
            learning=learning,
            is_embedding=bool(learning) and self._app_context.jobs.find(TRAIN, learning) is None,
            is_waiting=self._wants_to_learn,
            trained="" if num_embedded else _newest_encoder(project.runs),
            num_embedded=num_embedded,
            has_seen_pair=self._has_seen_pair,
            num_labelled=self._num_labelled(usable),
            cost="" if num_embedded else self._cost(learned, _frames(usable)),
            is_measuring=self._outlook.outlook.is_asking,
        )

    @property
    def _run_leading_on(self) -> str:
        """The run that leads on to a pair once it is trained, embedded with and looked through; empty: none."""
        return self._run_to_open if self._tasks.is_running("lead") else ""

    @staticmethod
    def _num_labelled(videos: Sequence[VideoRow]) -> int:
        return sum(row.num_spans > 0 for row in videos)

    def _learning(self) -> str:
        if self._run_leading_on:
            return self._run_leading_on
        job = self._app_context.jobs.find(TRAIN) or self._app_context.jobs.find(EMBED)
        return job.order.name if job is not None else ""

    def _cost(self, learned: Sequence[VideoRow], num_frames: int) -> str:
        frames = _frames(learned)
        amount = Amount(len(learned), frames, num_frames - frames)
        outlook = self._outlook.outlook
        found = outlook.estimate(outlook.recipe, find_recipe(outlook.recipe), amount) if amount.num_frames else None
        return cost_in_short(found) if found is not None else ""

    def _on_action(self) -> None:
        action = self._step.action if self._step is not None else ""
        project = self._app_context.session.project
        if project is None:
            return
        if action == "add":
            self._window.show_page("videos")
        elif action == "learn":
            self.learn()
        elif action == "embed":
            self.lead_on(_newest_encoder(project.runs))
        elif action == "pair":
            self.open_best(_newest_embedded(project.embeddings))
        elif action:
            self._window.show_page(action)

    def _on_outlook(self) -> None:
        outlook = self._outlook.outlook
        if self._wants_to_learn and (outlook.is_sample or outlook.suggested or not outlook.is_asking):
            self._wants_to_learn = False
            self._window.show_page("train")
            self._window.training.learn()
        self.show()

    async def _embed_and_open(self, run: str) -> None:
        """Wait until this run is trained, embed with it, and show its best pair."""
        from carl_gui.job_control.factory import JobFactory  # decoders: not needed to start

        jobs = self._app_context.jobs
        try:
            if (training := jobs.find(TRAIN, run)) is not None:
                await jobs.watch(training)
            await jobs.watch(JobFactory(self._app_context).embed(run))
            await self._show_best(run, is_asked=False)
        except (JobFailedError, Stopped):  # who stopped it, or saw it fail, wants no pair of it
            self.show()

    async def _show_best(self, run: str, *, is_asked: bool) -> None:
        """Show the best pair of this run's embeddings; do not change pages where it was not asked for."""
        project, rows = self._app_context.session.require(), list(self._app_context.session.videos.values())
        found = await in_thread(lambda control: find_pairs(project.embeddings / run, run, rows, control))
        self._num_ranked = 2 if found.pairs else 0
        if found.pairs and (is_asked or self._window.page_id in _OPEN_BY_THEMSELVES):
            self._show_pair(found.pairs[0])
        elif found.pairs:
            self._app_context.show_status(
                self.tr("{0} is ready: its best pair is under Explore.").format(displayable(found.run))
            )
        self.show()

    def _show_pair(self, best: FoundPair) -> None:
        self._has_seen_pair = True
        self._window.show_page("explore")
        cast("ExploreController", self._window.page("explore")).show_pair(best.run, best.a, best.b)

    def _give_up(self, sentence: str) -> None:
        self._app_context.warn(displayable(sentence))
        self.show()

    def _open(self) -> None:
        project = self._app_context.session.require()
        self._wants_to_learn, self._num_ranked = False, 0
        self._has_seen_pair = bool(_newest_embedded(project.embeddings))  # in an earlier session
        self.show()

    def _close(self) -> None:
        self._tasks.close()
        self._wants_to_learn = False


def _frames(videos: Iterable[VideoRow]) -> int:
    return sum(row.num_frames or 0 for row in videos)


def _newest_encoder(runs: Path) -> str:
    """Return the run whose encoder was written last; empty: none has one."""
    return _newest(run / "encoder.safetensors" for run in _entries(runs))


def _newest_embedded(embeddings: Path) -> str:
    """Return the run whose embeddings were written last; empty: nothing is embedded."""
    from core.embedding.folder import is_embedded  # OpenCV

    return _newest(folder / "embeddings.json" for folder in _entries(embeddings) if is_embedded(folder))


def _newest(files: Iterable[Path]) -> str:
    newest, name = -1, ""
    for file in files:
        with contextlib.suppress(OSError):
            if (written := file.stat().st_mtime_ns) > newest:
                newest, name = written, file.parent.name
    return name


def _entries(folder: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return list(folder.iterdir())
    return []
