#!/usr/bin/env bash
# DuckDB refuses a column of Arrow half floats, though it reads the same column from Parquet.
#
# One would guess: embeddings kept as float16 reach DuckDB by either door, since it scans Arrow tables without copying and has
# read Parquet's FLOAT16 as FLOAT since pull request 16395 (2025), and since pyarrow writes the Parquet file from that very table.
# What happens: a table with a fixed_size_list<halffloat> (or a plain halffloat) column cannot be scanned at all; even a query that
# does not name the column fails ("Unsupported Internal Arrow Type e"), because the schema is read first. From Parquet the numbers
# come as FLOAT. polars reads both. Casting the column in pyarrow first, within a scanner, is what works.
# Versions: duckdb 2.0.1, pyarrow 26.0.1, polars 2.1.0.
# Source: duckdb issue 1742 lists "Half-Float" among what is missing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet duckdb==2.0.1 pyarrow==26.0.1 polars==2.1.0 numpy==2.4.6
FOLDER="$folder" "$folder/venv/bin/python" - <<'PROGRAM'
import os
import sys

import duckdb
import numpy as np
import polars
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

folder = os.environ["FOLDER"]
rows = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(6).astype(np.float16)), 3)
table = pa.table({"frame": pa.array([0, 1], pa.int32()), "embedding": rows})
pq.write_table(table, f"{folder}/half.parquet")
os.mkdir(f"{folder}/arrow")
with pa.OSFile(f"{folder}/arrow/half.arrow", "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
    writer.write_table(table)


def ask(query):
    try:
        return duckdb.sql(query).fetchall()
    except duckdb.Error as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"


wide = ds.dataset(f"{folder}/arrow", format="arrow").scanner(
    columns={"frame": pc.field("frame"), "embedding": pc.field("embedding").cast(pa.list_(pa.float32(), 3))}
)
answers = {
    "DuckDB, Parquet": ask(f"SELECT embedding FROM '{folder}/half.parquet'"),
    "DuckDB, Arrow table": ask('SELECT embedding FROM "table"'),
    "DuckDB, Arrow table, another column": ask('SELECT frame FROM "table"'),
    "DuckDB, cast by pyarrow": ask("SELECT embedding FROM wide"),
    "polars, Arrow file": polars.read_ipc(f"{folder}/arrow/half.arrow")["embedding"].to_list(),
}
print("duckdb", duckdb.__version__, "pyarrow", pa.__version__, "polars", polars.__version__)
for name, answer in answers.items():
    print(f"{name}: {answer}")
sys.exit(
    "Unsupported Internal Arrow Type e" not in str(answers["DuckDB, Arrow table, another column"])
    or "2.0" not in str(answers["DuckDB, Parquet"])
    or "2.0" not in str(answers["DuckDB, cast by pyarrow"])
)
PROGRAM
# Output seen (Linux x86_64, Python 3.13.0):
# duckdb 2.0.1 pyarrow 26.0.1 polars 2.1.0
# DuckDB, Parquet: [([0.0, 1.0, 2.0],), ([3.0, 4.0, 5.0],)]
# DuckDB, Arrow table: NotImplementedException: Not implemented Error: Unsupported Internal Arrow Type e
# DuckDB, Arrow table, another column: NotImplementedException: Not implemented Error: Unsupported Internal Arrow Type e
# DuckDB, cast by pyarrow: [((0.0, 1.0, 2.0),), ((3.0, 4.0, 5.0),)]
# polars, Arrow file: [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
