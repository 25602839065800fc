"""Read pickles of plain data without running any code in them.

A pickle is a program: it names functions and calls them. Here it gets stand-ins for the few that plain data needs
(numpy arrays and scalars, torch tensors on any device, ordered dictionaries, sets) and nothing else. The stand-ins hold
no state that a pickle could change, and check what they are given; arrays and tensors both come out as numpy arrays.
"""

from __future__ import annotations

import io
import math
import pickle
import re
import warnings
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import LabelError
from core.base.files import PICKLE_DAMAGE


def read_pickle(path: Path) -> Any:
    """Return the contents of the file: containers, numbers, text, and `NDArray` for arrays and tensors.

    Raises:
        LabelError: it is missing or damaged, or wants anything run that plain data does not need.
    """
    try:
        with path.open("rb") as file:
            return _plain(_Restricted(file).load())
    except OSError as error:
        raise LabelError(f"{path} cannot be read ({error.strerror}). Check its name and permissions.") from error
    except _Foreign as error:
        raise LabelError(
            f"{path} holds code ({error}), which is never run. Give a pickle of only lists, dictionaries, numbers, "
            "text, numpy arrays and tensors."
        ) from error
    except PICKLE_DAMAGE as error:
        raise LabelError(f"{path} is not a complete pickle of plain data ({error}). Download it again.") from error


class _Foreign(pickle.UnpicklingError):
    """A global outside the list; its text is `module.name`."""


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        if made := _KNOWN.get((module, name)):
            return _Global(made)
        raise _Foreign(f"{module}.{name}")


class _Global:
    """The stand-in for a global in a pickle: it can be called, and nothing else."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[..., object]) -> None:
        self._make = make

    def __call__(self, *args: object) -> object:
        return self._make(*args)

    def __setstate__(self, state: object) -> None:
        raise pickle.UnpicklingError("the state of a function is set")


class _Dtype:
    """A numpy type of plain values."""

    __slots__ = ("value",)

    def __init__(self, code: object, *_: object) -> None:
        if not isinstance(code, str) or not re.fullmatch(r"[biufSU]\d{1,6}", code):
            raise pickle.UnpicklingError(f"arrays of {code!r} are not plain values")
        self.value = np.dtype(code)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if state[1] not in ("<", ">", "|", "=") or any(part is not None for part in state[2:5]):
            raise pickle.UnpicklingError("arrays of records are not plain values")
        self.value = self.value.newbyteorder(state[1])


class _Array:
    """An array, or one under construction."""

    __slots__ = ("values",)

    def __init__(self, values: NDArray[Any] | None = None) -> None:
        self.values = values

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if self.values is not None:
            raise pickle.UnpicklingError("an array is changed")
        _, shape, dtype, is_fortran, raw = state
        self.values = _array(raw, dtype, shape, "F" if is_fortran else "C").values


class _Storage(_Array):
    """The memory of a tensor, one-dimensional."""

    __slots__ = ()


def _array(raw: object, dtype: object, shape: Any, order: object, *_: object) -> _Array:
    if not isinstance(raw, bytes | bytearray) or not isinstance(dtype, _Dtype) or order not in ("C", "F"):
        raise pickle.UnpicklingError("an array of objects is not plain values")
    flat = np.frombuffer(bytes(raw), dtype.value)
    return _Array(flat.reshape(shape, order="F" if order == "F" else "C"))


def _scalar(dtype: object, raw: object = b"") -> object:
    value: object = _plain(_array(raw, dtype, (), "C")).item()
    return value


def _reconstruct(*_: object) -> _Array:
    return _Array()


def _latin1(text: object, encoding: object = "latin1") -> bytes:
    """Decode bytes as written by older protocols."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError("text is encoded in an unusual way")
    return text.encode("latin1")


def _no_bytes() -> bytes:
    """Decode empty bytes as written by older protocols."""
    return b""


def _storage(raw: object) -> _Storage:
    if not isinstance(raw, bytes):
        raise pickle.UnpicklingError("a tensor's memory is not bytes")
    import torch  # heavy, and only these files need it

    try:
        with warnings.catch_warnings(action="ignore"):  # torch wonders aloud about bytes that are none of its own
            loaded = torch.load(io.BytesIO(raw), map_location="cpu", weights_only=True)
        flat = torch.tensor([], dtype=loaded.dtype).set_(loaded)
    except PICKLE_DAMAGE as error:  # torch explains itself in a page
        raise pickle.UnpicklingError("a tensor's memory is damaged or holds code") from error
    return _Storage((flat.float() if flat.dtype == torch.bfloat16 else flat).numpy())


def _tensor(storage: object, offset: Any, shape: Any, strides: Any, *_: object) -> _Array:
    if not isinstance(storage, _Storage) or storage.values is None:
        raise pickle.UnpicklingError("a tensor has no memory")
    numbers = (offset, *shape, *strides)
    if len(shape) != len(strides) or any(type(number) is not int or number < 0 for number in numbers):
        raise pickle.UnpicklingError(f"a tensor has the shape {shape} and the strides {strides}")
    last = offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if 0 not in shape and (last >= len(storage.values) or math.prod(shape) > len(storage.values)):
        raise pickle.UnpicklingError("a tensor is larger than its memory")
    byte_strides = [stride * storage.values.itemsize for stride in strides]
    return _Array(np.lib.stride_tricks.as_strided(storage.values[offset:], shape, byte_strides, writeable=False))


_KNOWN: dict[tuple[str, str], Callable[..., object]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("builtins", "set"): set,
    ("__builtin__", "set"): set,
    ("_codecs", "encode"): _latin1,
    ("__builtin__", "bytes"): _no_bytes,
    ("numpy", "dtype"): _Dtype,
    ("numpy", "ndarray"): _reconstruct,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch.storage", "_load_from_bytes"): _storage,
}
for _core in ("core", "_core"):  # before numpy 2, and since
    _KNOWN[f"numpy.{_core}.multiarray", "_reconstruct"] = _reconstruct
    _KNOWN[f"numpy.{_core}.multiarray", "scalar"] = _scalar
    _KNOWN[f"numpy.{_core}.numeric", "_frombuffer"] = _array


def _plain(value: Any) -> Any:
    """Return the same with arrays in place of their stand-ins."""
    if isinstance(value, _Array):
        return np.empty(0) if value.values is None else value.values
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value] if isinstance(value, list) else tuple(_plain(item) for item in value)
    return value
