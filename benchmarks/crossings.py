"""How many files of ours a search, a label and a training step run through, here and in another version.

`python benchmarks/crossings.py [--beside FOLDER]`: FOLDER is a work tree of the other version. Every function of ours
that is called between a person's key and what they see is noted, in all threads of the window, what is imported for the
first time left out. Counted are the files of `carl_gui`, `core` and `training`, those of the window alone, and the
calls.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

TREE = Path(__file__).resolve().parents[1]
PROGRAM = """
import sys, tempfile, threading
from pathlib import Path

root = Path.cwd()
from PySide6.QtCore import QElapsedTimer, QSettings
from PySide6.QtWidgets import QApplication
app = QApplication([])
from carl_gui.main_window import MainWindow
from tests.carl_gui.conftest import step
from tests.carl_gui.searches import searched_project
from core.project.phase_edits import AddPhase
try:
    from core.learning.run_folder import RunFolder
    from core.settings.config import Config
except ImportError:  # before core had folders
    from core.run_folder import RunFolder  # noqa
    from core.config import Config

is_asking = [False]

def asked(done):
    is_asking[0] = True
    found = done()
    is_asking[0] = False
    return found

def until(done):
    clock = QElapsedTimer(); clock.start()
    while not asked(done):
        app.processEvents()
        assert clock.elapsed() < 60_000, "nothing came of it"

folder = Path(tempfile.mkdtemp())
project = searched_project(folder)
with RunFolder.create(project / "runs" / "live", Config(), []) as run:
    run.append(step(1, 4.0))
window = MainWindow(QSettings(str(folder / "s.ini"), QSettings.Format.IniFormat))
window.show()
window.projects.open(project)
for name in ("reach", "pour"):
    window.session.do(AddPhase(name))
for page in ("explore", "label", "train", "videos"):
    window.show_page(page)
explore, label, training = (window.page(name) for name in ("explore", "label", "train"))
player = window.library.player
until(lambda: player.view.image is not None)
until(lambda: explore.desk.scene is not None)

calls = [0]
seen = set()
def note(frame, event, argument):
    if event == "call" and not is_asking[0] and frame.f_code.co_filename.startswith(str(root)):
        calls[0] += 1
        seen.add(frame.f_code.co_filename)

def count(name, act, done):
    for _ in range(30):
        app.processEvents()
    seen.clear(); calls[0] = 0
    threading.setprofile(note); sys.setprofile(note)
    act()
    until(done)
    sys.setprofile(None); threading.setprofile(None)
    files = {Path(one).relative_to(root) for one in seen}
    ours = [one for one in files if one.parts[0] in ("carl_gui", "core", "training")]
    print(name, len(ours), len([one for one in ours if one.parts[0] == "carl_gui"]), calls[0], flush=True)

search = explore.views["search"]
player.commands["find_similar"].trigger()
until(lambda: search.asking.answer is not None)
first = search.asking.answer
window.show_page("videos")
player.commands["frame_on"].trigger()
count("search", player.commands["find_similar"].trigger, lambda: search.asking.answer not in (None, first))
window.show_page("label")
until(lambda: label.panel.player.view.image is not None)
commands = label.panel.commands
commands["mark_start"].trigger()
label.playback.go(9)
commands["mark_end"].trigger()
project_now = window.session.require()
count("label", commands["label"].trigger, lambda: bool(project_now.spans(1)))
window.show_page("train")
until(lambda: training.run_index is not None)
def append():
    with RunFolder.resume(project / "runs" / "live") as run:
        run.append(step(2, 3.0))
book = next(value for value in vars(training).values() if type(value).__name__ in ("RunBook", "RunMonitor"))
count("step", append, lambda: len(book.runs["live"].curves.steps) > 1)
import os
sys.stdout.flush(); os._exit(0)
"""


def counted(tree: Path) -> dict[str, tuple[int, int, int]]:
    """Return files in all, files of the window and calls, by what was done. Raises CalledProcessError."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tree, env=environment, check=True, capture_output=True, text=True
    )
    rows = (line.split() for line in done.stdout.splitlines())
    return {name: (int(files), int(window), int(calls)) for name, files, window, calls in rows}


def main() -> int:
    """Print the table. Returns the exit status."""
    made = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    made.add_argument("--beside", type=Path, metavar="FOLDER", help="a work tree of another version")
    given = made.parse_args()
    trees = {"here": TREE} | ({"beside": given.beside.resolve()} if given.beside else {})
    print(f"{'':10} {'':8} {'files':>6} {'of the window':>14} {'calls':>8}")
    for name, tree in trees.items():
        for what, (files, window, calls) in counted(tree).items():
            print(f"{what:10} {name:8} {files:6} {window:14} {calls:8}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
