"""`python -m core.demo --out demo`: draw, train, embed, align and show, with the commands a user would type."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from core.base.child_command import command_line
from core.base.control import Control
from core.base.errors import CarlError, StorageError
from core.base.events import Finished, Notice, Sink
from core.base.files import explain_errors
from core.cli.command import new_parser, run
from core.demo.page import CLIPS, EMBEDDINGS, HEATMAP, PAGE, PATH, RUN, TEST, TRAIN, VIDEO, Done, write_page

_MARK = ".carl-demo"
"""A file that says that what lies beside it was made here and may be made anew."""
_MADE_HERE = (TRAIN, TEST, RUN, EMBEDDINGS, PATH, HEATMAP, VIDEO, PAGE)
_LOOK_SECONDS = 0.1
_UNSEEN = 6
"""Clips that are not learned from; every pair of them is judged."""


def commands(out: Path, videos: int) -> list[tuple[str, list[str]]]:
    """Return the commands to run, in order: a purpose, and the words after `python -m`."""
    train, test, encoder = out / TRAIN, out / TEST, out / RUN / "encoder.safetensors"
    pair, shown = [test / clip for clip in CLIPS], ["--heatmap", out / HEATMAP, "--video", out / VIDEO]
    steps = [
        (f"Draw {videos} clips to train on", ["core.sample", "--out", train, "--videos", videos, "--seed", 0]),
        (f"Draw {_UNSEEN} others for testing", ["core.sample", "--out", test, "--videos", _UNSEEN, "--seed", 5]),
        ("Train, without labels", ["core.train", train, "--recipe", "quick", "--out", out / RUN]),
        (
            f"Embed those {_UNSEEN}: 128 numbers per frame",
            ["core.embed", test, "--encoder", encoder, "--out", out / EMBEDDINGS],
        ),
        (
            "Align two of them, draw the heatmap and the video",
            ["core.align", *pair, "--encoder", encoder, "--out", out / PATH, *shown],
        ),
    ]
    return [(purpose, [str(word) for word in words]) for purpose, words in steps]


def make_demo(out: Path, *, videos: int, sink: Sink, control: Control) -> Path:
    """Run every command and write the page; returns its path. An older demo in `out` is made anew.

    Raises:
        StorageError: `out` holds other files.
        CarlError: a command failed; it has said why.
        Stopped: `control` asked for it.
    """
    _start(out)
    done = []
    for purpose, words in commands(out, videos):
        join = subprocess.list2cmdline if os.name == "nt" else shlex.join
        typed = join(["python", "-m", *words])
        sink(Notice(f"\n{purpose}\n$ {typed}"))
        started = time.monotonic()
        status = _run(words, control)
        control.obey()
        if status:
            raise CarlError(f"The demo ends here: {words[0]} failed (exit status {status}); see the error above.")
        done.append(Done(typed, purpose, time.monotonic() - started))
    return write_page(out, done)


def _start(out: Path) -> None:
    with explain_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()) and not (out / _MARK).exists():
            raise StorageError(f"{out} holds other files. Choose a new or empty folder for the demo.")
        (out / _MARK).touch()
        for name in _MADE_HERE:
            path = out / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _run(words: Sequence[str], control: Control) -> int:
    """Run a command as a child that stops when it is asked to, or when this process dies."""
    child = subprocess.Popen(command_line(*words, "--control"), stdin=subprocess.PIPE)
    assert child.stdin is not None
    with child, child.stdin:
        while True:
            try:
                return child.wait(timeout=_LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                if control.stop_requested:
                    child.stdin.close()  # its end means stop
                    return child.wait()


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    page = make_demo(args.out, videos=args.videos, sink=sink, control=control)
    sink(Notice(f"\nOpen {page.resolve().as_uri()} in a browser."))
    return Finished("done", str(page))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("demo", "Draw clips, train on them, align two others, and show it all on a page.")
    parser.add_argument("--out", type=Path, required=True, help="folder of the demo; an older one is replaced")
    parser.add_argument("--videos", type=int, default=10, help="number of training clips; default 10")
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
