#!/usr/bin/env bash
# Fused Adam on a CPU updates the wrong elements where its moments lie in memory otherwise than the weight.
#
# One would guess: a tensor's values do not depend on its strides, so moments that were saved contiguously (as safetensors and
# `.contiguous()` do) and loaded beside a weight in channels_last give the same next step; or the optimizer refuses them.
# What happens: load_state_dict keeps the strides that it is given. `fused=False` gives the same step to the last bit;
# `fused=True` walks weight and moments as if they lay alike, says nothing, and gives another one. A weight whose layout
# was changed between saving and resuming is trained on with scrambled moments.
# Version: torch 2.14.1, CPU.
# Source: seen by running it; the documentation of torch.optim.Adam names no condition on strides.
# Remedy: after load_state_dict, copy each moment into a tensor like its weight (torch.empty_like(weight).copy_(moment)).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/look.py" <<'PROGRAM'
import torch


def last_step(*, fused: bool, contiguous: bool) -> torch.Tensor:
    """Three steps, moments saved and loaded, one more step: the weight."""
    torch.manual_seed(0)
    weight = torch.nn.Parameter(torch.randn(4, 3, 3, 3).contiguous(memory_format=torch.channels_last))
    data = torch.randn(4, 3, 3, 3)

    def step(optimizer: torch.optim.Adam) -> None:
        optimizer.zero_grad()
        (weight * data).pow(2).sum().backward()
        optimizer.step()

    first = torch.optim.Adam([weight], lr=0.1, fused=fused)
    for _ in range(3):
        step(first)
    state = first.state_dict()
    if contiguous:
        state["state"][0] = {name: value.contiguous() for name, value in state["state"][0].items()}
    resumed = torch.optim.Adam([weight], lr=0.1, fused=fused)
    resumed.load_state_dict(state)
    step(resumed)
    return weight.detach().clone()


print("torch", torch.__version__.partition("+")[0])
for fused in (False, True):
    same, other = (last_step(fused=fused, contiguous=contiguous) for contiguous in (False, True))
    print(f"fused={fused}: largest difference of the next step {float((same - other).abs().max()):.4f}")
PROGRAM
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet torch==2.14.1 numpy==2.4.6
"$folder/venv/bin/python" "$folder/look.py" | tee "$folder/seen"
grep -q "^fused=False: .* 0.0000$" "$folder/seen"
! grep -q "^fused=True: .* 0.0000$" "$folder/seen"
# Output seen (Linux x86_64, Python 3.11.7):
# torch 2.14.1
# fused=False: largest difference of the next step 0.0000
# fused=True: largest difference of the next step 0.1738
