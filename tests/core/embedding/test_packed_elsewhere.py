"""Packed embeddings, read by polars and DuckDB, where these are installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest

from tests.core.embedding.test_packed import WIDTH, video, write

VIDEOS = [video(number) for number in range(30)]
ONE = VIDEOS[17]


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_polars_reads_the_files_themselves(tmp_path: Path, precision: str) -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    write(tmp_path, VIDEOS, precision)
    frames = polars.scan_ipc(tmp_path / "frames" / "*.arrow")
    videos = polars.scan_ipc(tmp_path / "videos" / "*.arrow")
    found = frames.filter(polars.col("digest").cast(polars.String) == ONE.digest).collect()
    np.testing.assert_array_equal(found["embedding"].to_numpy(), ONE.embeddings.astype(precision))
    assert videos.select(polars.col("frames").sum()).collect().item() == sum(map(len, VIDEOS))


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_duckdb_reads_it_as_a_dataset_of_arrow(tmp_path: Path, precision: str) -> None:
    """Of float16 after a cast: DuckDB 2.0.1 refuses Arrow's half floats."""
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    write(tmp_path, VIDEOS, precision)
    dataset = ds.dataset(tmp_path / "frames", format="arrow")
    columns = {name: pc.field(name) for name in ("digest", "frame")}
    wide = pc.field("embedding").cast(pa.list_(pa.float32(), WIDTH))
    frames = dataset.scanner(columns=columns | {"embedding": wide}).to_reader()
    with duckdb.connect() as database:
        database.register("frames", frames)
        found = database.execute(
            "SELECT embedding FROM frames WHERE digest = ? ORDER BY frame", [ONE.digest]
        ).fetchall()
    rows = np.array([row for (row,) in found], np.float32)
    np.testing.assert_array_equal(rows, ONE.embeddings.astype(precision).astype(np.float32))
