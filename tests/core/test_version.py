"""The program says its name and version itself, and never the name that is somebody else's."""

from __future__ import annotations

import json
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from core.model.checkpoint import save_encoder
from core.version import DISTRIBUTION, VERSION
from tests.core.small import small_config, small_encoder

ROOT = Path(__file__).parents[2]
_OLD = re.compile(r"carl-studio(?!\.json|:digest|:video)|carl_studio")
"""But for names within files of labels, which older versions read."""
_KEPT = {
    "core/base/files.py": "the cache folder: nobody loses theirs",
    "carl_gui/settings.py": "the settings' folder, likewise",
    "core/model/export/encoder.py": "the product that made a graph",
    "core/version.py": "says why",
    "tools/install.py": "removes it",
}


def test_the_package_has_the_name_and_version_that_the_code_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["name"] == DISTRIBUTION == "carl-gui"
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "core.version.VERSION"}


def test_files_say_the_version_where_no_package_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    config = small_config()
    save_encoder(tmp_path / "encoder.safetensors", small_encoder(config), config, {})
    card = json.loads((tmp_path / "encoder.json").read_text(encoding="utf-8"))
    assert card["project_version"] == VERSION


def test_nothing_names_the_package_as_it_was() -> None:
    files = [file for folder in ("core", "carl_gui", "training", "tools", "assets") for file in _texts(ROOT / folder)]
    files += [ROOT / name for name in ("pyproject.toml", "Makefile", "README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")]
    found = {file.relative_to(ROOT).as_posix() for file in files if _OLD.search(file.read_text(encoding="utf-8"))}
    assert found == set(_KEPT)


def _texts(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.suffix in {".py", ".md", ".toml"}]
