"""Whether asyncio's own subprocesses end cleanly under qasync: `training/job.py` reads its pipes in threads instead.

Programs with an application and the window's loop each start children that end by themselves, end because their stdin
is closed, are killed, or belong to a task that is cancelled. Clean is a child whose lines were all read, whose exit
status is the expected one, and whose program ended with status 0 and nothing on stderr. Exit status 1 where one is not.

    python benchmarks/subprocesses.py [--programs 16] [--children 10]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from carl_gui.loop import end_loop, running_loop
from carl_gui.tasks import Tasks, finish_tasks

LINES = 50
CHILD = f"""
import sys
for line in range({LINES}):
    print(line, flush=True)
if "finish" not in sys.argv:
    sys.stdin.read()
"""
ENDS = ("finish", "close", "kill", "cancel")


async def follow(end: str, clean: list[str]) -> None:
    """One child, from its first line to its end."""
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", CHILD, end, stdin=pipe, stdout=pipe)
    assert child.stdin is not None
    assert child.stdout is not None
    for line in range(LINES):
        assert int(await child.stdout.readline()) == line
    if end == "close":
        child.stdin.close()
    elif end == "kill":
        child.kill()
    elif end == "cancel":
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().call_later(0.01, task.cancel)
    try:
        status = await child.wait()
    except asyncio.CancelledError:
        child.kill()
        status = await child.wait()
        assert end == "cancel"
    if status == (0 if end in ("finish", "close") else -9):
        clean.append(end)


def be_a_program(children: int) -> int:
    """Run that many children at a time; returns how many did not end cleanly."""
    app, owner, clean = QApplication(["subprocesses"]), QObject(), list[str]()
    tasks = Tasks(owner, print)
    running_loop()
    for number in range(children):
        tasks.start(str(number), follow(ENDS[number % len(ENDS)], clean))
    finish_tasks(120.0)
    app.processEvents()
    end_loop()
    return children - len(clean)


def main() -> int:
    """Print how many ended cleanly; returns the exit status."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--programs", type=int, default=16)
    made.add_argument("--children", type=int, default=10, help="of each program")
    made.add_argument("--be-a-program", action="store_true", help=argparse.SUPPRESS)
    given = made.parse_args()
    if given.be_a_program:
        return be_a_program(given.children)
    clean, begin = 0, time.monotonic()
    for number in range(given.programs):
        words = [sys.executable, __file__, "--be-a-program", "--children", str(given.children)]
        ended = subprocess.run(words, capture_output=True, text=True)
        said = ended.stderr.strip()
        clean += given.children if ended.returncode == 0 and not said else 0
        if ended.returncode or said:
            print(f"program {number}: status {ended.returncode}; {said[-500:]}")
    total = given.programs * given.children
    print(f"{clean} of {total} children ended cleanly under qasync, {time.monotonic() - begin:.0f} s")
    return 0 if clean == total else 1


if __name__ == "__main__":
    sys.exit(main())
