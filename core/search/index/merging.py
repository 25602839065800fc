"""All shards of an index as one file, list by list: what a search reads of it lies together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.control import Control
from core.base.events import Sink
from core.base.files import replacing
from core.base.progress import Meter
from core.search.index.engine import import_faiss
from core.search.index.training import Coder

_BAND_BYTES = 1 << 26
"""Entries that are merged in one go."""

_PREFETCH_THREADS = 4


def merge_shards(
    path: Path, shards: Sequence[NDArray[np.void]], num_lists: int, sink: Sink, control: Control
) -> NDArray[np.int64]:
    """Write the lists one after another: each has its codes first, then its ids, as `faiss.OnDiskInvertedLists` reads.

    Memory is bounded by a band of lists.

    Args:
        shards: each sorted by list.

    Returns:
        (num_lists,) the number of entries of each.

    Raises:
        StorageError: the disk refuses.
        Stopped: asked to; nothing is written then.
    """
    sizes = np.zeros(num_lists, np.int64)
    for shard in shards:
        control.obey()
        sizes += np.bincount(shard["list"], minlength=num_lists)
    meter = Meter(sink, "merge the index", int(sizes.sum()), "entry")
    with replacing(path) as partial, partial.open("wb") as file:
        for first, stop in _bands(sizes, shards[0].dtype.itemsize if shards else 1):
            control.obey()
            pieces = [shard[slice(*np.searchsorted(shard["list"], (first, stop)))] for shard in shards]
            band = np.concatenate(pieces)
            band = band[np.argsort(band["list"], kind="stable")]
            bounds = np.searchsorted(band["list"], np.arange(first, stop + 1))
            for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
                file.write(band["code"][start:end].tobytes())
                file.write(band["id"][start:end].tobytes())
            meter.add(len(band))
    return sizes


def open_lists(path: Path, coder: Coder, sizes: NDArray[np.int64]) -> Any:
    """Return the coder's index, with these lists from now on, memory-mapped.

    Raises:
        OSError, ValueError, RuntimeError: they are damaged.
    """
    faiss = import_faiss()
    index = coder.index
    lists = faiss.extract_index_ivf(index)
    num_bytes = int(sizes.sum()) * (coder.code_bytes + np.dtype(np.int64).itemsize)
    if len(sizes) != coder.num_lists or path.stat().st_size != num_bytes:
        raise ValueError(f"{path.name} has another size than {num_bytes} bytes")
    mapped = faiss.OnDiskInvertedLists()
    mapped.nlist, mapped.code_size, mapped.filename = coder.num_lists, coder.code_bytes, str(path)
    mapped.read_only, mapped.totsize, mapped.prefetch_nthread = True, num_bytes, _PREFETCH_THREADS
    mapped.lists.resize(coder.num_lists)
    held = np.ascontiguousarray(sizes, np.uint64)  # the pointer does not hold it
    mapped.set_all_lists_sizes(faiss.swig_ptr(held))
    mapped.do_mmap()
    lists.replace_invlists(mapped, True)
    mapped.this.disown()
    index.ntotal = lists.ntotal = int(sizes.sum())
    return index


def _bands(sizes: NDArray[np.int64], entry_bytes: int) -> Sequence[tuple[int, int]]:
    """Return ranges of lists whose entries have about `_BAND_BYTES`; a longer list is a band of its own."""
    bands: list[tuple[int, int]] = []
    first, held = 0, 0
    for number, size in enumerate(sizes.tolist()):
        if held and (held + size) * entry_bytes > _BAND_BYTES:
            bands.append((first, number))
            first, held = number, 0
        held += size
    return [*bands, (first, len(sizes))]
