"""The modules of our networks, in eval mode, as ONNX nodes."""

from __future__ import annotations

import io
import math
import warnings
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, Bottleneck

from core.base.errors import ConfigError
from core.model.export.graph import OPSET, Graph
from core.model.hog import BINS, CELLS, LUMA, Hog
from core.model.normalise import Normalise
from core.model.onnx_extractor import OnnxExtractor
from core.model.timm_extractor import TimmExtractor


def module(graph: Graph, of: nn.Module, x: str, side: int) -> str:
    """Add what `of` computes of the value `x`, and return the name of the result.

    Args:
        side: of the square frames, in pixels, where `of` takes frames.

    Raises:
        ConfigError: a model of timm's that cannot be written.
    """
    match of:
        case nn.Sequential():
            for part in of:
                x = module(graph, part, x, side)
            return x
        case nn.Identity() | nn.Dropout():
            return x
        case nn.ReLU():
            return graph.op("Relu", x)
        case nn.Linear():
            return graph.op("Gemm", x, _array(graph, of.weight), _array(graph, of.bias), transB=1)
        case nn.LayerNorm():
            return graph.op("LayerNormalization", x, *_both(graph, of), axis=-1, epsilon=of.eps)
        case nn.BatchNorm1d() | nn.BatchNorm2d():
            statistics = [_array(graph, of.running_mean), _array(graph, of.running_var)]
            return graph.op("BatchNormalization", x, *_both(graph, of), *statistics, epsilon=of.eps)
        case nn.Conv2d() | nn.Conv3d():
            return _convolution(graph, of, x)
        case nn.MaxPool2d():
            size, stride, pad = (_pair(value) for value in (of.kernel_size, of.stride, of.padding))
            return graph.op("MaxPool", x, kernel_shape=size, strides=stride, pads=pad * 2)
        case BasicBlock() | Bottleneck():
            return _block(graph, of, x, side)
        case Normalise():
            return graph.op("Div", graph.op("Sub", x, _array(graph, of.mean)), _array(graph, of.std))
        case Hog():
            return _hog(graph, x, side)
        case OnnxExtractor():
            return _extractor(graph, of, x)
        case TimmExtractor():
            return graph.call(_trace(of, side), x)
    raise NotImplementedError(f"{type(of).__name__} cannot be exported to ONNX")


def pool_maps(graph: Graph, maps: str, pool: str, size: tuple[int, int]) -> str:
    """Map (1, C, h, w) maps of that height and width -> (1, F), as `core.model.inputs.pooled`."""
    match pool:
        case "max":
            vectors = graph.op("GlobalMaxPool", maps)
        case "avg":
            vectors = graph.op("GlobalAveragePool", maps)
        case "max+avg":
            both = graph.op("GlobalMaxPool", maps), graph.op("GlobalAveragePool", maps)
            vectors = graph.op("Concat", *both, axis=1)
        case _:
            cells = {"avg2x2": 2, "avg4x4": 4, "avg8x8": 8}[pool]
            vectors = cell_means(graph, maps, cells, size)
    return graph.op("Flatten", vectors, axis=1)


def cell_means(graph: Graph, maps: str, cells: int, size: tuple[int, int]) -> str:
    """Map (..., h, w) of that height and width -> (..., cells, cells): adaptive average pooling, as two products."""
    down, across = (graph.constant(_means(cells, pixels)) for pixels in size)
    rows = graph.op("MatMul", down, maps)
    return graph.op("MatMul", rows, graph.op("Transpose", across, perm=[1, 0]))


def _means(cells: int, pixels: int) -> NDArray[np.float64]:
    """Return (cells, pixels): from a line of pixels to the means of its cells."""
    weights = np.zeros((cells, pixels))
    for cell in range(cells):
        start, end = pixels * cell // cells, math.ceil(pixels * (cell + 1) / cells)
        weights[cell, start:end] = 1 / (end - start)
    return weights


def _array(graph: Graph, tensor: Tensor | None) -> str:
    assert tensor is not None
    return graph.constant(tensor.detach().float().cpu().numpy())


def _both(graph: Graph, of: nn.LayerNorm | nn.modules.batchnorm._BatchNorm) -> list[str]:
    return [_array(graph, of.weight), _array(graph, of.bias)]


def _pair(value: Any) -> list[int]:
    return [value, value] if isinstance(value, int) else list(value)


def _convolution(graph: Graph, of: nn.Conv2d | nn.Conv3d, x: str) -> str:
    assert not isinstance(of.padding, str)
    weights = [_array(graph, of.weight)] + ([] if of.bias is None else [_array(graph, of.bias)])
    return graph.op(
        "Conv",
        x,
        *weights,
        strides=list(of.stride),
        pads=list(of.padding) * 2,
        dilations=list(of.dilation),
        group=of.groups,
    )


