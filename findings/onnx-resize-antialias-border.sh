#!/usr/bin/env bash
# ONNX's antialiased Resize differs from Pillow's (and torch's) along the border of the image.
#
# One would guess: Resize with mode=linear, antialias=1 and half_pixel gives what Pillow's BILINEAR (compared here) and torch's
# interpolate(antialias=True) give, since antialias was added to ONNX to match them.
# What happens: inside the image the numbers are equal; in the outermost rows and columns they differ by up to 10 of 255 on
# noise. Where the stretched filter reaches past the border, ONNX gives the outside weight to the border pixel; Pillow and
# torch leave it out and divide by the rest. exclude_outside=1 makes ONNX do so too, and then all pixels are equal.
# Enlarging does not differ. onnxruntime follows the ONNX reference implementation in this.
# Versions: onnxruntime 1.32.0, onnx 1.23.2, pillow 13.0.0 (Python 3.12 or newer: numpy 2.5.5).
# Source: the attribute exclude_outside in the operator's specification; onnx/reference/ops/op_resize.py.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet onnxruntime==1.32.0 onnx==1.23.2 pillow==13.0.0 numpy==2.5.5
ORT_DISABLE_TELEMETRY=1 "$folder/venv/bin/python" - <<'PROGRAM'
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from PIL import Image

image = np.random.default_rng(0).integers(0, 256, (1, 1, 48, 64)).astype(np.float32)


def resized(height, width, exclude_outside):
    sizes = helper.make_tensor("sizes", TensorProto.INT64, [4], [1, 1, height, width])
    node = helper.make_node(
        "Resize", ["x", "", "", "sizes"], ["y"], mode="linear", antialias=1, exclude_outside=exclude_outside
    )
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "xy")
    model = helper.make_model(helper.make_graph([node], "g", [x], [y], [sizes]), opset_imports=[helper.make_opsetid("", 19)])
    model.ir_version = 9
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": image})[0][0, 0]


print("onnxruntime", onnxruntime.__version__, "onnx", onnx.__version__)
seen = []
for height, width in ((24, 32), (30, 40), (96, 128)):
    pillow = np.asarray(Image.fromarray(image[0, 0]).resize((width, height), Image.Resampling.BILINEAR))
    for exclude_outside in (0, 1):
        off = np.abs(resized(height, width, exclude_outside) - pillow)
        inside = off[2:-2, 2:-2].max()
        print(f"48x64 to {height}x{width}, exclude_outside={exclude_outside}: inside {inside:.3f}, border {off.max():.3f}")
        seen.append((inside < 1e-3, off.max() > 1))
sys.exit(seen != [(True, True), (True, False), (True, True), (True, False), (True, False), (True, False)])
PROGRAM
# Output seen (Linux x86_64, Python 3.13.0):
# onnxruntime 1.32.0 onnx 1.23.2
# 48x64 to 24x32, exclude_outside=0: inside 0.000, border 10.555
# 48x64 to 24x32, exclude_outside=1: inside 0.000, border 0.000
# 48x64 to 30x40, exclude_outside=0: inside 0.000, border 8.256
# 48x64 to 30x40, exclude_outside=1: inside 0.000, border 0.000
# 48x64 to 96x128, exclude_outside=0: inside 0.000, border 0.000
# 48x64 to 96x128, exclude_outside=1: inside 0.000, border 0.000
