"""Encoders as ONNX give torch's rows: every backbone and head, any number of frames, pieces of videos, any size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from core.augment.spatial import resize_whole
from core.base.errors import ConfigError
from core.model.encoder import Encoder, build_encoder
from core.model.export.encoder import METADATA, as_onnx, largest_difference, session_of
from core.model.export.graph import Graph
from core.settings.config import Config
from tests.core.model.onnx_files import write_extractor
from tests.core.model.tiny import random, stir, tiny_config

HOG = {"backbone__name": "hog", "augment__image_size": 40, "train__mode": "frozen"}
KINDS: dict[str, dict[str, object]] = {
    "resnet18, sincos": {},
    "resnet50, layer4 learns": {"backbone__name": "resnet50", "backbone__trainable_blocks": "layer4"},
    "resnet18, 3-D convolutions": {"encoder__temporal": "conv3d"},
    "hog, changes, rotary": HOG
    | {"backbone__pool": "avg4x4", "encoder__delta_lag": 4, "encoder__positional_encoding": "rotary"},
    "hog, changes, sincos": HOG | {"backbone__pool": "avg2x2", "encoder__delta_lag": 1},
    "hog, sincos, not rescaled": HOG | {"encoder__rescale_positions": False},
    "hog, no positions": HOG | {"encoder__positional_encoding": "none"},
    "hog, each frame by itself": HOG | {"encoder__temporal": "none", "backbone__pool": "max+avg"},
    "hog of 45 pixels, mean": HOG | {"augment__image_size": 45, "backbone__pool": "avg"},
}


def _made(**values: object) -> tuple[Encoder, Config]:
    config = tiny_config(**{"backbone__trainable_blocks": "none"} | values)
    encoder = build_encoder(config)
    stir(encoder)
    width = encoder.input.mean.shape[0]
    encoder.input.mean.copy_(0.1 * random(width, seed=3))
    encoder.input.scale.fill_(0.7)
    return encoder.eval(), config


def _session(encoder: Encoder, config: Config) -> Any:
    return session_of(as_onnx(encoder, config, {}).SerializeToString())


def _rows(encoder: Encoder, frames: Tensor) -> np.ndarray:
    """(S, D), as torch makes them."""
    with torch.no_grad():
        return encoder.embed_features(encoder.features(frames)).numpy()


def _run(session: Any, frames: Tensor) -> np.ndarray:
    rows: np.ndarray = session.run(["embeddings"], {"frames": frames.numpy()})[0]
    return rows


@pytest.mark.parametrize("kind", KINDS)
def test_any_number_of_frames_gives_torchs_rows(kind: str) -> None:
    encoder, config = _made(**KINDS[kind])
    session, side = _session(encoder, config), config.augment.image_size
    for length in (1, 2, 3, 12, 31) if side > 32 else (1, 11):  # the small ones are the slow ones: ResNets
        frames = random(length, 3, side, side, seed=length)
        assert largest_difference(session, encoder, frames) < 1e-5
        np.testing.assert_allclose(np.linalg.norm(_run(session, frames), axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("kind", ["hog, changes, rotary", "hog, sincos, not rescaled", "hog, each frame by itself"])
def test_a_video_longer_than_max_frames_goes_in_pieces_as_in_core_embed(kind: str) -> None:
    encoder, config = _made(**KINDS[kind] | {"encoder__max_frames": 10})
    session, side = _session(encoder, config), config.augment.image_size
    assert [len([*encoder.pieces(length)]) for length in (10, 11, 25)] == [1, 2, 3]
    for length in (10, 11, 25):
        assert largest_difference(session, encoder, random(length, 3, side, side)) < 1e-5


@pytest.mark.parametrize(
    ("batch", "kind", "pooled", "bound"),
    [
        ("n", "float32", False, 1e-5),
        (1, "float32", True, 1e-5),
        (4, "float32", False, 1e-5),
        ("n", "float16", True, 2e-3),
    ],
)
def test_an_onnx_extractor_is_joined_with_the_head(
    batch: int | str, kind: str, pooled: bool, bound: float, tmp_path: Path
) -> None:
    """In half precision a convolution's sums may be rounded in another order."""
    file = write_extractor(tmp_path / "net.onnx", batch=batch, kind=kind, pooled=pooled)
    encoder, config = _made(backbone__name=str(file), encoder__positional_encoding="rotary", train__mode="frozen")
    session = _session(encoder, config)
    for length in (1, 2, 7):
        assert largest_difference(session, encoder, random(length, 3, 32, 32, seed=length)) < bound