def _block(graph: Graph, of: BasicBlock | Bottleneck, x: str, side: int) -> str:
    """Return a residual block of a ResNet (He et al. 2016, figure 5)."""
    y, stages = x, 3 if isinstance(of, Bottleneck) else 2
    for stage in range(1, stages + 1):
        y = module(graph, getattr(of, f"conv{stage}"), y, side)
        y = module(graph, getattr(of, f"bn{stage}"), y, side)
        if stage < stages:
            y = graph.op("Relu", y)
    if of.downsample is not None:
        x = module(graph, of.downsample, x, side)
    return graph.op("Relu", graph.op("Add", y, x))


def _hog(graph: Graph, frames: str, side: int) -> str:
    """Export `core.model.hog.Hog`. An orientation has no sign, so that an arc tangent of the ratio does for `atan2`."""
    luma = graph.constant(np.array(LUMA)[:, None, None])
    gray = graph.op("ReduceSum", graph.op("Mul", frames, luma), graph.integers(1), keepdims=1)  # (1, 1, H, W)
    padded = graph.op("Pad", gray, graph.integers(0, 0, 1, 1, 0, 0, 1, 1), mode="edge")
    across = graph.op("Sub", _cut(graph, padded, (1, 2), (-1, 2**31)), _cut(graph, padded, (1, 0), (-1, -2)))
    down = graph.op("Sub", _cut(graph, padded, (2, 1), (2**31, -1)), _cut(graph, padded, (0, 1), (-2, -1)))
    squares = (graph.op("Mul", one, one) for one in (across, down))
    strength = graph.op("Sqrt", graph.op("Add", *squares))
    is_upright = graph.op("Equal", across, graph.constant(0.0))
    angle = graph.op("Atan", graph.op("Div", down, graph.op("Where", is_upright, graph.constant(1e-30), across)))
    turned = graph.op("Add", angle, graph.constant(math.pi))
    unsigned = graph.op("Where", graph.op("Less", angle, graph.constant(0.0)), turned, angle)  # 0 to pi
    place = graph.op("Mul", unsigned, graph.constant(BINS / math.pi))
    apart = graph.op("Abs", graph.op("Sub", place, graph.constant(np.arange(BINS)[:, None, None])))  # (1, 9, H, W)
    nearer = graph.op("Min", apart, graph.op("Sub", graph.constant(BINS), apart))
    shares = graph.op("Mul", graph.op("Relu", graph.op("Sub", graph.constant(1.0), nearer)), strength)
    histograms = cell_means(graph, shares, CELLS, (side, side))
    total = graph.op("ReduceSum", histograms, graph.integers(1, 2, 3), keepdims=1)
    total = graph.op("Max", total, graph.constant(1e-6))
    colours = graph.op("Mul", cell_means(graph, frames, CELLS, (side, side)), graph.constant(0.1))
    return graph.op("Concat", graph.op("Sqrt", graph.op("Div", histograms, total)), colours, axis=1)


def _cut(graph: Graph, x: str, start: tuple[int, int], end: tuple[int, int]) -> str:
    """Return rows and columns of (1, 1, H, W)."""
    return graph.op("Slice", x, graph.integers(*start), graph.integers(*end), graph.integers(2, 3))


def _extractor(graph: Graph, of: OnnxExtractor, frames: str) -> str:
    """Return somebody's model, for one frame at a time."""
    import onnx

    model = onnx.load_model_from_string(of.model)
    kind = onnx.TensorProto.FLOAT16 if of.takes_half else onnx.TensorProto.FLOAT
    frames = graph.op("Cast", frames, to=kind)
    if of.batch not in (None, 1):  # it takes several at once: the same one again and again
        frames = graph.op("Expand", frames, graph.integers(of.batch, 1, 1, 1))
    features = graph.op("Cast", graph.call(model, frames), to=onnx.TensorProto.FLOAT)
    if of.batch not in (None, 1):
        features = graph.op("Slice", features, graph.integers(0), graph.integers(1), graph.integers(0))
    return graph.op("Unsqueeze", features, graph.integers(2, 3)) if of.gives_vectors else features


def _trace(of: TimmExtractor, side: int) -> Any:
    """Return a model of timm's, written by torch's own exporter."""
    import onnx

    written = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the exporter's future, and of shapes that are fixed here
            torch.onnx.export(
                of,
                (torch.zeros(1, 3, side, side),),
                written,  # type: ignore[arg-type]  # only the newer exporter insists on a path
                dynamo=False,
                opset_version=OPSET,
                input_names=["frames"],
            )
    except Exception as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise ConfigError(
            f"backbone.name = 'timm:{of.name}' cannot be written as ONNX ({reason}). Export that model as a .onnx "
            "file by itself, and train with backbone.name = FILE.onnx."
        ) from error
    return onnx.load_model_from_string(written.getvalue())
