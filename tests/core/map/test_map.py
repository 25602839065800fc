"""Maps of all frames: principal components are those of numpy, UMAP keeps neighbours, files say what they are of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.base.control import Control, Stopped
from core.base.errors import ConfigError, StorageError
from core.base.events import Event, Finished, Progress
from core.cli.map import main
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import write_embedded
from core.map import FrameMap, pca_map, read_map, rows, write_map
from core.map.clusters import NO_CLUSTER, cluster_frames
from core.map.nearest import nearest
from core.map.pca import fit_pca
from core.map.umap_map import umap_map

ENCODER = "e" * 32


def video(number: int, embeddings: np.ndarray) -> EmbeddedVideo:
    """With those embeddings, at 30 frames a second."""
    edges_seconds = np.arange(len(embeddings) + 1) / 30
    return EmbeddedVideo(Path(f"v{number}.mp4"), f"{number:032x}", edges_seconds, embeddings.astype(np.float32))


def random_videos(*lengths: int, width: int = 16, seed: int = 0) -> list[EmbeddedVideo]:
    """Rows of norm 1 that differ more along some directions than along others."""
    rng = np.random.default_rng(seed)
    scales = 2.0 ** -np.arange(width)
    found = []
    for number, length in enumerate(lengths):
        embeddings = rng.normal(size=(length, width)) * scales + scales[::-1]
        found.append(video(number, embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)))
    return found


def loops(count: int, length: int, width: int = 32) -> list[EmbeddedVideo]:
    """Each video goes around the same circle once, with noise: what lies close together is known."""
    rng = np.random.default_rng(1)
    phase = np.linspace(0, 2 * np.pi, length, endpoint=False)
    found = []
    for number in range(count):
        embeddings = np.zeros((length, width))
        embeddings[:, 0], embeddings[:, 1] = np.cos(phase), np.sin(phase)
        embeddings += rng.normal(scale=0.02, size=embeddings.shape)
        found.append(video(number, embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)))
    return found


@pytest.mark.parametrize("block", [7, 1000])
def test_principal_components_are_those_of_a_singular_value_decomposition(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows.blocks, "__defaults__", (block,))
    videos = random_videos(50, 1, 30)
    whole = np.concatenate([one.embeddings for one in videos]).astype(np.float64)
    centred = whole - whole.mean(axis=0)
    _, values, axes = np.linalg.svd(centred, full_matrices=False)
    made = pca_map(videos, ENCODER)
    for axis in range(2):
        sign = np.sign(axes[axis][np.abs(axes[axis]).argmax()])
        np.testing.assert_allclose(made.positions[:, axis], centred @ (sign * axes[axis]), atol=1e-6)
    np.testing.assert_allclose(made.shares, (values**2 / (values**2).sum())[:2], atol=1e-9)


def test_a_direction_far_from_zero_loses_no_digits() -> None:
    """Embeddings that hardly differ: sums of squares around zero would."""
    rng = np.random.default_rng(0)
    scales = 10.0 ** -np.array([7, 7, 7, 6, 7, 7, 7, 7])
    embeddings = (1 / np.sqrt(8) + scales * rng.normal(size=(400, 8))).astype(np.float32)
    whole = embeddings.astype(np.float64)
    centred = whole - whole.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    made = pca_map([video(0, embeddings)], ENCODER)
    np.testing.assert_allclose(np.abs(made.positions[:, 0]), np.abs(centred @ axis), rtol=0, atol=1e-12)


def test_frames_that_are_not_finite_are_placed_nowhere_and_move_nothing() -> None:
    sound, broken = random_videos(40, 20), random_videos(40, 20)
    embeddings = np.insert(broken[0].embeddings, [0, 10, 40], np.nan, axis=0)
    embeddings[0, 3] = np.inf
    broken[0] = video(0, embeddings)
    there = np.isfinite(embeddings).all(axis=1)
    made, without = pca_map(broken, ENCODER), pca_map(sound, ENCODER)
    assert np.isnan(made.positions[:43][~there]).all()
    np.testing.assert_allclose(made.positions[:43][there], without.positions[:40], atol=1e-6)
    assert (cluster_frames(broken, 3)[:43][~there] == NO_CLUSTER).all()
    assert (cluster_frames(broken, 3)[:43][there] != NO_CLUSTER).all()


@pytest.mark.parametrize("embeddings", [np.ones((1, 4)) / 2, np.tile([0.6, 0.8], (2, 1)), np.ones((5, 1))])
def test_frames_without_any_difference_lie_in_one_place(embeddings: np.ndarray) -> None:
    made = pca_map([video(0, embeddings)], ENCODER)
    np.testing.assert_allclose(made.positions, 0, atol=1e-7)
    assert made.shares == (0, 0)
    assert set(cluster_frames([video(0, embeddings)], 4)) == {0}


def test_nothing_and_different_widths_are_refused() -> None:
    with pytest.raises(ConfigError, match="no embedded frames"):
        pca_map([], ENCODER)
    with pytest.raises(ConfigError, match="cannot share a map"):
        pca_map([video(0, np.ones((3, 4))), video(1, np.ones((3, 5)))], ENCODER)


def test_the_nearest_are_those_of_brute_force() -> None:
    some, many = (random_videos(length, seed=seed)[0].embeddings for length, seed in ((60, 3), (300, 4)))
    many[7] = many[8]
    distances = np.linalg.norm(some[:, None].astype(np.float64) - many, axis=2)
    found, said = nearest(some, many, 6)
    np.testing.assert_allclose(said, np.sort(distances, axis=1)[:, :6], atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(distances, found, axis=1), said, atol=1e-5)
    assert all(len(set(row)) == 6 for row in found)


def test_a_map_is_known_by_its_videos_in_any_order() -> None:
    videos = random_videos(5, 3, 4)
    made = pca_map(videos, ENCODER)
    keys = [(one.digest, len(one)) for one in videos]
    again = made.of([keys[2], keys[0]])
    np.testing.assert_array_equal(again, np.concatenate([made.positions[8:], made.positions[:5]]))
    assert not made.lacks(*keys[1])
    assert made.lacks(keys[1][0], 4)
    assert made.lacks("other", 3)
    assert np.isnan(made.of([(keys[1][0], 4)])).all(), "it has other frames since"


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    made = pca_map(random_videos(5, 3), ENCODER)
    write_map(tmp_path / "maps" / "m.npz", made)
    read = read_map(tmp_path / "maps" / "m.npz")
    np.testing.assert_array_equal(read.positions, made.positions)
    told = [(one.method, one.encoder_digest, one.digests, one.num_frames, one.shares) for one in (read, made)]
    assert told[0] == told[1]
    assert read.trustworthiness is None


def test_damaged_and_foreign_files_are_one_sentence_and_run_nothing(tmp_path: Path) -> None:
    file = tmp_path / "m.npz"
    write_map(file, pca_map(random_videos(5), ENCODER))
    whole = file.read_bytes()
    held = dict(np.load(file))
    for content in (b"", b"no archive", whole[:100], whole[:-30]):
        file.write_bytes(content)
        with pytest.raises(StorageError, match="Make it again"):
            read_map(file)
    wrong = (
        {"positions": held["positions"][:3]},
        {"method": "tsne"},
        {"format_version": 99},
        {"positions": np.array([{}] * 5)},
    )
    for change in wrong:
        np.savez(file, **(held | change))
        with pytest.raises(StorageError, match="Make it again"):
            read_map(file)
    with pytest.raises(StorageError):
        read_map(tmp_path / "none.npz")


def test_clusters_are_those_that_there_are_the_largest_first() -> None:
    rng = np.random.default_rng(0)
    sizes = (20, 60, 40)
    groups = [np.eye(8)[k] + rng.normal(scale=0.05, size=(size, 8)) for k, size in enumerate(sizes)]
    videos = [video(number, group) for number, group in enumerate(groups)]
    found = cluster_frames(videos, 3)
    assert list(found) == [2] * 20 + [0] * 60 + [1] * 40
    np.testing.assert_array_equal(found, cluster_frames(videos, 3))


def test_umap_keeps_neighbours_and_places_the_frames_that_are_no_landmarks() -> None:
    videos = loops(6, 60)
    told: list[Event] = []
    made = umap_map(videos, ENCODER, landmarks=120, neighbours=8, sink=told.append)
    assert made.num_landmarks == 120
    assert np.isfinite(made.positions).all()
    assert made.trustworthiness is not None
    assert made.trustworthiness > 0.8
    by_video = made.positions.reshape(6, 60, 2)
    same = np.linalg.norm(by_video - by_video.mean(axis=0), axis=2).mean()
    others = np.linalg.norm(by_video - by_video.mean(axis=(0, 1)), axis=2).mean()
    assert same < others / 4, "the same moment of all videos lies together"
    stages = {event.stage for event in told if isinstance(event, Progress)}
    assert stages == {"neighbours", "layout", "placing"}
    assert max(event.done for event in told if isinstance(event, Progress) and event.stage == "layout") > 10
    again = umap_map(videos, ENCODER, landmarks=120, neighbours=8)
    np.testing.assert_array_equal(again.positions, made.positions)


def test_umap_stops_between_two_epochs() -> None:
    control, told = Control(), []

    def hear(event: Event) -> None:
        if isinstance(event, Progress) and event.stage == "layout":
            told.append(event.done)
            control.stop()

    with pytest.raises(Stopped):
        umap_map(loops(2, 30), ENCODER, sink=hear, control=control)
    assert len(told) == 1


def test_umap_of_few_frames_is_refused_and_of_equal_ones_made() -> None:
    with pytest.raises(ConfigError, match="at least 20 frames, not 19"):
        umap_map([video(0, np.ones((19, 4)))], ENCODER)
    made = umap_map([video(0, np.ones((25, 4)))], ENCODER)
    assert np.isfinite(made.positions).all()


def test_umap_of_groups_that_have_nothing_in_common_keeps_them_apart() -> None:
    """Neighbours never lead from one to another: the graph is in pieces, one of them of equal frames alone."""
    rng = np.random.default_rng(0)
    groups = [np.eye(4)[k] + rng.normal(scale=0.01 * (k > 0), size=(40, 4)) for k in range(4)]
    made = umap_map([video(k, group) for k, group in enumerate(groups)], ENCODER)
    assert np.isfinite(made.positions).all()
    centres = made.positions.reshape(4, 40, 2).mean(axis=1)
    apart = np.linalg.norm(centres[:, None] - centres, axis=2)[~np.eye(4, dtype=bool)].min()
    within = np.linalg.norm(made.positions.reshape(4, 40, 2) - centres[:, None], axis=2).max()
    assert apart > within


def test_both_maps_are_seen_the_same_way_up() -> None:
    videos = loops(3, 40)
    across, along = pca_map(videos, ENCODER).positions, umap_map(videos, ENCODER).positions
    centred = [one - one.mean(axis=0) for one in (across, along)]
    product = centred[1].T @ centred[0]
    np.testing.assert_allclose(product, product.T, atol=1e-2 * np.abs(product).max())
    assert np.linalg.eigvalsh((product + product.T) / 2).min() >= 0, "no turn brings them nearer to each other"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_embedded(tmp_path / "run-1", loops(2, 30), ENCODER)
    return tmp_path / "run-1"


def test_the_command_writes_a_map_without_torch(folder: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from core.cli.map import main; status = main(sys.argv[1:]);"
        "assert 'torch' not in sys.modules; sys.exit(status)"
    )
    for method in ("pca", "umap"):
        out = tmp_path / f"{method}.npz"
        words = [str(folder), "--method", method, "--out", str(out)]
        subprocess.run([sys.executable, "-W", "error", "-c", script, *words], check=True)
        made = read_map(out)
        assert (made.method, made.encoder_digest, made.num_frames) == (method, ENCODER, (30, 30))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["{0}/nothing", "--out", "{0}/m.npz"], "has no embeddings"),
        (["{1}", "--out", "{0}/m.csv"], "does not end in .npz"),
        (["{1}", "--out", "{1}/seconds.npz"], "would overwrite"),
        (["{1}", "--out", "{1}/strangeness.npz"], "would overwrite"),
        (["{1}", "--out", "{0}/m.npz", "--method", "umap", "--landmarks", "3"], "at least 20 landmarks"),
        (["{1}", "--out", "{0}/m.npz", "--method", "tsne"], "tsne"),
    ],
)
def test_a_wrong_word_is_one_sentence(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    assert main([word.format(tmp_path, folder) for word in words]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said


def test_nothing_is_written_where_it_was_stopped(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(videos: object, digest: str, *, sink: object, control: Control) -> FrameMap:
        control.stop()
        return pca_map(loops(2, 30), digest)

    monkeypatch.setattr("core.cli.map.pca_map", stopped)
    told: list[Event] = []
    monkeypatch.setattr("core.cli.command._Bar.__call__", lambda _, event: told.append(event))
    assert main([str(folder), "--out", str(tmp_path / "m.npz")]) == 0
    assert told == [Finished("stopped", "")]
    assert not (tmp_path / "m.npz").exists()


def test_axes_point_the_same_way_whatever_sign_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    videos = random_videos(50)
    before = fit_pca(videos).axes
    eigh = np.linalg.eigh
    monkeypatch.setattr(np.linalg, "eigh", lambda matrix: (eigh(matrix)[0], -eigh(matrix)[1]))
    np.testing.assert_allclose(fit_pca(videos).axes, before)
