"""FAISS, an optional library."""

from __future__ import annotations

import importlib.util
import os
from typing import Any

from core.base.errors import ConfigError

INSTALL = 'pip install "carl-gui[ann]"'


def has_faiss() -> bool:
    """Return whether FAISS is installed and can map an index from the disk, as it cannot on Windows."""
    return os.name != "nt" and importlib.util.find_spec("faiss") is not None


def import_faiss() -> Any:
    """Import FAISS. ConfigError where it is not installed."""
    if not has_faiss():
        raise ConfigError(f"A search index needs FAISS, on Linux or macOS. Install it: {INSTALL}")
    import faiss

    return faiss
