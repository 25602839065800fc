"""Do mutations one after another, in a process that may die of one; `campaign` starts it and reads what it prints.

python -m tests.fuzz.child TARGET SEED FIRST COUNT UNTIL
"""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import shutil
import sys
import tempfile
import threading
import time
import traceback
import warnings
from pathlib import Path

from core.base.errors import CarlError
from tests.fuzz.registry import target_named
from tests.fuzz.target import Target, mutate

HUNG_STATUS = 99
"""Exit status after a hang."""


def main(name: str, seed: int, first: int, count: int, until: float) -> None:
    """Print a JSON line before and after each mutation."""
    target = target_named(name)
    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory(prefix=f"carl-fuzz-{name}-") as temporary:
        own = Path(temporary)
        os.environ["CARL_CACHE"] = str(own / "cache")
        valid, folder = own / "valid", own / "input"
        valid.mkdir()
        target.make(valid)
        _check_valid(target, valid, folder)
        _bound_memory(target.megabytes)
        for number in range(first, first + count):
            if time.time() > until:
                break
            print(json.dumps({"started": number}), flush=True)
            print(json.dumps({"ended": number, **do_one(target, valid, folder, seed, number)}), flush=True)


def _check_valid(target: Target, valid: Path, folder: Path) -> None:
    """Read the input as it is, so that a target that refuses everything is seen."""
    shutil.copytree(valid, folder, symlinks=True)
    target.read(folder)


def do_one(target: Target, valid: Path, folder: Path, seed: int, number: int) -> dict[str, str]:
    """Damage a fresh copy and read it; the failure's traceback is under `failure`."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(valid, folder, symlinks=True)
    done = mutate(target, folder, seed, number)
    unraised: list[str] = []
    sys.unraisablehook = lambda it: unraised.append(repr(it.exc_value))
    threading.excepthook = lambda it: unraised.append(repr(it.exc_value))
    faulthandler.dump_traceback_later(target.seconds, exit=True)
    result = {"done": done, "outcome": "read"}
    try:
        target.read(folder)
    except CarlError as error:
        result |= {"outcome": "refused", "sentence": str(error)}
    except BaseException:  # noqa: BLE001  # whatever a reader lets through
        result |= {"outcome": "failed", "failure": traceback.format_exc()}
    finally:
        faulthandler.cancel_dump_traceback_later()
    if unraised:
        result |= {"outcome": "failed", "failure": "; ".join(unraised)}
    return result


def _bound_memory(megabytes: int) -> None:
    """Refuse this process memory beyond what it has and so much more."""
    if sys.platform == "linux":
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + megabytes * 2**20, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
