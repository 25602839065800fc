"""What cannot be used is refused before the long work: no video is decoded for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from torchvision import models

from core.base.events import Failed
from core.cli import embed, evaluate, train
from core.learning.run_folder import RunFolder
from core.model.checkpoint import save_encoder
from core.video.frame_store import FrameStore
from tests.conftest import VideoWriter
from tests.core.model.onnx_files import write_extractor
from tests.core.small import SMALL, small_config, small_encoder

CASE = Path(__file__).parents[2] / "data" / "cases" / "onnx_refused_late"
_OPTIONS = [word for name, value in SMALL.items() if "backbone" not in name for word in (f"--{name}", str(value))]


@pytest.fixture(autouse=True)
def _no_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FrameStore, "add", lambda *_: pytest.fail("a video was decoded"))


def _refused(capsys: pytest.CaptureFixture[str], out: Path, *words: str) -> str:
    assert train.main([str(CASE / "onekey.mp4"), "--out", str(out), "--device", "cpu", *_OPTIONS, *words]) == 2
    return capsys.readouterr().err


def test_the_supplied_extractor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnxruntime")
    for option in ("--weights", "--backbone.name"):
        assert "an extractor must take float (N, 3, h, w)" in _refused(
            capsys, tmp_path / "run", option, f"{CASE}/u8.onnx"
        )


def test_an_extractor_of_another_image_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    fixed = write_extractor(tmp_path / "x.onnx", side=64)
    said = _refused(capsys, tmp_path / "run", "--weights", str(fixed))
    assert "takes images of 64 x 64 pixels, not 32. Set augment.image_size = 64" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--backbone.name", "resnet19"], "did you mean 'resnet18'"),
        (["--backbone.name", "timm:resnet_none"], "timm"),
        (["--backbone.name", "nowhere.onnx"], "cannot be read"),
        (["--weights", "nowhere.pth"], "nowhere.pth"),
        (["--backbone.name", "resnet34", "--weights", "FITS_18"], "does not fit resnet34"),
        (["--weights", "NO_TENSORS"], "is not a ResNet"),
    ],
)
def test_backbones_and_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str) -> None:
    torch.save(models.resnet18().state_dict(), tmp_path / "FITS_18")
    torch.save({"a": torch.zeros(3)}, tmp_path / "NO_TENSORS")
    given = [str(tmp_path / word) if (tmp_path / word).exists() else word for word in words]
    assert says in _refused(capsys, tmp_path / "run", *given)


def test_a_refused_run_may_be_begun_again_in_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert "did you mean" in _refused(capsys, tmp_path / "run", "--backbone.name", "resnet19")


@pytest.mark.parametrize("out", ["run", "deep/er/run"])
def test_a_refused_run_leaves_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], out: str) -> None:
    assert "did you mean" in _refused(capsys, tmp_path / out, "--backbone.name", "resnet19")
    assert list(tmp_path.iterdir()) == []


def test_a_refused_run_leaves_a_folder_that_was_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run").mkdir()
    _refused(capsys, tmp_path / "run", "--backbone.name", "resnet19")
    (last,) = list(RunFolder.open(tmp_path / "run").events())[-1:]
    assert isinstance(last, Failed)


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    config = small_config()
    save_encoder(tmp_path / "run" / "encoder.safetensors", small_encoder(config), config, {})
    return tmp_path / "run" / "encoder.safetensors"


def test_embeddings_that_could_not_be_written(
    tmp_path: Path, encoder: Path, write_video: VideoWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    video, taken = write_video(), tmp_path / "taken"
    taken.touch()
    for out in (taken, taken / "below"):
        assert embed.main([str(video), "--encoder", str(encoder), "--out", str(out)]) == 2
        assert "something else has that name" in capsys.readouterr().err


def test_a_second_encoder_that_cannot_be_loaded(
    tmp_path: Path, encoder: Path, write_video: VideoWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken" / "encoder.safetensors"
    broken.parent.mkdir()
    shutil.copy(encoder, broken)
    broken.write_bytes(broken.read_bytes()[:-100])
    data = tmp_path / "data"
    data.mkdir()
    for name in ("a.mp4", "b.mp4"):
        shutil.move(write_video(name), data / name)
    rows = "".join(
        f"{name},{phase},{start},{start + 15}\n"
        for name in ("a.mp4", "b.mp4")
        for start, phase in ((0, "x"), (15, "y"))
    )
    (data / "phases.csv").write_text("video,phase,start_frame,end_frame_exclusive\n" + rows)
    words = [str(data), "--compare", str(encoder), str(broken), "--val-fraction", "0.5", "--device", "cpu"]
    assert evaluate.main(words) == 2
    assert str(broken) in capsys.readouterr().err
