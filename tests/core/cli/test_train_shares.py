"""`core.train --shard`: features computed in shares are those that a run computes itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.base.files import cache_folder
from core.cli import train
from core.features.backbone_features import FeatureCache
from core.features.pose_features import PoseFeatures
from tests.conftest import write_numbered_video
from tests.core.cli.test_train_command import OPTIONS, assert_same_encoder, moving

pytestmark = pytest.mark.usefixtures("narrow")


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    for number in range(5):
        write_numbered_video(tmp_path, f"clips/clip{number}.mp4", 9 + 3 * number, image=moving)
    return tmp_path / "clips"


def complete(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir() if (entry / "complete").is_file()} if folder.is_dir() else set()


def test_a_run_finds_the_features_of_all_shares(clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARL_CACHE", str(tmp_path / "alone"))
    assert train.main([str(clips), "--out", str(tmp_path / "run1"), *OPTIONS]) == 0
    alone = complete(cache_folder("features"))
    monkeypatch.setenv("CARL_CACHE", str(tmp_path / "shares"))
    found = set[str]()
    for number in (3, 1, 2, 1):
        assert train.main([str(clips), "--shard", f"{number}/3", *OPTIONS]) == 0
        assert found <= complete(cache_folder("features"))
        found = complete(cache_folder("features"))
    assert found == alone
    monkeypatch.setattr(FeatureCache, "_compute", lambda *_: pytest.fail("computed again"))
    assert train.main([str(clips), "--out", str(tmp_path / "run2"), *OPTIONS]) == 0
    assert_same_encoder(tmp_path / "run1", tmp_path / "run2")


def test_broken_videos_alone_are_no_failure_of_a_share(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no film")
    for number in (1, 2):
        assert train.main([str(tmp_path / "broken.mp4"), "--shard", f"{number}/2", *OPTIONS]) == 0
    assert capsys.readouterr().err.count("broken.mp4") == 1


def test_a_share_is_computed_before_the_next_is_begun(clips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but what a thread works on is open: a share may be of any size."""
    opened = list[object]()
    files = FeatureCache._files

    def counted(self: FeatureCache, *given: object) -> object:
        assert not [one for one in opened if not one.closed]  # type: ignore[attr-defined]
        made = files(self, *given)  # type: ignore[arg-type]
        for one in made:
            close = one.close
            one.closed = False  # type: ignore[attr-defined]
            one.close = lambda one=one, close=close: (setattr(one, "closed", True), close())  # type: ignore[method-assign, misc]
        opened.extend(made)
        return made

    monkeypatch.setattr(FeatureCache, "_files", counted)
    assert train.main([str(clips), "--shard", "1/1", *OPTIONS]) == 0
    assert opened


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--recipe", "penn_action"], "there are no features to compute in advance. Use core.decode --shard"),
        ([*OPTIONS, "--backbone.name", "auto"], "--shard needs a fixed backbone: each share would choose its own."),
    ],
)
def test_what_has_no_shares_is_one_sentence(
    options: list[str], sentence: str, clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.main([str(clips), "--shard", "1/2", *options]) == 2
    assert sentence in capsys.readouterr().err


def test_without_a_share_a_run_needs_its_folder(clips: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train.main([str(clips), *OPTIONS]) == 2
    assert "--out is missing. Name the folder of the run." in capsys.readouterr().err


def test_a_share_in_which_nobody_is_found_is_no_error(
    clips: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Body pose learns from videos of people; one share may have none."""
    monkeypatch.setattr(PoseFeatures, "copies", lambda *_: pytest.fail("copies refuses where nobody is found"))
    options = [*OPTIONS, "--backbone.name", "pose"]
    assert train.main([str(clips), "--shard", "1/5", *options]) == 0
