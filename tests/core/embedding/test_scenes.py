"""Frames of another scene: told by how frames hang together, kept with the embeddings, without a partner."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.align import align_partial
from core.align.confidence import Calibration
from core.align.many import match, match_many
from core.align.strangers import strange_in_words
from core.align.tables import read_path
from core.cli import align as command
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import read_embedded, write_embedded
from core.embedding.library import open_embedded
from core.embedding.scenes import sample_frames, strange_frames, strangeness
from core.model.checkpoint import save_encoder
from tests.conftest import VideoWriter
from tests.core.cli.test_align_command import embed_numbers
from tests.core.small import small_config, small_encoder

Rows = NDArray[np.float32]
_CALIBRATION = Calibration(0.8, 0.05)


def scene(seed: int, frames: int, width: int = 96, speed: float = 0.3) -> Rows:
    """(S, F) features of a scene: what stays, and a movement whose steps differ in size by a factor of twenty."""
    drawn = np.random.default_rng(seed)
    place, sides = drawn.normal(size=width), drawn.normal(size=(2, width))
    turned = np.cumsum(np.where(np.arange(frames) % 40 < 30, speed / 20, speed))[:, None]
    moved = np.cos(turned) * sides[0] + np.sin(turned) * sides[1]
    rows: Rows = (place + 0.5 * moved + 0.02 * drawn.normal(size=(frames, width))).astype(np.float32)
    return rows


def strange(rows: Rows, scale: float | None = 1.0) -> NDArray[np.bool_]:
    return strange_frames(strangeness(rows[sample_frames(len(rows))], [rows], scale), len(rows))


def put(rows: Rows, block: Rows, at: int) -> tuple[Rows, NDArray[np.bool_]]:
    """Rows with a block put in, and which of them it is."""
    is_block = np.zeros(len(rows) + len(block), np.bool_)
    is_block[at : at + len(block)] = True
    return np.concatenate([rows[:at], block, rows[at:]]), is_block


@pytest.mark.parametrize("seed", range(6))
def test_whatever_moves_within_a_scene_is_at_home(seed: int) -> None:
    assert not strange(scene(seed, 150)).any()
    assert not strange(scene(seed, 150, speed=1.0)).any()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("share", [0.05, 0.2, 0.4])
def test_a_block_of_another_scene_is_told_wherever_it_is(seed: int, share: float) -> None:
    own = scene(seed, 120)
    block = scene(100 + seed, round(120 * share / (1 - share)))
    for at in (0, 60, 120):
        rows, is_block = put(own, block, at)
        np.testing.assert_array_equal(strange(rows), is_block)


def test_when_in_doubt_nothing_is_strange() -> None:
    one, other = scene(1, 60), scene(2, 60)
    assert not strange(np.concatenate([one, other])).any(), "of two halves none is the stranger"
    shots = np.concatenate([scene(seed, 12 if seed % 2 else 24) if seed % 2 else scene(0, 24) for seed in range(12)])
    assert not strange(shots).any(), "an edited film"
    fade = np.linspace(0, 1, 60)[:, None]
    assert not strange(np.concatenate([one, one[-1] * (1 - fade) + other[0] * fade, other[:20]])).any(), "a slow fade"
    flash, _ = put(one, other[:2], 30)
    assert not strange(flash).any(), "a flash"
    change = np.random.default_rng(0).normal(size=one.shape[1]).astype(np.float32)
    still = scene(1, 60, speed=0.001)
    still[40:] += 0.4 * change
    assert not strange(still).any(), "the lights: a change that is small beside those from video to video"
    jump = one.copy()
    jump[40:] += 0.6 * change
    assert not strange(jump, 0.3).any(), "a cut to what is no farther than what moves within the scene"
    assert not strange(one[:5]).any()


def test_still_pictures_and_numbers_that_are_none() -> None:
    still = np.repeat(scene(1, 1), 50, axis=0)
    assert not strange(still).any()
    rows, is_block = put(still, scene(2, 10), 20)
    np.testing.assert_array_equal(strange(rows), is_block)
    rows[3, 4] = np.nan
    assert not strange(rows).any()
    assert not strange(np.zeros((20, 4), np.float32), None).any()


def test_the_scale_of_the_features_does_not_matter() -> None:
    rows, is_block = put(scene(1, 90), scene(2, 20), 30)
    for factor in (1e-3, 1.0, 1e3):
        np.testing.assert_array_equal(strange(rows * np.float32(factor), factor), is_block)
    np.testing.assert_array_equal(strange(rows, None), is_block)


def test_a_long_video_is_told_from_a_sample_of_its_frames() -> None:
    rows, is_block = put(scene(1, 3000, speed=0.02), scene(2, 400), 1234)
    chosen = sample_frames(len(rows))
    assert len(chosen) == 1000
    assert (chosen[0], chosen[-1]) == (0, len(rows) - 1)
    found = strangeness(rows[chosen], np.array_split(rows, 7), 1.0)
    np.testing.assert_array_equal(found, strangeness(rows[chosen], [rows], 1.0))
    np.testing.assert_array_equal(strange_frames(found, len(rows)), is_block)


def turning(moments: NDArray[np.float64]) -> Rows:
    """(S, 8) rows of norm 1: what is seen at each moment from 0 to 1."""
    phases = moments[:, None] * np.array([3.0, 7.0, 10.0, 13.0]) + np.arange(4)
    return (np.concatenate([np.cos(phases), np.sin(phases)], axis=1) / 2).astype(np.float32)


def test_a_strange_frame_has_no_partner_however_alike() -> None:
    a, b = turning(np.linspace(0, 1, 60)), turning(np.linspace(0, 1, 80))
    out_a, out_b = np.zeros(60, np.bool_), np.zeros(80, np.bool_)
    out_a[[0, 20, 21, 22, 50]], out_b[60:70] = True, True
    for band in (None, 0.2):
        found = align_partial(a, b, calibration=_CALIBRATION, strange_a=out_a, strange_b=out_b, band=band)
        assert not found.has_partner_a[out_a].any()
        assert not found.has_partner_b[out_b].any()
        assert found.matched_share > 0.6
    other_way = align_partial(b, a, calibration=_CALIBRATION, strange_a=out_b, strange_b=out_a)
    assert other_way.cost == pytest.approx(found.cost, rel=1e-4)
    pinned = align_partial(a, b, calibration=_CALIBRATION, strange_a=out_a, strange_b=out_b, anchors=[(21, 28)])
    assert pinned.has_partner_a[21], "a person has pinned it"
    assert not pinned.has_partner_a[[20, 22]].any()
    assert align_partial(a, b, least_confidence=0, strange_a=out_a, strange_b=out_b).matched_share == 1
    none, plain = np.zeros(60, np.bool_), align_partial(a, b, calibration=_CALIBRATION)
    np.testing.assert_array_equal(
        align_partial(a, b, calibration=_CALIBRATION, strange_a=none).a_frames, plain.a_frames
    )
    with pytest.raises(ValueError, match="expected 60 flags of strange frames"):
        align_partial(a, b, strange_a=out_b)


def test_many_videos_pass_on_what_is_strange() -> None:
    reference, other = turning(np.linspace(0, 1, 50)), turning(np.linspace(0, 1, 40))
    out, out_other = np.arange(50) < 12, np.arange(40) >= 33
    (first, second) = match_many(reference, [other, other], strange_reference=out, strange=[out_other, None])
    assert not first.has_partner[out].any()
    assert not second.has_partner[out].any()
    assert first.frames[first.has_partner].max() == 32
    assert second.frames[second.has_partner].max() == 39
    np.testing.assert_array_equal(
        first.frames, match(reference, other, strange_reference=out, strange=out_other).frames
    )


def embedded(name: str, count: int, far: Sequence[int] | None) -> EmbeddedVideo:
    found = None
    if far is not None:
        found = np.full(count, 0.5, np.float32)
        found[list(far)] = 3
    rows = turning(np.linspace(0, 1, count))
    return EmbeddedVideo(Path("/videos", name), f"{count:032x}", np.arange(count + 1) / 10, rows, strangeness=found)


def test_a_folder_keeps_it_and_older_ones_still_open(tmp_path: Path) -> None:
    videos = [embedded("a.mp4", 30, range(5, 9)), embedded("b.mp4", 20, None)]
    write_embedded(tmp_path, videos, "digest")
    first, second = read_embedded(tmp_path, "digest")
    assert first.strangeness is not None
    assert np.flatnonzero(first.is_strange).tolist() == [5, 6, 7, 8]
    assert second.strangeness is None
    assert second.is_strange.tolist() == [False] * 20
    file = tmp_path / "strangeness.npz"
    np.savez(file, allow_pickle=False, **{f"{30:032x}": np.full(31, 3, np.float32)})
    assert read_embedded(tmp_path, "digest")[0].strangeness is None, "of another length: an older version wrote anew"
    file.unlink()
    assert [video.strangeness for video in read_embedded(tmp_path, "digest")] == [None, None]
    with pytest.raises(ValueError, match="expected one strangeness per frame"):
        EmbeddedVideo(Path("a"), "", first.edges_seconds, first.embeddings, strangeness=np.zeros(31, np.float32))


def noisy(seed: int, height: int, width: int) -> NDArray[np.uint8]:
    picture: NDArray[np.uint8] = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    return picture


@pytest.mark.parametrize("changed", [{}, {"encoder__temporal": "conv3d", "train__mode": "finetune"}])
def test_the_embedder_tells_a_black_stretch(
    tmp_path: Path, write_video: VideoWriter, changed: dict[str, object]
) -> None:
    config = small_config(**changed)
    save_encoder(tmp_path / "run" / "encoder.safetensors", small_encoder(config), config, {})

    def image(index: int, width: int, height: int) -> NDArray[np.uint8]:
        if 8 <= index < 14:
            return np.zeros((height, width, 3), np.uint8)
        return np.roll(noisy(3, height, width), index, axis=1)

    write_video("a.mp4", 24, image=image)
    for _ in range(2):  # made, and opened again
        (video,) = open_embedded([tmp_path / "a.mp4"], tmp_path / "run", device="cpu")
        assert video.strangeness is not None
        assert video.strangeness.dtype == np.float32
        assert np.flatnonzero(video.is_strange).tolist() == list(range(8, 14))


def test_it_is_said_which_frames_have_no_partner_and_how_to_keep_them() -> None:
    says = strange_in_words("A", embedded("a.mp4", 60, [*range(32, 44), *range(50, 53)]))
    assert says == (
        "15 frames of A (3.2 s to 4.4 s, 5.0 s to 5.3 s) look like another scene, so they are not matched. Pass "
        "--keep-other-scenes to match all frames."
    )
    assert strange_in_words("A", embedded("a.mp4", 9, [3])).startswith("1 frame of A (0.3 s to 0.4 s) looks like")
    assert strange_in_words("A", embedded("a.mp4", 9, [])) == strange_in_words("A", embedded("a.mp4", 9, None)) == ""


def test_the_command_leaves_them_out_and_keeps_them_where_asked(
    tmp_path: Path, write_video: VideoWriter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def opened(paths: Sequence[Path], encoder_file: Path, **options: object) -> list[EmbeddedVideo]:
        found = np.zeros(15, np.float32)
        found[6:10] = 2
        made = embed_numbers(paths, encoder_file, **options)
        return [
            EmbeddedVideo(one.path, one.digest, one.edges_seconds, one.embeddings, one.stored, found) for one in made
        ]

    monkeypatch.setattr(command, "open_embedded", opened)
    monkeypatch.chdir(tmp_path)
    for name in ("a.mp4", "b.mp4"):
        write_video(name, 15)
    (tmp_path / "encoder.safetensors").write_bytes(b"weights")
    words = ["a.mp4", "b.mp4", "--encoder", "encoder.safetensors", "--events"]

    def notices(*more: str) -> list[str]:
        assert command.main([*words, *more]) == 0
        events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return [event["message"] for event in events if event["event"] == "notice" and "scene" in event["message"]]

    told = notices("--out", "p.csv")
    assert [one.split(" look")[0] for one in told] == [f"4 frames of {name} (0.2 s to 0.3 s)" for name in "AB"]
    assert not set(range(6, 10)) & set(read_path(tmp_path / "p.csv").a_frames.tolist())
    assert [one.split(" (")[0] for one in notices("--table", "t.csv")] == ["4 frames of a.mp4", "4 frames of b.mp4"]
    for switch in (["--keep-other-scenes"], ["--min-confidence", "0"]):
        assert notices("--out", "p.csv", *switch) == []
        assert read_path(tmp_path / "p.csv").has_partner_a.all()
