"""Atomic files: written to a temporary name, flushed, renamed."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import pickle
import shutil
import struct
import tokenize
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from core.base.errors import StorageError
from core.base.leftovers import partial_name, sweep

PICKLE_DAMAGE = (
    pickle.UnpicklingError,
    RuntimeError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ImportError,
    OverflowError,
    MemoryError,
    struct.error,
)
"""What unpickling, torch's too, raises on bytes that are no pickle, or on one whose program makes no sense."""

NPY_DAMAGE = (*PICKLE_DAMAGE, OSError, SyntaxError, tokenize.TokenError)
"""What `numpy.load` raises on files that are no arrays, or on headers that make no sense; OSError is the disk's too."""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; on success it is flushed to disk and takes the name `path`.

    On any exception the partial file is removed and `path` is as it was.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    partial = path.with_name(partial_name(path.stem, path.suffix))
    try:
        with explain_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            sweep(path.parent)
            _check_takes_files(partial)
            yield partial
            with partial.open("rb+") as file:
                os.fsync(file.fileno())
            os.replace(partial, path)
    finally:
        with contextlib.suppress(OSError):  # the error at hand says more
            partial.unlink(missing_ok=True)


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a new folder beside `path` to fill; on success it takes the name `path`, on any exception it is removed.

    Raises:
        StorageError: `path` is there already, the disk is full or the folder cannot be written.
    """
    if path.exists():
        raise StorageError(f"{path} already exists. Choose another folder.")
    partial = path.with_name(partial_name(path.name))
    try:
        with explain_errors(path):
            partial.mkdir(parents=True)
            sweep(path.parent)
            yield partial
            os.replace(partial, path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextlib.contextmanager
def explain_errors(path: Path) -> Iterator[None]:
    """Turn the disk's own refusals into one sentence; other OSErrors pass."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT if hasattr(errno, "EDQUOT") else errno.ENOSPC):
            raise StorageError(
                f"The disk is full: {path} could not be written. Free some space and run again."
            ) from error
        if error.errno == errno.EFBIG:
            raise StorageError(
                f"The disk does not take files as large as {path} would be. Choose a folder on another disk."
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StorageError(
                f"No permission to use {path}. Choose another folder or change its permissions."
            ) from error
        if error.errno in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
            raise StorageError(
                f"{path} cannot be created: something else has that name. Choose another name."
            ) from error
        if error.errno == errno.ELOOP:
            raise StorageError(f"{path} is a link that leads nowhere. Remove it.") from error
        if error.errno == errno.ENAMETOOLONG:
            raise StorageError(f"The name of {path} is too long. Choose a shorter one.") from error
        raise


def make_folder(path: Path) -> None:
    """Make a folder, and those that it lies in, unless it is there. StorageError: it cannot be made."""
    with explain_errors(path):
        try:
            path.mkdir(parents=True, exist_ok=True)
        except FileNotFoundError as error:  # a file system without folders of ours, or no such drive
            raise StorageError(f"The folder {path} cannot be made there. Choose another folder.") from error


def check_folder(path: Path) -> None:
    """Make a folder that will be written to, and see that it takes a file: before the long work, not after it.

    Raises:
        StorageError: it cannot be made or written, or something else has its name.
    """
    make_folder(path)
    with explain_errors(path):
        _check_takes_files(path / partial_name("check"))


def _check_takes_files(partial: Path) -> None:
    """Check that a folder accepts files, because a failing write may only say that there is no such file."""
    try:
        partial.touch()
        partial.unlink()
    except FileNotFoundError as error:
        raise StorageError(f"The folder {partial.parent} does not accept new files. Choose another folder.") from error


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text; the file is whole or as it was."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


def content_digest(path: Path) -> str:
    """Return the first 32 hex digits of SHA-256 over the file's bytes: a video's name wherever it lies."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def cache_folder(*parts: str) -> Path:
    """Return the user's cache folder for this program (`CARL_CACHE` overrides it), joined with `parts`. Not created."""
    root = os.environ.get("CARL_CACHE") or platformdirs.user_cache_dir("carl-studio", appauthor=False)
    return Path(root, *parts)


def allow_open_files(count: int) -> None:
    """Allow this process `count` more open files, as far as the system permits; memory-mapped ones count too."""
    try:
        import resource  # Unix; Windows has no such limit
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        open_now = len(os.listdir("/dev/fd"))
    except OSError:
        open_now = 448
    wanted = open_now + count + 64
    if soft != resource.RLIM_INFINITY and soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):  # the open that fails says so
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
