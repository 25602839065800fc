"""Reading from the network while looking up: a network that answers no more holds nobody up."""

from __future__ import annotations

import contextlib
import queue
import threading
import urllib.request
from collections.abc import Callable, Iterator

_LOOK_SECONDS = 0.2
_BLOCK_BYTES = 1 << 18
_WAITING_BLOCKS = 4
"""That were read and not taken yet: in a pause no more is read."""


@contextlib.contextmanager
def downloading(url: str, timeout_seconds: float, poll: Callable[[], None]) -> Iterator[tuple[float, Iterator[bytes]]]:
    """Yield how many bytes will come (0: it is not known), and the blocks as they come.

    Args:
        timeout_seconds: that the network may stay silent.
        look: called five times a second while waiting and before each block; what it raises ends the download.

    Raises:
        OSError, http.client.HTTPException: as `urllib.request.urlopen`, or of `look`.
    """
    found: queue.Queue[float | bytes | Exception] = queue.Queue(_WAITING_BLOCKS)
    unwanted = threading.Event()
    threading.Thread(target=_read, args=(url, timeout_seconds, found, unwanted), daemon=True, name="download").start()
    try:
        total = _take(found, poll)
        assert isinstance(total, float)
        yield total, _blocks(found, poll)
    finally:
        unwanted.set()


def _blocks(found: queue.Queue[float | bytes | Exception], poll: Callable[[], None]) -> Iterator[bytes]:
    while block := _take(found, poll):
        assert isinstance(block, bytes)
        yield block


def _take(found: queue.Queue[float | bytes | Exception], poll: Callable[[], None]) -> float | bytes:
    while True:
        poll()
        with contextlib.suppress(queue.Empty):
            taken = found.get(timeout=_LOOK_SECONDS)
            if isinstance(taken, Exception):
                raise taken
            return taken


def _read(
    url: str, timeout_seconds: float, found: queue.Queue[float | bytes | Exception], unwanted: threading.Event
) -> None:
    """Read in a thread: first the length, then the blocks, an empty one at the end; or why it failed."""

    def give(one: float | bytes | Exception) -> None:
        while not unwanted.is_set():
            with contextlib.suppress(queue.Full):
                found.put(one, timeout=_LOOK_SECONDS)
                return

    try:
        with urllib.request.urlopen(url, timeout=timeout_seconds) as answer:
            give(float(answer.headers.get("Content-Length", 0)))
            while not unwanted.is_set() and (block := answer.read(_BLOCK_BYTES)):
                give(block)
        give(b"")
    except Exception as error:  # noqa: BLE001 - told in the thread that waits for it
        give(error)
