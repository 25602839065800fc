"""Encoders and checkpoints, by byte and by what they say of themselves."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz.folders import files_of
from tests.fuzz.raw_bytes import bytes_of, some_file
from tests.fuzz.target import Target
from tests.fuzz.trees import change_tree

if TYPE_CHECKING:
    from torch import nn, optim

_HEADER_BYTES = 8


def _header(folder: Path, source: random.Random) -> str:
    """Damage a value of the header of a safetensors file, or of the card within it."""
    file = some_file(folder, "*.safetensors", source)
    data = file.read_bytes()
    start = _HEADER_BYTES + int.from_bytes(data[:_HEADER_BYTES], "little")
    header = json.loads(data[_HEADER_BYTES:start])
    if source.random() < 0.7:
        card, done = change_tree(json.loads(header["__metadata__"]["carl"]), source)
        header["__metadata__"]["carl"] = json.dumps(card)
    else:
        header, done = change_tree(header, source)
    written = json.dumps(header).encode()
    file.write_bytes(len(written).to_bytes(_HEADER_BYTES, "little") + written + data[start:])
    return f"{done} of the header of {file.name}"


def _make_encoder(folder: Path) -> None:
    from core.model.checkpoint import save_encoder
    from tests.core.small import small_config, small_encoder

    config = small_config(backbone__name="hog")
    save_encoder(folder / "encoder.safetensors", small_encoder(config), config, {"videos": 3, "epochs": 2})


def _read_encoder(folder: Path) -> None:
    from core.learning.further_training import settings_of_encoder
    from core.model.checkpoint import load_encoder, read_card

    file = folder / "encoder.safetensors"
    read_card(file)
    settings_of_encoder(file)
    load_encoder(folder)


def _model() -> tuple[nn.Module, optim.Optimizer]:
    import torch
    from torch import nn

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    return model, torch.optim.Adam(model.parameters())


def _make_checkpoints(folder: Path) -> None:
    import torch

    from core.learning.training_state import Checkpoints

    model, optimizer = _model()
    checkpoints = Checkpoints(folder, keep=2)
    for step in (1, 2):
        model(torch.ones(2, 3) * torch.arange(3)).sum().backward()
        optimizer.step()
        checkpoints.save(step, model, optimizer, {"epoch": step, "identity": "x"})


def _read_checkpoints(folder: Path) -> None:
    from core.learning.training_state import Checkpoints

    notices: list[str] = []
    meta = Checkpoints(folder, keep=2).restore_newest(*_model(), notices.append)
    assert meta is not None or not any(folder.iterdir()) or not list(folder.glob("step-*.safetensors"))
    assert all(notice.count(".") for notice in notices)


TARGETS = (
    Target("encoder", _make_encoder, (bytes_of("*.safetensors"), _header, files_of("*.safetensors")), _read_encoder),
    Target("checkpoints", _make_checkpoints, (bytes_of("*"), _header, files_of("*")), _read_checkpoints),
)
