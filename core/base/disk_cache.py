"""A folder of entries with a size limit: the least recently used are removed first, those in use stay."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from core.base.arrays import load_array, load_arrays
from core.base.checksums import Checksum, fits, format_checksums, parse_checksums
from core.base.control import Control, Stopped
from core.base.errors import StorageError
from core.base.files import explain_errors, replacing
from core.base.mended import note_damage

LOCKS = ".locks"
"""A folder of a cache; it changes when an entry begins to be made."""
COMPLETE = "complete"
"""A file of an entry that is whole: its bytes, then a line for each file with its checksum (earlier versions wrote the
bytes alone). Its time changes whenever the entry is used."""
_POLL_SECONDS = 0.1


class DiskCache:
    """Entries are folders `folder/KEY` that any process may make, read and drop.

    An entry is *complete* once it was published, and then never changes; until then it is being made, or was left
    half made by a process that died (its maker's successor may go on with what is there). Who holds an `Entry` object
    pins the entry: no process evicts it. A pin dies with its process, however that ends. What a published entry holds
    is checked when a process first opens it; a damaged one is made again.

        cache = DiskCache(cache_folder("features"), max_bytes)
        with cache.entry(key) as entry, entry.making(control):    # one maker at a time, in all processes
            if not entry.is_sound():
                cache.make_room(array.nbytes)                     # evicts; StorageError where it cannot
                with replacing(entry.path / "features.npy") as partial:
                    np.save(partial, array)
                entry.publish()
            array = load_array(entry.path / "features.npy", is_mapped=True)

    `max_bytes` bounds what lies in the folder after `make_room` and `publish`; between them it may be exceeded by what
    other processes are writing at that moment.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        """Nothing is touched on disk before the first entry."""
        self.folder = folder
        self.max_bytes = max_bytes
        self._granted = 0
        self._granting = threading.Lock()

    def entry(self, key: str) -> CacheEntry:
        """Pin the entry of that name, there or not, and count it as used now.

        Raises:
            StorageError: the folder cannot be written.
        """
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,150}", key):
            raise ValueError(f"{key!r} is not a valid name of a cache entry")
        with explain_errors(self.folder):
            with self._locked():
                pins = _pins_of(self.folder)
                pins.add(key)
            made = CacheEntry(self, key, pins)
            with contextlib.suppress(FileNotFoundError):
                os.utime(made.path / COMPLETE)
        return made

    def holds(self, key: str) -> bool:
        """Return whether that entry is complete now; it is neither pinned nor counted as used."""
        return (self.folder / key / COMPLETE).is_file()

    def make_room(self, num_bytes: int) -> None:
        """Evict unpinned entries, the least recently used first, until `num_bytes` more fit into the bound.

        Raises:
            CacheFullError: what is in use and `num_bytes` do not fit together; everything unpinned is gone by then.
        """
        with self._granting:
            if num_bytes > self._granted:
                with explain_errors(self.folder):
                    free = self._free_after_evicting(num_bytes)
                # Looking at 10,000 entries takes 0.3 s: a tenth of what is free is given away without looking again,
                # so that up to ten processes stay within the bound together.
                self._granted = num_bytes + (free - num_bytes) // 10
            self._granted -= num_bytes

    def _free_after_evicting(self, num_bytes: int) -> int:
        with self._locked():
            found = self._scan()
            total = sum(item.num_bytes for item in found)
            pinned = _live_pins(self.folder) if total + num_bytes > self.max_bytes else set()
            dropped = []
            for item in sorted(found, key=lambda item: item.used_ns):
                if total + num_bytes <= self.max_bytes:
                    break
                if item.key not in pinned and (trash := self._take_out(item.key)):
                    dropped.append(trash)
                    total -= item.num_bytes
        for trash in dropped:
            shutil.rmtree(trash, ignore_errors=True)
        if total + num_bytes > self.max_bytes:
            raise CacheFullError(self, total + num_bytes)
        return self.max_bytes - total

    def num_bytes(self) -> int:
        """Return the current size of the entries, including incomplete ones."""
        return sum(item.num_bytes for item in self._scan())

    def _locked(self) -> contextlib.AbstractContextManager[object]:
        self.folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self.folder / ".lock")

    def _scan(self) -> list[_Found]:
        if not self.folder.is_dir():
            return []
        for trash in self.folder.glob(".trash-*"):  # of a process that died while it removed them
            shutil.rmtree(trash, ignore_errors=True)
        with os.scandir(self.folder) as listing:
            paths = [Path(item.path) for item in listing if not item.name.startswith(".")]
        found = [_look_at(path) for path in paths]
        for item in found:
            if not item.is_complete:
                self._sweep(self.folder / item.key)
        return found

    def _sweep(self, path: Path) -> None:
        """Remove what a dead maker was writing into an entry that was never published."""
        if not any(path.glob(".*.part*")):
            return
        with contextlib.suppress(OSError, Timeout), FileLock(self.folder / LOCKS / path.name, timeout=0):
            _drop_partials(path)

    def _take_out(self, key: str) -> Path | None:
        """Rename the entry out of sight, at once; None where the system holds on to an open file of it."""
        trash = self.folder / f".trash-{secrets.token_hex(8)}"
        try:
            os.rename(self.folder / key, trash)
        except OSError:
            return None
        return trash


