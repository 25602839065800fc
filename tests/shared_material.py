"""What several tests begin with: made once for all processes of a run of the tests, and never changed after."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

_WRITTEN_ANEW = {".safetensors", ".npy", ".jpegs"}
"""Large files that the program replaces whole and never writes into: a link is as good as a copy."""
_MADE = "made.json"
"""What a material was when it was made: size and time of each file."""


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that the first process to ask has filled with `make`; copy from it, write nothing into it.

    While it is made, `CARL_CACHE` is its subfolder `cache`, so that what was decoded is shared too.
    """
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "material" / name
    folder.parent.mkdir(exist_ok=True)
    with FileLock(folder.with_name(f"{name}.lock")):
        if not folder.is_dir():
            partial = folder.with_name(f"{name}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("CARL_CACHE", str(partial / "cache"))
                make(partial)
            (partial / _MADE).write_text(json.dumps(_stamps(partial)), encoding="utf-8")
            partial.rename(folder)
    return folder


def take(material: Path, name: str, to: Path) -> Path:
    """Return `to`, which now holds what the folder `name` of a material does, for a test to change as it likes."""
    made = json.loads((material / _MADE).read_text(encoding="utf-8"))
    assert _stamps(material) == made, f"a test wrote into {material}, which others begin with"
    return Path(shutil.copytree(material / name, to, copy_function=_give, dirs_exist_ok=True))


def take_cache(material: Path) -> None:
    """Let this test begin with what was decoded and computed while `material` was made."""
    take(material, "cache", Path(os.environ["CARL_CACHE"]))


def _stamps(folder: Path) -> dict[str, list[int]]:
    """Of the files that are large enough to be linked."""
    files = [path for path in folder.rglob("*") if path.suffix in _WRITTEN_ANEW]
    return {path.relative_to(folder).as_posix(): [(it := path.stat()).st_size, it.st_mtime_ns] for path in files}


def _give(source: str, to: str) -> None:
    if Path(source).suffix in _WRITTEN_ANEW:
        try:
            os.link(source, to)
            return
        except OSError:  # another file system, or one without links
            pass
    shutil.copy2(source, to)
