#!/usr/bin/env bash
# onnxruntime does not fuse a padding into the convolution behind it where torch exported it without a value.
#
# One would guess: an optional last input of a node that is empty ("") and one that is left out are the same (the ONNX
# specification says so), and onnxruntime's PadFusion takes Pad + Conv together in both.
# What happens: it asks whether the third input, which is there but empty, is a constant; it is not, and nothing is fused.
# On a CPU every such Pad then also leaves the blocked layout of convolutions and enters it again: a fifth of the time of
# a MobileNet whose paddings are those of TensorFlow. The results are the same bits.
# Versions: onnxruntime 1.23.2 and 1.32.0; torch.onnx.export (dynamo=False) writes F.pad so.
# Source: onnxruntime/core/optimizer/pad_fusion.cc, PadFusion::SatisfyCondition.
# Remedy: delete the empty last input of each Pad (`del node.input[-1]`) before the session is made.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet "onnxruntime==${ONNXRUNTIME:-1.23.2}" onnx==1.19.1 numpy==2.2.6
cd "$folder"
"$folder/venv/bin/python" - <<'PROGRAM'
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

print("onnxruntime", onnxruntime.__version__)


def operators(last_inputs):
    nodes = [
        helper.make_node("Pad", ["x", "sides", *last_inputs], ["padded"], mode="constant"),
        helper.make_node("Conv", ["padded", "w"], ["y"], strides=[2, 2]),
    ]
    weights = np.ones((4, 3, 3, 3), np.float32)
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4, 4, 4])],
        [numpy_helper.from_array(np.array([0, 0, 0, 0, 0, 0, 1, 1]), "sides"), numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = "optimised.onnx"
    onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return [node.op_type for node in onnx.load("optimised.onnx").graph.node]


left_out, empty = operators([]), operators([""])
print("value left out:", left_out)
print("value empty:   ", empty)
sys.exit(0 if left_out == ["Conv"] and empty == ["Pad", "Conv"] else 1)
PROGRAM

# Output with 1.23.2:
#   value left out: ['Conv']
#   value empty:    ['Pad', 'Conv']
