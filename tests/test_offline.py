"""Nothing leaves the machine: commands and window, watched by strace without a network and with an empty home."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import write_numbered_video
from tests.core.model.onnx_files import write_extractor

ROOT = Path(__file__).parents[1]
_CALLS = "connect,sendto,sendmsg,sendmmsg,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2"
_INTERNET = re.compile(r"^(?:connect|send\w+)\(.*\bAF_INET6?\b")
_OPENED = re.compile(r"^(?:open|openat|creat)\(.*\b(?:O_WRONLY|O_RDWR|O_CREAT)\b.* = \d+<([^>]+)>")
_MADE = re.compile(r"^(?:mkdir|rename)\w*\(.*\"(/[^\"]*)\"[^\"]*\) += 0")
_ELSEWHERE = re.compile(r"^/(?:dev|proc|memfd:|dmabuf)|^(?:pipe|socket|anon_inode):|/__pycache__(?:/|$)")
"""Not on a disk; and what Python and numba compile, beside its source."""
_WINDOW = """
import sys
from PySide6.QtCore import QTimer
from carl_gui import app, start
shown = app.show
def leave(made, window, project):
    window.painted.connect(lambda: QTimer.singleShot(0, made.quit))
    return shown(made, window, project)
app.show = leave
sys.argv = ["carl-gui"]
sys.exit(start.main())
"""


def _why_not() -> str:
    """Return why processes cannot be watched here; empty where they can."""
    if not (shutil.which("strace") and shutil.which("unshare")):
        return "strace or unshare is not installed"
    tried = subprocess.run(["strace", "-o", os.devnull, "unshare", "-rn", "true"], capture_output=True, text=True)
    return f"strace and unshare may not be used here: {tried.stderr.strip()}" if tried.returncode else ""


class Watched:
    """A home, a cache and a folder of work that are empty, and what processes do there without a network."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home, self.out = folder, folder / "home", folder / "out"
        for name in ("home", "out", "cache", "tmp", "traces"):
            (folder / name).mkdir()
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.home),
            "CARL_CACHE": str(folder / "cache"),
            "CARL_SETTINGS": str(self.out / "settings.ini"),
            "TMPDIR": str(folder / "tmp"),
            "QT_QPA_PLATFORM": "offscreen",
            "OMP_NUM_THREADS": "1",
        }

    def run(self, *words: str | Path) -> None:
        """Run this Python with these words to a good end, watched."""
        number = len(list(self.folder.glob("traces/*")))
        trace = ["strace", "-ff", "--seccomp-bpf", "-y", "-qq", "-s", "4096", "-e", f"trace={_CALLS}", "-o"]
        command = [
            *trace,
            str(self.folder / "traces" / str(number)),
            "unshare",
            "-rn",
            sys.executable,
            *map(str, words),
        ]
        done = subprocess.run(command, env=self._environment, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def sent(self) -> list[str]:
        """Return the calls that would have reached another machine."""
        return [line for line in self._lines() if _INTERNET.match(line)]

    def written_elsewhere(self) -> list[str]:
        """Return files and folders that were made or opened for writing outside of ours."""
        found = [found[1] for line in self._lines() if (found := _OPENED.match(line) or _MADE.match(line))]
        ours = tuple(f"{self.folder / name}{os.sep}" for name in ("out", "cache", "tmp"))
        return sorted({path for path in found if not path.startswith(ours) and not _ELSEWHERE.search(path)})

    def _lines(self) -> list[str]:
        return [
            line for trace in self.folder.glob("traces/*") for line in trace.read_text(errors="replace").splitlines()
        ]


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    if why := _why_not():
        pytest.skip(why)
    return Watched(tmp_path)


@pytest.mark.journey
def test_commands_and_window_connect_nowhere_and_write_only_where_they_should(watched: Watched) -> None:
    pytest.importorskip("onnxruntime")
    out = watched.out
    clips = [write_numbered_video(out / "clips", f"{name}.mp4") for name in "abc"]
    network = write_extractor(out / "network.onnx")
    run, embeddings = out / "run", out / "embeddings"
    learning = ["--recipe", "frozen", "--weights", network, "--epochs", "1", "--views.num_frames", "8"]
    watched.run("-m", "core.decode", out / "clips")
    watched.run("-m", "core.train", out / "clips", *learning, "--out", run)
    watched.run("-m", "core.embed", out / "clips", "--encoder", run, "--out", embeddings)
    watched.run("-m", "core.align", *clips[:2], "--encoder", run, "--out", out / "p.csv", "--heatmap", out / "p.png")
    watched.run("-m", "core.search", clips[0], "--frame", "5", "--library", embeddings, "--encoder", run,
                "--out", out / "results.csv")  # fmt: skip
    watched.run("-c", _WINDOW)
    assert watched.sent() == []
    assert watched.written_elsewhere() == []
    assert list(watched.home.iterdir()) == []


def test_whoever_writes_home_or_calls_out_is_seen(watched: Watched) -> None:
    watched.run("-c", "import pathlib; pathlib.Path.home().joinpath('x').mkdir()")
    watched.run("-c", "import pathlib; pathlib.Path.home().joinpath('y').touch()")
    watched.run("-c", "import socket; socket.socket(type=socket.SOCK_DGRAM).connect_ex(('192.0.2.1', 53))")
    assert watched.written_elsewhere() == [str(watched.home / "x"), str(watched.home / "y")]
    assert len(watched.sent()) == 1


def test_reports_are_forbidden_whatever_the_environment_said() -> None:
    asked = "import core, os; print(os.environ['ORT_DISABLE_TELEMETRY'], os.environ['RAY_USAGE_STATS_ENABLED'])"
    environment = os.environ | {"ORT_DISABLE_TELEMETRY": "0", "PYTHONPATH": str(ROOT)}
    assert subprocess.check_output([sys.executable, "-c", asked], env=environment, text=True).split() == ["1", "0"]
