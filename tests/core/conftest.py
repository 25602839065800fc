"""What the tests of `core` share."""

from __future__ import annotations

import pytest

from tests.core.small import narrow_resnets


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that are not about the network: see `narrow_resnets`."""
    narrow_resnets(monkeypatch)
