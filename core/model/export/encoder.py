"""A whole encoder as one ONNX model: frames of a video in, one embedding per frame out.

The backbone is the body of a Scan over the frames: memory for its maps is that of one frame, however long the video.
The head is the body of a Loop over the pieces of a video that is longer than `encoder.max_frames`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from core.base.errors import CheckpointError, ConfigError
from core.model.encoder import Encoder
from core.model.export.graph import Graph
from core.model.export.head import count_of, head
from core.model.export.modules import module, pool_maps
from core.model.inputs import pool_maps as torch_pooled
from core.pose.networks import PoseNetworks
from core.settings.config import Config

if TYPE_CHECKING:
    import onnx

METADATA = "carl"
"""The key of `metadata_props` under which the card stands, as JSON."""


def as_onnx(encoder: Encoder, config: Config, card: Mapping[str, Any]) -> onnx.ModelProto:
    """Return the model that computes what `core.embed` does, in float32.

    Its input is `frames` (S, 3, h, w) float32 RGB in [0, 1], all of a video; its output is `embeddings` (S, D) float32,
    rows of norm 1.

    Args:
        encoder: in eval mode, on the CPU.
        card: what the model says of itself; JSON values.

    Raises:
        ConfigError: onnx is not installed, or the backbone has no form in ONNX.
    """
    if isinstance(encoder.backbone.frozen, PoseNetworks):
        raise ConfigError(
            "An encoder of body pose cannot be written as ONNX, because it follows a person from frame to frame. "
            "Train with another backbone.name for that, or write embeddings with core.embed."
        )
    onnx = _onnx()
    outer, side = Graph("encoder"), config.augment.image_size
    body, shape = _body(encoder, side, _squeeze_matrices(outer, side))
    features = outer.op("Scan", "frames", body=_as_graph(body, shape), num_scan_inputs=1)
    made = _in_pieces(outer, encoder, features)
    outer.nodes.append(onnx.helper.make_node("Identity", [made], ["embeddings"]))
    value, number = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        outer.nodes,
        "encoder",
        [value("frames", number, ["frames", 3, "height", "width"])],
        [value("embeddings", number, ["frames", config.encoder.embedding_dim])],
        outer.constants,
    )
    opsets = [onnx.helper.make_opsetid(domain, version) for domain, version in body.opsets.items()]
    model = onnx.helper.make_model(
        graph, opset_imports=opsets, functions=body.functions, ir_version=body.ir_version, producer_name="carl-studio"
    )
    onnx.helper.set_model_props(model, {METADATA: json.dumps(dict(card), ensure_ascii=False)})
    return model  # type: ignore[no-any-return]


def _onnx() -> Any:
    try:
        import onnx
        import onnx.compose
        import onnx.version_converter
    except ImportError as error:
        raise ConfigError('Writing ONNX needs the package onnx. Run pip install "carl-gui[onnx]".') from error
    return onnx


def _squeeze_matrices(outer: Graph, side: int) -> tuple[str, str, str]:
    """Return matrices that resize rows and columns of the frames to `side`, and whether nothing is to be done.

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
        matrices.append(outer.op("Div", weights, outer.op("ReduceSum", weights, outer.integers(1), keepdims=1)))
    sizes = outer.op("Slice", shape, outer.integers(2), outer.integers(4))
    off = outer.op("ReduceSum", outer.op("Abs", outer.op("Sub", sizes, outer.integers(side, side))), keepdims=0)
    fits = outer.op("Equal", off, outer.constant(0, np.int64))
    return matrices[0], outer.op("Transpose", matrices[1], perm=[1, 0]), fits


def _body(encoder: Encoder, side: int, squeezing: tuple[str, str, str]) -> tuple[Graph, tuple[int, ...]]:
    """Return one frame (3, h, w) -> its features, and their shape: (F,), or (C, h, w) for the conv3d head."""
    body, backbone = Graph("frame"), encoder.backbone
    down, across, fits = squeezing
    small = body.op("MatMul", body.op("MatMul", down, "frame"), across)
    bytes_ = body.op("Round", body.op("Mul", small, body.constant(255.0)))  # as the resizing of bytes gives them
    frame = body.op("Where", fits, small, body.op("Div", bytes_, body.constant(255.0)))
    maps = body.op("Unsqueeze", frame, body.integers(0))
    for part in (backbone.frozen, backbone.learnable):
        maps = module(body, part, maps, side)
    with torch.no_grad():
        example = backbone(torch.zeros(1, 3, side, side))
    features = maps
    if not encoder.keeps_maps:
        features = pool_maps(body, maps, encoder.pool, (example.shape[2], example.shape[3]))
        example = torch_pooled(example, encoder.pool)
    body.op("Squeeze", features, body.integers(0))
    body.nodes[-1].output[0] = "features"
    return body, tuple(example.shape[1:])


def _as_graph(body: Graph, shape: tuple[int, ...]) -> Any:
    onnx = _onnx()
    value, number = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    body_inputs, made = value("frame", number, [3, None, None]), value("features", number, list(shape))
    return onnx.helper.make_graph(body.nodes, "one frame", [body_inputs], [made], body.constants)


def _in_pieces(outer: Graph, encoder: Encoder, features: str) -> str:
    """Return the head in a Loop over the pieces of `Encoder.pieces`, most often one: (S, ...) features -> (S, D)."""
    onnx = _onnx()
    width = encoder.config.embedding_dim
    num_frames, most = count_of(outer, features), encoder.config.max_frames
    filled = outer.op("Add", num_frames, outer.constant(most - 1, np.int64))
    count = outer.op("Div", filled, outer.constant(most, np.int64))
    piece = Graph("piece")
    after = piece.op("Add", "number", piece.constant(1, np.int64))
    start, end = (piece.op("Div", piece.op("Mul", num_frames, at), count) for at in ("number", after))
    bounds = (piece.op("Unsqueeze", bound, piece.integers(0)) for bound in (start, end))
    rows = head(piece, encoder, piece.op("Slice", features, *bounds, piece.integers(0)), start, num_frames)
    piece.nodes += [
        onnx.helper.make_node("Concat", ["rows_before", rows], ["rows"], axis=0),
        onnx.helper.make_node("Identity", ["goes_on"], ["goes_on_then"]),
    ]
    value, number = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    truth, int64 = onnx.TensorProto.BOOL, onnx.TensorProto.INT64
    body_inputs = [value("number", int64, []), value("goes_on", truth, []), value("rows_before", number, [None, width])]
    body_outputs = [value("goes_on_then", truth, []), value("rows", number, [None, width])]
    body = onnx.helper.make_graph(piece.nodes, "one piece", body_inputs, body_outputs, piece.constants)
    return outer.op("Loop", count, "", outer.constant(np.zeros((0, width))), body=body)


def session_of(model: bytes) -> Any:
    """Return an onnxruntime session on the CPU.

    Raises:
        ConfigError: onnxruntime is not installed.
        CheckpointError: it cannot load the model.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise ConfigError(
            'Checking the exported file needs the package onnxruntime. Run pip install "carl-gui[onnx]".'
        ) from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = torch.get_num_threads()
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise CheckpointError(f"onnxruntime cannot load the exported file ({reason}); nothing was kept.") from error


def largest_difference(session: Any, encoder: Encoder, frames: torch.Tensor) -> float:
    """Return the largest difference between the session's embeddings of (S, 3, h, w) frames of the encoder's size, and
    the encoder's own."""
    with torch.no_grad():
        expected = encoder.embed_features(encoder.features(frames)).numpy()
    (made,) = session.run(["embeddings"], {"frames": frames.numpy()})
    return float(np.abs(made - expected).max())
