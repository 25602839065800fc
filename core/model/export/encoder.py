"""A whole encoder as one ONNX model: frames of a video in, an embedding a frame out.

The backbone is the body of a Scan over the frames: memory for its maps is that of one frame, however long the video.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from core.config import Config
from core.errors import CheckpointError, ConfigError
from core.model.encoder import Encoder
from core.model.export.graph import Graph
from core.model.export.head import head
from core.model.export.modules import module, pooled
from core.model.inputs import pooled as torch_pooled

if TYPE_CHECKING:
    import onnx

METADATA = "carl"
"""The key of `metadata_props` under which the card stands, as JSON."""


def as_onnx(encoder: Encoder, config: Config, card: Mapping[str, Any]) -> onnx.ModelProto:
    """Return the model that computes what `core.embed` does, in float32.

    Inputs: `frames` (S, 3, h, w) float32 RGB in [0, 1], all of a video or, with the two that may be left out, a piece:
    `first_frame` (int64, its place in the video, 0) and `num_frames` (int64, of the video, 0: as many as given).
    Output: `embeddings` (S, D) float32, rows of norm 1.

    Args:
        encoder: in eval mode, on the CPU.
        card: what the model says of itself; JSON values.

    Raises:
        ConfigError: onnx is not installed, or the backbone has no form in ONNX.
    """
    onnx = _onnx()
    outer, number, whole = Graph("encoder"), onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
    value = onnx.helper.make_tensor_value_info
    body, shape = _body(encoder, config.augment.image_size, _squeezing(outer, config.augment.image_size))
    features = outer.op("Scan", "frames", body=_as_graph(body, shape), num_scan_inputs=1)
    made = head(outer, encoder, features, "first_frame", "num_frames")
    outer.nodes.append(onnx.helper.make_node("Identity", [made], ["embeddings"]))
    defaults = [onnx.numpy_helper.from_array(np.array(0, np.int64), name) for name in ("first_frame", "num_frames")]
    graph = onnx.helper.make_graph(
        outer.nodes,
        "encoder",
        [
            value("frames", number, ["frames", 3, "height", "width"]),
            value("first_frame", whole, []),
            value("num_frames", whole, []),
        ],
        [value("embeddings", number, ["frames", config.encoder.embedding])],
        [*outer.constants, *defaults],
    )
    opsets = [onnx.helper.make_opsetid(domain, version) for domain, version in body.opsets.items()]
    model = onnx.helper.make_model(
        graph, opset_imports=opsets, functions=body.functions, ir_version=body.ir_version, producer_name="carl-studio"
    )
    onnx.helper.set_model_props(model, {METADATA: json.dumps(dict(card), ensure_ascii=False)})
    return model


def _onnx() -> Any:
    try:
        import onnx
        import onnx.compose
        import onnx.version_converter
    except ImportError as error:
        raise ConfigError('To write ONNX needs the package onnx: run pip install "carl-studio[onnx]".') from error
    return onnx


def _squeezing(outer: Graph, side: int) -> tuple[str, str, str]:
    """Matrices that resize rows and columns of the frames to `side`, and whether nothing is to be done.

    Bilinear with antialiasing, as `core.augment.spatial`: a triangle as wide as the reduction, its weights of sum 1.
    """
    shape = outer.op("Shape", "frames")
    matrices = []
    for axis in (2, 3):
        pixels = outer.op("Gather", shape, outer.constant(axis, np.int64))
        at = outer.op("Range", outer.constant(0, np.int64), pixels, outer.constant(1, np.int64))
        sources = outer.op("Add", outer.op("Cast", at, to=1), outer.constant(0.5))  # (pixels,)
        scale = outer.op("Div", outer.op("Cast", pixels, to=1), outer.constant(side))
        centres = outer.op("Mul", outer.constant(np.arange(side)[:, None] + 0.5), scale)  # (side, 1)
        reach = outer.op("Max", scale, outer.constant(1.0))
        apart = outer.op("Div", outer.op("Abs", outer.op("Sub", sources, centres)), reach)
        weights = outer.op("Relu", outer.op("Sub", outer.constant(1.0), apart))  # (side, pixels)
        matrices.append(outer.op("Div", weights, outer.op("ReduceSum", weights, outer.whole(1), keepdims=1)))
    sizes = outer.op("Slice", shape, outer.whole(2), outer.whole(4))
    off = outer.op("ReduceSum", outer.op("Abs", outer.op("Sub", sizes, outer.whole(side, side))), keepdims=0)
    fits = outer.op("Equal", off, outer.constant(0, np.int64))
    return matrices[0], outer.op("Transpose", matrices[1], perm=[1, 0]), fits


def _body(encoder: Encoder, side: int, squeezing: tuple[str, str, str]) -> tuple[Graph, tuple[int, ...]]:
    """One frame (3, h, w) -> its features, and their shape: (F,), or (C, h, w) for the conv3d head."""
    body, backbone = Graph("frame"), encoder.backbone
    down, across, fits = squeezing
    small = body.op("MatMul", body.op("MatMul", down, "frame"), across)
    bytes_ = body.op("Round", body.op("Mul", small, body.constant(255.0)))  # as the resizing of bytes gives them
    frame = body.op("Where", fits, "frame", body.op("Div", bytes_, body.constant(255.0)))
    maps = body.op("Unsqueeze", frame, body.whole(0))
    for part in (backbone.frozen, backbone.learnable):
        maps = module(body, part, maps, side)
    with torch.no_grad():
        example = backbone(torch.zeros(1, 3, side, side))
    features = maps
    if not encoder.keeps_maps:
        features = pooled(body, maps, encoder.pool, (example.shape[2], example.shape[3]))
        example = torch_pooled(example, encoder.pool)
    out = body.op("Squeeze", features, body.whole(0))
    body.nodes[-1].output[0] = "features"
    assert out
    return body, tuple(example.shape[1:])


def _as_graph(body: Graph, shape: tuple[int, ...]) -> Any:
    onnx = _onnx()
    value, number = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    given, made = value("frame", number, [3, None, None]), value("features", number, list(shape))
    return onnx.helper.make_graph(body.nodes, "one frame", [given], [made], body.constants)


def session_of(model: bytes) -> Any:
    """An onnxruntime session on the CPU.

    Raises:
        ConfigError: onnxruntime is not installed.
        CheckpointError: it cannot load the model.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise ConfigError(
            'To check what is written needs the package onnxruntime: run pip install "carl-studio[onnx]".'
        ) from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = torch.get_num_threads()
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - its own kinds have no common base
        reason = str(error).partition("\n")[0]
        raise CheckpointError(f"onnxruntime cannot load what was written ({reason}): nothing is kept.") from error


def largest_difference(session: Any, encoder: Encoder, frames: torch.Tensor) -> float:
    """Between the session's embeddings of (S, 3, h, w) frames of the encoder's size, and the encoder's own."""
    with torch.no_grad():
        expected = encoder.embed_features(encoder.features(frames)).numpy()
    (made,) = session.run(["embeddings"], {"frames": frames.numpy()})
    return float(np.abs(made - expected).max())
