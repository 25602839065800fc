"""How many files of ours a search, a label and a training step run through, here and in another version.

`python benchmarks/crossings.py [--beside FOLDER] [--list]`: FOLDER is a work tree of the other version; `--list` names
the files. Every function of ours that is called between a person's key and the answer is noted, in all threads of the
window, what is imported for the first time left out. Before anything is counted the window rests: nothing of ours was
called for half a second. Counted are the files of `carl_gui`, `core` and `training`, those of the window alone, and the
calls; in brackets until the window rests again. A poll of runs with nothing new is given as calls and milliseconds of
processor time, the median of many.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

TREE = Path(__file__).resolve().parents[1]
PROGRAM = Path(__file__).with_name("crossings_run.py")


def counted(tree: Path) -> list[Mapping[str, Any]]:
    """Return what the program tells of this tree. Raises CalledProcessError."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-P", str(PROGRAM)]
    done = subprocess.run(command, cwd=tree, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def figures(row: Mapping[str, Any]) -> str:
    """Return the figures of a row of the table."""
    files, after = row["files"], row.get("files_after", row["files"])
    told = f"{len(files):6} ({len(after):3}) {of_window(files):8} ({of_window(after):3})"
    told += f" {row['calls']:8} ({row.get('calls_after', row['calls']):5})"
    return told + (f" {row['milliseconds']:7.2f}" if "milliseconds" in row else "")


def of_window(files: Sequence[str]) -> int:
    """Return how many are of the window."""
    return sum(one.startswith("carl_gui/") for one in files)


def main() -> int:
    """Print the table. Returns the exit status."""
    made = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    made.add_argument("--beside", type=Path, metavar="FOLDER", help="a work tree of another version")
    made.add_argument("--list", action="store_true", help="name the files too; + those after the answer")
    given = made.parse_args()
    trees = {"here": TREE} | ({"beside": given.beside.resolve()} if given.beside else {})
    print(f"{'':20} {'':8} {'files':>12} {'of the window':>14} {'calls':>16} {'ms':>7}")
    for name, tree in trees.items():
        for row in counted(tree):
            print(f"{row['name']:20} {name:8} {figures(row)}", flush=True)
            for file in row.get("files_after", row["files"]) if given.list else ():
                print(f"    {' ' if file in row['files'] else '+'} {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
