"""A cluster embeds as one process does: each video once, byte for byte, whatever is killed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from core.base.control import Control, Stopped
from core.base.errors import ClusterError
from core.base.events import Event, Notice, Progress
from core.base.files import content_digest
from core.cluster.embedding import ClusterEmbedding
from core.embedding.packed import PackedVideos
from tests.core.cluster.material import COMMAND, contents, contents_once, embed, make_encoder, make_videos
from tests.core.cluster.ray_nodes import RayNodes, children
from tests.core.cluster.s3 import NEEDED, serving
from tests.shared_material import made_once

pytest.importorskip("ray", reason='Ray is not installed: pip install "carl-gui[cluster]"')
pytestmark = [pytest.mark.journey, pytest.mark.skipif(sys.platform == "win32", reason="Ray's nodes need POSIX here")]

NUM_VIDEOS = 8


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Videos, an encoder, and what one process makes of them."""

    def make(folder: Path) -> None:
        make_videos(folder / "clips", NUM_VIDEOS)
        (folder / "clips" / "broken.mp4").write_bytes(b"not a video")
        make_encoder(folder / "run")
        words = [folder / "clips", "--encoder", folder / "run", "--out", folder / "alone", "--format", "packed"]
        made = embed([*words, "--device", "cpu"], folder / "cache")
        assert made.returncode == 0, made.stderr

    return made_once(tmp_path_factory, "cluster", make)


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayNodes]:
    folder = tmp_path_factory.mktemp("nodes")
    with RayNodes(2, folder / "cache", folder / "ray.log") as started:
        yield started


class Run:
    """A run on a cluster, and what it reports."""

    def __init__(self, material: Path, out: Path, address: str, **changed: object) -> None:
        self.notices: list[str] = []
        self.progress: list[Progress] = []
        self.control = Control()
        self.on_progress: Callable[[float], None] = lambda done: None
        self.out = out
        self._run = ClusterEmbedding(
            [material / "clips"],
            material / "run",
            out,
            address,
            sink=self._hear,
            control=self.control,
            **{"device": "cpu", **changed},  # type: ignore[arg-type]
        )

    def __call__(self) -> dict[str, tuple[bytes, ...]]:
        self._run.run()
        return contents_once(self.out)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Notice):
            self.notices.append(event.message)
        if isinstance(event, Progress):
            self.progress.append(event)
            self.on_progress(event.done)


def test_nodes_embed_as_one_process_does_and_a_second_run_finds_all_done(
    material: Path, nodes: RayNodes, tmp_path: Path
) -> None:
    alone = contents(material / "alone")
    first = Run(material, tmp_path / "out", nodes.address)
    assert first() == alone
    assert len(alone) == NUM_VIDEOS
    left_out = [notice for notice in first.notices if notice.startswith("Left out")]
    assert len(left_out) == 1, "a broken video is one notice"
    assert "broken.mp4 cannot be opened as a video" in left_out[0]
    last = first.progress[-1]
    assert (last.stage, last.done, last.total, last.unit) == ("embed", NUM_VIDEOS + 1, NUM_VIDEOS + 1, "video")
    assert last.rate > 0
    again = Run(material, tmp_path / "out", nodes.address)
    assert again() == alone
    assert again.progress[0].done == NUM_VIDEOS, "what is embedded counts as done before"


@pytest.mark.parametrize("kind", ["worker", "node"])
def test_what_is_killed_loses_nothing_and_doubles_nothing(
    kind: str, material: Path, nodes: RayNodes, tmp_path: Path
) -> None:
    run = Run(material, tmp_path / "out", nodes.address, most_frame_bytes=1 if kind == "worker" else 0)
    killed: list[psutil.Process] = []

    def kill(done: float) -> None:
        if done >= 2 and not killed:
            killed[:] = nodes.workers() if kind == "worker" else nodes.nodes[:1]
            if kind == "node":
                nodes.kill_node(0)
            else:
                for worker in killed:
                    worker.kill()

    run.on_progress = kill
    assert run() == contents(material / "alone")
    assert killed
    if kind == "node":
        nodes.add()


_FATAL = """
import os
from core.cluster.sources import Source

read = Source.read
Source.read = lambda source, rate: os._exit(1) if source.name.endswith("fatal.mp4") else read(source, rate)
"""


