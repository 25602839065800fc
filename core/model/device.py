"""Choose the device and its precision. `python -m core.device` prints which one `auto` uses, and why."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from core.base.errors import ConfigError
from core.base.listing import count_noun
from core.settings.config import TrainConfig


def choose_device(name: str, *, local_rank: int = 0) -> torch.device:
    """Return the device called `auto`, `cpu`, `cuda` or `mps`; `auto` takes CUDA where there is one.

    Apple's GPU is taken only where it is asked for: nobody has measured yet what it gains.

    Raises:
        ConfigError: another name, or a GPU asked for and absent.
    """
    if name not in ("auto", "cpu", "cuda", "mps"):
        raise ConfigError(f"--device must be auto, cpu, cuda or mps, not {name!r}.")
    if name == "mps":
        if not torch.backends.mps.is_available():
            raise ConfigError("--device mps: torch finds no Apple GPU. Use --device auto or cpu.")
        return torch.device("mps")
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("--device cuda: torch finds no CUDA GPU. Use --device auto or cpu.")
    if name == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", local_rank % torch.cuda.device_count())


def choose_precision(
    device: torch.device, config: TrainConfig, *, through_backbone: bool, has_gradient: bool = True
) -> torch.dtype:
    """Return the dtype of a forward pass.

    `auto` is bfloat16 where the device is fast in it: on most GPUs, and for what goes `through_backbone` on CPUs with
    AMX or AMD's AVX-512 BF16 (the head alone is too small to gain; on a CPU without them it is ten times slower). An
    older GPU gets float16, with a gradient scaler in training. Without a gradient, every GPU gets float16: it is as
    fast, and its embeddings are within 1e-3 of those of float32 where those of bfloat16 are not (docs/decisions/0032).
    """
    if config.precision != "auto":
        return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[config.precision]
    if device.type == "mps":
        return torch.float32  # half precision there was never compared
    if device.type != "cuda":
        return torch.bfloat16 if through_backbone and _cpu_has_bfloat16() else torch.float32
    if not has_gradient:
        return torch.float16
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16


def _cpu_has_bfloat16() -> bool:
    """Return whether this CPU is faster in it than in float32: AMD's are; Intel's with AMX alone, since their AVX-512
    BF16 takes half as long again (docs/benchmarks.md)."""
    found: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()  # older torch does not say
    return bool(found.get("amx_bf16") or (found.get("avx512_bf16") and "Intel" not in str(found.get("cpu_name"))))


def free_bytes(device: torch.device) -> int:
    """Return how much more torch could take of a GPU's memory; 0 on a CPU."""
    if device.type != "cuda":
        return 0
    unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(torch.cuda.mem_get_info(device)[0]) + unused


@contextlib.contextmanager
def flags(device: torch.device, *, is_deterministic: bool = False, has_fixed_shapes: bool = False) -> Iterator[None]:
    """Make `device` the current GPU within the block, and let cuDNN work in a way that suits; nothing on a CPU.

    Args:
        is_deterministic: the same work gives the same bits, also in another process.
        has_fixed_shapes: cuDNN tries its algorithms once for each shape and takes the fastest. Another process may
            take another, and round otherwise; so it does not where `is_deterministic`.
    """
    if device.type != "cuda":
        yield
        return
    cudnn, mode = torch.backends.cudnn, torch.get_deterministic_debug_mode()
    before = cudnn.benchmark, cudnn.deterministic
    cudnn.benchmark, cudnn.deterministic = has_fixed_shapes and not is_deterministic, is_deterministic
    try:
        with torch.cuda.device(device), contextlib.ExitStack() as stack:
            if is_deterministic:
                os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when cuBLAS is first used
                torch.use_deterministic_algorithms(True, warn_only=True)
                stack.enter_context(sdpa_kernel([SDPBackend.FLASH_ATTENTION, SDPBackend.MATH]))  # the others are not
            yield
    finally:
        cudnn.benchmark, cudnn.deterministic = before
        torch.set_deterministic_debug_mode(mode)


def describe(device: torch.device) -> str:
    """Return a name that a person knows: the GPU's, or how many CPU threads."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    if device.type == "mps":
        return "Apple GPU"
    return f"CPU, {count_noun(torch.get_num_threads(), 'thread')}"


def reason(device: torch.device) -> str:
    """Return why `auto` takes this device."""
    if device.type == "cuda":
        return "GPU found by torch"
    return "torch finds no CUDA GPU" if torch.version.cuda else "this torch was built without CUDA"


def main() -> None:
    """Print which device `auto` takes, and why."""
    chosen = choose_device("auto")
    print(f"{describe(chosen)} ({reason(chosen)})")


if __name__ == "__main__":
    main()
