"""A file is whole or as it was, whatever happens while it is written."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.base.errors import StorageError
from core.base.files import cache_folder, content_digest, explain_errors, replacing, write_text


def test_what_was_written_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "x.txt"
    for text in ("old", "new\nüber\n"):
        write_text(path, text)
        assert path.read_bytes() == text.encode()
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not replace a file that is being read")
def test_who_reads_the_old_file_meanwhile_reads_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("old")
    with path.open() as reading:
        write_text(path, "new and longer")
        assert reading.read() == "old"


@pytest.mark.parametrize("was_there", [True, False])
def test_a_writer_that_fails_leaves_what_was_there(tmp_path: Path, was_there: bool) -> None:
    path = tmp_path / "x.txt"
    if was_there:
        path.write_text("old")

    def fail(partial: Path) -> None:
        partial.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), replacing(path) as partial:
        fail(partial)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.txt"] * was_there
    assert not was_there or path.read_text() == "old"


def test_the_partial_file_keeps_the_suffix_that_writers_go_by(tmp_path: Path) -> None:
    with replacing(tmp_path / "x.tar.npy") as partial:
        assert partial.suffix == ".npy"
        assert partial.parent == tmp_path
        partial.write_bytes(b"")


def test_a_kill_while_writing_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("old")
    program = (
        "import os, sys; from pathlib import Path; from core.base.files import replacing\n"
        "with replacing(Path(sys.argv[1])) as partial: partial.write_text('half'); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode == 9
    assert path.read_text() == "old"


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "The disk is full: .*x.txt could not be written. Free some space"),
        (getattr(errno, "EDQUOT", errno.ENOSPC), "The disk is full"),
        (errno.EACCES, "No permission to use .*x.txt"),
        (errno.EROFS, "No permission to use"),
        (errno.ENOTDIR, "something else has that name"),
        (errno.EISDIR, "something else has that name"),
    ],
)
def test_what_the_disk_refuses_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, says: str
) -> None:
    path = tmp_path / "x.txt"
    path.write_text("old")

    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StorageError, match=says):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_really_full_disk_is_one_sentence() -> None:
    with (
        pytest.raises(StorageError, match="The disk is full"),
        explain_errors(Path("x")),
        Path("/dev/full").open("w") as file,
    ):
        file.write("x" * 100_000)


def test_other_refusals_are_not_explained_away(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), explain_errors(tmp_path):
        (tmp_path / "missing").read_bytes()


def test_a_disk_that_takes_no_such_large_file_is_one_sentence() -> None:
    with (
        pytest.raises(StorageError, match="does not take files as large as x"),
        explain_errors(Path("x.arrow")),
    ):
        raise OSError(errno.EFBIG, "File too large")


def test_a_name_that_is_too_long_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"too long\. Choose a shorter one"):
        write_text(tmp_path / ("n" * 300), "text")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="only Linux has a folder that takes no file from anybody")
def test_a_folder_that_takes_no_file_is_one_sentence() -> None:
    with pytest.raises(StorageError, match=r"The folder /proc does not accept new files\. Choose another folder"):
        write_text(Path("/proc/carl.txt"), "text")


def test_a_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "x.txt", tmp_path / "file" / "deep" / "x.txt"):
        with pytest.raises(StorageError, match="something else has that name"):
            write_text(path, "x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match=r"folder"):
        write_text(tmp_path / "folder", "x")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "folder"]


def test_the_same_content_has_the_same_name_wherever_it_lies(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content" * 100_000)
    (tmp_path / "b").write_bytes(b"content" * 100_000)
    assert content_digest(tmp_path / "a") == content_digest(tmp_path / "b")
    assert content_digest(tmp_path / "a") == hashlib.sha256(b"content" * 100_000).hexdigest()[:32]
    (tmp_path / "b").write_bytes(b"content" * 99_999 + b"Content")
    assert content_digest(tmp_path / "a") != content_digest(tmp_path / "b")


def test_the_cache_folder_is_the_users_unless_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARL_CACHE", str(tmp_path))
    assert cache_folder("frames", "v1") == tmp_path / "frames" / "v1"
    monkeypatch.delenv("CARL_CACHE")
    assert "carl-studio" in str(cache_folder())
