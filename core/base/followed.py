"""Work that other processes may follow and steer: what it says lies in a folder, and it obeys a file there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from filelock import FileLock, Timeout

from core.base.control import Control, Stopped
from core.base.errors import CarlError, StorageError
from core.base.events import Event, Failed, Finished, Sink, encode
from core.base.files import explain_errors, make_folder

_LOCK_PATIENCE_SECONDS = 2.0
"""One who asks whether it goes on holds the lock for a moment; the work waits that long."""


class FollowedFolder:
    """What lies in the folder of one piece of work, going or ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events_file = folder / "events.jsonl"
        """What it said, each event as soon as it was said."""
        self.control_file = folder / "control"
        """What it obeys, as `Control.watch` says; of no meaning while nothing goes on."""
        self.lock_file = folder / ".lock"

    def is_running(self) -> bool:
        """Return whether a process works now: the operating system frees the lock of one that died."""
        return is_locked(self.lock_file)


def is_locked(lock_file: Path) -> bool:
    """Return whether a process holds this lock; asking takes it for a moment."""
    if not lock_file.exists():
        return False
    try:
        with FileLock(lock_file, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # a folder that cannot be written: nobody works there
        return False


@contextlib.contextmanager
def followed(folder: Path | None, sink: Sink, control: Control) -> Iterator[Sink]:
    """Let others follow the work within the block in `folder`: yields a sink that writes there too. None: it cannot be.

    An exception that ends the work is written down as its last event.

    Raises:
        StorageError: another process does this work, or the folder cannot be written.
    """
    if folder is None:
        yield sink
        return
    files = FollowedFolder(folder)
    with _held(files), _begun(files.events_file) as opened:
        files.control_file.unlink(missing_ok=True)  # it was meant for the work before this one
        end_watching = control.watch(files.control_file)

        def emit(event: Event) -> None:
            with contextlib.suppress(OSError):  # a full disk stops the work only where it needs the room itself
                opened.write((encode(event) + "\n").encode("ascii"))
            sink(event)

        try:
            yield emit
        except BaseException as error:
            with contextlib.suppress(OSError):
                opened.write((encode(ending_of(error)) + "\n").encode("ascii"))
            raise
        finally:
            end_watching()


def _begun(events_file: Path) -> FileIO:
    with explain_errors(events_file):
        return FileIO(events_file, "w")


@contextlib.contextmanager
def _held(files: FollowedFolder) -> Iterator[None]:
    make_folder(files.folder)
    lock = FileLock(files.lock_file, thread_local=False)
    try:
        with explain_errors(files.folder):
            lock.acquire(timeout=_LOCK_PATIENCE_SECONDS)
    except Timeout as error:
        raise StorageError(
            f"Another process does the same work ({files.folder}). Wait until it ends, or stop it."
        ) from error
    try:
        yield
    finally:
        lock.release()


def ending_of(error: BaseException, path: str = "") -> Finished | Failed:
    """Return the last event of work that this exception ended; `path` is where what was done lies."""
    if isinstance(error, Stopped | KeyboardInterrupt | SystemExit):
        return Finished("stopped", path)
    if isinstance(error, CarlError):
        return Failed(str(error), is_bug=False)
    return Failed(f"{type(error).__name__}: {error}", is_bug=True)
