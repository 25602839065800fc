"""Choose the device and its precision. `python -m core.device` prints which one `auto` uses, and why."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from core.base.errors import ConfigError
from core.base.listing import count_noun
from core.settings.config import TrainConfig


def choose_device(name: str, *, local_rank: int = 0) -> torch.device:
    """Return the device called `auto`, `cpu` or `cuda`; `auto` takes CUDA where there is one.

    Raises:
        ConfigError: another name, or CUDA asked for and absent.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise ConfigError(f"--device must be auto, cpu or cuda, not {name!r}.")
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("--device cuda: torch finds no CUDA GPU. Use --device auto or cpu.")
    if name == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", local_rank % torch.cuda.device_count())


def choose_precision(device: torch.device, config: TrainConfig, *, through_backbone: bool) -> torch.dtype:
    """Return the dtype of a forward pass.

    `auto` is bfloat16 where the device computes in it: on most GPUs, and for what goes `through_backbone` on CPUs with
    AVX-512 BF16 or AMX (the head alone is too small to gain; on a CPU without them it is ten times slower). An older
    GPU gets float16, with a gradient scaler in training.
    """
    if config.precision != "auto":
        return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[config.precision]
    if device.type != "cuda":
        return torch.bfloat16 if through_backbone and _cpu_has_bfloat16() else torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16


def _cpu_has_bfloat16() -> bool:
    found: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()  # older torch does not say
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def describe(device: torch.device) -> str:
    """Return a name that a person knows: the GPU's, or how many CPU threads."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
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
