"""Prepare jobs of the core: a run folder, a list of videos, and a job."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from carl_gui.app_context import AppContext
from carl_gui.job_control.order import TrainingOrder, VideoCounts
from carl_gui.job_control.recovery import EMBED, MAP, TRAIN, followed_in
from carl_gui.models.messages import displayable
from carl_gui.widgets.labels import shown
from core.base.errors import CarlError, ConfigError
from core.base.files import write_text
from core.embedding.folder import is_embedded
from core.project.places import usable_files
from core.project.rows import VideoRow
from core.project.tables import people_of, write_labels, write_people
from core.settings.config import Config, with_values
from core.settings.recipes import CHOOSING, POSE
from training.queue import JobOrder, QueuedJob
from training.run import Run, unused_folder

_MAPS = "map"
"""A lane of their own: a map takes a minute, and waits for no training."""


class JobFactory(QObject):
    """Writes the inputs of a job, then queues it."""

    def __init__(self, app_context: AppContext) -> None:
        super().__init__(app_context.window)
        self._app_context = app_context

    def train(self, order: TrainingOrder) -> str:
        """Make a run of the project's videos and line it up; returns its name. Raises what `prepare_run` says."""
        self.prepare_run(order)()
        self.enqueue(order.name, order.device)
        return order.name

    def prepare_run(self, order: TrainingOrder) -> Callable[[], None]:
        """Return what makes a run of the project's present videos, to be called in any thread while it is open.

        It raises:
            ConfigError: none of the videos can be learned from; its settings name a table of people, and people were
                chosen in the player too.
            StorageError: the run's folder cannot be made.
        """
        session = self._app_context.session
        project, videos = session.require(), list(session.videos.values())
        read_spans = project.spans_reader()
        nothing = self.tr("No usable videos. Add some, or find the missing ones.")
        two_tables = self.tr(
            "People are chosen both in the table {0} and in the player. Clear the “People” setting, or follow"
            " the largest person in those videos."
        )

        def make() -> None:
            usable = usable_files(videos, project.folder)
            learned = {video.id: file for video, file in usable if order.videos == "all" or video.split != "val"}
            judges = {video.id: file for video, file in usable if order.videos != "all" and video.split == "val"}
            if not learned:
                raise ConfigError(nothing)
            digests, listed = {video.id: video.digest for video in videos}, learned | judges
            config, is_one = _following(order, project.folder, videos, listed)
            if not is_one:
                raise ConfigError(two_tables.format(shown(config.backbone.person_table)))
            labels = write_labels(read_spans(), listed, project.folder / "labels" / f"{order.name}.csv", digests)
            folder = project.runs / order.name
            init = encoder_of(project.runs, order.init) if order.init else None
            Run.create(folder, config, list(learned.values()), list(judges.values()), labels, init)

        return make

    def further(self, name: str) -> TrainingOrder:
        """Return a run that starts with the weights of this one, with its settings, on the present videos.

        Those that are set to Validation stay apart, unless that one learned from some of them.

        Raises:
            ConfigError: it has no encoder yet, or its settings were damaged.
            StorageError: its list of videos was damaged.
        """
        session = self._app_context.session
        runs = session.require().runs
        if not encoder_of(runs, name).is_file():
            raise ConfigError(self.tr("Run {0} has no trained encoder yet. Train it first.").format(name))
        files = Run.open(runs / name).files
        usable, learned = usable_files(list(session.videos.values()), session.require().folder), set(files.videos())
        is_of_all = any(video.split == "val" and file in learned for video, file in usable)
        return TrainingOrder(
            name=unused_folder(runs, self.tr("{0}-further").format(name)).name,
            recipe="",
            values={},
            config=files.config(),
            videos="all" if is_of_all else "unless_val",
            device="auto",
            init=name,
        )

    def resume(self, name: str) -> QueuedJob | None:
        """Enqueue a run again; return None where it is queued already."""
        if self._app_context.jobs.find(TRAIN, name) is not None:
            return None
        return self.enqueue(name, "auto")

    def embed(self, name: str) -> QueuedJob:
        """Embed every usable video with this run's encoder; return the job that waits or runs where there is one.

        Raises:
            ConfigError: there is no encoder yet, or no video.
            StorageError: the disk refuses.
        """
        if (job := self._app_context.jobs.find(EMBED, name)) is not None:
            return job
        project = self._app_context.session.require()
        if not encoder_of(project.runs, name).is_file():
            raise ConfigError(self.tr("{0} has no trained encoder yet. Train it first.").format(name))
        usable = usable_files(list(self._app_context.session.videos.values()), project.folder)
        if not usable:
            raise ConfigError(self.tr("No videos to embed. Add some, or find the missing ones."))
        listed = project.embeddings / f"{name}.json"
        write_text(listed, json.dumps({"videos": [str(file) for _, file in usable]}, indent=1))
        words: tuple[str, ...] = (str(listed), "--encoder", str(project.runs / name))
        words += ("--out", str(project.embeddings / name), "--judgement", str(judgement_of(project.folder, name)))
        if _is_of_pose(project.runs / name):
            files = {video.id: file for video, file in usable}
            table = _people_table([video for video, _ in usable], files, project.embeddings / f"{name}.csv")
            words += ("--person-table", str(table)) if table else ()
        words += ("--followed-in", str(followed_in(project.folder, EMBED, name)))
        return self._app_context.jobs.submit(
            JobOrder(EMBED, name, ("core.embed", *words), self._lane("auto"), is_remembered=True)
        )

    def draw_map(self, name: str) -> QueuedJob:
        """Make the UMAP map of this run's embeddings; return the job that waits or runs where there is one.

        Raises:
            ConfigError: nothing is embedded.
        """
        if (job := self._app_context.jobs.find(MAP, name)) is not None:
            return job
        project = self._app_context.session.require()
        if not is_embedded(project.embeddings / name):
            raise ConfigError(self.tr("Nothing is embedded with {0}. Embed the videos first.").format(name))
        out = project.folder / "maps" / f"{name}-umap.npz"
        words: tuple[str, ...] = (str(project.embeddings / name), "--method", "umap", "--out", str(out))
        words += ("--followed-in", str(followed_in(project.folder, MAP, name)))
        return self._app_context.jobs.submit(JobOrder(MAP, name, ("core.map", *words), _MAPS, is_remembered=True))

    @staticmethod
    def count(videos: Sequence[VideoRow], folder: Path) -> VideoCounts:
        """Return how many there are to learn from; asks the disk."""
        usable = [video for video, _ in usable_files(videos, folder)]
        ids = {video.id for video in usable}
        return VideoCounts(
            usable=len(usable),
            val=sum(video.split == "val" for video in usable),
            labelled=sum(video.num_spans > 0 for video in usable),
            unusable=tuple(displayable(video.name) for video in videos if video.id not in ids),
            frames=sum(video.num_frames or 0 for video in usable),
            val_frames=sum(video.num_frames or 0 for video in usable if video.split == "val"),
        )

    def enqueue(self, name: str, device: str) -> QueuedJob:
        """Train this run as soon as its device is free."""
        folder = self._app_context.session.require().runs / name
        words = ("core.train", "--out", str(folder), "--resume", "--device", device)
        log = folder / "log.txt"
        return self._app_context.jobs.submit(JobOrder(TRAIN, name, words, self._lane(device), log, is_remembered=True))

    def _lane(self, device: str) -> str:
        """Return the device whose jobs wait for each other; the line about the device says what `auto` means."""
        line = self._app_context.device_line()
        is_cpu = device == "cpu" or (device == "auto" and (not line or line.startswith("CPU")))
        return "cpu" if is_cpu else "cuda"


