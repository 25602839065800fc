"""A cache never exceeds its bound, never drops what is in use, and survives the death of who used it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.base.control import Control, Stopped
from core.base.disk_cache import CacheFullError, DiskCache
from core.base.errors import StorageError
from core.base.files import replacing


def _fill(cache: DiskCache, key: str, num_bytes: int) -> None:
    with cache.entry(key) as entry, entry.making():
        cache.make_room(num_bytes)
        with replacing(entry.path / "data") as partial:
            partial.write_bytes(b"x" * num_bytes)
        entry.publish()


def _age(cache: DiskCache, *keys: str) -> None:
    """Set the times of use to 1, 2, 3, ... seconds, in this order."""
    for second, key in enumerate(keys, start=1):
        os.utime(cache.folder / key / "complete", (second, second))


def _has(cache: DiskCache, key: str) -> bool:
    return (cache.folder / key / "complete").exists()


def test_what_was_published_is_there_for_another_object(tmp_path: Path) -> None:
    _fill(DiskCache(tmp_path, 1000), "a", 10)
    with DiskCache(tmp_path, 1000).entry("a") as entry:
        assert entry.is_complete
        assert (entry.path / "data").read_bytes() == b"x" * 10


def test_the_least_recently_used_goes_first_and_the_bound_holds(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 1000)
    for key in "abc":
        _fill(cache, key, 300)
    _age(cache, "b", "a", "c")
    with cache.entry("b"):
        pass  # a use
    _fill(cache, "d", 500)
    assert [key for key in "abcd" if _has(cache, key)] == ["b", "d"]
    assert cache.num_bytes() <= 1000


def test_a_pinned_entry_stays_and_a_full_cache_says_so(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 1000)
    _fill(cache, "a", 600)
    with cache.entry("a"):
        with pytest.raises(CacheFullError, match=r"frames\.cache_size_gb"):
            cache.make_room(600)
        assert _has(cache, "a")
    cache.make_room(600)
    assert not _has(cache, "a")


def test_two_pins_of_one_entry_are_two(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 1000)
    _fill(cache, "a", 600)
    first, second = cache.entry("a"), DiskCache(tmp_path, 1000).entry("a")
    first.close()
    first.close()
    with pytest.raises(CacheFullError):
        cache.make_room(600)
    del second
    cache.make_room(600)


def test_half_made_entries_count_and_go_when_nobody_makes_them(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 1000)
    with cache.entry("a") as entry, entry.making():
        (entry.path / "data").write_bytes(b"x" * 700)
        assert cache.num_bytes() == 700
    cache.make_room(600)
    assert cache.num_bytes() == 0


_PIN_AND_WAIT = """
import sys
from pathlib import Path
from core.base.disk_cache import DiskCache
entry = DiskCache(Path(sys.argv[1]), 1000).entry("a")
with entry.making():
    print("ready", flush=True)
    sys.stdin.readline()
    (entry.path / "data").write_bytes(b"child")
    entry.publish()
"""


def _child(folder: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", _PIN_AND_WAIT, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def test_another_process_pins_until_it_dies_however_it_dies(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 1000)
    _fill(cache, "a", 600)
    with _child(tmp_path) as child:
        with pytest.raises(CacheFullError):
            cache.make_room(600)
        child.kill()
        child.wait()
        cache.make_room(600)
    assert not _has(cache, "a")
    assert len([user for user in (tmp_path / ".users").iterdir() if user.is_dir()]) == 1  # the dead one's is gone


def test_a_second_maker_waits_and_then_finds_it_made(tmp_path: Path) -> None:
    with _child(tmp_path) as child, DiskCache(tmp_path, 1000).entry("a") as entry:
        assert child.stdin is not None
        stopped = Control()
        stopped.stop()
        with pytest.raises(Stopped), entry.making(stopped):
            pass  # the child holds it
        child.stdin.write("\n")
        child.stdin.flush()
        with entry.making():
            assert entry.is_complete
            assert (entry.path / "data").read_bytes() == b"child"


def test_an_unwritable_place_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="something else has that name"):
        DiskCache(tmp_path / "file" / "cache", 1000).entry("a")


def test_a_forked_copy_of_an_entry_does_not_unpin_it(tmp_path: Path) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("no fork on this system")
    _fill(DiskCache(tmp_path, 1000), "a", 600)
    child = subprocess.run([sys.executable, "-c", _FORKS, str(tmp_path)], check=True, capture_output=True, text=True)
    assert child.stdout == "still pinned\n"


_FORKS = """
import os, sys
from pathlib import Path
from core.base.disk_cache import CacheFullError, DiskCache
cache = DiskCache(Path(sys.argv[1]), 1000)
entry = cache.entry("a")
child = os.fork()
if not child:
    entry.close()
    del entry
    os._exit(0)
os.waitpid(child, 0)
try:
    cache.make_room(600)
except CacheFullError:
    print("still pinned")
"""
