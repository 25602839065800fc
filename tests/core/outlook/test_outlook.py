"""What a training will cost: the arithmetic, what is measured, and which recipe suits."""

from __future__ import annotations

import dataclasses
import urllib.error
from pathlib import Path

import pytest

from core.base.events import Event, RecipeMeasured, RecipeSuggested, decode
from core.base.sample_files import is_sample
from core.cli.outlook import _suggest
from core.cli.outlook import main as outlook
from core.model import weights
from core.outlook.estimate import Amount, estimate
from core.sample.make import make_sample
from core.settings.config import with_values
from core.settings.recipes import find_recipe
from tests.conftest import write_numbered_video
from tests.core.sample.drawn import share_clips

_MEASURED = RecipeMeasured("quick", "hog", 0.001, 0.0005, 1e-5, 3.0, 400.0, 0.0)
_AMOUNT = Amount(12, 1200, 300)


def test_more_of_anything_costs_more() -> None:
    config = find_recipe("quick")
    base = estimate(config, _MEASURED, _AMOUNT).seconds
    for more in (
        {"train.epochs": 120},
        {"train.augmented_copies": 12},
        {"views.num_frames": 96},
        {"train.batch_size": 20},
        {"train.patience": 0},
    ):
        assert estimate(with_values(config, more), _MEASURED, _AMOUNT).seconds > base, more
    assert estimate(config, _MEASURED, Amount(24, 2400, 300)).seconds > base
    assert estimate(config, _MEASURED, Amount(12, 1200, 600)).seconds > base
    for name in ("feature_seconds", "decode_seconds", "step_frame_seconds", "start_seconds"):
        slower = dataclasses.replace(_MEASURED, **{name: 2 * getattr(_MEASURED, name)})
        assert estimate(config, slower, _AMOUNT).seconds > base, name


def test_the_parts_are_the_whole_and_by_hand() -> None:
    config = with_values(find_recipe("quick"), {"train.patience": 0})
    found = estimate(config, _MEASURED, _AMOUNT)
    train = config.train
    assert found.features_seconds == pytest.approx(1500 * 0.0015 + 1200 * train.augmented_copies * 0.001)
    assert found.learning_seconds == pytest.approx(train.epochs * 10 * 2 * train.batch_size * 48 * 1e-5)
    assert found.seconds == found.features_seconds + found.learning_seconds + found.rest_seconds
    assert found.disk_bytes == (1200 * (1 + train.augmented_copies) + 300) * 400


def test_copies_of_a_body_are_arithmetic_and_a_backbone_that_learns_is_gone_through_in_every_step() -> None:
    pose = dataclasses.replace(_MEASURED, recipe="pose", backbone="pose")
    config = find_recipe("pose")
    more = with_values(config, {"train.augmented_copies": 80})
    assert estimate(more, pose, _AMOUNT).features_seconds == estimate(config, pose, _AMOUNT).features_seconds
    assert estimate(config, pose, _AMOUNT).features_seconds == pytest.approx(1500 * 0.0015)
    paper = dataclasses.replace(_MEASURED, backbone="resnet50")
    assert estimate(find_recipe("pouring"), paper, _AMOUNT).learning_seconds > 1200 * 300 * 0.001


@pytest.mark.parametrize(
    ("is_pose", "problem", "recipe"),
    [(True, "no network", "pose"), (False, "", "frozen"), (False, "no network", "quick")],
)
def test_what_cannot_be_downloaded_is_not_suggested(is_pose: bool, problem: str, recipe: str) -> None:
    found = _suggest(is_pose, 3, 12, problem)
    assert found.recipe == recipe
    assert "3 of 12 sampled videos" in found.reason
    assert ("no network" in found.reason) == (recipe == "quick")


def _told(text: str) -> list[Event]:
    return [event for line in text.splitlines() if (event := decode(line)) is not None]


def test_a_command_measures_and_suggests_without_a_network(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for number in (1, 2):
        write_numbered_video(tmp_path / "videos", f"clip{number}.mp4", 20 + number)
    assert outlook([str(tmp_path / "videos"), "--events"]) == 0
    events = _told(capfd.readouterr().out)
    measured = {event.recipe: event for event in events if isinstance(event, RecipeMeasured)}
    assert set(measured) == {"quick", "pose", "frozen"}
    assert all(one.feature_seconds > 0 and one.step_frame_seconds > 0 for one in measured.values())
    assert measured["frozen"].download_bytes == pytest.approx(102.5e6, rel=0.01)
    assert measured["frozen"].problem
    assert (measured["quick"].download_bytes, measured["pose"].download_bytes) == (0, 0)
    (suggested,) = [event for event in events if isinstance(event, RecipeSuggested)]
    assert suggested.recipe == "quick"


def test_the_host_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise urllib.error.URLError("no way out")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    assert weights.why_unreachable("resnet50") == "no way out"
    assert weights.missing_imagenet("resnet50") > 0


def test_the_sample_is_known_by_its_files(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    share_clips(tmp_path_factory, monkeypatch)
    clips = make_sample(tmp_path / "a", videos=1)
    assert is_sample(clips)
    (tmp_path / "a" / "phases.csv").unlink()
    assert not is_sample(clips)
    assert not is_sample([tmp_path / "a" / "mine.mp4"])
    assert not is_sample([])
