"""Work of another process that this one follows from its folder: as a `Job`, but neither started nor ended by it."""

from __future__ import annotations

from pathlib import Path

from core.base.errors import StorageError
from core.base.events import Event, Failed, Finished
from core.base.files import write_text
from core.base.followed import FollowedFolder
from training.tail import Tail

_BROKE_OFF = "The job broke off, most often because memory ran out. Start it again: what is done is kept."


class LeftJob:
    """Work that goes on in the folder of a command's `--followed-in`, such as one that a window left running."""

    def __init__(self, folder: Path) -> None:
        self._files = FollowedFolder(folder)
        self._tail = Tail(self._files.events_file)
        self._returncode: int | None = None
        self._is_left = self._has_ending = False

    @property
    def has_spoken(self) -> bool:
        """Whether it hears what it is told: always, since nobody here could end it otherwise."""
        return True

    @property
    def returncode(self) -> int | None:
        """0 as soon as nobody works there any more, and what was said there was read; None before."""
        return self._returncode

    def poll(self) -> list[Event]:
        """Return what was said since the last call; the last event of all is `Finished` or `Failed`."""
        if self._returncode is not None:
            return []
        is_over = self._is_left or not self._files.is_running()  # asked first: then nothing is said after the read
        try:
            found = self._tail.read()
        except StorageError as error:
            found, is_over = [Failed(str(error), is_bug=False)], True
        self._has_ending |= any(isinstance(event, Finished | Failed) for event in found)
        if is_over and not self._tail.is_stale:
            self._returncode = 0
            if not self._has_ending:
                found.append(Finished("stopped", "") if self._is_left else Failed(_BROKE_OFF, is_bug=False))
        return found

    def pause(self) -> None:
        """Ask it to wait. StorageError: its folder cannot be written."""
        self._send("pause")

    def resume(self) -> None:
        """Ask it to go on; as `pause`."""
        self._send("resume")

    def stop(self) -> None:
        """Ask it to end; as `pause`."""
        self._send("stop")

    def detach(self) -> None:
        """Follow it no more; it goes on."""
        self._is_left = True

    def kill(self) -> None:
        """Follow it no more: the process is not ours to end."""
        self.detach()

    def close(self, grace_seconds: float = 0.0) -> None:
        """Follow it no more; it goes on."""
        self.detach()

    def _send(self, word: str) -> None:
        try:
            write_text(self._files.control_file, word)
        except StorageError:
            if self._files.folder.exists():  # else so will the work be gone
                raise
