#!/usr/bin/env python3
"""Install, show the demo and run the tests on every Python with every set of libraries: `make matrix`.

One environment at a time, in a temporary clone of the last commit, removed afterwards. `docs/installing.json` keeps the
results, from which the tables in `docs/installing.md` are generated; so single cells can be run again:
`python tools/matrix.py --python 3.13 --libraries newest`. A cell takes a quarter of an hour and 8 GB of disk.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from install import ROOT, SETS, Installer, InstallError, constraints, folder_megabytes, requirements
from pythons import SUPPORTED, find_python

RESULTS = ROOT / "docs" / "installing.json"
PAGE = ROOT / "docs" / "installing.md"
_BEGIN, _END = "<!-- tools/matrix.py begins -->", "<!-- tools/matrix.py ends -->"
_SHOWN = {
    "av": "PyAV",
    "numpy": "NumPy",
    "opencv-python-headless": "OpenCV",
    "PySide6-Essentials": "PySide6",
    "torch": "torch",
    "numba": "numba",
    "onnxruntime": "onnxruntime",
    "scikit-learn": "scikit-learn",
    "umap-learn": "umap-learn",
}
"""Packages whose versions stand in the table."""
_WINDOW = """
from carl_gui.app import application
from carl_gui.main_window import MainWindow
from carl_gui.settings import open_settings
app = application()
window = MainWindow(open_settings())
window.painted.connect(app.quit)
window.show()
raise SystemExit(app.exec())
"""


def cells(pythons: Sequence[int], libraries: Sequence[str]) -> list[tuple[int, str]]:
    """Return the cells to run: the oldest libraries on the oldest Python only."""
    return [(minor, which) for minor in pythons for which in libraries if which != "oldest" or minor == SUPPORTED[0]]


def run_cell(minor: int, libraries: str) -> dict[str, Any]:
    """Return what came of one cell, as it stands in the results."""
    result: dict[str, Any] = {"date": datetime.date.today().isoformat(), "system": platform.platform(terse=True)}
    python = find_python(minor)
    if python is None:
        return {**result, "not_run": f"no Python 3.{minor} on this machine; {_wheels(minor, libraries)}"}
    with tempfile.TemporaryDirectory(prefix="carl-matrix-", ignore_cleanup_errors=True) as folder:
        clone = Path(folder) / "carl"
        started = time.monotonic()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        if (footage := ROOT.parent / "shared").is_dir():
            (Path(folder) / "shared").symlink_to(footage)
        result["commit"] = _said(["git", "rev-parse", "--short", "HEAD"], clone)
        try:
            _fill(result, clone, python, libraries, started)
        except InstallError as error:
            print(error, file=sys.stderr)
            result["install"] = {"passed": False, "said": str(error).strip().splitlines()[-1]}
    return result


def _fill(result: dict[str, Any], clone: Path, python: str, libraries: str, started: float) -> None:
    installer = Installer(clone / ".venv", python)
    installer.install(libraries, ["onnx", "timm"], editable=True, cpu=False)
    result["install"] = {
        "passed": True,
        "seconds": round(time.monotonic() - started),
        "megabytes_fetched": round(sum(step.megabytes_fetched for step in installer.steps)),
        "megabytes_on_disk": round(folder_megabytes(installer.folder)),
    }
    executable = str(installer.executable)
    result["python"] = _said([executable, "-c", "import platform; print(platform.python_version())"], clone)
    result["demo"] = _timed([executable, "-m", "core.demo", "--out", "demo"], clone)
    result["demo"]["passed"] &= (clone / "demo" / "index.html").exists()
    result["window"] = _timed([executable, "-c", _WINDOW], clone)
    installer.install(libraries, ["onnx", "timm", "dev"], editable=True, cpu=False)
    listed = json.loads(_said([executable, "-m", "pip", "list", "--format", "json"], clone))
    result["versions"] = {one["name"]: one["version"] for one in listed}
    result["tests"] = _timed([executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], clone)
    result["tests"]["passed"] &= re.search(r"\b\d+ passed", result["tests"]["said"]) is not None


def _timed(command: Sequence[str], clone: Path) -> dict[str, Any]:
    """Run a command in the clone with a home of its own; what it says goes to the screen's log."""
    home = clone.parent / "home"
    own = {
        "CARL_CACHE": str(home / "cache"),
        "CARL_SETTINGS": str(home / "settings.ini"),
        "QT_QPA_PLATFORM": "offscreen",
    }
    home.mkdir(exist_ok=True)
    print("$", *command[:6], flush=True)
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=clone, env={**os.environ, **own}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print(done.stdout[-20_000:], flush=True)
    last = next((line for line in reversed(done.stdout.splitlines()) if line.strip()), "")
    return {"passed": done.returncode == 0, "seconds": round(time.monotonic() - started, 1), "said": last.strip(" =")}


