"""Write ONNX graphs node by node.

Only operators whose meaning has not changed since operator set 17 are used, so that a graph takes the operator set of
an extractor that it is joined with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from core.base.errors import ConfigError

if TYPE_CHECKING:
    import onnx

OPSET, IR_VERSION = 17, 8


class Graph:
    """Nodes and constants of a growing graph; values are referred to by name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.functions: list[onnx.FunctionProto] = []
        """Of models that were taken in."""
        self.opsets: dict[str, int] = {"": OPSET}
        """By domain, what the nodes ask for."""
        self.ir_version = IR_VERSION

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output, and return that one's name."""
        import onnx

        out = f"{self.name}_{len(self.nodes)}_{kind}"
        self.nodes.append(onnx.helper.make_node(kind, [*inputs], [out], **attributes))
        return out

    def constant(self, values: ArrayLike, kind: Any = np.float32) -> str:
        """Add a tensor of that type, and return its name."""
        import onnx

        name = f"{self.name}_constant_{len(self.constants)}"
        self.constants.append(onnx.numpy_helper.from_array(np.array(values, kind, order="C"), name))
        return name

    def integers(self, *values: int) -> str:
        """Return a vector of int64."""
        return self.constant(values, np.int64)

    def call(self, model: onnx.ModelProto, input_name: str) -> str:
        """Insert a model of one input, and return the name of its first output.

        Raises:
            ConfigError: it was written for an older set of operators, and cannot be brought to this one's.
        """
        import onnx

        opsets = {one.domain or "": one.version for one in model.opset_import}
        if opsets.get("", OPSET) < OPSET:
            model = _newer(model)
            opsets[""] = OPSET
        self.opsets |= opsets
        self.ir_version = max(self.ir_version, model.ir_version)
        model = onnx.compose.add_prefix(model, f"{self.name}_{len(self.nodes)}_")
        constants = {one.name for one in model.graph.initializer}
        (entry,) = (one.name for one in model.graph.input if one.name not in constants)
        self.nodes.append(onnx.helper.make_node("Identity", [input_name], [entry]))
        self.nodes += model.graph.node
        self.constants += model.graph.initializer
        self.functions += model.functions
        return str(model.graph.output[0].name)


def _newer(model: onnx.ModelProto) -> onnx.ModelProto:
    import onnx

    try:
        return onnx.version_converter.convert_version(model, OPSET)
    except (RuntimeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise ConfigError(
            "The extractor of this encoder was exported for an old ONNX opset, and cannot be converted to opset "
            f"{OPSET} ({reason}). Export the extractor again with opset {OPSET} and train with it."
        ) from error
