"""The program: what it takes, that it is light, and that it ends well whenever it is left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from carl_gui.app import main
from tests.core.project.projects import filled

_HEAVY = ("torch", "pyqtgraph", "av", "numba", "cv2")
_LAUNCHES = 20
_LAUNCH = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from carl_gui.app import application, show
from carl_gui.main_window import MainWindow
from carl_gui.settings import open_settings
app = application()
window = MainWindow(open_settings())
begun = window.session.opened if sys.argv[2:] else window.painted
begun.connect(lambda: QTimer.singleShot(int(sys.argv[1]), app.quit))
sys.exit(show(app, window, Path(sys.argv[2]) if sys.argv[2:] else None))
"""
_FORKS = """
import os, sys
import carl_gui.main_window, carl_gui.app, carl_gui.settings
for words in {launches!r}:
    child = os.fork()
    if not child:  # it goes through `_LAUNCH` to the end of an interpreter, as any process does
        sys.argv[1:] = words
        break
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if ended:
        sys.exit(f"{{words}} ended with {{ended}}")
else:
    sys.exit(0)
{launch}
"""
_TELL = """
import os, sys
from PySide6.QtCore import QTimer
from carl_gui import app
def told(made, window, project):
    window.session.opened.connect(lambda: QTimer.singleShot(0, made.quit))
    window.windowTitleChanged.connect(lambda title: print(ascii(title)))
    return shown(made, window, project)
shown, app.show = app.show, told
sys.exit(app.main())
"""


def test_importing_the_window_leaves_out_all_that_is_heavy() -> None:
    code = f"import carl_gui.app, sys; sys.exit(str([name for name in {_HEAVY} if name in sys.modules] or ''))"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.stderr.strip() == ""


def test_the_start_page_needs_nothing_heavy_either() -> None:
    code = f"import atexit, sys; atexit.register(lambda: print([name for name in {_HEAVY} if name in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code + _LAUNCH, "0"], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "[]")


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([str(tmp_path / "none")])
    assert left.value.code == 2
    assert (
        capsys.readouterr()
        .err.splitlines()[-1]
        .endswith(f"There is no folder {tmp_path / 'none'}. Give the folder of a project, or none to choose one.")
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system allows no such name")
def test_a_project_of_any_name_is_opened_from_the_command_line(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(bytes(tmp_path) + b"/not \xff UTF-8 '\" \xf0\x9f\x8f\x83"))
    filled(folder).close()
    done = subprocess.run(
        [sys.executable, "-c", _TELL, str(folder)], check=False, capture_output=True, text=True, env=_environment()
    )
    assert (done.returncode, _said(done.stderr)) == (0, [])
    assert done.stdout.splitlines()[0] == ascii("not \ufffd UTF-8 '\" 🏃 – CARL Studio[*]")


@pytest.mark.journey
def test_it_is_launched_and_left_many_times_with_0_and_without_a_word(project_folder: Path) -> None:
    """Twice as a person does it; then in copies of a process that has imported everything, where there are such."""
    can_fork = hasattr(os, "fork")
    for number in range(2 if can_fork else _LAUNCHES):
        words = [sys.executable, "-c", _LAUNCH, *_words(number, project_folder)]
        done = subprocess.run(words, check=False, capture_output=True, text=True, env=_environment())
        assert (done.returncode, done.stdout, _said(done.stderr)) == (0, "", []), number
    if can_fork:
        code = _FORKS.format(
            launches=[_words(number, project_folder) for number in range(2, _LAUNCHES)], launch=_LAUNCH
        )
        words = [sys.executable, "-c", code]
        done = subprocess.run(words, check=False, capture_output=True, text=True, env=_environment())
        assert (done.returncode, done.stdout, _said(done.stderr)) == (0, "", [])


def _words(number: int, project: Path) -> list[str]:
    """Of one launch: after how many milliseconds it is left, and every second time a project."""
    return [str(number * 10), *([str(project)] if number % 2 else [])]


def _said(stderr: str) -> list[str]:
    return [line for line in stderr.splitlines() if "This plugin does not support" not in line]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUTF8": "1"}