def _wheels(minor: int, libraries: str) -> str:
    """Return whether every library has a wheel for a Python that is not here."""
    with tempfile.TemporaryDirectory() as folder:
        asked = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed"]
        asked += ["--target", folder, "--only-binary=:all:", f"--python-version=3.{minor}"]
        if libraries != "newest":
            asked += ["--constraint", str(constraints(libraries, (3, minor)))]
        done = subprocess.run([*asked, *requirements(["onnx", "timm", "dev"])], capture_output=True)
    return "all libraries have wheels for it" if done.returncode == 0 else "not all libraries have wheels for it"


def _said(command: Sequence[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def table(results: dict[str, Any]) -> str:
    """Return the results as two tables in Markdown."""
    rows = ["| Python | libraries | demo | tests | date, commit | versions |", "|---|---|---|---|---|---|"]
    for minor, libraries in cells(SUPPORTED, SETS):
        python = f"3.{minor}"
        cell = results.get(f"{python} {libraries}", {"date": "-", "not_run": "nobody has run this cell yet"})
        if why := cell.get("not_run"):
            rows.append(f"| {python} | {libraries} | not run | not run | {cell['date']} | {why} |")
            continue
        versions = {name.lower().replace("_", "-"): version for name, version in cell.get("versions", {}).items()}
        shown = ", ".join(f"{label} {versions.get(package.lower(), '?')}" for package, label in _SHOWN.items())
        demo, tests = (_verdict(cell, part) for part in ("demo", "tests"))
        when = f"{cell['date']}, {cell['commit']}"
        rows.append(f"| {cell.get('python', python)} | {libraries} | {demo} | {tests} | {when} | {shown} |")
    rows += [
        "",
        "| Python | libraries | wheels | on disk | clone and install | to the demo's page | to the window |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, cell in sorted(results.items(), key=_order):
        if cell.get("install", {}).get("passed") and "window" in cell:
            install, demo, window = cell["install"], cell["demo"], cell["window"]
            sizes = (f"{install[f'megabytes_{what}']:,} MB" for what in ("fetched", "on_disk"))
            times = (f"{install['seconds'] + after:.0f} s" for after in (0, demo["seconds"], window["seconds"]))
            rows.append("| " + " | ".join([cell["python"], name.split()[1], *sizes, *times]) + " |")
    return "\n".join(rows)


def _order(item: tuple[str, Any]) -> tuple[int, int]:
    python, libraries = item[0].split()
    return int(python.split(".")[1]), SETS.index(libraries)


def _verdict(cell: dict[str, Any], part: str) -> str:
    if not cell.get("install", {}).get("passed", True):
        return f"**not installed**: {cell['install']['said']}"
    done = cell.get(part)
    if done is None:
        return "not run"
    said = re.sub(r" in [\d.]+s.*", "", done["said"]) if part == "tests" else ""
    return f"{'passed' if done['passed'] else '**failed**'}, {done['seconds']:.0f} s" + (f" ({said})" if said else "")


def draw() -> None:
    """Put the table of the results into the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    PAGE.write_text(f"{before}{_BEGIN}\n{table(results)}\n{_END}{after}", encoding="utf-8")


def main() -> int:
    made = argparse.ArgumentParser(description="Install, demo and tests on every Python with every set of libraries.")
    made.add_argument("--python", nargs="*", default=[f"3.{minor}" for minor in SUPPORTED], metavar="3.N")
    made.add_argument("--libraries", nargs="*", choices=SETS, default=SETS)
    made.add_argument("--draw", action="store_true", help="run nothing, only put the table into docs/installing.md")
    given = made.parse_args()
    failed = []
    for minor, libraries in (
        [] if given.draw else cells([int(one.split(".")[1]) for one in given.python], given.libraries)
    ):
        name = f"3.{minor} {libraries}"
        print(f"\n== Python {name} libraries", flush=True)
        result = run_cell(minor, libraries)
        results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
        results[name] = result
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        if not all(result.get(part, {"passed": True})["passed"] for part in ("install", "demo", "window", "tests")):
            failed.append(name)
    draw()
    print(f"\n{PAGE.relative_to(ROOT)} is up to date.", *(["Failed:", *failed] if failed else []))
    return 1 if failed else 0


if __name__ == "__main__":
    shutil.which("git") or sys.exit("There is no git: install it first.")
    sys.exit(main())
