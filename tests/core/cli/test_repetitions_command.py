"""`python -m core.align A B --repetitions`: its table, its sentence, and what it refuses; and labels that follow."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.align.repetitions import NONE, Prices, Repetitions, RepetitionSpan
from core.align.tables import ALIGNABILITY, COLUMNS, read_path
from core.base.errors import LabelError
from core.base.files import content_digest
from core.cli import align as command
from core.cli import repetitions
from core.embedding import compute as embedding
from core.embedding.embedded_video import EmbeddedVideo
from core.label.labelling import label_videos
from core.label.transfer import carry, transfer_votes
from core.labels.segments import UNLABELLED, frame_labels
from core.repetitions import repeats
from core.repetitions.files import read_found
from core.repetitions.tables import REPETITION, repetitions_in_words
from tests.conftest import VideoWriter
from tests.core.label.clips import PHASES, clip, spans

Align = Callable[..., int]
FOUND = Repetitions(
    (RepetitionSpan(1, 1, 4, 0.9), RepetitionSpan(2, 4, 7, 0.75)),
    np.array([NONE, 0, 1, 2, 0, NONE, 2, NONE]),
    np.array([0, 1, 1, 1, 2, 2, 2, 0]),
    1.0,
    Prices(0.5, 0.5),
)


@pytest.fixture
def align(tmp_path: Path, write_video: VideoWriter, monkeypatch: pytest.MonkeyPatch) -> Align:
    """Runs the command on a.mp4 of 3 frames and b.mp4 of 8, in which `FOUND` is what is found."""
    write_video("a.mp4", 3)
    write_video("b.mp4", 8)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "encoder.safetensors").write_bytes(b"weights")

    def opened(paths: list[Path], encoder_file: Path, **_: object) -> object:
        pair = [
            EmbeddedVideo(path, path.stem * 8, np.arange(count + 1) / 10, np.eye(8, 4, dtype=np.float32)[:count])
            for path, count in zip(paths, (3, 8), strict=True)
        ]
        return pair, FOUND

    monkeypatch.setattr(repeats, "open_repeated", opened)
    given = ["a.mp4", "b.mp4", "--encoder", "encoder.safetensors", "--repetitions", "--events"]
    return lambda *arguments: command.main([*given, *(arguments or ("--out", "path.csv"))])


def test_the_table_has_every_frame_of_b_and_its_repetition(align: Align, capsys: pytest.CaptureFixture[str]) -> None:
    assert align() == 0
    with Path("path.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [*(name for name in COLUMNS if name != ALIGNABILITY), REPETITION]
    assert [row["b_frame"] for row in rows] == [str(frame) for frame in range(8)]
    assert [row["a_frame"] for row in rows] == ["", "0", "1", "2", "0", "", "2", ""]
    assert [row[REPETITION] for row in rows] == ["", "1", "1", "1", "2", "2", "2", ""]
    assert [row["confidence"] for row in rows] == ["", *["0.9000"] * 3, "0.7500", "", "0.7500", ""]
    assert {row["a_seconds"] for row in rows if not row["a_frame"]} == {""}
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["message"] for one in said if one["event"] == "notice"] == [
        "b.mp4 repeats a.mp4 2 times: 0.10 to 0.40 s (90%), 0.40 to 0.70 s (75%)."
    ]


def test_a_table_of_repetitions_is_no_path(align: Align) -> None:
    assert align() == 0
    with pytest.raises(LabelError, match=r"path.csv, line 6: .*repetitions"):
        read_path(Path("path.csv"))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--heatmap", "map.png"), "writes only --out"),
        (("--out", "path.csv", "--video", "both.mp4"), "writes only --out"),
        (("--out", "path.csv", "--band", "0.1"), "Leave them out"),
        (("--out", "path.csv", "--grid", "all.mp4"), "takes two videos"),
    ],
)
def test_what_makes_no_sense_is_refused(
    align: Align, arguments: tuple[str, ...], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert align(*arguments) == 2
    assert reason in capsys.readouterr().err


def test_that_nothing_was_found_is_said_with_a_remedy() -> None:
    none = Repetitions((), np.full(8, NONE), np.zeros(8, np.int64), 4.0, Prices(0.5, 0.5))
    video = EmbeddedVideo(Path("b.mp4"), "", np.arange(9) / 10, np.eye(8, 4, dtype=np.float32))
    assert repetitions_in_words("a.mp4", video, none).startswith("No repetition of a.mp4 was found in b.mp4. Give")


@pytest.mark.parametrize("method", ["transfer", "both"])
def test_each_repetition_gets_the_phases_of_the_reference(method: str) -> None:
    lengths = (12, 20, 10)
    reference, twice = clip("a.mp4", lengths, seed=1), clip("b.mp4", lengths, seed=2)
    twice = EmbeddedVideo(
        twice.path, "", np.arange(85.0), np.concatenate([twice.embeddings, clip("c.mp4", lengths, seed=3).embeddings])
    )
    given = [list(spans(lengths)), []]
    made = label_videos([reference, twice], given, method=method, cycles=[None, [(0, 42), (42, 84)]])[1]
    once = [span.phase for span in spans(lengths)]
    assert [span.phase for span in made.spans] == once * 2
    assert abs(made.spans[3].start_frame - 42) <= 1


def test_frames_outside_of_all_repetitions_get_no_vote() -> None:
    lengths = (12, 20, 10)
    reference, video = clip("a.mp4", lengths, seed=1), clip("b.mp4", lengths, seed=2)
    labels = np.repeat(np.arange(3), lengths)
    votes = transfer_votes(video.embeddings, [(reference.embeddings, labels)], 3, cycles=[(10, 20), (24, 30)])
    assert np.flatnonzero(votes.any(axis=1)).tolist() == [*range(10, 20), *range(24, 30)]
    alone = transfer_votes(video.embeddings[24:30], [(reference.embeddings, labels)], 3)
    assert votes[24:30].tolist() == alone.tolist()


def test_carried_labels_go_to_each_repetition_as_to_a_video_of_its_own() -> None:
    lengths, cycles, pin = (12, 20, 10), [(3, 45), (50, 92)], (12, 70)
    reference, rest = (
        clip("a.mp4", lengths, seed=1).embeddings,
        np.tile(-clip("d.mp4", (5,), seed=4).embeddings, (1, 1)),
    )
    parts = [clip(f"{seed}.mp4", lengths, seed=seed).embeddings for seed in (2, 3)]
    video = np.concatenate([rest[:3], parts[0], rest, parts[1], rest[:2]])
    made = carry(spans(lengths), reference, video, [pin], cycles=cycles)
    alone = [carry(spans(lengths), reference, parts[0]), carry(spans(lengths), reference, parts[1], [(12, 20)])]
    moved = [
        replace(span, start_frame=span.start_frame + start, end_frame_exclusive=span.end_frame_exclusive + start)
        for (start, _), one in zip(cycles, alone, strict=True)
        for span in one.spans
    ]
    assert list(made.spans) == moved
    assert made.num_unmatched == sum(one.num_unmatched for one in alone) + 3 + 5 + 2
    assert min(one.mean_cost for one in alone) <= made.mean_cost <= max(one.mean_cost for one in alone)
    labels = frame_labels(spans(lengths), len(reference), PHASES)
    votes = transfer_votes(video, [(reference, labels)], len(PHASES), cycles=cycles)
    without = carry(spans(lengths), reference, video, cycles=cycles)
    said = np.where(votes.any(axis=1), votes.argmax(axis=1), UNLABELLED)
    assert said.tolist() == frame_labels(without.spans, len(video), PHASES).tolist(), (
        "as core.label --repetitions votes"
    )


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs `core.repetitions` on videos whose features are their number: 3 is found to repeat the others twice."""
    for name in ("1.mp4", "2.mp4", "3.mp4", "encoder.safetensors"):
        (tmp_path / name).write_bytes(name.encode())
    monkeypatch.chdir(tmp_path)

    class Stored:
        def __init__(self, path: Path) -> None:
            self.path, self.digest, self.edges_seconds = path, path.stem * 8, np.arange(9) / 10

    def open_features(_: object, paths: list[Path]) -> list[repeats.OpenedFeatures]:
        return [repeats.OpenedFeatures(Stored(path), np.full((8, 2), int(path.stem))) for path in paths]

    def find_in_clip(_: object, references: list[NDArray], features: NDArray, **__: object) -> repeats.RepeatedClip:
        assert references[0][0, 0] != features[0, 0]
        none = Repetitions((), np.full(8, NONE), np.zeros(8, np.int64), 4.0, Prices(0.5, 0.5))
        return repeats.RepeatedClip(FOUND if features[0, 0] == 3 else none, np.eye(8, 4, dtype=np.float32), 4)

    monkeypatch.setattr(repeats, "open_features", open_features)
    monkeypatch.setattr(repeats, "find_in_clip", find_in_clip)
    monkeypatch.setattr(repeats, "embed_alone", lambda *_: np.eye(8, 4, dtype=np.float32))
    monkeypatch.setattr(embedding, "Embedder", lambda *_, **__: SimpleNamespace(encoder=None))
    given = ["--encoder", "encoder.safetensors", "--events"]
    return lambda *words: repetitions.main([*words, *given])


