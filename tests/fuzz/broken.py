"""Readers that break in every way that a campaign must see."""

from __future__ import annotations

import os
import random
import threading
import warnings
from pathlib import Path

from core.base.errors import ConfigError
from tests.fuzz.target import Target

_BREAKING = b"1"


def _make(folder: Path) -> None:
    (folder / "input").write_bytes(b"0")


def _change(folder: Path, source: random.Random) -> str:
    (folder / "input").write_bytes(source.choice((b"0", _BREAKING)))
    return "changed"


def _raise() -> None:
    raise ValueError("no user's mistake")


def _refuse() -> None:
    raise ConfigError("This is a user's mistake. Mend it.")


def _raise_in_thread() -> None:
    thread = threading.Thread(target=_raise)
    thread.start()
    thread.join()


_WAYS = {
    "raises": _raise,
    "refuses": _refuse,
    "warns": lambda: warnings.warn("deprecated", stacklevel=1),
    "aborts": os.abort,
    "exits": lambda: os._exit(0),
    "hangs": lambda: threading.Event().wait(),
    "fills-memory": lambda: bytearray(2**31),
    "raises-in-thread": _raise_in_thread,
}


def _reader(way: str) -> Target:
    def read(folder: Path) -> None:
        if (folder / "input").read_bytes() == _BREAKING:
            _WAYS[way]()

    return Target(f"broken-{way}", _make, (_change,), read, seconds=0.2, megabytes=500)


BROKEN: dict[str, Target] = {f"broken-{way}": _reader(way) for way in _WAYS}
