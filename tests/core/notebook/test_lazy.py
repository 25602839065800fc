"""`import core as carl` costs nothing before a function is asked for, and offers what it says."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import core

HEAVY = ("torch", "cv2", "sklearn", "numpy", "matplotlib", "numba", "av", "PySide6", "core.notebook")


def test_import_core_brings_nothing_heavy() -> None:
    """In an interpreter of its own, whose modules are its own too."""
    program = f"import sys, core; dir(core); print([name for name in {HEAVY!r} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "[]"


def test_functions_for_embedded_videos_need_no_torch() -> None:
    program = (
        "import sys, core; core.align_videos, core.search_frames, core.label_videos; print('torch' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "False"


def test_all_that_is_offered_is_there_and_documented() -> None:
    assert set(core.__all__) - {"__version__"} == set(core._HOMES)
    assert set(core.__all__) <= set(dir(core))
    for name in core._HOMES:
        found = getattr(core, name)
        assert found.__name__ == name
        assert found.__module__ == f"core.notebook.{core._HOMES[name]}"
        assert found.__doc__
    for name in ("train_encoder", "embed_videos", "align_videos", "search_frames", "label_videos"):
        for part in ("Args:", "Returns:", "Raises:", "Example:"):
            assert part in getattr(core, name).__doc__, f"{name} lacks {part}"


def test_commands_are_still_modules_of_their_name() -> None:
    for name in ("train", "embed", "align", "search", "label"):
        assert importlib.import_module(f"core.{name}").__name__ == f"core.{name}"


def test_a_misspelt_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'core' has no attribute 'train_encodr'"):
        core.train_encodr  # type: ignore[attr-defined]  # noqa: B018
