"""Pickles are read without running them."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.base.errors import LabelError
from core.datasets.pickles import read_pickle
from tests.core.datasets.folders import dump


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_data_comes_back_in_every_protocol(tmp_path: Path, protocol: int) -> None:
    value = {
        "text": "hä",
        "numbers": [1, -2.5, True, None, 2**70],
        "pair": (b"\x00\xff", {"set"}),
        "ordered": OrderedDict(a=1),
        "array": np.arange(6, dtype=np.int16).reshape(2, 3).T,
        "big-endian": np.arange(3, dtype=">f4"),
        "empty": np.empty(0, np.int64),
        "scalars": [np.int64(4), np.float32(0.5), np.bool_(True), np.str_("hä")],
        "tensor": torch.arange(5),
        "floats": -1 * torch.ones(3),
        "part": torch.arange(12).reshape(3, 4)[1:, ::2],
        "none": torch.empty(0),
        "half": torch.tensor([1.5], dtype=torch.bfloat16),
    }
    read = read_pickle(dump(tmp_path / "a.pkl", value, protocol))
    arrays = {"array", "big-endian", "empty", "tensor", "floats", "part", "none", "half"}
    assert {key: item for key, item in read.items() if key not in arrays} == {
        key: item for key, item in value.items() if key not in arrays
    }
    for key in arrays:
        expected = value[key].float() if key == "half" else value[key]
        np.testing.assert_array_equal(read[key], np.asarray(expected))
        assert read[key].dtype == np.asarray(expected).dtype


class _Calls:
    """Pickles as a call of whatever it is given."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("where", ["alone", "in an entry", "in a tensor's memory"])
def test_code_is_refused_and_not_run(tmp_path: Path, protocol: int, where: str) -> None:
    made = tmp_path / "made"
    evil: Any = _Calls(os.mkdir, str(made))
    if where == "in an entry":
        evil = [{"video_file": "a.mp4", "frame_label": evil}]
    if where == "in a tensor's memory":
        evil = _Calls(torch.storage._load_from_bytes, pickle.dumps(evil, protocol))
    path = dump(tmp_path / "train.pkl", evil, protocol)
    with pytest.raises(LabelError) as caught:
        read_pickle(path)
    assert not made.exists()
    assert str(path) in str(caught.value)
    assert (
        ("memory" in str(caught.value)) if "memory" in where else (f"{os.mkdir.__module__}.mkdir" in str(caught.value))
    )
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "function",
    [eval, getattr, __import__, pickle.loads, subprocess.call, np.load, torch.load, np.frombuffer, bytearray, type],
)
def test_other_functions_are_refused(tmp_path: Path, function: Any) -> None:
    with pytest.raises(LabelError, match="holds code") as caught:
        read_pickle(dump(tmp_path / "a.pkl", _Calls(function, "1")))
    assert function.__name__ in str(caught.value)


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (b"cnumpy\ndtype\n}S'value'\nI1\nsb.", "state of a function"),  # BUILD on what stands for a function
        (b"cnumpy.core.multiarray\n_reconstruct\n)R(I1\n(I3\ntNI00\nS'abc'\ntb.", "array"),
        (b"cnumpy\ndtype\n(S'O'\ntR.", "'O'"),
        (b"cnumpy\ndtype\n(S'f99999999999'\ntR.", "plain values"),
        (b"ctorch._utils\n_rebuild_tensor_v2\n(NI0\n(I3\nt(I1\ntI00\nNtR.", "no memory"),
        (b"c_codecs\nencode\n(S'x'\nS'rot13'\ntR.", "unusual"),
        (b"(lp0\ng0\na.", ""),  # a list within itself
        (b"\x80\x04\x8c", "truncated"),
        (b"PK\x03\x04", ""),
        (b"", "Ran out of input"),
    ],
)
def test_programs_without_sense_are_refused(tmp_path: Path, program: bytes, says: str) -> None:
    (tmp_path / "a.pkl").write_bytes(program)
    with pytest.raises(LabelError, match="not a complete pickle of plain data") as caught:
        read_pickle(tmp_path / "a.pkl")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("offset", "shape", "strides"),
    [
        (0, (6,), (1,)),
        (5, (1,), (1,)),
        (0, (2,), (5,)),
        (0, (-1,), (1,)),
        (2, (3,), (-1,)),
        (0, (9, 9), (0, 0)),
        (0, (2,), ()),
    ],
)
def test_a_tensor_does_not_reach_past_its_memory(tmp_path: Path, offset: int, shape: Any, strides: Any) -> None:
    storage = torch.arange(5)._typed_storage()
    call = _Calls(torch._utils._rebuild_tensor_v2, storage, offset, shape, strides, False, OrderedDict())
    with pytest.raises(LabelError, match="a tensor"):
        read_pickle(dump(tmp_path / "a.pkl", call))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="cannot be read"):
        read_pickle(tmp_path / "a.pkl")


def test_reading_data_sets_needs_no_torch() -> None:
    code = "import sys, core.datasets; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
