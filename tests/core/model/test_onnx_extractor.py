from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from core.base.errors import CheckpointError, ConfigError
from core.model.backbone import Backbone, build_backbone
from core.model.onnx_extractor import OnnxExtractor
from core.settings.config import BackboneConfig
from tests.core.model.onnx_files import write_extractor
from tests.core.model.tiny import random

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


def built(path: Path, chunk: int = 3) -> Backbone:
    return build_backbone(BackboneConfig(name=str(path), trainable_blocks="none", chunk_size=chunk))


def expected(frames: Tensor) -> Tensor:
    weights = torch.from_numpy(np.random.default_rng(0).normal(size=(5, 3, 2, 2)).astype("float32"))
    return F.conv2d(frames, weights, stride=2).relu()


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("batch", ["n", 1, 2])
def test_it_gives_what_the_model_computes_whatever_its_batch(batch: int | str, pooled: bool, tmp_path: Path) -> None:
    backbone = built(write_extractor(tmp_path / "x.onnx", batch=batch, pooled=pooled))
    frames = random(7, 3, 8, 8)
    maps = backbone(frames)
    wanted = expected(frames)
    assert backbone.channels == 5
    torch.testing.assert_close(maps, wanted.amax((2, 3), keepdim=True) if pooled else wanted, rtol=1e-4, atol=1e-5)
    assert not list(backbone.parameters())


def _padded(path: Path) -> bytes:
    """A convolution whose frames are padded on two sides, as torch exports it: the value of the padding is empty."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(write_extractor(path))
    padding = helper.make_node("Pad", ["frames", "sides", ""], ["padded"], mode="constant")
    model.graph.initializer.append(numpy_helper.from_array(np.array([0, 0, 0, 0, 0, 0, 1, 1]), "sides"))
    model.graph.node[0].input[0] = "padded"
    model.graph.node.insert(0, padding)
    made: bytes = model.SerializeToString()
    return made


def test_a_padding_is_fused_without_a_change_of_model_or_maps(tmp_path: Path) -> None:
    import onnxruntime

    model = _padded(tmp_path / "x.onnx")
    extractor = OnnxExtractor(model, "x")
    frames = random(3, 3, 9, 9)
    unfused = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    [wanted] = unfused.run(None, {"frames": frames.numpy()})
    assert extractor.model == model
    np.testing.assert_array_equal(extractor(frames).numpy(), wanted)
    assert _operators(model, tmp_path) != _operators(extractor._fusable, tmp_path)
    assert "Pad" not in _operators(extractor._fusable, tmp_path)


def _operators(model: bytes, folder: Path) -> list[str]:
    """Return the operators that onnxruntime runs."""
    import onnx
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(folder / "optimised.onnx")
    onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return [node.op_type for node in onnx.load(folder / "optimised.onnx").graph.node]


def test_on_one_core_frames_go_through_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extractor = OnnxExtractor.from_file(write_extractor(tmp_path / "x.onnx"))
    sizes: list[int] = []
    run = extractor._run
    monkeypatch.setattr(extractor, "_run", lambda images, device: (sizes.append(len(images)), run(images, device))[1])
    frames, before = random(3, 3, 8, 8), torch.get_num_threads()
    made = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            made.append(extractor(frames))
    finally:
        torch.set_num_threads(before)
    assert sizes == [1, 1, 1, 3]
    torch.testing.assert_close(*made, rtol=1e-5, atol=1e-6)


def test_half_precision_models_take_and_give_float32(tmp_path: Path) -> None:
    backbone = built(write_extractor(tmp_path / "x.onnx", kind="float16"))
    frames = random(2, 3, 8, 8)
    maps = backbone(frames)
    assert maps.dtype == torch.float32
    torch.testing.assert_close(maps, expected(frames), rtol=1e-2, atol=1e-2)


def test_it_runs_with_torchs_number_of_threads(tmp_path: Path) -> None:
    extractor = OnnxExtractor.from_file(write_extractor(tmp_path / "x.onnx"))
    before = torch.get_num_threads()
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            extractor(random(1, 3, 8, 8))
            assert extractor._session.get_session_options().intra_op_num_threads == threads
    finally:
        torch.set_num_threads(before)


def test_identity_is_that_of_the_content(tmp_path: Path) -> None:
    paths = [write_extractor(tmp_path / name) for name in ("a.onnx", "b.onnx")]
    paths.append(write_extractor(tmp_path / "c.onnx", channels=6))
    identities = [built(path).identity for path in paths]
    assert identities[0] == identities[1] != identities[2]


def test_a_fixed_size_names_the_setting(tmp_path: Path) -> None:
    backbone = built(write_extractor(tmp_path / "x.onnx", side=8))
    assert backbone(random(2, 3, 8, 8)).shape == (2, 5, 4, 4)
    with pytest.raises(ConfigError, match=r"takes images of 8 x 8 pixels, not 16. Set augment.image_size = 8"):
        backbone(random(2, 3, 16, 16))


@pytest.mark.parametrize("content", [b"", b"no model at all", b"\x08\x08" * 50])
def test_what_is_no_model_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.onnx"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"x\.onnx is not a model that onnxruntime can load"):
        built(path)


def test_tensors_in_other_files_are_refused(tmp_path: Path) -> None:
    path = write_extractor(tmp_path / "x.onnx", external=True)
    with pytest.raises(CheckpointError, match=r"x\.onnx keeps its tensors in other files"):
        built(path)


def test_a_model_of_two_inputs_is_no_extractor(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has 2 inputs"):
        built(write_extractor(tmp_path / "x.onnx", inputs=2))


def test_it_brings_its_own_weights(tmp_path: Path) -> None:
    path = write_extractor(tmp_path / "x.onnx")
    with pytest.raises(ConfigError, match=r"backbone.weights = 'w.pth' cannot be used with"):
        build_backbone(BackboneConfig(name=str(path), weights="w.pth", trainable_blocks="none"))


def test_a_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_extractor(tmp_path / "x.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ConfigError, match=r'onnxruntime\. Run pip install "carl-gui\[onnx\]"'):
        built(path)


def test_a_real_extractor(shared: Path) -> None:
    backbone = built(shared / "weights" / "mobilenet_v1_075.onnx")
    maps = backbone(random(4, 3, 64, 96))
    assert maps.shape == (4, backbone.channels, 2, 3) == (4, 768, 2, 3)
    torch.testing.assert_close(backbone(random(4, 3, 64, 96)[1:2]), maps[1:2], rtol=1e-4, atol=1e-4)
