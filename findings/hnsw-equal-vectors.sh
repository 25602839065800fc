#!/usr/bin/env bash
# HNSW graphs lose vectors when many others are equal: 1,500 vectors beside 20,000 of which only ten differ.
#
# One would guess: a vector that is in an index is found when it is searched for, or nearly always; equal vectors are a waste of
# memory and no more.
# What happens: of 1,500 different vectors that were added, a search for each of them (10 results, ef 100) finds the vector itself
# for a few dozen. A graph links a vector with near ones; equal vectors are all at distance 0 and link with one another alone, so
# that a search which comes among them has nowhere to go. Where the equal ones differ by noise of a thousandth, a good part is
# found again. The order in which they are added does not matter much. The flat index finds all.
# This is what video gives: a camera that stands still makes thousands of equal embeddings, and what is searched for are the few
# frames in which something moves.
# Versions: hnswlib 0.8.0, usearch 2.26.6, faiss-cpu 1.15.1 (IndexHNSWFlat), numpy 2.4.6.
# Source: the heuristic of Malkov and Yashunin, 2018, algorithm 4, keeps a neighbour only where it is nearer to the new vector than
# to every neighbour kept so far: at distance 0 to an equal one nothing is. hnswlib, getNeighborsByHeuristic2.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet hnswlib==0.8.0 usearch==2.26.6 faiss-cpu==1.15.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PROGRAM'
import sys

import faiss
import hnswlib
import numpy as np
from usearch.index import Index

WIDTH, STILL, MOVING = 128, 2000, 150
faiss.omp_set_num_threads(1)
rng = np.random.default_rng(0)
scenes = rng.normal(size=(10, WIDTH))
moving = np.repeat(scenes, MOVING, axis=0) + 0.3 * rng.normal(size=(10 * MOVING, WIDTH))


def of_hnswlib(rows):
    graph = hnswlib.Index(space="ip", dim=WIDTH)
    graph.init_index(len(rows), ef_construction=200, M=16, random_seed=0)
    graph.add_items(rows, num_threads=1)
    graph.set_ef(100)
    return lambda queries: graph.knn_query(queries, k=10, num_threads=1)[0]


def of_usearch(rows):
    graph = Index(ndim=WIDTH, metric="ip", connectivity=16, expansion_add=200, expansion_search=100)
    graph.add(np.arange(len(rows)), rows, threads=1)
    return lambda queries: graph.search(queries, 10, threads=1).keys


def of_faiss(rows):
    graph = faiss.IndexHNSWFlat(WIDTH, 16, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction, graph.hnsw.efSearch = 200, 100
    graph.add(rows)
    return lambda queries: graph.search(queries, 10)[1]


def of_flat(rows):
    flat = faiss.IndexFlatIP(WIDTH)
    flat.add(rows)
    return lambda queries: flat.search(queries, 10)[1]


found = {}
for noise in (0.0, 1e-3):
    still = np.repeat(scenes, STILL, axis=0) + noise * rng.normal(size=(10 * STILL, WIDTH))
    rows = np.concatenate([still, moving])
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    wanted = np.arange(len(still), len(rows))
    for build in (of_hnswlib, of_usearch, of_faiss, of_flat):
        nearest = build(rows)(rows[wanted])
        found[noise, build.__name__] = int((nearest == wanted[:, None]).any(axis=1).sum())
        print(f"noise {noise}: {build.__name__[3:]} finds {found[noise, build.__name__]} of {len(wanted)}", flush=True)
graphs = [found[0.0, name] for name in ("of_hnswlib", "of_usearch", "of_faiss")]
sys.exit(not (max(graphs) < 300 and found[0.0, "of_flat"] == found[1e-3, "of_flat"] == len(wanted)))
PROGRAM
# Output seen (Linux x86_64, Python 3.11.7):
# noise 0.0: hnswlib finds 42 of 1500
# noise 0.0: usearch finds 66 of 1500
# noise 0.0: faiss finds 45 of 1500
# noise 0.0: flat finds 1500 of 1500
# noise 0.001: hnswlib finds 1322 of 1500
# noise 0.001: usearch finds 827 of 1500
# noise 0.001: faiss finds 915 of 1500
# noise 0.001: flat finds 1500 of 1500