def test_an_extractor_of_older_operators_is_brought_up_to_date(tmp_path: Path) -> None:
    import onnx

    file = write_extractor(tmp_path / "net.onnx")
    model = onnx.load(str(file))
    model.opset_import[0].version = 11
    onnx.save(model, str(file))
    encoder, config = _made(backbone__name=str(file), train__mode="frozen")
    made = as_onnx(encoder, config, {})
    assert {one.domain: one.version for one in made.opset_import} == {"": 17}
    assert largest_difference(session_of(made.SerializeToString()), encoder, random(3, 3, 32, 32)) < 1e-5


def test_the_mobilenet_of_real_runs(shared: Path) -> None:
    name = str(shared / "weights" / "mobilenet_v1_075.onnx")
    encoder, config = _made(backbone__name=name, backbone__pool="avg2x2", augment__image_size=96, train__mode="frozen")
    session = _session(encoder, config)
    for length in (1, 5):
        assert largest_difference(session, encoder, random(length, 3, 96, 96, seed=length)) < 1e-5


def test_a_model_of_timm() -> None:
    pytest.importorskip("timm")
    encoder, config = _made(backbone__name="timm:mobilenetv3_small_050", train__mode="frozen")
    assert largest_difference(_session(encoder, config), encoder, random(3, 3, 32, 32)) < 1e-5


def test_a_model_of_timm_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("timm")
    encoder, config = _made(backbone__name="timm:mobilenetv3_small_050", train__mode="frozen")

    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("no such operator.\nlines of detail")

    monkeypatch.setattr(torch.onnx, "export", refuse)
    with pytest.raises(ConfigError, match=r"'timm:mobilenetv3_small_050' cannot be .* \(no such operator\)\. Export"):
        as_onnx(encoder, config, {})


@pytest.mark.parametrize("size", [(40, 40), (64, 48), (51, 87), (20, 33), (40, 80)])
def test_frames_of_any_size_are_squeezed_as_core_embed_squeezes_them(size: tuple[int, int]) -> None:
    """That one works on bytes, and rounds a few of them otherwise where a pixel lies between two."""
    encoder, config = _made(**HOG, encoder__temporal="none", backbone__pool="avg4x4")
    images = torch.randint(0, 256, (2, *size, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    frames = images.permute(0, 3, 1, 2).float()
    small = F.interpolate(frames, (40, 40), mode="bilinear", antialias=True).round() / 255
    exact, embedded = (_rows(encoder, one) for one in (small, resize_whole(images, 40)))
    made = _run(_session(encoder, config), frames / 255)
    np.testing.assert_allclose(made, exact, atol=1e-4)
    np.testing.assert_allclose(made, embedded, atol=1e-5 if size == (40, 40) else 2e-3)


def test_a_flat_frame_stays_flat_whatever_its_size() -> None:
    """HOG divides by the sum of all edges: rounding errors must not look like edges."""
    encoder, config = _made(**HOG, backbone__pool="avg4x4", encoder__temporal="none")
    flat = torch.full((1, 37, 53, 3), 201, dtype=torch.uint8)
    expected = _rows(encoder, resize_whole(flat, 40))
    made = _run(_session(encoder, config), flat.permute(0, 3, 1, 2).float() / 255)
    np.testing.assert_allclose(made, expected, atol=1e-5)


def test_the_card_is_in_the_metadata_and_the_model_is_valid() -> None:
    import onnx

    encoder, config = _made()
    model = as_onnx(encoder, config, {"encoder_digest": "ab", "backbone": "Übung"})
    onnx.checker.check_model(model)
    assert {one.key: json.loads(one.value) for one in model.metadata_props} == {
        METADATA: {"encoder_digest": "ab", "backbone": "Übung"}
    }
    assert [one.name for one in session_of(model.SerializeToString()).get_inputs()] == ["frames"]


def test_an_old_operator_without_a_successor_is_refused() -> None:
    import onnx

    info = onnx.helper.make_tensor_value_info
    node = onnx.helper.make_node("Upsample", ["x", "s"], ["y"])
    one = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph([node], "g", [info("x", one, [1]), info("s", one, [1])], [info("y", one, [1])])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 1)])
    with pytest.raises(ConfigError, match="old ONNX opset"):
        Graph("g").call(model, "x")
