"""Tiny ONNX extractors, made on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


def write_extractor(
    path: Path,
    *,
    batch: int | str = "n",
    side: int | str = "s",
    pooled: bool = False,
    kind: str = "float32",
    channels: int = 5,
    external: bool = False,
    inputs: int = 1,
) -> Path:
    """A convolution of stride 2 and a ReLU, from `frames` to `features`; with random weights of a fixed seed."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights = np.random.default_rng(0).normal(size=(channels, 3, 2, 2)).astype(kind)
    number = TensorProto.FLOAT if kind == "float32" else TensorProto.FLOAT16
    nodes: list[Any] = [
        helper.make_node("Conv", ["frames", "w"], ["map"], strides=[2, 2]),
        helper.make_node("Relu", ["map"], ["features" if not pooled else "positive"]),
    ]
    shape: list[int | str] = [batch, channels, "h", "w"]
    if pooled:
        nodes += [
            helper.make_node("GlobalMaxPool", ["positive"], ["highest"]),
            helper.make_node("Flatten", ["highest"], ["features"]),
        ]
        shape = shape[:2]
    given = [helper.make_tensor_value_info(f"frames{i or ''}", number, [batch, 3, side, side]) for i in range(inputs)]
    graph = helper.make_graph(
        nodes,
        "extractor",
        given,
        [helper.make_tensor_value_info("features", number, shape)],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save_model(model, str(path), save_as_external_data=external, size_threshold=0)
    return path
