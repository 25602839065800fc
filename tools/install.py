#!/usr/bin/env python3
"""Install CARL Studio into a virtual environment, on any system with Python: `python tools/install.py`.

By default the libraries are those of `constraints/`, which were tested together. Each step prints one line with its
size and time; pip's own messages go to `install.log` in the environment.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  # the first thing that a newcomer may get wrong
    sys.exit(f"CARL Studio needs Python 3.11 or newer; this is {platform.python_version()} ({sys.executable}).")
import tomllib

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "constraints"
SETS = ("locked", "newest", "oldest")
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
LOG = "install.log"
DONE = ".installed"
"""A file in the environment that says what was installed, for `make`."""

_OLD_NAME = "carl-studio"
"""What this project was called as a package; on the index that name is somebody else's."""
_ASKS_WHOSE = f"""
from importlib import metadata
try:
    print(any(one.name == "carl-gui" for one in metadata.distribution("{_OLD_NAME}").entry_points))
except metadata.PackageNotFoundError:
    print(False)
"""
_CEILING = re.compile(r",<\d+(?=\s*(;|$))")
_FETCHED = re.compile(r"(?:Downloading|Using cached|Processing) (\S+)(?: \(([\d.]+) (k?B|MB|GB)\))?")
_UNITS = {"B": 1e-6, "kB": 1e-3, "MB": 1.0, "GB": 1e3}
_LAST_LINES = 15


class InstallError(Exception):
    """A step that failed: what, where the log is, and its last lines."""


@dataclass
class Step:
    """What a step took."""

    name: str
    seconds: float
    packages: int
    megabytes_fetched: float
    """Size of the wheels, downloaded or from pip's cache."""


