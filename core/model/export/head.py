"""The heads of `core.model.temporal` as ONNX nodes: features of a video's frames in, embeddings of norm 1 out."""

from __future__ import annotations

import math

import numpy as np
import torch

from core.model.encoder import Encoder
from core.model.export.graph import Graph
from core.model.export.modules import module
from core.model.temporal import Conv3dHead, FrameHead, TransformerHead
from core.model.transformer import TransformerLayer

Rotation = tuple[str, str]
"""Cosines and sines, each (S, d/2)."""


def head(graph: Graph, encoder: Encoder, features: str, first_frame: str, num_frames: str) -> str:
    """Add what `Encoder.embed_piece` computes, and return the name of the (S, D) embeddings.

    Args:
        features: (S, F), or (S, C, h, w) for the conv3d head.
        first_frame: int64, the place of the first of these frames in the video.
        num_frames: int64, of the whole video.
    """
    match encoder.head:
        case FrameHead() as made:
            h = module(graph, made.mlp, _input(graph, encoder, features), 0)
        case TransformerHead() as made:
            places = _places(graph, encoder, features, first_frame, num_frames)
            h = _transformer(graph, made, _input(graph, encoder, features), places)
        case Conv3dHead() as made:
            h = _conv3d(graph, made, features)
    length = graph.op("Sqrt", graph.op("ReduceSum", graph.op("Mul", h, h), graph.integers(-1), keepdims=1))
    return graph.op("Div", h, graph.op("Max", length, graph.constant(1e-12)))


def count_of(graph: Graph, features: str) -> str:
    """Return S, an int64 of no dimension."""
    return graph.op("Squeeze", graph.op("Slice", graph.op("Shape", features), graph.integers(0), graph.integers(1)))


def _count_frames(graph: Graph, count: str) -> str:
    """Return (S,) int64: 0, 1, ..."""
    return graph.op("Range", graph.constant(0, np.int64), count, graph.constant(1, np.int64))


def _input(graph: Graph, encoder: Encoder, features: str) -> str:
    """Map (S, F) -> (S, 2F) with changes, shifted and scaled."""
    if lag := encoder.config.delta_lag:
        count = count_of(graph, features)
        at, step = _count_frames(graph, count), graph.constant(lag, np.int64)
        last = graph.op("Sub", count, graph.constant(1, np.int64))
        after = graph.op("Min", graph.op("Add", at, step), last)
        before = graph.op("Max", graph.op("Sub", at, step), graph.constant(0, np.int64))
        change = graph.op("Sub", *(graph.op("Gather", features, one, axis=0) for one in (after, before)))
        features = graph.op("Concat", features, change, axis=1)
    shifted = graph.op("Sub", features, graph.constant(encoder.input.mean.cpu().numpy()))
    return graph.op("Div", shifted, graph.constant(float(encoder.input.scale)))


def _places(graph: Graph, encoder: Encoder, features: str, first_frame: str, num_frames: str) -> str:
    """Return (S, 1) float: where each frame stands in time."""
    import onnx

    count = count_of(graph, features)
    places = graph.op("Cast", graph.op("Add", _count_frames(graph, count), first_frame), to=onnx.TensorProto.FLOAT)
    if encoder.config.rescale_positions:
        steps = graph.op("Max", graph.op("Sub", num_frames, graph.constant(1, np.int64)), graph.constant(1, np.int64))
        steps = graph.op("Cast", steps, to=onnx.TensorProto.FLOAT)
        places = graph.op("Mul", places, graph.op("Div", graph.constant(encoder.train_frames - 1), steps))
    return graph.op("Unsqueeze", places, graph.integers(1))


def _angles(graph: Graph, places: str, width: int, base: float) -> str:
    """Return (S, width / 2), as `core.model.positions`."""
    rates = base ** -(torch.arange(0, width, 2, dtype=torch.float32) / width)
    return graph.op("Mul", places, graph.constant(rates.numpy()))


