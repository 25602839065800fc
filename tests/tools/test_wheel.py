"""The wheel holds our packages, and no other."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_wheel_holds_four_packages(tmp_path: Path) -> None:
    pytest.importorskip("setuptools", "77")
    source, wheels = tmp_path / "source", tmp_path / "wheels"
    wheels.mkdir()
    unwanted = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "demo")
    shutil.copytree(ROOT, source, ignore=unwanted)
    code = f"from setuptools import build_meta; build_meta.build_wheel({str(wheels)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=source, check=True, capture_output=True)
    (wheel,) = wheels.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"assets", "carl_gui", "core", "training"}
    assert {"assets/icon.svg", "assets/carl-gui.desktop"} <= set(names)
