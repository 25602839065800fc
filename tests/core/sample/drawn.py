"""`core.sample` with clips that another test had drawn before: the same bytes, without drawing them again.

python -m tests.core.sample.drawn --out FOLDER ...
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from core.base.control import Control
from core.sample import make
from core.sample.take import Take

_FOLDER = "CARL_TESTS_DRAWN"
_draw = make.draw_clip


def share_clips(factory: pytest.TempPathFactory, patch: pytest.MonkeyPatch) -> None:
    """Let `make_sample`, here and in `tests.core.sample.drawn`, draw each clip once in all processes of the tests."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "drawn"
    folder.mkdir(exist_ok=True)
    patch.setenv(_FOLDER, str(folder))
    patch.setattr(make, "draw_clip", _draw_once)


def _draw_once(take: Take, path: Path, drawn: Callable[[], None], control: Control) -> None:
    """As `draw_clip`."""
    key = hashlib.sha256(repr(take).encode()).hexdigest()[:16]
    clip = Path(os.environ[_FOLDER], f"{key}.mp4")
    with FileLock(clip.with_suffix(".lock")):
        if not clip.exists():
            partial = clip.with_suffix(".partial.mp4")
            _draw(take, partial, control.obey, control)
            partial.rename(clip)
    for _ in range(take.num_frames):
        control.obey()
        drawn()
    shutil.copyfile(clip, path)


def main() -> int:
    """Be the command."""
    from core.cli.sample import main as command

    make.draw_clip = _draw_once
    return command()


if __name__ == "__main__":
    sys.exit(main())
