"""Folders of embeddings, an array a video and packed: by byte and by value."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.fuzz import odd
from tests.fuzz.folders import files_of
from tests.fuzz.raw_bytes import bytes_of, some_file
from tests.fuzz.target import Target, read_each
from tests.fuzz.trees import json_of

_DIGEST = "0123456789abcdef" * 4


def _videos(folder: Path) -> list[Any]:
    import numpy as np

    from core.embedding.embedded_video import EmbeddedVideo

    videos = []
    for number, length in enumerate((5, 9, 4)):
        path = folder / "videos" / f"clip{number}.mp4"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(path.name.encode())
        rows = np.random.default_rng(number).normal(size=(length, 8)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        edges = np.arange(length + 1) / 25
        strange = np.zeros(length, np.float32)
        videos.append(EmbeddedVideo(path, _digest(path), edges, rows, strangeness=strange, encoder_digest=_DIGEST))
    return videos


def _digest(path: Path) -> str:
    from core.base.files import content_digest

    return content_digest(path)


def _make(folder: Path) -> None:
    from core.embedding.folder import write_embedded

    (folder / "embedded").mkdir()
    write_embedded(folder / "embedded", _videos(folder), _DIGEST)


def _make_packed(folder: Path) -> None:
    from core.embedding.packing import PackedWriter

    for videos in (_videos(folder)[:2], _videos(folder)[2:]):
        with PackedWriter(folder / "embedded", _DIGEST) as writer:
            for video in videos:
                writer.add(video)
            writer.save()


def _array_values(folder: Path, source: random.Random) -> str:
    """Change the shape, type or some values of an array."""
    import numpy as np

    file = some_file(folder, "*.np[yz]", source)
    is_several = file.suffix == ".npz"
    arrays = dict(np.load(file)) if is_several else {"": np.load(file)}
    name = source.choice(sorted(arrays))
    done, arrays[name] = _changed_array(arrays[name], source)
    if is_several:
        if source.random() < 0.2:
            done, _ = "remove", arrays.pop(name)
        np.savez(file, allow_pickle=True, **arrays)
    else:
        np.save(file, arrays[name])
    return f"{done} of {name} in {file.name}"


def _changed_array(array: Any, source: random.Random) -> tuple[str, Any]:
    import numpy as np

    changes: dict[str, Callable[[], Any]] = {
        "first rows": lambda: array[: source.randrange(len(array) + 1)],
        "flat": array.ravel,
        "an axis more": lambda: array[None],
        "scalar": lambda: np.float64(source.choice(odd.FLOATS)),
        "transposed": lambda: array.T,
        "type": lambda: array.astype(source.choice(("f2", "f8", "i1", ">f4", "c8", "?", "U9", "M8[s]", "S3"))),
        "objects": lambda: array.astype(object),
        "records": lambda: np.zeros(len(array), [("a", "f4"), ("b", "f4")]),
        "values": lambda: np.where(np.arange(array.size).reshape(array.shape) % 3, array, source.choice(odd.FLOATS)),
        "no row": lambda: np.empty((0, *array.shape[1:]), array.dtype),
        "no column": lambda: np.empty((len(array), 0), array.dtype),
        "backwards": lambda: array[::-1],
    }
    done = source.choice(sorted(changes))
    with np.errstate(all="ignore"):
        return done, changes[done]()


def _table_values(folder: Path, source: random.Random) -> str:
    """Change a column of a packed file: its values, its type, or that it is there."""
    import pyarrow as pa

    file = some_file(folder, "*.arrow", source)
    with pa.OSFile(str(file)) as opened, pa.ipc.open_file(opened) as reader:
        table = reader.read_all()
    name = source.choice(table.column_names)
    done = source.choice(("remove", "nulls", "odd", "odd", "odd", "text", "rename", "rows", "batches"))
    index = table.column_names.index(name)
    try:
        match done:
            case "remove":
                table = table.remove_column(index)
            case "rename":
                table = table.rename_columns([odd.name(source) if one == name else one for one in table.column_names])
            case "rows":
                table = table.slice(0, source.randrange(len(table)))
            case "batches":
                table = pa.concat_tables([table, table.slice(1)])
            case "nulls":
                table = table.set_column(index, name, pa.nulls(len(table), table.schema.field(name).type))
            case "text":
                table = table.set_column(index, name, pa.array([odd.name(source)] * len(table)))
            case _:
                values = table.column(name).to_pylist()
                values[source.randrange(len(values))] = odd.tree(source)
                table = table.set_column(index, name, pa.array(values, table.schema.field(name).type))
    except (pa.ArrowException, OverflowError, UnicodeError, TypeError, ValueError):  # it has no such value
        done = "nothing"
    with pa.OSFile(str(file), "wb") as opened, pa.ipc.new_file(opened, table.schema) as writer:
        writer.write_table(table)
    return f"{done} of {name} in {file.relative_to(folder)}"


def _read(folder: Path) -> None:
    from core.embedding import folder as reading

    embedded = folder / "embedded"
    if not reading.is_embedded(embedded):
        return
    read_each(
        lambda: reading.is_packed(embedded),
        lambda: reading.precision_of([embedded]),
        lambda: reading.other_files(embedded),
        lambda: reading.read_card(embedded),
        lambda: reading.read_digests(embedded, _DIGEST),
        lambda: reading.find_replaced(embedded),
        lambda: reading.describe_replaced(embedded),
        lambda: reading.read_features(embedded),
        lambda: [_use(video) for video, _ in reading.each_embedded(embedded, _DIGEST)],
        lambda: _of_packed(reading.read_embedded(embedded, _DIGEST)),
        lambda: _merge(embedded),
    )


def _use(video: Any) -> None:
    import numpy as np

    from core.embedding.embedded_video import EmbeddedVideo

    assert isinstance(video, EmbeddedVideo)
    assert len(video)
    assert video.embeddings.dtype in (np.float32, np.float16)
    _ = repr(video), video.seconds, video.is_strange
    with np.errstate(all="ignore"):
        _ = video.embeddings @ video.embeddings.T
    assert np.isfinite(video.edges_seconds).all()


def _of_packed(videos: Any) -> None:
    from core.embedding.packed import PackedVideos

    for video in videos:
        _use(video)
    if isinstance(videos, PackedVideos):
        for index in range(len(videos)):
            videos.name_of(index)
            videos.with_path(videos.paths()[index])
            videos.with_digest(videos.digests[index])
        for _, rows in videos.blocks(0, videos.num_frames):
            bytes(rows)


def _merge(embedded: Path) -> None:
    from core.embedding.merging import merge

    merge(embedded.with_name("merged"), [embedded])


TARGETS = (
    Target(
        "embeddings",
        _make,
        (bytes_of("embedded/*"), bytes_of("embedded/*.np[yz]"), json_of("embedded/*.json"), _array_values,
         files_of("embedded/*")),
        _read,
    ),
    Target(
        "embeddings-packed",
        _make_packed,
        (bytes_of("embedded/**/*.*"), json_of("embedded/*.json"), _table_values, files_of("embedded/**/*")),
        _read,
    ),
)  # fmt: skip
