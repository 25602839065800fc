"""Damage of a folder: files that are gone, empty, folders, links, or have other names."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from tests.fuzz import odd
from tests.fuzz.target import Mutator


def files_of(pattern: str) -> Mutator:
    """Return what removes, empties, renames, doubles or replaces a file or folder that fits."""

    def mutate(folder: Path, source: random.Random) -> str:
        file = source.choice(sorted(folder.rglob(pattern)))
        done = source.choice(("remove", "empty", "rename", "double", "folder", "broken link", "link to itself"))
        if done in ("rename", "double"):
            other = file.with_name(odd.name(source) + source.choice(("", file.suffix)))
            if other.exists():
                return f"nothing to {file.name}"
            if done == "rename":
                file.rename(other)
            else:
                (shutil.copytree if file.is_dir() else shutil.copy)(file, other)
            return f"{done} {file.relative_to(folder)} as {other.name!r:.60}"
        shutil.rmtree(file) if file.is_dir() else file.unlink()
        match done:
            case "empty":
                file.touch()
            case "folder":
                file.mkdir()
            case "broken link":
                file.symlink_to(folder / "nothing")
            case "link to itself":
                file.symlink_to(file)
        return f"{done} {file.relative_to(folder)}"

    return mutate
