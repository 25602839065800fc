"""From the start of the process to the window's first paint, beside a window of Qt's own with nothing in it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

_RUNS = 7
_PAINTED = """
import sys, time
begun = time.perf_counter()
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QMainWindow
{imports}
imported = time.perf_counter()
app = QApplication([])
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            print(imported - begun, time.perf_counter() - begun)
            app.removeEventFilter(self)
            app.quit()
        return False
watch = Watch()
app.installEventFilter(watch)
{show}
"""
_BARE = _PAINTED.format(imports="", show="window = QMainWindow(); window.show(); app.exec()")
_OURS = _PAINTED.format(imports="from carl_gui.app import main", show="main(sys.argv[1:])")


def _seconds(program: str, folder: str) -> tuple[float, float]:
    """(imports, first paint), from Python's first line on."""
    surroundings = {"QT_QPA_PLATFORM": "offscreen", **os.environ, "CARL_SETTINGS": f"{folder}/settings.ini"}
    ended = subprocess.run(
        [sys.executable, "-c", program, folder], env=surroundings, check=True, capture_output=True, text=True
    )
    imported, painted = ended.stdout.split()
    return float(imported), float(painted)


def main() -> None:
    """Print the table; the programs take turns, so that a busy machine slows both."""
    try:
        import PySide6.QtWidgets  # noqa: F401 - whether it loads here
    except ImportError as error:
        print(f"Qt does not load here: {error}.")
        return
    programs = {"bare Qt window": _BARE, "carl-gui": _OURS}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(_RUNS + 1):
            for name, program in programs.items():
                seconds = _seconds(program, folder)
                if number:  # the first start reads from the disk what the others find in memory
                    taken[name].append(seconds)
    bare = statistics.median(painted for _, painted in taken["bare Qt window"])
    print(f"{'':16} {'imports':>9} {'first paint':>12} {'ratio':>6}")
    for name, seconds_of in taken.items():
        imported, painted = (statistics.median(column) for column in zip(*seconds_of, strict=True))
        print(f"{name:16} {imported:7.2f} s {painted:10.2f} s {painted / bare:6.1f}")


if __name__ == "__main__":
    main()
