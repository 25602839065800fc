"""JSON in the same bytes for the same values."""

from __future__ import annotations

import json
from pathlib import Path

from core.files import write_text


def write_json(path: Path, value: object) -> None:
    """Indented, names as they are. StorageError: the disk refuses."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")