def test_repetitions_are_written_with_what_they_are_of(
    search: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert search("1.mp4", "2.mp4", "3.mp4", "--out", "found.npz") == 0
    found, digest = read_found(Path("found.npz"))
    assert digest == content_digest(Path("encoder.safetensors"))
    assert [(one.reference.digest[0], one.video.digest[0], one.repetitions.count) for one in found] == [
        ("1", "2", 0),
        ("1", "3", 2),
    ]
    assert found[1].repetitions.spans == FOUND.spans
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [one["message"] for one in said if one["event"] == "notice"]
    assert told[0].startswith("No repetition of 1.mp4 was found in 2.mp4")
    assert told[1].startswith("3.mp4 repeats 1.mp4 2 times")


def test_either_of_two_may_repeat_the_other(search: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    for words, way in ((["3.mp4", "1.mp4"], "31"), (["3.mp4", "1.mp4", "--either"], "13")):
        assert search(*words, "--out", "found.npz") == 0
        ((one,), _) = read_found(Path("found.npz"))
        assert one.reference.digest[0] + one.video.digest[0] == way
        assert one.repetitions.count == (2 if way == "13" else 0)
    assert search("1.mp4", "2.mp4", "--out", "found.csv") == 2
    assert "found.csv" in capsys.readouterr().err
