"""From the project to what the core is ordered to do: which videos, which labels, which device."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import pytest
from pytestqt.qtbot import QtBot

from carl_gui.job_control.factory import JobFactory
from carl_gui.job_control.order import TrainingOrder, VideoCounts, Videos
from core.base.errors import ConfigError, StorageError
from core.base.events import Finished, ignore
from core.base.files import content_digest
from core.base.types import Span
from core.embedding.folder import write_embedded
from core.label.tables import read_labels
from core.labels.segments import of_videos
from core.project.phase_edits import AddPhase
from core.project.rows import Broken
from core.project.span_edits import PaintSpan
from core.project.video_edits import AddVideos, NewVideo, SetSplit
from tests.carl_gui.projects import Stand, new_project, standing, tiny_config, tiny_video, tiny_videos
from training.queue import JobOrder, JobQueue, QueuedJob
from training.run import Run

_SPLITS = ("train", "train", "val", "none")


@pytest.fixture
def films(tmp_path: Path) -> Sequence[Path]:
    return tiny_videos(tmp_path / "films", 4)


@pytest.fixture
def stand(qtbot: QtBot, tmp_path: Path, films: Sequence[Path]) -> Iterator[Stand]:
    """Its jobs wait: none ever starts."""
    project = new_project(tmp_path / "project", films, splits=_SPLITS)
    with standing(qtbot) as made:
        made.jobs._queue = JobQueue(start=_start_nothing)
        made.session.open(project)
        yield made


@pytest.fixture
def orders(stand: Stand) -> JobFactory:
    return JobFactory(stand.app_context())


def _start_nothing(order: JobOrder) -> NoReturn:
    raise OSError("this test starts no child")


def _order(name: str, videos: Videos = "all", device: str = "auto") -> TrainingOrder:
    return TrainingOrder(name, "quick", {}, tiny_config(epochs=2), videos, device)


def _run(stand: Stand, name: str) -> Run:
    return Run.open(stand.session.require().runs / name)


def _paint(stand: Stand, video_id: int, *spans: Span) -> None:
    names = {phase.name for phase in stand.session.require().phases()}
    for span in spans:
        if span.phase not in names:
            stand.session.do(AddPhase(span.phase))
            names.add(span.phase)
        assert stand.session.do(PaintSpan(video_id, span))


def test_all_usable_videos_are_learned_from_and_a_job_begins_it(
    stand: Stand, orders: JobFactory, films: Sequence[Path]
) -> None:
    assert orders.train(_order("first", device="cpu")) == "first"
    run = _run(stand, "first")
    assert run.files.videos() == list(films)
    assert (run.files.validation(), run.files.labels()) == ([], None)
    assert run.config() == tiny_config(epochs=2)
    (job,) = stand.jobs.jobs
    folder = stand.session.require().runs / "first"
    words = ("core.train", "--out", str(folder), "--resume", "--device", "cpu")
    assert job.order == JobOrder("train", "first", words, "cpu", folder / "log.txt", is_remembered=True)


def test_what_is_set_to_validation_judges_and_all_else_is_learned(
    stand: Stand, orders: JobFactory, films: Sequence[Path]
) -> None:
    orders.train(_order("split", "unless_val"))
    run = _run(stand, "split")
    assert run.files.videos() == [*films[:2], films[3]], "whether it is set to Train or to nothing"
    assert run.files.validation() == [films[2]]


def test_missing_and_broken_videos_are_left_out(stand: Stand, orders: JobFactory, films: Sequence[Path]) -> None:
    stand.session.keep_facts({2: Broken("It ends too early.")})
    films[2].unlink()
    orders.train(_order("some"))
    assert _run(stand, "some").files.videos() == [films[0], films[3]]
    videos, folder = stand.session.require().videos(), stand.session.require().folder
    assert JobFactory.count(videos, folder) == VideoCounts(
        usable=2, val=0, labelled=0, unusable=("clip2.mp4", "clip3.mp4")
    )
    orders.train(_order("split", "unless_val"))
    assert _run(stand, "split").files.videos() == [films[0], films[3]]
    assert _run(stand, "split").files.validation() == []


def test_without_a_video_nothing_is_made(stand: Stand, orders: JobFactory, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "films")
    with pytest.raises(ConfigError, match="No usable videos"):
        orders.train(_order("nothing"))
    assert not stand.jobs.jobs
    assert not (stand.session.require().runs / "nothing").exists()


def test_labels_of_the_runs_videos_go_with_it(stand: Stand, orders: JobFactory, films: Sequence[Path]) -> None:
    _paint(stand, 1, Span("up", 0, 5), Span("down", 5, 9))
    _paint(stand, 3, Span("down", 2, 12))
    _paint(stand, 4, Span("up", 0, 3))
    stand.session.keep_facts({4: Broken("It ends too early.")})
    orders.train(_order("labelled", "unless_val"))
    run = _run(stand, "labelled")
    labels = run.files.labels()
    assert labels == stand.session.require().folder / "labels" / "labelled.csv"
    found = of_videos(read_labels(labels, ignore), [*run.files.videos(), *run.files.validation()])
    assert [(one.phase, one.start, one.end, path) for one, path in found] == [
        ("up", 0, 5, films[0]),
        ("down", 5, 9, films[0]),
        ("down", 2, 12, films[2]),
    ], "clip4 cannot be read: it is neither learned from nor does it judge"


@pytest.mark.parametrize(
    "spans",
    [
        pytest.param([(1, Span("up", 0, 5))], id="one phase: nothing to tell apart"),
        pytest.param([(1, Span("up", 0, 5)), (4, Span("down", 0, 5))], id="the other phase is of no video of the run"),
        pytest.param([(1, Span("up", 0, 5)), (1, Span("Up", 5, 9))], id="the same phase, written in two ways"),
        pytest.param([(1, Span("up", 0, 5, 0.7, "both")), (1, Span("down", 5, 9, 0.7, "Probe"))], id="predicted"),
    ],
)
def test_labels_that_the_core_would_refuse_do_not_spoil_a_run(
    stand: Stand, orders: JobFactory, spans: list[tuple[int, Span]]
) -> None:
    for video_id, span in spans:
        _paint(stand, video_id, span)
    stand.session.keep_facts({4: Broken("It ends too early.")})
    orders.train(_order("run", "unless_val"))
    assert _run(stand, "run").files.labels() is None
    assert not (stand.session.require().folder / "labels").exists()


def test_a_phase_that_is_written_in_two_ways_is_one(stand: Stand, orders: JobFactory) -> None:
    _paint(stand, 1, Span("up", 0, 3), Span("down", 3, 6), Span("Up", 6, 9))
    orders.train(_order("run"))
    labels = _run(stand, "run").files.labels()
    assert labels is not None
    assert [segment.phase for segment in read_labels(labels, ignore)] == ["up", "down", "up"]


def test_odd_names_go_through_and_only_tables_leave_them_out(
    stand: Stand, orders: JobFactory, films: Sequence[Path], tmp_path: Path
) -> None:
    odd = [tiny_video(tmp_path / "films", 'it\'s, "a" 🏋.mp4' if os.name != "nt" else "it's, 🏋.mp4", 30)]
    with contextlib.suppress(OSError, UnicodeError):  # some systems have no such names
        odd.append(Path(shutil.copy(tiny_video(tmp_path, "x.mp4", 31), os.fsdecode(bytes(tmp_path) + b"/caf\xe9.mp4"))))
    stand.session.do(AddVideos(tuple(NewVideo.of(path, tmp_path / "project") for path in odd)))
    for video_id in range(5, 5 + len(odd)):
        _paint(stand, video_id, Span("up", 0, 5), Span("down", 5, 9))
    orders.train(_order("odd"))
    run = _run(stand, "odd")
    assert run.files.videos() == [*films, *odd]
    labels = run.files.labels()
    assert labels is not None
    found = of_videos(read_labels(labels, ignore), run.files.videos())
    assert {path for _, path in found} == {odd[0]}


def test_a_name_that_is_taken_is_refused_and_the_run_there_stays(stand: Stand, orders: JobFactory) -> None:
    orders.train(_order("twice"))
    before = (_run(stand, "twice").files.config_file).read_bytes()
    with pytest.raises(StorageError, match="already holds a run"):
        orders.train(TrainingOrder("twice", "quick", {}, tiny_config(epochs=9), "all", "auto"))
    assert _run(stand, "twice").files.config_file.read_bytes() == before
    assert len(stand.jobs.jobs) == 1


def test_a_run_is_lined_up_once(stand: Stand, orders: JobFactory) -> None:
    orders.train(_order("run"))
    assert orders.resume("run") is None
    stand.jobs.stop(stand.jobs.jobs[0])
    job = orders.resume("run")
    assert job is not None
    assert stand.jobs.jobs == (job,)


@pytest.mark.parametrize(
    ("line", "device", "lane"),
    [
        ("CPU, 2 cores", "auto", "cpu"),
        ("", "auto", "cpu"),
        ("NVIDIA H100 (GPU found by torch)", "auto", "cuda"),
        ("NVIDIA H100 (GPU found by torch)", "cpu", "cpu"),
        ("CPU, 2 cores", "cuda", "cuda"),
    ],
)
def test_jobs_of_one_device_share_a_lane(
    stand: Stand, line: str, device: str, lane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app_context = stand.app_context()
    object.__setattr__(app_context, "device_line", lambda: line)
    JobFactory(app_context).train(_order("run", device=device))
    assert stand.jobs.jobs[0].order.device == lane


def test_one_job_makes_the_map_of_what_is_embedded_and_waits_for_no_training(stand: Stand, orders: JobFactory) -> None:
    with pytest.raises(ConfigError, match="Nothing is embedded with run"):
        orders.draw_map("run")
    orders.train(_order("run"))
    project = stand.session.require()
    write_embedded(project.embeddings / "run", [], "digest")
    job = orders.draw_map("run")
    out = str(project.folder / "maps" / "run-umap.npz")
    words = ("--method", "umap", "--out", out, "--followed-in", str(project.folder / "jobs" / "map" / "run"))
    assert job.order.command == ("core.map", str(project.embeddings / "run"), *words)
    assert orders.draw_map("run") is job
    assert job.order.device != stand.jobs.jobs[0].order.device
    assert job.order.is_remembered


def test_every_usable_video_is_embedded_by_one_job(stand: Stand, orders: JobFactory, films: Sequence[Path]) -> None:
    orders.train(_order("run"))
    with pytest.raises(ConfigError, match="no trained encoder yet"):
        orders.embed("run")
    run = _run(stand, "run")
    run.files.encoder_file.touch()
    films[3].unlink()
    job = orders.embed("run")
    project = stand.session.require()
    listed = project.embeddings / "run.json"
    assert json.loads(listed.read_text(encoding="utf-8"))["videos"] == [str(film) for film in films[:3]]
    out = str(project.embeddings / "run")
    judged = str(project.folder / "judgements" / "run.json")
    words = ("--encoder", str(project.runs / "run"), "--out", out, "--judgement", judged)
    words += ("--followed-in", str(project.folder / "jobs" / "embed" / "run"))
    assert job.order.command == ("core.embed", str(listed), *words)
    assert orders.embed("run") is job, "asked twice it is done once"
    _end(stand, job)
    assert orders.embed("run") is not job
    for film in films[:3]:
        film.unlink()
    _end(stand, stand.jobs.jobs[-1])
    with pytest.raises(ConfigError, match="No videos to embed"):
        orders.embed("run")


def _end(stand: Stand, job: QueuedJob) -> None:
    stand.jobs.stop(job)
    assert job.ending == Finished("stopped", "")


def test_a_run_is_trained_further_on_the_videos_that_there_are_now(
    stand: Stand, orders: JobFactory, films: Sequence[Path], tmp_path: Path
) -> None:
    orders.train(_order("first", "unless_val"))
    with pytest.raises(ConfigError, match="Run first has no trained encoder yet"):
        orders.further("first")
    encoder = _run(stand, "first").files.encoder_file
    encoder.write_bytes(b"weights")
    new = tiny_video(tmp_path / "films", "new.mp4", 9, 8)
    assert stand.session.do(AddVideos((NewVideo.of(new, tmp_path / "project"),), "", "train"))
    order = orders.further("first")
    assert (order.name, order.init) == ("first-further", "first")
    assert order.videos == "unless_val", "what judged goes on judging"
    orders.train(order)
    further = _run(stand, "first-further")
    assert further.files.videos() == [*films[:2], films[3], new]
    assert further.files.validation() == [films[2]]
    assert further.config() == _run(stand, "first").config()
    origin = further.files.origin()
    assert origin is not None
    assert (origin.path, origin.digest) == (encoder, content_digest(encoder))
    assert orders.further("first").name == "first-further-2"
    orders.train(_order("whole"))
    _run(stand, "whole").files.encoder_file.write_bytes(b"other weights")
    assert orders.further("whole").videos == "all"
    assert stand.session.do(SetSplit((3,), "none"))
    assert stand.session.do(SetSplit((5,), "val"))
    assert orders.further("first").videos == "unless_val", "it never learned from what is set to Validation now"
    assert _run(stand, "whole").files.origin() is None
