"""Videos that are added are embedded at once with the newest encoder that others are embedded with."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from carl_gui.embedding_index import EmbeddingIndex, EmbeddingSource, scan_embeddings
from carl_gui.guide.newcomers import NewVideoEmbedder, newest_in_use
from core.base.files import content_digest
from core.project.video_edits import AddVideos, NewVideo
from core.settings import config as settings_of
from core.settings.config import Config
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import Stand, new_project, standing, tiny_video
from training.job import Job
from training.queue import JobOrder, JobQueue


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    return [tiny_video(tmp_path / "films", f"film{number}.mp4", number, 8) for number in (1, 2)]


@pytest.fixture
def project(tmp_path: Path, films: list[Path]) -> Path:
    """Its first video is embedded with `run-1`, which learned from it; the second one never was."""
    folder = new_project(tmp_path / "project", films)
    embed_by_hand(folder, "run-1", [(films[0], course([moment / 8 for moment in range(8)]))])
    run = folder / "runs" / "run-1"
    settings_of.save(Config(), run / "config.toml")
    known = {str(films[0]): {"digest": content_digest(films[0]), "relative": ""}}
    (run / "inputs.json").write_text(json.dumps({"videos": [str(films[0])], "known": known}), encoding="utf-8")
    return folder


@pytest.fixture
def stand(qtbot: QtBot, project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    """Its jobs are asked for, and none starts."""
    monkeypatch.setattr("carl_gui.guide.newcomers._REST_SECONDS", 0.0)
    with standing(qtbot) as made:
        asked = list[JobOrder]()

        def refuse_to_start(order: JobOrder) -> Job:
            asked.append(order)
            raise OSError("this test starts no child")

        made.jobs._queue = JobQueue(start=refuse_to_start)
        made.asked = asked
        made.newcomers = NewVideoEmbedder(made.app_context())
        made.session.open(project)
        yield made


def test_a_new_video_is_embedded_at_once_and_what_was_there_before_is_left(
    stand: Stand, project: Path, tmp_path: Path
) -> None:
    assert not stand.newcomers._tasks.is_running("embed"), "opening a project begins nothing"
    assert stand.session.do(AddVideos((NewVideo.of(tiny_video(tmp_path / "films", "new.mp4", 7, 8), project),)))
    stand.qtbot.waitUntil(lambda: bool(stand.asked))
    assert [(order.kind, order.name) for order in stand.asked] == [("embed", "run-1")]
    assert stand.told == ["Embedding new videos with run-1."]


def test_where_nobody_embedded_anything_nothing_is_begun(stand: Stand, project: Path, tmp_path: Path) -> None:
    (project / "embeddings" / "run-1" / "embeddings.json").unlink()
    (project / "embeddings" / "run-1" / "index.csv").unlink()
    assert stand.session.do(AddVideos((NewVideo.of(tiny_video(tmp_path / "films", "new.mp4", 7, 8), project),)))
    stand.qtbot.waitUntil(lambda: stand.newcomers._known == stand.session.videos.keys())
    assert not stand.asked


def test_the_newest_encoder_that_is_in_use_is_taken(project: Path) -> None:
    (own,) = scan_embeddings(project, []).sources
    assert own.trained_ns
    newer = dataclasses.replace(own, name="newer", trained_ns=own.trained_ns + 1)
    unused = EmbeddingSource("unused", has_encoder=True, trained_ns=own.trained_ns + 9)
    outdated = dataclasses.replace(own, name="outdated", is_outdated=True, trained_ns=own.trained_ns + 9)
    found = newest_in_use(EmbeddingIndex((own, newer, unused, outdated), frozenset()))
    assert found == newer
    assert newest_in_use(EmbeddingIndex((unused, outdated), frozenset())) is None
