"""The installer, and what it pins."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
from install import CONSTRAINTS, ROOT, SETS, Installer, InstallError, constraints, requirements
from packaging.requirements import Requirement
from packaging.version import Version
from pythons import SUPPORTED, find_python

_EXTRAS = ("onnx", "timm", "dev")
_PINNED = [("locked", minor) for minor in SUPPORTED] + [("oldest", SUPPORTED[0])]


def _environment(minor: int, system: str) -> dict[str, str]:
    names = {
        "linux": ("posix", "Linux", "x86_64"),
        "win32": ("nt", "Windows", "AMD64"),
        "darwin": ("posix", "Darwin", "arm64"),
    }
    os_name, platform_system, machine = names[system]
    version = {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.0"}
    return {
        **version,
        "sys_platform": system,
        "os_name": os_name,
        "platform_system": platform_system,
        "platform_machine": machine,
    }


def _pins(libraries: str, minor: int, system: str) -> dict[str, Version]:
    """What a file of constraints pins there, by name."""
    lines = constraints(libraries, (3, minor)).read_text(encoding="utf-8").splitlines()
    pinned: dict[str, Version] = {}
    for one in (Requirement(line) for line in lines if not line.startswith("#")):
        if one.marker is None or one.marker.evaluate(_environment(minor, system)):
            assert one.name not in pinned, "two versions of one library on one system"
            (exactly,) = one.specifier
            assert exactly.operator == "=="
            pinned[one.name.lower()] = Version(exactly.version)
    return pinned


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
@pytest.mark.parametrize(("libraries", "minor"), _PINNED)
def test_all_that_pyproject_asks_for_is_pinned_within_its_bounds(libraries: str, minor: int, system: str) -> None:
    pinned = _pins(libraries, minor, system)
    for wanted in map(Requirement, requirements(_EXTRAS, with_ceilings=True)):
        if wanted.marker is None or wanted.marker.evaluate(_environment(minor, system)):
            assert pinned[wanted.name.lower()] in wanted.specifier, wanted


def test_the_oldest_are_the_floors() -> None:
    pinned = _pins("oldest", SUPPORTED[0], "linux")
    for wanted in map(Requirement, requirements(_EXTRAS)):
        if wanted.marker is None or wanted.marker.evaluate(_environment(SUPPORTED[0], "linux")):
            (floor,) = (one for one in wanted.specifier if one.operator == ">=")
            assert pinned[wanted.name.lower()].release[:2] == (*Version(floor.version).release, 0)[:2]


def test_every_library_has_a_ceiling_at_a_major_version() -> None:
    for wanted in requirements(_EXTRAS, with_ceilings=True):
        assert re.search(r",<\d+(\.\d+)?(;|$)", wanted), wanted


def test_newest_lifts_ceilings_but_not_what_is_known_to_fail() -> None:
    lifted = {Requirement(one).name: one for one in requirements([])}
    assert lifted["av"] == "av>=18.1"
    kept = [one for one in requirements([]) if one.startswith("PySide6")]
    assert [one.partition(">=")[2] for one in kept] == [
        "6.9,<6.12; python_version < '3.12'",
        "6.9; python_version >= '3.12'",
    ]


def test_the_supported_pythons_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">=3.{SUPPORTED[0]},<3.{SUPPORTED[-1] + 1}"
    named = {path.name for path in CONSTRAINTS.iterdir()}
    assert named == {constraints(libraries, (3, minor)).name for libraries, minor in _PINNED}
    assert set(SETS) == {"locked", "newest", "oldest"}


def test_an_interpreter_is_found_by_its_version() -> None:
    found = find_python(sys.version_info[1])
    assert found is not None
    assert Path(found).exists()
    assert find_python(3) is None


def test_a_step_that_fails_says_what_was_said_last_and_where_all_of_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installer = Installer(tmp_path, sys.executable)
    program = "for number in range(100): print('line', number)\nraise SystemExit(3)"
    with pytest.raises(InstallError) as caught, installer._step("libraries"):
        installer._run([sys.executable, "-c", program])
    said = str(caught.value)
    assert "line 99" in said
    assert "line 80" not in said
    assert f"'libraries' failed (exit status 3). Full log: {tmp_path / 'install.log'}" in said
    assert "line 0\n" in (tmp_path / "install.log").read_text(encoding="utf-8")
    assert "line" not in capsys.readouterr().out


def test_a_step_says_how_much_was_fetched_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    local = tmp_path / "c-1-py3-none-any.whl"
    local.write_bytes(bytes(3_000_000))
    lines = [
        "Collecting a",
        "  Downloading a-1-py3-none-any.whl.metadata (9.0 kB)",
        "Downloading a-1-py3-none-any.whl (1.2 GB)",
        "Using cached b-1-cp311-cp311-linux_x86_64.whl (500 kB)",
        f"Processing {local}",
    ]
    installer = Installer(tmp_path, sys.executable)
    with installer._step("libraries"):
        installer._run([sys.executable, "-c", f"print({chr(10).join(lines)!r})"])
    assert installer.steps[0].packages == 3
    assert installer.steps[0].megabytes_fetched == pytest.approx(1203.5)
    (line,) = capsys.readouterr().out.strip().splitlines()
    assert "3 packages, 1.2 GB" in line


@pytest.mark.parametrize(("command", "is_ours"), [("carl-gui", True), ("carl", False)])
def test_this_program_under_its_old_name_goes_and_somebody_elses_package_of_that_name_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, is_ours: bool
) -> None:
    folder = tmp_path / "carl_studio-0.1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: carl-studio\nVersion: 0.1.0\n", encoding="utf-8")
    (folder / "entry_points.txt").write_text(f"[gui_scripts]\n{command} = app:main\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    ran: list[list[str]] = []

    class Recording(Installer):
        executable = Path(sys.executable)

        def _run(self, command: list[str]) -> None:
            ran.append(command)

    Recording(tmp_path, sys.executable).remove_old_name()
    assert ran == ([[sys.executable, "-m", "pip", "uninstall", "--yes", "carl-studio"]] if is_ours else [])


def test_an_environment_of_another_python_is_left_alone(tmp_path: Path) -> None:
    class Other(Installer):
        def version(self) -> tuple[int, int]:
            return 3, 10

    installer = Other(tmp_path, sys.executable)
    installer.executable.parent.mkdir()
    installer.executable.touch()
    with pytest.raises(InstallError, match=r"is an environment of Python 3\.10"):
        installer.install("locked", [], editable=True, cpu=False)
    assert [path.name for path in tmp_path.iterdir()] == [installer.executable.parent.name]
