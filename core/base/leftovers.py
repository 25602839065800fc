"""Partial files and temporary folders named after the process that writes them, so that those of dead ones are swept.

A name says which process of which machine wrote it. It is swept where that process is known to have ended: its number
is free or belongs to a process that started at another time, or the machine was started again since. What other
machines, other containers or earlier versions wrote is left alone, and on Windows everything is.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import secrets
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

_OWNER = re.compile(r"-(\d{1,10})\.(\d{1,20})\.([0-9a-f]{8})\.([0-9a-f]{8})-[0-9a-z_]{8}(?:\.part(?:\.[^.]*)?)?")

_swept: set[tuple[int, Path]] = set()
_sweeping = threading.Lock()


def partial_name(stem: str, suffix: str = "") -> str:
    """Return a hidden name for what this process writes and then renames."""
    return f".{stem[:40]}-{_owner(os.getpid())}-{secrets.token_hex(4)}.part{suffix}"


@contextlib.contextmanager
def temporary_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """Yield a new folder, removed at the end; where this process is killed, the next one that needs one removes it.

    Args:
        prefix: of its name.
        parent: where it lies; None: the system's folder for temporary files.
    """
    parent = parent or Path(tempfile.gettempdir())
    sweep(parent)
    named = f"{prefix.rstrip('-')}-{_owner(os.getpid())}-"
    with tempfile.TemporaryDirectory(dir=parent, prefix=named, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def sweep(folder: Path) -> None:
    """Remove what dead processes left in a folder; done once a process and folder."""
    key = (os.getpid(), folder.absolute())
    with _sweeping:
        if key in _swept:
            return
        _swept.add(key)
    with contextlib.suppress(OSError), os.scandir(folder) as listing:
        for item in listing:
            if (match := _OWNER.search(item.name)) and match.end() == len(item.name) and _is_dead(match, item):
                _remove(Path(item.path))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def _is_dead(named: re.Match[str], item: os.DirEntry[str]) -> bool:
    pid, started, machine, boot = int(named[1]), int(named[2]), named[3], named[4]
    if sys.platform == "win32" or machine != _machine():
        return False
    if boot != _boot():
        return item.stat(follow_symlinks=False).st_mtime < time.time() - time.clock_gettime(_SINCE_BOOT)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return bool(started) and _started(pid) not in (0, started)


_SINCE_BOOT: int = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", 1))


@functools.lru_cache(maxsize=4)
def _owner(pid: int) -> str:
    return f"{pid}.{_started(pid)}.{_machine()}.{_boot()}"


def _started(pid: int) -> int:
    """Return when a process started, in ticks since the machine did; 0 where the system does not say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path("/proc", str(pid), "stat").read_text(errors="replace").rpartition(")")[2].split()[19])
    return 0


@functools.cache
def _machine() -> str:
    """Return what names this machine, and the container whose processes this one can see."""
    seen = ""
    with contextlib.suppress(OSError):
        seen = os.readlink("/proc/self/ns/pid")
    return _short(f"{socket.gethostname()} {_text('/etc/machine-id')} {seen}")


@functools.cache
def _boot() -> str:
    return _short(_text("/proc/sys/kernel/random/boot_id"))


def _text(path: str) -> str:
    with contextlib.suppress(OSError):
        return Path(path).read_text(encoding="ascii", errors="replace").strip()
    return ""


def _short(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:8]