def test_a_video_that_kills_its_worker_is_left_out(
    material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "workers").mkdir()
    (tmp_path / "workers" / "sitecustomize.py").write_text(_FATAL, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "workers"), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setattr("core.cluster.embedding._MOST_LOSSES", 2)
    clips = make_videos(tmp_path / "clips", 2)
    (clips / "clip1.mp4").rename(clips / "fatal.mp4")
    (tmp_path / "run").symlink_to(material / "run")
    run = Run(tmp_path, tmp_path / "out", "local")
    assert len(run()) == 1
    assert [notice for notice in run.notices if "Left out" in notice] == [
        f"Left out: {clips / 'fatal.mp4'} was lost 2 times with the worker that had it. Check the video, or run the "
        "same command again."
    ]


def test_videos_of_a_bucket_are_embedded_into_a_bucket(material: Path, tmp_path: Path) -> None:
    for module in NEEDED:
        pytest.importorskip(module, reason=f"{module} is not installed: it serves S3 to the tests")
    out = "s3://bucket/embeddings"
    with serving() as (environment, system):
        system.put(str(material / "clips"), "bucket/videos", recursive=True)
        words = ["s3://bucket/videos", "--encoder", material / "run", "--out", out, "--cluster", "local"]
        made = embed([*words, "--device", "cpu"], tmp_path / "cache", **environment)
        assert made.returncode == 0, made.stderr
        assert "Left out: s3://bucket/videos/broken.mp4 cannot be opened as a video" in made.stderr
        system.get("bucket/embeddings", str(tmp_path / "read"), recursive=True)
    assert contents_once(tmp_path / "read") == contents(material / "alone")
    names = {entry["path"] for entry in PackedVideos.open(tmp_path / "read").entries()}
    assert names == {f"s3://bucket/videos/clip{number}.mp4" for number in range(NUM_VIDEOS)}
    assert not list((tmp_path / "cache" / "fetched").iterdir())


def test_a_command_that_was_killed_resumes_where_it_was(material: Path, nodes: RayNodes, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [material / "clips", "--encoder", material / "run", "--out", out, "--cluster", nodes.address, "--events"]
    first = subprocess.Popen([*COMMAND, *map(str, words)], stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    events = map(json.loads, first.stdout)
    assert next(event for event in events if event.get("stage") == "embed" and event["done"] >= 3)
    below = children(psutil.Process(first.pid))
    first.kill()
    first.wait()
    first.stdout.close()
    _, alive = psutil.wait_procs(below, timeout=30)
    assert alive == [], "the driver ends with its command"
    assert Run(material, out, nodes.address)() == contents(material / "alone")


def test_a_stop_keeps_what_was_embedded_and_leaves_no_process(material: Path, tmp_path: Path) -> None:
    """Here with a Ray that is started for the run."""
    run = Run(material, tmp_path / "out", "local")
    others = children(psutil.Process())
    below: list[psutil.Process] = []

    def stop(done: float) -> None:
        if done >= 2:
            below[:] = below or [child for child in children(psutil.Process()) if child not in others]
            run.control.stop()

    run.on_progress = stop
    with pytest.raises(Stopped):
        run()
    kept = contents_once(tmp_path / "out")
    assert kept
    assert kept.items() < contents(material / "alone").items()
    _, alive = psutil.wait_procs(below, timeout=30)
    assert (len(below) > 3, alive) == (True, [])


def test_a_head_that_dies_is_one_sentence_that_says_how_to_resume(
    material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are more videos than can be embedded before the loss is noticed."""
    monkeypatch.setenv("RAY_gcs_rpc_server_reconnect_timeout_s", "2")
    many = tmp_path / "many"
    clips = make_videos(many / "clips", 150, frames=40)
    (many / "run").symlink_to(material / "run")
    with RayNodes(1, tmp_path / "cache", tmp_path / "ray.log") as lost:
        run = Run(many, tmp_path / "out", lost.address)
        run.on_progress = lambda done: lost.head.kill() if done >= 2 else None
        with pytest.raises(ClusterError, match=r"What was embedded is kept\. Run the same command again to resume\."):
            run()
    kept = contents_once(tmp_path / "out")
    assert kept
    assert kept.keys() < {content_digest(clip) for clip in clips.iterdir()}


def test_a_head_that_cannot_be_reached_is_one_sentence(material: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    words = [material / "clips", "--encoder", material / "run", "--out", tmp_path / "out", "--cluster", address]
    said = embed(words, tmp_path / "cache")
    assert said.returncode == 2
    assert said.stderr == (
        f"The head of the cluster at {address} cannot be reached (Connection refused). Check the address, and that Ray "
        "runs there: ray start --head\n"
    )
