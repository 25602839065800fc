"""`python -m core.export`, and the ten lines of docs/encoder-onnx.md that use what it writes."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray

from core.base.files import content_digest
from core.cli import export
from core.embedding.compute import Embedder
from core.model.checkpoint import load_encoder, save_encoder
from core.model.encoder import build_encoder
from core.model.export.encoder import METADATA, session_of
from core.settings.config import Config
from tests.conftest import write_numbered_video
from tests.core.model.tiny import stir
from tests.core.small import small_config

ROOT = Path(__file__).resolve().parents[3]
QUICK = {
    "backbone__name": "hog",
    "backbone__pool": "avg4x4",
    "augment__image_size": 96,
    "frames__short_side": 128,
    "encoder__positional_encoding": "rotary",
    "encoder__delta_lag": 4,
}
RESNET = {"augment__image_size": 64, "frames__short_side": 128, "encoder__positional_encoding": "sincos"}


def _save(folder: Path, config: Config) -> Path:
    encoder = build_encoder(config)
    stir(encoder)
    folder.mkdir(exist_ok=True)
    save_encoder(folder / "encoder.safetensors", encoder.eval(), config, {})
    return folder


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    return _save(tmp_path / "run", small_config(**QUICK))


def test_the_card_says_how_to_use_it(run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "encoder.onnx"
    assert export.main([str(run_folder), "--format", "onnx", "--out", str(out), "--events"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "1, 2, 5, 17 frames give the same embeddings as torch" in events[-2]["message"]
    assert events[-1] == {"event": "finished", "reason": "done", "path": str(out)}
    card = json.loads({one.key: one.value for one in onnx.load(str(out)).metadata_props}[METADATA])
    assert card["encoder_digest"] == content_digest(run_folder / "encoder.safetensors")
    assert card["frames"] | {"resizing": ""} == {
        "colours": "RGB",
        "range": [0, 1],
        "short_side": 128,
        "size": [96, 96],
        "resizing": "",
    }
    assert (card["delta_lag"], card["pooling"], card["backbone"], card["embedding"]) == (4, "avg4x4", "hog", 8)
    assert (card["positions"]["kind"], card["positions"]["rescale"], card["positions"]["last"]) == ("rotary", True, 9)
    page = (ROOT / "docs" / "encoder-onnx.md").read_text(encoding="utf-8")
    assert all(f"`{key}`" in page for key in (*card, *card["frames"], *card["positions"]) if key != "rule")


def _snippet() -> str:
    """The lines of Python that the page shows."""
    page = (ROOT / "docs" / "encoder-onnx.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    return str(code)


def _picture(number: int, width: int, height: int, *, tilt: int) -> NDArray[np.uint8]:
    """A bright disc that moves over a slope."""
    y, x = np.mgrid[:height, :width]
    slope = np.stack([x * 160 // width, y * 160 // height, (x + tilt * y) * 90 // (width + tilt * height)], axis=2)
    disc = (x - width * number / 30) ** 2 + (y - height / 3) ** 2 < (height / 5) ** 2
    return np.where(disc[..., None], 230, slope).astype(np.uint8)


@pytest.mark.parametrize(("values", "size", "turn"), [(QUICK, (320, 240), 0), (RESNET, (160, 240), 90)])
def test_ten_lines_embed_a_video_without_this_program(
    values: dict[str, object], size: tuple[int, int], turn: int, tmp_path: Path
) -> None:
    assert len(_snippet().strip().splitlines()) <= 12
    run = _save(tmp_path / "run", small_config(**values))
    assert export.main([str(run), "--out", str(tmp_path / "encoder.onnx")]) == 0
    picture = functools.partial(_picture, tilt=1)
    video = write_numbered_video(
        tmp_path, "video.mp4", 30, size=size, image=picture, tweak=lambda one: one.set_display_rotation(-turn)
    )
    keep = "\nimport sys\nassert not {'torch', 'core'} & set(sys.modules)\nnp.savez('made.npz', embeddings, frames)"
    subprocess.run([sys.executable, "-I", "-c", _snippet() + keep], cwd=tmp_path, check=True)
    made, frames = np.load(tmp_path / "made.npz").values()
    embedder = Embedder(run, device="cpu")
    (embedded,) = embedder.embedded([video])
    assert embedded.stored is not None
    assert made.shape == embedded.embeddings.shape == (30, 8)
    stored = embedded.stored.frames_at(np.arange(30)).images
    assert frames.shape[2:] == stored.shape[1:3]
    assert np.abs(frames.transpose(0, 2, 3, 1) * 255 - stored).mean() < 3, "the frames are not those of the store"
    np.testing.assert_allclose(np.sum(made * embedded.embeddings, axis=1), 1, atol=1e-2)


@pytest.mark.parametrize("values", [QUICK, RESNET])
def test_on_the_same_frames_the_result_is_that_of_core_embed(values: dict[str, object], tmp_path: Path) -> None:
    """Frames of the size of the store and of the encoder, so that none is made smaller; in float32."""
    config = small_config(**values, train__precision="float32", encoder__embedding_dim=128)
    side = config.augment.image_size
    run = _save(tmp_path / "run", config)
    assert export.main([str(run), "--out", str(tmp_path / "encoder.onnx")]) == 0
    picture = functools.partial(_picture, tilt=2)
    video = write_numbered_video(tmp_path, "video.mp4", 40, size=(side, side), image=picture)
    (embedded,) = Embedder(run, device="cpu").embedded([video])
    assert embedded.stored is not None
    images = embedded.stored.frames_at(np.arange(40)).images  # as a JPEG keeps them
    frames = images.transpose(0, 3, 1, 2).astype(np.float32) / 255
    session = session_of((tmp_path / "encoder.onnx").read_bytes())
    (made,) = session.run(["embeddings"], {"frames": frames})
    np.testing.assert_allclose(made, embedded.embeddings, atol=1e-4)


def test_a_model_that_differs_from_torch_is_not_kept(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "encoder.onnx"
    out.write_bytes(b"of before")
    encoder, config = load_encoder(run_folder)

    def spoilt(*_: object) -> tuple[object, object]:
        with torch.no_grad():
            made = export.as_onnx(encoder, config, {})
            encoder.head.out.bias[0] += 1e-3
        monkeypatch.setattr(export, "as_onnx", lambda *_: made)
        return encoder, config

    monkeypatch.setattr(export, "load_encoder", spoilt)
    assert export.main([str(run_folder), "--out", str(out)]) == 2
    assert "gives other embeddings than torch for a video of 1 frames" in capsys.readouterr().err
    assert out.read_bytes() == b"of before"
    assert [file.name for file in tmp_path.iterdir() if "part" in file.name] == []


def test_bad_input_is_one_sentence(run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "encoder.onnx"
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no tensors")
    for words, sentence in (
        ([run_folder, "--out", tmp_path / "encoder.pt"], "--out writes ONNX"),
        ([tmp_path / "none", "--out", out], "There is no encoder"),
        ([broken, "--out", out], "broken.safetensors"),
        ([run_folder, "--out", out, "--format", "tflite"], "invalid choice"),
        ([run_folder], "required: --out"),
    ):
        assert export.main([str(word) for word in words]) == 2
        (told,) = capsys.readouterr().err.splitlines()
        assert sentence in told
    assert not out.exists()


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_a_package_that_is_missing_is_named(
    package: str, run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert export.main([str(run_folder), "--out", str(tmp_path / "encoder.onnx")]) == 2
    told = capsys.readouterr().err
    assert f"needs the package {package}. Run pip install" in told
    assert not (tmp_path / "encoder.onnx").exists()