class CacheFullError(StorageError):
    """The entries in use at the same time exceed the limit of the cache."""

    def __init__(self, cache: DiskCache, needed_bytes: int) -> None:
        self.needed_bytes = needed_bytes
        super().__init__(
            f"The cache {cache.folder} is limited to {gigabytes(cache.max_bytes)} (frames.cache_size_gb), but what "
            f"is in use at once takes {gigabytes(needed_bytes)}. Raise frames.cache_size_gb or use fewer videos."
        )


class CacheEntry:
    """One pinned entry; unpinned by `close`, at the end of a `with` block, or when it is garbage-collected."""

    def __init__(self, cache: DiskCache, key: str, pins: _Pins) -> None:
        self.cache = cache
        self.key = key
        self.path = cache.folder / key
        """A folder; it exists once `making` was entered."""
        self._pins: _Pins | None = pins

    @property
    def is_complete(self) -> bool:
        return (self.path / COMPLETE).is_file()

    @contextlib.contextmanager
    def making(self, control: Control | None = None) -> Iterator[None]:
        """Make this entry within the block as the only one of all processes; wait for another maker to end.

        Raises:
            Stopped: `control` was asked to stop meanwhile.
        """
        locks = self.cache.folder / LOCKS
        with explain_errors(locks):
            locks.mkdir(parents=True, exist_ok=True)
            lock = FileLock(locks / self.key)
            while True:
                try:
                    lock.acquire(timeout=_POLL_SECONDS, poll_interval=_POLL_SECONDS / 4)
                    break
                except Timeout:
                    if control is not None and control.stop_requested:
                        raise Stopped from None
        try:
            with explain_errors(self.path):
                self.path.mkdir(exist_ok=True)
                _drop_partials(self.path)
            yield
        finally:
            lock.release()

    def is_sound(self, what: str = "") -> bool:
        """Return whether the entry is complete and holds what was published; a damaged one is cleared and noted.

        Only inside `making`. An entry of an earlier version has no checksums: where its files can be opened and have
        their size, it gets them now.

        Args:
            what: names it in the sentence on damage; by default its folder.
        """
        if not self.is_complete:
            return False
        try:
            checksums = self.checksums()
            if checksums is None:
                self._adopt()
                return True
            if all(fits(self.path / name, checksum) for name, checksum in checksums.items()):
                return True
        except (OSError, ValueError, zipfile.BadZipFile):
            pass  # as damaged as what does not fit
        note_damage(what or f"{self.cache.folder.name}/{self.key}")
        self.clear()
        return False

    def fits(self) -> bool:
        """Return whether a complete entry holds what was published, as far as is known; nothing is changed."""
        try:
            checksums = self.checksums() or {}
        except (OSError, ValueError):
            return False
        return all(fits(self.path / name, checksum) for name, checksum in checksums.items())

    def checksums(self) -> dict[str, Checksum] | None:
        """Return the checksum of each file by name; None where an earlier version published the entry.

        Raises:
            OSError, ValueError: they are missing or damaged.
        """
        first, *lines = (self.path / COMPLETE).read_text(encoding="ascii").split("\n")
        num_bytes = int(first)
        if not lines:
            return None
        found = parse_checksums(lines[:-1])
        if lines[-1] or num_bytes != sum(one.num_bytes for one in found.values()):
            raise ValueError("lines are missing")
        return found

    def publish(self, names: Sequence[str] | None = None) -> None:
        """Declare the entry complete; its files were written with `core.base.files.replacing`, so they are on disk.

        Args:
            names: of its files; None: all that lie there.
        """
        self._write_checksums(names if names is not None else self._names())
        self.cache.make_room(0)

    def _names(self) -> list[str]:
        files = (path for path in self.path.iterdir() if path.is_file())
        return sorted(path.name for path in files if path.name != COMPLETE and not path.name.startswith("."))

    def _write_checksums(self, names: Sequence[str]) -> None:
        found = {name: Checksum.of_file(self.path / name) for name in names}
        num_bytes = sum(one.num_bytes for one in found.values())
        with replacing(self.path / COMPLETE) as partial:
            partial.write_text(f"{num_bytes}\n{format_checksums(found)}", encoding="ascii", newline="\n")

    def adopt(self) -> None:
        """Give an entry of an earlier version its checksums, where it can be opened; others stay as they are."""
        with contextlib.suppress(OSError, ValueError, zipfile.BadZipFile, StorageError):
            if self.checksums() is None:
                self._adopt()

    def _adopt(self) -> None:
        """Give an entry of an earlier version its checksums. OSError, ValueError, BadZipFile: it is damaged."""
        names = self._names()
        if int((self.path / COMPLETE).read_text(encoding="ascii")) != sum(
            (self.path / name).stat().st_size for name in names
        ):
            raise ValueError("files are missing")
        for name in names:
            if name.endswith(".npy"):
                load_array(self.path / name, is_mapped=True)
            elif name.endswith(".npz"):
                load_arrays(self.path / name)
        self._write_checksums(names)

    def discard(self) -> None:
        """Declare the entry incomplete, since it proved damaged; whoever needs it next makes it anew."""
        with contextlib.suppress(OSError):
            (self.path / COMPLETE).unlink()

    def clear(self) -> None:
        """Remove the entry's files (they proved damaged) to make it anew. Only inside `making`."""
        (self.path / COMPLETE).unlink(missing_ok=True)
        shutil.rmtree(self.path)
        self.path.mkdir()

    def close(self) -> None:
        """Unpin."""
        if self._pins is not None:
            self._pins.remove(self.key)
            self._pins = None

    def __enter__(self) -> CacheEntry:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()


