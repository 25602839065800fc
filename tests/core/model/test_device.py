"""Which device, and in which precision."""

from __future__ import annotations

import contextlib

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
    with pytest.raises(ConfigError, match="auto, cpu, cuda or mps, not 'tpu'"):
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
        ({"avx512_bf16": True, "cpu_name": "AMD EPYC"}, True, torch.bfloat16),
        ({"avx512_bf16": True, "cpu_name": "Intel Xeon"}, True, torch.float32),
        ({"avx512_bf16": True, "amx_bf16": True, "cpu_name": "Intel Xeon"}, True, torch.bfloat16),
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


def test_without_a_gradient_a_gpu_computes_in_float16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: True)
    cuda = torch.device("cuda")
    kinds = [
        devices.choose_precision(cuda, TrainConfig(precision=name), through_backbone=True, has_gradient=False)
        for name in ("auto", "bfloat16")
    ]
    assert kinds == [torch.float16, torch.bfloat16]


@pytest.mark.parametrize(
    ("is_deterministic", "has_fixed_shapes", "benchmark"),
    [(False, True, True), (False, False, False), (True, True, False)],
)
def test_the_flags_of_a_gpu_hold_within_the_block(
    is_deterministic: bool, has_fixed_shapes: bool, benchmark: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that tries algorithms may take another one than the process before: not where bits are promised."""
    monkeypatch.setattr(torch.cuda, "device", lambda device: contextlib.nullcontext())
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")

    def seen() -> tuple[bool, ...]:
        cudnn, attention = torch.backends.cudnn, torch.backends.cuda.mem_efficient_sdp_enabled()
        return cudnn.benchmark, cudnn.deterministic, torch.are_deterministic_algorithms_enabled(), not attention

    before = seen()
    with devices.flags(torch.device("cpu"), is_deterministic=True, has_fixed_shapes=True):
        assert seen() == before
    cuda = torch.device("cuda", 0)
    with devices.flags(cuda, is_deterministic=is_deterministic, has_fixed_shapes=has_fixed_shapes):
        assert seen() == (benchmark, *(is_deterministic,) * 3)
    assert seen() == before


def test_a_cpu_has_no_memory_to_keep_frames_in_and_a_gpu_what_nobody_has_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert devices.free_bytes(torch.device("cpu")) == 0
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (5000, 9000))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 700)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 600)
    assert devices.free_bytes(torch.device("cuda")) == 5100
