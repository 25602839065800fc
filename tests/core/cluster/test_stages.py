"""What workers do with a video, one after the other in this process: no Ray."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.base.errors import ConfigError
from core.base.files import content_digest
from core.cluster.sources import Source, find_sources
from core.cluster.stages import Decoded, Encoder, Plan, as_keys, decode, read_encoder
from core.embedding.compute import Embedder
from core.settings.config import FramesConfig
from tests.core.cluster.material import make_encoder, make_videos

pytestmark = pytest.mark.usefixtures("narrow")


@pytest.fixture
def plan(tmp_path: Path) -> Iterator[Plan]:
    file = make_encoder(tmp_path / "run") / "encoder.safetensors"
    threads = torch.get_num_threads()
    made = Plan(read_encoder(file), content_digest(file), FramesConfig(), 32, "cpu", 2, None, 10**8, as_keys([]))
    yield made
    torch.set_num_threads(threads)


@pytest.fixture
def clip(tmp_path: Path) -> Source:
    return find_sources([make_videos(tmp_path / "clips", 1)])[0]


@pytest.mark.parametrize("most_frame_bytes", [10**8, 1])
def test_frames_that_travel_and_those_that_do_not_give_the_numbers_of_one_process(
    most_frame_bytes: int, plan: Plan, clip: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = replace(plan, most_frame_bytes=most_frame_bytes)
    (alone,) = Embedder(tmp_path / "run", device="cpu").each([clip.path])
    monkeypatch.setenv("CARL_CACHE", str(tmp_path / "node1"))
    decoded, files = decode(clip, plan)
    assert (bool(files), decoded.num_bytes > 0) == (most_frame_bytes > 1, most_frame_bytes > 1)
    monkeypatch.setenv("CARL_CACHE", str(tmp_path / "node2"))
    if files:
        clip.path.rename(clip.path.with_name("away.mp4"))  # only the first node could read it
    made = Encoder(plan).embed(decoded, files)
    assert made.embeddings.tobytes() == np.asarray(alone.embeddings).tobytes()
    assert made.edges_seconds.tobytes() == alone.edges_seconds.tobytes()
    assert made.digest == alone.digest
    assert made.identity == {"fps": 30.0, "num_bytes": clip.num_bytes, "modified_ns": clip.modified_ns}
    assert torch.get_num_threads() == plan.threads, "Ray would leave it one"


def test_what_needs_no_embedding_is_not_decoded(plan: Plan, clip: Source, tmp_path: Path) -> None:
    held = replace(plan, held=as_keys(["f" * 32, content_digest(clip.path), "0" * 32]))
    decoded, files = decode(clip, held)
    assert (decoded.is_held, decoded.refused, dict(files)) == (True, "", {})
    (broken := tmp_path / "broken.mp4").write_bytes(b"not a video")
    assert "broken.mp4 cannot be opened as a video" in decode(Source(str(broken), 1, 1), plan)[0].refused
    assert (
        "cannot be read on a node of the cluster" in decode(Source(str(tmp_path / "none.mp4"), 0, 0), plan)[0].refused
    )


def test_nodes_have_one_version(plan: Plan) -> None:
    with pytest.raises(ConfigError, match=r"has CARL Studio .*, not 0\.0\.9\. Install one version on all nodes\."):
        Encoder(replace(plan, version="0.0.9"))


def test_a_full_disk_of_a_node_ends_the_work(plan: Plan, clip: Source) -> None:
    decoded, _ = decode(clip, replace(plan, frames=replace(plan.frames, cache_size_gb=1e-6)))
    assert isinstance(decoded, Decoded)
    assert "frames.cache_size_gb" in decoded.failed