def _transformer(graph: Graph, of: TransformerHead, features: str, places: str) -> str:
    x = module(graph, of.mlp, features, 0)  # (S, W)
    made, by = of.transformer, None
    width = made.norm.normalized_shape[0]
    if made.positions == "sincos":
        angles = _angles(graph, places, width, 10_000.0)
        waves = (graph.op("Unsqueeze", graph.op(kind, angles), graph.integers(2)) for kind in ("Sin", "Cos"))
        added = graph.op("Reshape", graph.op("Concat", *waves, axis=2), graph.integers(-1, width))
        x = graph.op("Add", x, added)
    elif made.positions == "rotary":
        angles = _angles(graph, places, made.head_width, made.base)
        by = graph.op("Cos", angles), graph.op("Sin", angles)
    for layer in made.layers:
        assert isinstance(layer, TransformerLayer)
        x = graph.op("Add", x, _attention(graph, layer, module(graph, layer.norm1, x, 0), width, by))
        x = graph.op("Add", x, module(graph, layer.feedforward, module(graph, layer.norm2, x, 0), 0))
    return module(graph, of.out, module(graph, made.norm, x, 0), 0)


def _attention(graph: Graph, of: TransformerLayer, x: str, width: int, by: Rotation | None) -> str:
    wide = module(graph, of.query_key_value, x, 0)  # (S, 3W)
    heads = graph.op("Reshape", wide, graph.integers(-1, 3, of.heads, width // of.heads))
    apart = graph.op("Transpose", heads, perm=[1, 2, 0, 3])  # (3, heads, S, d)
    query, key, value = (graph.op("Gather", apart, graph.constant(i, np.int64), axis=0) for i in range(3))
    if by is not None:
        query, key = _rotate(graph, query, by), _rotate(graph, key, by)
    query = graph.op("Mul", query, graph.constant(1 / math.sqrt(width // of.heads)))
    alike = graph.op("MatMul", query, graph.op("Transpose", key, perm=[0, 2, 1]))  # (heads, S, S)
    mixed = graph.op("MatMul", graph.op("Softmax", alike, axis=-1), value)  # (heads, S, d)
    joined = graph.op("Reshape", graph.op("Transpose", mixed, perm=[1, 0, 2]), graph.integers(-1, width))
    return module(graph, of.attention_out, joined, 0)


def _rotate(graph: Graph, heads: str, by: Rotation) -> str:
    """Return (heads, S, d), turned by the angles of each frame's place."""
    cos, sin = by
    half = graph.op("Shape", cos)
    width = graph.op("Slice", half, graph.integers(1), graph.integers(2))
    axis = graph.integers(2)
    first = graph.op("Slice", heads, graph.integers(0), width, axis)
    second = graph.op("Slice", heads, width, graph.integers(2**31), axis)
    turned = (
        graph.op("Sub", graph.op("Mul", first, cos), graph.op("Mul", second, sin)),
        graph.op("Add", graph.op("Mul", first, sin), graph.op("Mul", second, cos)),
    )
    return graph.op("Concat", *turned, axis=2)


def _conv3d(graph: Graph, of: Conv3dHead, maps: str) -> str:
    x = maps  # (S, C, h, w)
    for convolution, norm in zip(of.convolutions, of.norms, strict=True):
        volume = graph.op(
            "Unsqueeze", graph.op("Transpose", x, perm=[1, 0, 2, 3]), graph.integers(0)
        )  # (1, C, S, h, w)
        volume = graph.op("Squeeze", module(graph, convolution, volume, 0), graph.integers(0))
        x = module(graph, norm, graph.op("Transpose", volume, perm=[1, 0, 2, 3]), 0)
        x = graph.op("Relu", x)
    return module(graph, of.mlp, graph.op("Flatten", graph.op("GlobalMaxPool", x), axis=1), 0)