def requirements(extras: Sequence[str], *, with_ceilings: bool = False) -> list[str]:
    """Return what `pyproject.toml` asks for, by default without the ceilings at untested major versions (`,<20`).

    A limit below a minor version, such as `<6.12`, marks a release that is known not to work, and stays.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(one for extra in extras for one in project["optional-dependencies"][extra])]
    return wanted if with_ceilings else [_CEILING.sub("", one) for one in wanted]


def constraints(libraries: str, version: tuple[int, int]) -> Path:
    """Return the file of pinned versions for `locked` or `oldest` on Python `version`."""
    name = f"python{version[0]}.{version[1]}"
    return CONSTRAINTS / (f"{name}-oldest.txt" if libraries == "oldest" else f"{name}.txt")


def version_of(python: str) -> tuple[int, int]:
    """Return major and minor version of an interpreter."""
    major, minor = subprocess.check_output(
        [python, "-c", "import sys; print(*sys.version_info[:2])"], text=True
    ).split()
    return int(major), int(minor)


class Installer:
    """An environment and the pip in it."""

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder.absolute()
        self.python = python
        self.steps: list[Step] = []
        self._variables = {"PYTHONUNBUFFERED": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

    @property
    def executable(self) -> Path:
        """The environment's Python."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def version(self) -> tuple[int, int]:
        """The Python version of the environment."""
        return version_of(str(self.executable))

    def install(self, libraries: str, extras: Sequence[str], *, editable: bool, cpu: bool) -> None:
        """Make the environment and install everything.

        Args:
            libraries: one of `SETS`.
            cpu: take PyTorch's build without CUDA.

        Raises:
            InstallError: a step failed.
        """
        self._check_version()
        (self.folder / DONE).unlink(missing_ok=True)
        with self._step("environment"):
            self._run([self.python, "-m", "venv", str(self.folder)])
        pinned: list[str] = []
        if libraries == "newest":
            # A constraint in this machine's pip settings would hide a release.
            self._variables["PIP_CONSTRAINT"] = str(self.folder / "no-constraints.txt")
            (self.folder / "no-constraints.txt").touch()
        elif not (file := constraints(libraries, self.version())).exists():
            raise InstallError(
                f"Python {'.'.join(map(str, self.version()))} is not tested: there is no {file.name}. "
                "Take another Python, or --libraries newest."
            )
        else:
            pinned = ["--constraint", str(file)]
        with self._step("pip"):
            self._pip("--upgrade", "pip", *pinned)
        if cpu and sys.platform == "linux":
            with self._step("PyTorch for the CPU"):
                self._pip("--no-deps", "torch", "torchvision", *pinned, "--index-url", CPU_INDEX)
                asked = [str(self.executable), "-c", "from importlib.metadata import version; print(version('torch'))"]
                if not (found := subprocess.check_output(asked, text=True).strip()).endswith("+cpu"):
                    raise InstallError(f"torch {found} was installed, which is not the CPU build of {CPU_INDEX}.")
        with self._step("libraries"):
            self._pip(*requirements(extras), *pinned)
        with self._step("CARL Studio"):
            self.remove_old_name()
            self._pip("--no-deps", *(["--editable"] if editable else []), str(ROOT))
        (self.folder / DONE).write_text(f"{libraries} {','.join(extras)}\n", encoding="utf-8")

    def remove_old_name(self) -> None:
        """Uninstall this program where it was installed under its old name: two packages would own the same files."""
        asked = [str(self.executable), "-c", _ASKS_WHOSE]
        if subprocess.check_output(asked, text=True).strip() == "True":
            self._run([str(self.executable), "-m", "pip", "uninstall", "--yes", _OLD_NAME])

    def _check_version(self) -> None:
        """Raise an `InstallError` where the folder holds an environment of another Python."""
        if self.executable.exists():
            there, here = self.version(), version_of(self.python)
            if there != here:
                raise InstallError(
                    f"{self.folder} is an environment of Python {'.'.join(map(str, there))}, this is Python "
                    f"{'.'.join(map(str, here))}: remove the folder, or name another with --venv."
                )

    def _pip(self, *arguments: str) -> None:
        self._run([str(self.executable), "-m", "pip", "install", "--no-input", "--progress-bar", "off", *arguments])

    @contextlib.contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self._now = Step(name, 0.0, 0, 0.0)
        self._started = time.monotonic()
        self._show(end="" if sys.stdout.isatty() else None)
        yield
        self._now.seconds = time.monotonic() - self._started
        self.steps.append(self._now)
        self._show(end="\n")

    def _show(self, end: str | None) -> None:
        if end is None:
            return
        step, seconds = self._now, time.monotonic() - self._started
        size = f"{step.packages} packages, {_size(step.megabytes_fetched)}" if step.packages > 1 else ""
        print(f"\r  {step.name:<20} {size:<26} {seconds:4.0f} s", end=end, flush=True)

    def _run(self, command: list[str]) -> None:
        """Run a command, its output into the log.

        Raises:
            InstallError: it failed.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / LOG
        with log.open("a", encoding="utf-8", errors="replace") as file:
            print("$", *command, file=file, flush=True)
            with subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self._variables},
                text=True,
                errors="replace",
            ) as child:
                assert child.stdout is not None
                last: list[str] = []
                for line in child.stdout:
                    file.write(line)
                    last = [*last[1 - _LAST_LINES :], line]
                    self._count(line)
            status = child.returncode
        if status:
            raise InstallError(
                f"\n{''.join(last)}\nThe step '{self._now.name}' failed (exit status {status}). Full log: {log}"
            )

    def _count(self, line: str) -> None:
        if (found := _FETCHED.match(line.strip())) is None or not found[1].split("#")[0].endswith((".whl", ".tar.gz")):
            return
        self._now.packages += 1
        if found[2]:
            self._now.megabytes_fetched += float(found[2]) * _UNITS[found[3]]
        elif (local := Path(found[1].removeprefix("file://"))).is_file():
            self._now.megabytes_fetched += local.stat().st_size / 1e6
        self._show(end="" if sys.stdout.isatty() else None)


def _size(megabytes: float) -> str:
    return f"{megabytes / 1e3:.1f} GB" if megabytes >= 1e3 else f"{megabytes:.0f} MB"


def folder_megabytes(folder: Path) -> float:
    """Return how much room a folder takes on the disk."""
    seen = {(one.st_dev, one.st_ino): one for path in folder.rglob("*") if (one := path.lstat())}
    return sum(getattr(one, "st_blocks", one.st_size / 512) * 512 for one in seen.values()) / 1e6


def has_nvidia() -> bool:
    """Whether there is an NVIDIA GPU with a driver."""
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def main() -> int:
    made = argparse.ArgumentParser(description="Install CARL Studio into a virtual environment.")
    made.add_argument("--venv", type=Path, default=ROOT / ".venv", metavar="DIR", help="default: .venv in the project")
    made.add_argument("--extras", default="onnx,timm", help="optional parts; default onnx,timm (developers: also dev)")
    made.add_argument("--libraries", choices=SETS, default="locked", help="default: locked, as they were tested")
    made.add_argument("--cpu", action="store_true", help="PyTorch without CUDA: smaller, where there is no NVIDIA GPU")
    made.add_argument("--not-editable", action="store_true", help="copy the program instead of running it from here")
    given = made.parse_args()
    print(f"CARL Studio into {given.venv}, Python {platform.python_version()}, {given.libraries} libraries", flush=True)
    if sys.platform == "linux" and not given.cpu and not has_nvidia():
        print("No NVIDIA GPU found. --cpu (make: CPU=1) would leave out the CUDA libraries, some 4 GB.", flush=True)
    started = time.monotonic()
    installer = Installer(given.venv, sys.executable)
    try:
        installer.install(
            given.libraries,
            [one for one in given.extras.split(",") if one],
            editable=not given.not_editable,
            cpu=given.cpu,
        )
    except (InstallError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    size = _size(folder_megabytes(installer.folder))
    print(f"Installed in {time.monotonic() - started:.0f} s, {size} on the disk. Log: {installer.folder / LOG}")
    print(f"The window: {installer.executable.with_name('carl-gui')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
