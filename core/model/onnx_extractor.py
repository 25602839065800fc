"""A frozen extractor of feature maps from an `.onnx` file."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.base.errors import CheckpointError, ConfigError

_PROBE_SIDE = 224
_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
_EXTERNAL = b"\n\x08location\x12"
"""How protobuf writes the key under which a tensor names a file beside the model (onnx.proto, external_data)."""


class OnnxExtractor(nn.Module):
    """Runs a model under onnxruntime, on the GPU where the frames and onnxruntime are, with torch's number of threads.

    The model's one input is (N, 3, h, w) RGB in [0, 1], float32 or float16; its first output is (N, C, h', w') or
    (N, C). N, h and w may be fixed. Its bytes are the module's extra state: a saved encoder holds them.

    Args:
        model: the bytes of the file.
        source: its name, for errors.

    Raises:
        ConfigError: onnxruntime is not installed, or the model's input or output is another.
        CheckpointError: the bytes are no model, or its tensors lie in files beside it.
    """

    def __init__(self, model: bytes, source: str) -> None:
        super().__init__()
        self._model, self._source = model, source
        self._fusable = _fusable(model)
        self._session: Any = None
        self._session_key: tuple[int, str] | None = None
        self._opening = threading.Lock()
        if _EXTERNAL in model:
            raise CheckpointError(
                f"{source} keeps its tensors in other files. Export it as one file (onnx.save_model with "
                "save_as_external_data=False)."
            )
        session = self._on("cpu")
        if len(session.get_inputs()) != 1:
            raise ConfigError(
                f"{source} has {len(session.get_inputs())} inputs, but an extractor must have one, the frames. "
                "Export it again."
            )
        self._input = session.get_inputs()[0]
        if self._input.type not in _TYPES or len(self._input.shape) != 4 or self._input.shape[1] not in (3, "3"):
            raise ConfigError(
                f"{source} takes {self._input.type} {self._input.shape}, but an extractor must take float (N, 3, h, "
                "w). Export it again."
            )
        self.takes_half = self._input.type == "tensor(float16)"
        """Whether its frames are float16."""
        self._batch, _, *sides = (size if isinstance(size, int) else None for size in self._input.shape)
        self._sides = tuple(sides)
        height, width = (side or _PROBE_SIDE for side in sides)
        self.gives_vectors = False
        """Whether it pools by itself: (N, C) instead of maps."""
        self.channels = self(torch.zeros(1, 3, height, width)).shape[1]

    @property
    def model(self) -> bytes:
        """The bytes of the file."""
        return self._model

    @property
    def batch(self) -> int | None:
        """How many frames it takes at once; None: any number."""
        return self._batch

    @classmethod
    def from_file(cls, path: Path) -> OnnxExtractor:
        """Read the whole file into memory."""
        try:
            return cls(path.read_bytes(), str(path))
        except OSError as error:
            raise ConfigError(
                f"backbone.name = '{path}' cannot be read ({error.strerror}). Check its name and permissions."
            ) from error

    def forward(self, frames: Tensor) -> Tensor:
        """Map (N, 3, H, W) in [0, 1] -> (N, C, h, w), or (N, C, 1, 1) where the model pools by itself."""
        for fixed, side in zip(self._sides, frames.shape[-2:], strict=True):
            if fixed is not None and fixed != side:
                raise ConfigError(
                    f"{self._source} takes images of {self._sides[0]} x {self._sides[1]} pixels, not {side}. Set "
                    f"augment.image_size = {fixed}."
                )
        images = frames.detach().cpu().contiguous().numpy().astype(_TYPES[self._input.type], copy=False)
        is_on_one_core = frames.device.type == "cpu" and torch.get_num_threads() == 1
        batch = self._batch or (1 if is_on_one_core else len(images))  # a core's cache holds the maps of few frames
        features = self._run_in_batches(images, batch, frames.device.type)
        self.gives_vectors = features.ndim == 2
        maps = torch.from_numpy(features).to(frames.device, torch.float32)
        return maps if maps.ndim == 4 else maps[..., None, None]

    def _run_in_batches(self, images: NDArray[Any], batch: int, device: str) -> NDArray[Any]:
        short = -len(images) % batch
        filled = np.concatenate([images, np.repeat(images[-1:], short, axis=0)])
        parts = [self._run(filled[i : i + batch], device) for i in range(0, len(filled), batch)]
        return np.concatenate(parts)[: len(images)]

    def _run(self, images: NDArray[Any], device: str) -> NDArray[Any]:
        runtime = _runtime(self._source)
        try:
            features: NDArray[Any] = self._on(device).run(None, {self._input.name: images})[0]
        except _refusals(runtime) as error:
            raise ConfigError(
                f"{self._source} cannot take frames of shape {images.shape} ({_first_line(error)}). Change "
                "augment.image_size or export it with dynamic sizes."
            ) from error
        if features.ndim not in (2, 4) or len(features) != len(images):
            raise ConfigError(
                f"{self._source} gives {features.shape}, but an extractor must give (N, C, h, w) or (N, C). "
                "Export it again."
            )
        return features

    def _on(self, device: str) -> Any:
        """Return the session for a device and torch's number of threads in this thread."""
        with self._opening:
            return self._session_for(torch.get_num_threads(), device)

    def _session_for(self, threads: int, device: str) -> Any:
        key = (threads, device)
        if self._session_key != key:
            runtime = _runtime(self._source)
            options = runtime.SessionOptions()
            options.intra_op_num_threads = key[0]
            options.log_severity_level = 4
            # Idle threads that spin would keep the cores from torch, which works between two chunks.
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            on_gpu = device == "cuda" and "CUDAExecutionProvider" in runtime.get_available_providers()
            providers = ["CUDAExecutionProvider"] * on_gpu + ["CPUExecutionProvider"]
            try:
                self._session = runtime.InferenceSession(self._fusable, options, providers=providers)
            except _refusals(runtime) as error:
                raise CheckpointError(
                    f"{self._source} is not a model that onnxruntime can load ({_first_line(error)}). Export it again."
                ) from error
            self._session_key = key
        return self._session

    def get_extra_state(self) -> Tensor:
        """Return the model's bytes, (bytes,) uint8: torch puts them into `state_dict()`."""
        return torch.frombuffer(bytearray(self._model), dtype=torch.uint8)

    def set_extra_state(self, state: Tensor) -> None:
        """Take the model's bytes back. Only the same model may come: others have other channels, and are built anew."""
        if state.cpu().numpy().tobytes() != self._model:
            raise CheckpointError(
                f"The weights were made with another extractor than {self._source}. Give the one they were made with."
            )


def _fusable(model: bytes) -> bytes:
    """Return the model with its paddings as onnxruntime fuses them into convolutions: with no empty third input.

    torch exports that input where nothing is said of the value, 0. Unfused, each padding leaves and enters the layout
    of convolutions again: a fifth of a MobileNet's time. The same model comes back where there is nothing to change.
    """
    if b"Pad" not in model:
        return model
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError:
        return model
    try:
        loaded = onnx.load_model_from_string(model)
    except DecodeError:
        return model  # onnxruntime says what is wrong
    paddings = [node for node in loaded.graph.node if node.op_type == "Pad" and not node.input[-1]]
    for node in paddings:
        while not node.input[-1]:
            del node.input[-1]
    changed: bytes = loaded.SerializeToString()
    return changed if paddings else model


def _runtime(source: str) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise ConfigError(f'{source} needs the package onnxruntime. Run pip install "carl-gui[onnx]".') from error
    return onnxruntime


def _refusals(runtime: Any) -> tuple[type[Exception], ...]:
    """Return onnxruntime's own exceptions, which have no common base."""
    kinds = vars(runtime.capi.onnxruntime_pybind11_state).values()
    return (RuntimeError, *(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Exception)))


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0].rpartition(" : ")[2].rstrip(".")
