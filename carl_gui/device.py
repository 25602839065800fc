"""Find out which device training will use, in a child process, because that needs torch."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, Signal

from core.base.child_command import command_line

_QUESTION = command_line("core.device")
_KILL_MS = 2000


class DeviceQuestion(QObject):
    """Runs `python -m core.device` without blocking."""

    answered = Signal(str)
    """One line for a person; empty where nothing came of it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._child = QProcess(self)
        self._child.setStandardErrorFile(QProcess.nullDevice())
        self._child.finished.connect(self._on_finished)
        self._child.errorOccurred.connect(self._on_error)

    def ask(self, words: Sequence[str] = _QUESTION) -> None:
        """Start the question; `answered` follows once, unless `stop` comes first."""
        self._child.start(words[0], list(words[1:]))

    def stop(self) -> None:
        """Stop the child, which has ended when this returns; `answered` is not emitted."""
        self._child.blockSignals(True)
        if self._child.state() != QProcess.ProcessState.NotRunning:
            self._child.kill()
            self._child.waitForFinished(_KILL_MS)

    def _on_finished(self, status: int, how: QProcess.ExitStatus) -> None:
        output = bytes(self._child.readAllStandardOutput().data()).decode("utf-8", "replace").strip()
        is_well = how == QProcess.ExitStatus.NormalExit and status == 0
        self.answered.emit(output.splitlines()[-1] if is_well and output else "")

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # after any other one, `finished` follows
            self.answered.emit("")