@dataclass(frozen=True)
class _Found:
    key: str
    num_bytes: int
    used_ns: int
    is_complete: bool = False


def _look_at(path: Path) -> _Found:
    try:
        marker = path / COMPLETE
        with marker.open(encoding="ascii") as file:
            return _Found(path.name, int(file.readline()), marker.stat().st_mtime_ns, is_complete=True)
    except (OSError, ValueError):  # half made
        return _Found(path.name, _bytes_in(path), path.stat().st_mtime_ns if path.exists() else 0)


def _drop_partials(path: Path) -> None:
    """Remove what a dead maker was writing. Only while no other makes the entry."""
    for partial in path.glob(".*.part*"):
        with contextlib.suppress(OSError):
            partial.unlink()


def _bytes_in(path: Path) -> int:
    total = 0
    for file in path.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # a maker renames its partial files
            total += file.stat().st_size
    return total


class _Pins:
    """The pins of this process in one cache: empty files beside a lock that the process holds for as long as it lives.

    The operating system releases the lock when the process ends, however it ends; pins beside a free lock are void.
    """

    def __init__(self, folder: Path) -> None:
        self.process = os.getpid()
        self._counts: Counter[str] = Counter()
        self._counting = threading.Lock()
        self.folder = folder.absolute() / ".users" / f"{self.process}-{secrets.token_hex(8)}"
        self.folder.mkdir(parents=True)
        self._lock = FileLock(self.folder.with_suffix(".lock"), thread_local=False)
        self._lock.acquire()

    def add(self, key: str) -> None:
        with self._counting:
            self._counts[key] += 1
            (self.folder / key).touch()

    def remove(self, key: str) -> None:
        if os.getpid() != self.process:  # a forked child does not own its parent's pins
            return
        with self._counting:
            self._counts[key] -= 1
            if not self._counts[key]:
                with contextlib.suppress(OSError):
                    (self.folder / key).unlink()


# A pin belongs to the process, not to a DiskCache object: one lock file a folder is open, and no destructor races.
_PINS: dict[tuple[int, Path], _Pins] = {}
_PINS_LOCK = threading.Lock()


def _pins_of(folder: Path) -> _Pins:
    with _PINS_LOCK:
        where = (os.getpid(), folder.absolute())
        if where not in _PINS or not _PINS[where].folder.is_dir():
            _PINS[where] = _Pins(folder)
        return _PINS[where]


def _live_pins(folder: Path) -> set[str]:
    """Return keys pinned by living processes; what dead ones left is removed. Only under the cache's lock."""
    mine = {pins.folder for (process, _), pins in _PINS.items() if process == os.getpid()}
    pinned: set[str] = set()
    for user in [path for path in (folder / ".users").iterdir() if path.is_dir()]:
        if user.absolute() not in mine and _is_dead(user):
            shutil.rmtree(user, ignore_errors=True)
            user.with_suffix(".lock").unlink(missing_ok=True)
        else:
            pinned.update(item.name for item in user.iterdir())
    return pinned


def _is_dead(user: Path) -> bool:
    try:
        with FileLock(user.with_suffix(".lock"), timeout=0):
            return True
    except Timeout:
        return False


def gigabytes(num_bytes: float) -> str:
    """Format a size: `120 GB`, `3.2 GB`, `0.004 GB`."""
    return f"{num_bytes / 1e9:.0f} GB" if num_bytes >= 1e10 else f"{num_bytes / 1e9:.3g} GB"
