#!/usr/bin/env python3
"""BlazePose's networks from ONNX to what plain torch reads: half-precision safetensors with the graph in the header.

    python tools/pose_weights.py blazepose_detector_fp16.onnx detector.safetensors --outputs out441 out429
    python tools/pose_weights.py blazepose_landmark_lite_fp16.onnx landmarks.safetensors \
        --outputs out310 out315 out283 out312

`assets/pose/NOTICE` says where the weights come from. The graph becomes a list of steps, in order, as
`core/pose/network.py` runs them: [operator, name of the result, names of what it takes, numbers]. Casts of weights are
left out, a transposition before a reshaping is part of it, and what no output needs is dropped (the segmentation).

Needs the package onnx (extra `onnx`).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import numpy_helper

from core.base.tensor_files import save_tensors

Step = list[Any]
_SIMPLE = {"Add": "add", "Concat": "concat", "Sigmoid": "sigmoid", "Clip": "relu6"}


def converted(model: onnx.ModelProto, outputs: list[str]) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Return the half-precision weights by name, and the graph.

    Raises:
        SystemExit: an operator, or a form of one, that the runner does not know.
    """
    constants = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    needed = _needed(model.graph, set(outputs))
    for node in needed:
        if node.op_type == "Cast":
            constants[node.output[0]] = constants[node.input[0]]
    steps: list[Step] = []
    weights: dict[str, torch.Tensor] = {}
    for node in needed:
        if node.op_type != "Cast":
            steps.extend(_steps(node, constants))
    for _, _, taken, _ in steps:
        weights.update({name: torch.from_numpy(constants[name].copy()) for name in taken if name in constants})
    return weights, {"steps": _joined(steps), "outputs": outputs}


def _needed(graph: onnx.GraphProto, wanted: set[str]) -> list[onnx.NodeProto]:
    found = []
    for node in reversed(graph.node):
        if set(node.output) & wanted:
            found.append(node)
            wanted |= set(node.input)
    return found[::-1]


def _steps(node: onnx.NodeProto, constants: dict[str, Any]) -> Iterator[Step]:
    kind, taken, made = node.op_type, list(node.input), node.output[0]
    numbers = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
    if kind in _SIMPLE:
        if kind == "Clip" and [constants[name].item() for name in taken[1:]] != [0.0, 6.0]:
            raise SystemExit(f"{made}: Clip to other bounds than 0 and 6")
        yield [_SIMPLE[kind], made, taken if kind != "Clip" else taken[:1], []]
    elif kind == "Identity":
        yield ["same", made, taken, []]
    elif kind == "Conv":
        top, left, bottom, right = numbers["pads"]
        if top != bottom or left != right:
            yield ["pad", f"{made}p", taken[:1], [left, right, top, bottom]]
            taken[0], top, left = f"{made}p", 0, 0
        yield ["conv", made, taken, [*numbers["strides"], top, left, numbers["group"]]]
    elif kind == "Pad":
        before, after = constants[taken[1]].reshape(2, 4)[:, 1:].tolist()
        pairs = [end for axis in (2, 1, 0) for end in (before[axis], after[axis])]
        yield ["pad", made, taken[:1], pairs]
    elif kind == "MaxPool" and not any(numbers["pads"]):
        yield ["max_pool", made, taken, [*numbers["kernel_shape"], *numbers["strides"]]]
    elif kind == "Resize" and numbers["coordinate_transformation_mode"] == b"half_pixel":
        yield ["upsample", made, taken[:1], [round(constants[taken[2]].ravel()[2].item())]]
    elif kind == "DepthToSpace" and numbers["mode"] == b"DCR":
        yield ["depth_to_space", made, taken, [numbers["blocksize"]]]
    elif kind == "Transpose" and numbers["perm"] == [0, 2, 3, 1]:
        yield ["channels_last", made, taken, []]
    elif kind == "Reshape":
        yield ["reshape", made, taken[:1], constants[taken[1]].tolist()[1:]]
    else:
        raise SystemExit(f"operator {kind} {numbers}")


def _joined(steps: list[Step]) -> list[Step]:
    """Names of their own for nothing but what is used: an output's name replaces that of what it is."""
    renamed = {step[2][0]: step[1] for step in steps if step[0] == "same"}
    kept = [step for step in steps if step[0] != "same"]
    return [[kind, renamed.get(made, made), [renamed.get(n, n) for n in taken], at] for kind, made, taken, at in kept]


def main() -> None:
    """Convert one file."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("onnx", type=Path)
    made.add_argument("out", type=Path)
    made.add_argument("--outputs", nargs="+", required=True, help="names of the graph's outputs to keep")
    arguments = made.parse_args()
    weights, graph = converted(onnx.load(arguments.onnx), arguments.outputs)
    save_tensors(arguments.out, weights, graph)
    print(f"{arguments.out}: {len(graph['steps'])} steps, {arguments.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
