from __future__ import annotations

import json
import math
import os
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from core.base.errors import CheckpointError
from core.model import weights
from core.model.checkpoint import FORMAT_VERSION, load_encoder, load_tensors, save_encoder, save_tensors
from core.model.encoder import Encoder, build_encoder
from core.settings.config import Config
from tests.core.model.onnx_files import write_extractor
from tests.core.model.tiny import random, stir, tiny_config

FRAMES = (5, 3, 32, 32)


@pytest.fixture(scope="module")
def config() -> Config:
    return tiny_config(backbone__trainable_blocks="layer4", train__seed=3)


@pytest.fixture(scope="module")
def encoder(config: Config) -> Encoder:
    """As after training: nothing is as it was first drawn."""
    made = build_encoder(config)
    draws = torch.Generator().manual_seed(1)
    for parameter in made.parameters():
        parameter.data *= 1 + 0.1 * torch.rand(parameter.shape, generator=draws)
    stir(made)
    return made.eval()


@pytest.fixture(scope="module")
def saved(encoder: Encoder, config: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "encoder.safetensors"
    save_encoder(path, encoder, config, {"videos": 3, "loss": 1.5})
    return path


def embedded(encoder: Encoder) -> Tensor:
    with torch.no_grad():
        return encoder.embed_features(encoder.features(random(*FRAMES)))


def changed(saved: Path, to: Path, **meta: object) -> Path:
    """A copy of the file with something else in its card."""
    tensors, card = load_tensors(saved)
    save_tensors(to, tensors, card | meta)
    return to


def test_a_loaded_encoder_gives_the_same_embeddings(encoder: Encoder, config: Config, saved: Path) -> None:
    for path in (saved, saved.parent):
        loaded, read = load_encoder(path)
        assert read == config
        assert not loaded.training
        assert loaded.backbone.identity == encoder.backbone.identity
        assert torch.equal(embedded(loaded), embedded(encoder))


def test_what_learnt_still_learns(encoder: Encoder, saved: Path) -> None:
    loaded, _ = load_encoder(saved)
    assert {name for name, value in loaded.named_parameters() if value.requires_grad} == {
        name for name, value in encoder.named_parameters() if value.requires_grad
    }


def test_loading_downloads_nothing(encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(name: str) -> str:
        raise AssertionError(f"{name} was asked for")

    config = tiny_config(backbone__trainable_blocks="layer4", backbone__weights="imagenet", train__seed=3)
    save_encoder(tmp_path / "encoder.safetensors", encoder, config, {})
    monkeypatch.setattr(weights, "imagenet_url", refused)
    loaded, read = load_encoder(tmp_path)
    assert read.backbone.weights == "imagenet"
    assert torch.equal(embedded(loaded), embedded(encoder))


def test_the_card_tells_what_it_is(saved: Path) -> None:
    card = json.loads(saved.with_suffix(".json").read_text(encoding="utf-8"))
    assert card == load_tensors(saved)[1]
    assert (card["videos"], card["loss"], card["embedding"]) == (3, 1.5, 8)
    assert card["format_version"] == FORMAT_VERSION
    assert card["config"]["train"]["seed"] == 3
    assert re.fullmatch(
        r"resnet18 -> 2-layer transformer with rotary positions, [\d,]+ trainable weights", card["architecture"]
    )


def test_an_onnx_extractor_travels_inside(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    extractor = write_extractor(tmp_path / "x.onnx")
    config = tiny_config(backbone__name=str(extractor), backbone__trainable_blocks="none")
    encoder = build_encoder(config).eval()
    save_encoder(tmp_path / "encoder.safetensors", encoder, config, {})
    before = embedded(encoder)
    content = extractor.read_bytes()
    extractor.unlink()
    loaded, _ = load_encoder(tmp_path / "encoder.safetensors")
    assert torch.equal(embedded(loaded), before)
    assert loaded.backbone.identity == encoder.backbone.identity
    tensors, _ = load_tensors(tmp_path / "encoder.safetensors")
    assert any(value.dtype == torch.uint8 and value.numpy().tobytes() == content for value in tensors.values())


def test_weights_of_another_extractor_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    first, second = (
        build_encoder(tiny_config(backbone__name=str(path), backbone__trainable_blocks="none"))
        for path in (write_extractor(tmp_path / "a.onnx"), write_extractor(tmp_path / "b.onnx", pooled=True))
    )
    with pytest.raises(CheckpointError, match=r"another extractor than .*b\.onnx"):
        second.load_state_dict(first.state_dict())


def test_another_architecture_is_named_with_both_shapes(saved: Path, tmp_path: Path) -> None:
    tensors, card = load_tensors(saved)
    card["config"]["encoder"]["mlp_dim"] = 32
    other = tmp_path / "encoder.safetensors"
    save_tensors(other, tensors, card)
    with pytest.raises(
        CheckpointError, match=r"head\.mlp\.1\.weight is \(24, 512\) in the file and \(32, 512\) in the"
    ):
        load_encoder(other)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_weights_that_are_no_numbers_are_refused_by_name(value: float, saved: Path, tmp_path: Path) -> None:
    tensors, card = load_tensors(saved)
    tensors["head.out.bias"][3] = value
    save_tensors(tmp_path / "x.safetensors", tensors, card)
    with pytest.raises(CheckpointError, match=rf"x\.safetensors cannot be used: head\.out\.bias contains {value}"):
        load_encoder(tmp_path / "x.safetensors")


@pytest.mark.parametrize("change", ["one more", "one less"])
def test_a_tensor_too_many_or_too_few_is_named(change: str, saved: Path, tmp_path: Path) -> None:
    tensors, card = load_tensors(saved)
    if change == "one more":
        tensors["head.more"] = torch.zeros(2)
        words = r"head\.more is \(2,\) in the file and absent in the model"
    else:
        del tensors["head.out.bias"]
        words = r"head\.out\.bias is absent in the file and \(8,\) in the model"
    save_tensors(tmp_path / "x.safetensors", tensors, card)
    with pytest.raises(CheckpointError, match=words):
        load_encoder(tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    ("meta", "words"),
    [
        ({"format_version": FORMAT_VERSION + 1, "project_version": "9.9"}, r"has format 2.* Update .* made by 9\.9"),
        ({"kind": "something else"}, "is not an encoder of CARL Studio"),
        ({"config": {"encoder": {"no_such": 1}}}, "settings in .* cannot be read"),
        ({"config": None}, "settings in .* cannot be read"),
    ],
)
def test_a_card_that_cannot_be_used_is_one_sentence(
    meta: dict[str, Any], words: str, saved: Path, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match=words):
        load_encoder(changed(saved, tmp_path / "encoder.safetensors", **meta))


@pytest.mark.parametrize("kept", [0, 5, 200, 5000, -1])
def test_a_truncated_file_is_one_sentence(kept: int, saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "encoder.safetensors"
    path.write_bytes(saved.read_bytes()[:kept])
    with pytest.raises(CheckpointError, match="is damaged or not a safetensors file"):
        load_encoder(path)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=re.escape(f"There is no file {tmp_path / 'encoder.safetensors'}")):
        load_encoder(tmp_path)
    with pytest.raises(CheckpointError, match="There is no file"):
        load_encoder(tmp_path / "other.safetensors")


class Payload:
    """Makes a folder when unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_pickle_with_code_is_no_encoder_and_does_not_run(suffix: str, tmp_path: Path) -> None:
    path, marker = tmp_path / f"encoder{suffix}", tmp_path / "it ran"
    torch.save(Payload(marker), path)
    with pytest.raises(CheckpointError, match="is damaged or not a safetensors file"):
        load_encoder(path)
    assert not marker.exists()


def test_tensors_come_back_whole_even_when_they_shared_memory(tmp_path: Path) -> None:
    base = random(4, 6)
    tensors = {
        "all": base,
        "row": base[1],
        "turned": base.T,
        "number": torch.tensor(3),
        "bytes": torch.arange(3).byte(),
    }
    save_tensors(tmp_path / "x.safetensors", tensors, {"text": "ü", "step": 3})
    read, meta = load_tensors(tmp_path / "x.safetensors")
    assert meta == {"text": "ü", "step": 3}
    assert read.keys() == tensors.keys()
    assert all(torch.equal(read[name], value) and read[name].dtype == value.dtype for name, value in tensors.items())


def test_a_failed_write_leaves_the_file_as_it_was(
    saved: Path, encoder: Encoder, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "encoder.safetensors"
    path.write_bytes(saved.read_bytes())

    def interrupted(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:100])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_encoder(path, encoder, config, {})
    assert path.read_bytes() == saved.read_bytes()
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
