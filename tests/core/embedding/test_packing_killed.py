"""A process that packs embeddings is killed at random moments: the folder opens, and the next process goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.dataset as ds
import pytest

from core.embedding.packed import PackedVideos
from tests.core.embedding.test_packed import ENCODER, check_same, video

NUM_VIDEOS = 400
CHILD = f"""
import sys
from pathlib import Path
from core.embedding.packing import PackedWriter
from tests.core.embedding.test_packed import ENCODER, video
with PackedWriter(Path(sys.argv[1]), ENCODER, file_bytes=1500, save_seconds=0.0) as writer:
    for number in range({NUM_VIDEOS}):
        writer.add(video(number))
        print(number, flush=True)
"""


@pytest.mark.journey
@pytest.mark.parametrize("seed", [0, 1])
def test_nothing_is_lost_or_doubled(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    root = Path(__file__).parents[3]
    confirmed = -1
    for _ in range(6):
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, cwd=root)
        assert child.stdout is not None
        for _ in range(int(rng.integers(1, NUM_VIDEOS // 2))):
            confirmed = max(confirmed, int(child.stdout.readline()))
        child.kill()
        child.communicate()
        opened = PackedVideos.open(tmp_path)
        assert len(opened) > confirmed, "each was written before it was confirmed"
        for number, one in enumerate(opened):
            check_same(one, video(number))
    subprocess.run([sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.DEVNULL, cwd=root, check=True)
    opened = PackedVideos.open(tmp_path)
    assert opened.encoder_digest == ENCODER
    assert list(opened.digests) == [video(number).digest for number in range(NUM_VIDEOS)]
    frames = ds.dataset(tmp_path / "frames", format="arrow").to_table(columns=["digest", "frame"])
    assert len(frames) == opened.num_frames, "nothing twice"
    assert not list(tmp_path.rglob("*.part*")), "leftovers of killed processes go"
