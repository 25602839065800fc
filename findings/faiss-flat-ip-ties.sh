#!/usr/bin/env bash
# FAISS's flat index by inner product returns equal vectors last first, so that the best of three is not the best of one.
#
# One would guess: of vectors with the same score the earliest comes first, as IndexFlatL2 has it; or at least, search(x, 1) gives
# the first result of search(x, 3).
# What happens: among 8 equal vectors IndexFlatL2 answers 0, 1, 2. IndexFlatIP answers 2, 1, 0, but 0 where one result is asked
# for: it keeps the earliest k, and puts them out backwards.
# Versions: faiss-cpu 1.15.1, numpy 2.4.6.
# Source: faiss/utils/ordered_key_value.h: where values are equal, both CMin::cmp2 and CMax::cmp2 go on to compare the ids, the one
# by < and the other by >. So a heap by similarity gives up the smaller id first, and as results are filled in from the last place,
# that comes last; a heap by distance does the opposite. One result is kept without a heap.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet faiss-cpu==1.15.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PROGRAM'
import sys

import faiss
import numpy as np

seen = {}
for name in ("IndexFlatIP", "IndexFlatL2"):
    for count in (8, 2000):
        rows = np.ones((count, 16), np.float32)
        index = getattr(faiss, name)(16)
        index.add(rows)
        for k in (1, 3):
            seen[name, count, k] = index.search(rows[:1], k)[1][0].tolist()
            print(f"{name}, {count} equal vectors, k={k}: {seen[name, count, k]}")
same = all(
    seen["IndexFlatL2", count, k] == list(range(k))
    and seen["IndexFlatIP", count, k] == list(range(k))[::-1]
    for count in (8, 2000)
    for k in (1, 3)
)
sys.exit(not same)
PROGRAM
# Output seen (Linux x86_64, Python 3.11.7):
# IndexFlatIP, 8 equal vectors, k=1: [0]
# IndexFlatIP, 8 equal vectors, k=3: [2, 1, 0]
# IndexFlatIP, 2000 equal vectors, k=1: [0]
# IndexFlatIP, 2000 equal vectors, k=3: [2, 1, 0]
# IndexFlatL2, 8 equal vectors, k=1: [0]
# IndexFlatL2, 8 equal vectors, k=3: [0, 1, 2]
# IndexFlatL2, 2000 equal vectors, k=1: [0]
# IndexFlatL2, 2000 equal vectors, k=3: [0, 1, 2]