def judgement_of(project: Path, name: str) -> Path:
    """Return the file that says how good this run's encoder is, once its videos are embedded."""
    return project / "judgements" / f"{name}.json"


def encoder_of(runs: Path, name: str) -> Path:
    """Return the path of this run's encoder, once there is one."""
    return runs / name / "encoder.safetensors"


def _following(
    order: TrainingOrder, folder: Path, videos: Sequence[VideoRow], files: Mapping[int, Path]
) -> tuple[Config, bool]:
    """Return the settings of an order with the people chosen in the project's videos, saved for this run.

    Returns:
        The settings, and False where they name a table of people besides.
    """
    config, people = order.config, folder / "people"
    if config.backbone.name not in (POSE, CHOOSING):
        return config, True
    table = _people_table(videos, files, people / f"{order.name}.csv")
    person_table = config.backbone.person_table
    if person_table and Path(person_table).parent != people:  # not that of a run whose settings are taken again
        return config, table is None
    return with_values(config, {"backbone.person_table": str(table or "")}), True


def _people_table(videos: Sequence[VideoRow], files: Mapping[int, Path], path: Path) -> Path | None:
    return write_people(people_of(videos), files, path, {video.id: video.digest for video in videos})


def _is_of_pose(run: Path) -> bool:
    """Return whether its encoder looks at body pose; where its settings are damaged, embedding finds out."""
    try:
        return Run.open(run).config().backbone.name == POSE
    except CarlError:
        return True
