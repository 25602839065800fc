"""Whether an encoder is any good: on the drawn sample it is, untrained it is not."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from core.cli.embed import main as embed
from core.cli.train import main as train
from core.evaluation.judgement import CHANCE, Judgement, read_judgement, write_judgement
from core.sample.make import make_sample
from tests.core.sample.drawn import share_clips

_FOUND = Judgement("d", "hog", 3, 0.9, 0.5, 3, 2, ("a", "b"), (1, 2), 0.3)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "new" / "run-1.json"
    write_judgement(file, _FOUND)
    assert read_judgement(file) == _FOUND
    write_judgement(file, replace(_FOUND, ordered=math.nan))
    again = read_judgement(file)
    assert again is not None
    assert math.isnan(again.ordered)


def test_what_is_damaged_or_of_another_version_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    assert read_judgement(file) is None
    for text in ("{", "[]", "{}", '{"version": 0}', '{"version": 1, "worst": 3}', '{"version": 1}'):
        file.write_text(text, encoding="utf-8")
        assert read_judgement(file) is None, text


def test_learning_puts_moments_in_order_and_an_untrained_encoder_does_not(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    share_clips(tmp_path_factory, monkeypatch)
    make_sample(tmp_path / "videos", videos=4)
    run, file = tmp_path / "run", tmp_path / "judged.json"
    few = ["--train.epochs", "12", "--train.patience", "0", "--train.augmented_copies", "2", "--train.cpu_threads", "1"]
    assert train([str(tmp_path / "videos"), "--recipe", "quick", "--out", str(run), *few]) == 0
    words = [str(tmp_path / "videos"), "--encoder", str(run), "--out", str(tmp_path / "out"), "--judgement", str(file)]
    assert embed(words) == 0
    found = read_judgement(file)
    assert found is not None
    assert (found.num_videos, found.num_pairs, found.backbone) == (4, 6, "hog")
    assert found.ordered > found.ordered_untrained + 0.15
    assert abs(found.ordered_untrained - CHANCE) < 0.25
    assert all(found.worst)
