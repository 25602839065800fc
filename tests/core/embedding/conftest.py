"""What the tests of embedding share."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.model.checkpoint import save_encoder
from tests.core.small import small_config, small_encoder


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    """The folder of a run with a small encoder of random weights."""
    config = small_config()
    save_encoder(tmp_path / "run" / "encoder.safetensors", small_encoder(config), config, {})
    return tmp_path / "run"
