"""NumPy's files from several threads: two headers are never parsed at the same time."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.base.arrays import load_array, load_arrays


def test_they_come_back_as_they_were_written_in_memory_or_mapped(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.float16).reshape(3, 4)
    np.save(tmp_path / "a.npy", values)
    np.savez(tmp_path / "b.npz", one=values, other=values[0])
    np.testing.assert_array_equal(load_array(tmp_path / "a.npy"), values)
    mapped = load_array(tmp_path / "a.npy", is_mapped=True)
    assert isinstance(mapped, np.memmap)
    np.testing.assert_array_equal(mapped, values)
    del mapped
    loaded = load_arrays(tmp_path / "b.npz")
    assert set(loaded) == {"one", "other"}
    np.testing.assert_array_equal(loaded["other"], values[0])


def test_what_is_no_array_is_a_value_error(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(b"no array")
    with pytest.raises(ValueError, match="pickle"):
        load_array(tmp_path / "a.npy")


def test_no_two_threads_are_in_numpys_reader_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "a.npy", np.zeros(3))
    inside, most, meeting, load = [0], [0], threading.Event(), np.load

    def watched(*given: Any, **more: Any) -> NDArray[Any]:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        meeting.wait(0.02)  # where another could come in, it does so now
        array: NDArray[Any] = load(*given, **more)
        inside[0] -= 1
        return array

    monkeypatch.setattr(np, "load", watched)
    threads = [threading.Thread(target=load_array, args=(tmp_path / "a.npy",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 1


@pytest.mark.parametrize("change", [(b"'shape'", b"'shape("), (b"{'descr'", b"({'desc'"), (b"'<f4'", b"'<fq'")])
def test_a_damaged_header_is_a_value_error(tmp_path: Path, change: tuple[bytes, bytes]) -> None:
    file = tmp_path / "a.npy"
    np.save(file, np.zeros((2, 3), np.float32))
    file.write_bytes(file.read_bytes().replace(*change))
    for is_mapped in (False, True):
        with pytest.raises(ValueError, match=r"header|dtype|descr"):
            load_array(file, is_mapped=is_mapped)
