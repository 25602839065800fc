"""Each video once, whatever Ray loses, repeats or breaks; a child that says what the test wants stands for Ray."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.base.control import Control
from core.base.errors import ClusterError, VideoError
from core.base.events import Event, Notice, Progress
from core.cluster import embedding
from core.cluster.embedding import ClusterEmbedding
from core.cluster.job import Broken, Connected, Ended, Job, Refused
from core.cluster.sources import Source
from core.cluster.stages import Decoded, Embedded
from tests.core.cluster.material import contents_once, make_encoder, make_videos

NUM_VIDEOS = 4
READY, END = Connected(1, 1, 0), Ended()


class FakeChild:
    """Says, each time it is started, what is next in `says`: messages, numbers of videos that were embedded, or what
    to call then."""

    says: list[list[Any]]
    asked: list[list[str]]
    log = Path("ray.log")

    def __init__(self, job: Job) -> None:
        self.asked.append([source.path.stem for source in job.sources])
        self._sources = {source.path.stem: source for source in job.sources}

    def __enter__(self) -> FakeChild:
        return self

    def __exit__(self, *_: object) -> None: ...

    def messages(self, control: Control, first_seconds: float) -> Iterator[object]:
        for one in self.says.pop(0):
            if control.paused or control.stop_requested:
                return
            if callable(one):
                one()
            else:
                yield _embedded(self._sources[f"clip{one}"]) if isinstance(one, int) else one


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> type[FakeChild]:
    FakeChild.says, FakeChild.asked = [], []
    monkeypatch.setattr(embedding, "Child", FakeChild)
    monkeypatch.setattr(embedding, "check", lambda address: None)
    return FakeChild


class Run:
    """A run whose events are kept."""

    def __init__(self, folder: Path) -> None:
        make_videos(folder / "clips", NUM_VIDEOS)
        make_encoder(folder / "run")
        self.out, self.control = folder / "out", Control()
        self.events: list[Event] = []
        inputs = [folder / "clips"]
        self.run = ClusterEmbedding(inputs, folder / "run", self.out, sink=self.events.append, control=self.control).run

    @property
    def notices(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Notice)]


def _embedded(source: Source) -> Embedded:
    digest = f"{int(source.path.stem.removeprefix('clip')):032x}"
    rows = np.random.default_rng(int(digest, 16)).normal(size=(5, 8)).astype(np.float32)
    return Embedded(source, digest, np.arange(6) / 30, rows, np.zeros(5, np.float32), 30.0, None)


@pytest.fixture
def run(tmp_path: Path, narrow: None) -> Run:
    return Run(tmp_path)


def test_what_was_lost_is_asked_for_again_and_what_comes_twice_counts_once(run: Run, child: type[FakeChild]) -> None:
    child.says = [[READY, 2, 0, 2, END], [READY, 3, END], [READY, 1, END]]
    run.run()
    assert child.asked == [["clip0", "clip1", "clip2", "clip3"], ["clip1", "clip3"], ["clip1"]]
    assert len(contents_once(run.out)) == NUM_VIDEOS
    last = [event for event in run.events if isinstance(event, Progress)][-1]
    assert (last.done, last.total) == (NUM_VIDEOS, NUM_VIDEOS)
    run.run()
    assert len(child.asked) == 3, "what is embedded is not asked for"


def test_a_video_that_is_lost_again_and_again_is_left_out(run: Run, child: type[FakeChild]) -> None:
    child.says = [[READY, 0, 1, 2, END], *[[READY, END]] * 4]
    run.run()
    assert len(contents_once(run.out)) == NUM_VIDEOS - 1
    assert [notice for notice in run.notices if "clip3.mp4 was lost 5 times with the worker that had it" in notice]


def test_a_pause_gives_up_what_is_under_way_and_nothing_else(run: Run, child: type[FakeChild]) -> None:
    child.says = [[READY, 0, 1, run.control.pause, 2, 3, END], [READY, 2, 3, END]]
    with run.control.reporting_pauses(lambda paused: run.control.resume()):
        run.run()
    assert child.asked[1] == ["clip2", "clip3"]
    assert len(contents_once(run.out)) == NUM_VIDEOS


def test_a_driver_that_breaks_down_is_started_again_while_there_is_progress(run: Run, child: type[FakeChild]) -> None:
    child.says = [[READY, 0], [READY, 1], [READY], [READY]]
    with pytest.raises(ClusterError, match=r"was lost; ray.log may say why.*Run the same command again to resume\."):
        run.run()
    assert len(contents_once(run.out)) == 2, "what was embedded is kept"
    child.says = [[READY, 2, 3, END]]
    run.run()
    assert child.asked[-1] == ["clip2", "clip3"]


def test_what_a_node_or_the_driver_cannot_do_ends_the_run(run: Run, child: type[FakeChild]) -> None:
    child.says = [[]]
    with pytest.raises(ClusterError, match="No Ray cluster can be joined at auto"):
        run.run()
    child.says = [[READY, Refused("node7: The disk is full.")]]
    with pytest.raises(ClusterError, match="node7: The disk is full"):
        run.run()
    child.says = [[READY, Broken("Traceback: a bug")]]
    with pytest.raises(RuntimeError, match="Traceback: a bug"):
        run.run()


def test_of_broken_videos_alone_the_first_says_why(run: Run, child: type[FakeChild], tmp_path: Path) -> None:
    sources = [Source(str(tmp_path / "clips" / f"clip{number}.mp4"), 0, 0) for number in range(NUM_VIDEOS)]
    child.says = [[READY, *(Decoded(one, refused=f"{one.path.name} is broken.") for one in sources), END]]
    with pytest.raises(VideoError, match=r"clip0\.mp4 is broken\."):
        run.run()


def test_a_cluster_that_was_killed_here_is_not_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its head left the note by which Ray finds what runs on this computer."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.setattr(embedding.importlib.util, "find_spec", lambda name: name)
    assert embedding.live_address("auto") == "auto"
    (tmp_path / "ray").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        (tmp_path / "ray" / "ray_current_cluster").write_text(address, encoding="utf-8")
        assert embedding.live_address("auto") == "auto"
    assert embedding.live_address("auto") == "local"
    assert embedding.live_address(address) == address, "what is named is not replaced"
    monkeypatch.setenv("RAY_ADDRESS", address)
    assert embedding.live_address("auto") == "auto"
