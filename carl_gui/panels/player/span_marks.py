"""The span that is marked in a player, and what playing repeats: joins the commands with the bar that shows both."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from carl_gui.panels.player.marked_span import MarkedSpan
from carl_gui.panels.player.seek_bar import SeekBar


class SpanMarks(QObject):
    """Frames count from 0; spans are first frame and end (exclusive)."""

    loop_changed = Signal(object)
    """What playing repeats; None: nothing."""
    similar_requested = Signal(int, int)
    """Spans like this one."""

    def __init__(self, commands: Mapping[str, QAction], bar: SeekBar, parent: QObject) -> None:
        """`commands`: by the names of a player's; those of spans are done here."""
        super().__init__(parent)
        self._commands, self._bar = commands, bar
        self._marked = MarkedSpan()
        self._num_frames = self._place = 0
        self._loop: tuple[int, int] | None = None
        self._hint: tuple[int, int] | None = None
        """What is repeated where nothing is marked here."""
        commands["loop"].setCheckable(True)
        commands["loop"].toggled.connect(self._show_loop)
        actions = {
            "mark_start": lambda: self._mark(start=self._place),
            "mark_end": lambda: self._mark(last=self._place),
            "find_span": self._find,
            "forget_span": self._forget,
        }
        for name, action in actions.items():
            commands[name].triggered.connect(lambda _=False, action=action: action())

    @property
    def marked(self) -> tuple[int, int] | None:
        """The span that is marked; None: none is."""
        return self._marked.frames(self._place)

    @property
    def loop(self) -> tuple[int, int] | None:
        """What playing repeats; None: nothing."""
        return self._loop

    def set_num_frames(self, num_frames: int) -> None:
        """Another video, of so many frames: nothing is marked in it."""
        self._num_frames, self._place, self._hint = num_frames, 0, None
        self._forget()

    def set_place(self, place: int) -> None:
        """The frame that is looked for or shown."""
        self._place = place
        self._show()

    def set_hint(self, span: tuple[int, int] | None) -> None:
        """What is repeated where nothing is marked here; None: the whole video."""
        if span != self._hint:
            self._hint = span
            self._show_loop()

    def _mark(self, start: int | None = None, last: int | None = None) -> None:
        self._marked.start = self._marked.start if start is None else start
        self._marked.last = self._marked.last if last is None else last
        self._show()

    def _forget(self) -> None:
        self._marked.forget()
        self._show()

    def _find(self) -> None:
        if (span := self.marked) is not None:
            self.similar_requested.emit(*span)

    def _show(self) -> None:
        self._show_loop()
        self._bar.set_span(self.marked)
        for name in ("find_span", "forget_span"):
            self._commands[name].setEnabled(self._marked.is_marked)

    def _show_loop(self) -> None:
        count, loop = self._num_frames, None
        if self._commands["loop"].isChecked() and count:
            loop = self._marked.whole or self._hint or (0, count)
        if loop != self._loop:
            self._loop = loop
            self._bar.set_loop(None if loop == (0, count) else loop)
            self.loop_changed.emit(loop)
