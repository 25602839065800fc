"""Named tensors in files: our own safetensors, and state dicts of others, read without running any code."""

from __future__ import annotations

import contextlib
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from core.base.errors import CheckpointError
from core.base.files import PICKLE_DAMAGE, replacing

_CARD = "carl"
_CODE = re.compile(r"unsupported (global|class)", re.IGNORECASE)


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Return every tensor of a `.safetensors`, `.pth` or `.pt` file by name; nested tables are joined with dots.

    A pickle is read with `weights_only=True`: code in it is refused, never run.

    Raises:
        CheckpointError: the file is missing, damaged, holds code or no tensors.
    """
    _check_is_file(path)
    tensors = load_tensors(path)[0] if path.suffix == ".safetensors" else dict(_flat(_unpickle(path), ""))
    if not tensors:
        raise CheckpointError(f"{path} has no tensors. Give a file with a model's state dict.")
    return tensors


def save_tensors(path: Path, tensors: Mapping[str, Tensor], meta: dict[str, Any]) -> None:
    """Write tensors and `meta` (as JSON in the header) as safetensors; the file is whole or as it was.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    contiguous: dict[str, Tensor] = {}
    storages: set[int] = set()
    for name, tensor in tensors.items():
        own = tensor.detach().cpu().contiguous()
        shared = own.untyped_storage().data_ptr() in storages  # which safetensors refuses
        contiguous[name] = own.clone() if shared else own
        storages.add(own.untyped_storage().data_ptr())
    with replacing(path) as partial:
        partial.write_bytes(save(contiguous, metadata={_CARD: json.dumps(meta)}))


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors (on the CPU) and the `meta` of a safetensors file; an empty `meta` where another program wrote
    it.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    _check_is_file(path)
    with _opened(path) as file:
        # Cloned: a mapped file cannot be replaced on Windows, and would be read as training goes.
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - not a dict
        return tensors, _meta(file)


def read_meta(path: Path) -> dict[str, Any]:
    """Return the `meta` of a safetensors file alone. CheckpointError: as `load_tensors`."""
    _check_is_file(path)
    with _opened(path) as file:
        return _meta(file)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (SafetensorError, ValueError, RuntimeError, OverflowError) as error:
        raise CheckpointError(
            f"{path} is damaged or not a safetensors file ({_first_line(error)}). Copy it again, or make a new one."
        ) from error


def _meta(file: Any) -> dict[str, Any]:
    meta = json.loads((file.metadata() or {}).get(_CARD, "{}"))
    return meta if isinstance(meta, dict) else {}


def fit_tensors(module: nn.Module, tensors: Mapping[str, Tensor], source: str) -> None:
    """Load tensors into a module whose every tensor must be there in its shape, and no other.

    Raises:
        CheckpointError: names the first tensor that does not fit, with both shapes, or that holds NaN or infinity.
    """
    own = {name: value for name, value in module.state_dict().items() if not name.endswith("_extra_state")}
    for name in [*own, *(name for name in tensors if name not in own and not name.endswith("_extra_state"))]:
        here, there = (str(tuple(table[name].shape)) if name in table else "absent" for table in (own, tensors))
        if here != there:
            raise CheckpointError(
                f"{source} has another architecture: {name} is {there} in the file and {here} in the model that its "
                "settings describe. Give another file."
            )
    check_finite(tensors, source)
    module.load_state_dict(tensors)


def check_finite(tensors: Mapping[str, Tensor], source: str) -> None:
    """Refuse weights that are NaN or infinite: whatever is computed with them is so too. Raises CheckpointError."""
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not (finite := tensor.isfinite()).all():
            value = tensor[~finite][0].item()
            raise CheckpointError(
                f"{source} cannot be used: {name} contains {value}, which would spread to all results. Copy the file "
                "again, or choose another encoder or checkpoint."
            )


def _check_is_file(path: Path) -> None:
    if not path.exists():
        raise CheckpointError(f"There is no file {path}. Check its name.")
    if not path.is_file():
        raise CheckpointError(f"{path} is a folder, not a file of weights. Give the file in it.")


def _unpickle(path: Path) -> object:
    try:
        with warnings.catch_warnings(action="ignore"):  # torch wonders aloud about bytes that are no pickle
            return torch.load(path, map_location="cpu", weights_only=True)
    except PICKLE_DAMAGE as error:
        if _CODE.search(str(error)):
            raise CheckpointError(
                f"{path} holds more than tensors, and reading that could run code. Save only the model's "
                "state_dict() and give that file."
            ) from error
        raise CheckpointError(f"{path} is damaged or not a PyTorch checkpoint. Copy or download it again.") from error


def _flat(value: object, name: str) -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
