"""Which device, and in which precision."""

from __future__ import annotations

import pytest
import torch

from core.base.errors import ConfigError
from core.model import device as devices
from core.settings.config import TrainConfig


def test_auto_falls_back_to_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert devices.choose_device("auto") == torch.device("cpu")
    with pytest.raises(ConfigError, match="no CUDA GPU"):
        devices.choose_device("cuda")
    with pytest.raises(ConfigError, match="auto, cpu or cuda, not 'tpu'"):
        devices.choose_device("tpu")


def test_each_local_process_takes_its_own_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert [devices.choose_device("auto", local_rank=rank).index for rank in range(3)] == [0, 1, 0]
    assert devices.choose_device("cpu", local_rank=1) == torch.device("cpu")


@pytest.mark.parametrize(
    ("found", "through_backbone", "expected"),
    [
        ({"avx512_bf16": True}, True, torch.bfloat16),
        ({"amx_bf16": True}, True, torch.bfloat16),
        ({"avx512_bf16": True}, False, torch.float32),
        ({"avx512_f": True}, True, torch.float32),
    ],
)
def test_a_cpu_computes_in_bfloat16_only_where_that_is_fast(
    monkeypatch: pytest.MonkeyPatch, found: dict[str, bool], through_backbone: bool, expected: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found, raising=False)
    cpu = torch.device("cpu")
    assert devices.choose_precision(cpu, TrainConfig(), through_backbone=through_backbone) == expected
    fixed = TrainConfig(precision="float32")
    assert devices.choose_precision(cpu, fixed, through_backbone=through_backbone) == torch.float32


@pytest.mark.parametrize(("has_bfloat16", "expected"), [(True, torch.bfloat16), (False, torch.float16)])
def test_an_older_gpu_gets_float16(monkeypatch: pytest.MonkeyPatch, has_bfloat16: bool, expected: torch.dtype) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: has_bfloat16)
    got = devices.choose_precision(torch.device("cuda"), TrainConfig(), through_backbone=False)
    assert got == expected


def test_the_reason_says_whether_torch_could_find_a_gpu_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    assert devices.reason(torch.device("cpu")) == "torch finds no CUDA GPU"
    monkeypatch.setattr(torch.version, "cuda", None)
    assert devices.reason(torch.device("cpu")) == "this torch was built without CUDA"
    assert devices.reason(torch.device("cuda", 0)) == "GPU found by torch"


def test_one_thread_is_not_many(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, words in ((1, "CPU, 1 thread"), (2, "CPU, 2 threads")):
        monkeypatch.setattr(torch, "get_num_threads", lambda number=number: number)
        assert devices.describe(torch.device("cpu")) == words
