"""A monkey at the window: random clicks, drags, wheels and keys, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QCursor, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QColorDialog, QFileDialog, QMainWindow, QMenu, QMenuBar, QWidget

_LEFT, _RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
_NONE, _SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
_CTRL, _ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
_KEYS = [
    *(Qt.Key(number) for number in range(Qt.Key.Key_A, Qt.Key.Key_Z + 1)),
    *(Qt.Key(number) for number in range(Qt.Key.Key_0, Qt.Key.Key_9 + 1)),
    *([Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space, Qt.Key.Key_Tab] * 3),
    *([Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Backspace] * 2),
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_F2,
    Qt.Key.Key_F11,
    Qt.Key.Key_Comma,
    Qt.Key.Key_Period,
    Qt.Key.Key_Plus,
    Qt.Key.Key_Minus,
    Qt.Key.Key_Slash,
]
_LEAVING = {(_CTRL, Qt.Key.Key_Q), (_CTRL, Qt.Key.Key_W)}
"""Keys that close the window: whether that works is asked at the end."""
_FOREIGN = (QFileDialog, QColorDialog)
"""Dialogs of Qt's that could change the disk, or wait for the whole screen: the monkey only leaves them."""


class Monkey:
    """Does one thing after the other; `trail` says which."""

    def __init__(self, window: QMainWindow, seed: int, harmless: Callable[[QWidget], bool]) -> None:
        self._window, self._random, self._harmless = window, random.Random(seed), harmless
        self.trail: list[str] = []
        self._within = QTimer(window, interval=20)
        """A button's menu has a loop of its own, in which the monkey goes on."""
        self._within.timeout.connect(self._use_menu)

    def play(self, events: int) -> None:
        """So many things, or fewer where the window has gone."""
        actions = [self._click] * 9 + [self._press] * 8 + [self._drag] * 2 + [self._turn]
        for _ in range(events):
            if not self._window.isVisible():
                return
            self._within.start()
            self._random.choice(actions)()
            self._within.stop()
            QApplication.processEvents()
        self.leave_dialogs()

    def _use_menu(self) -> None:
        menu = QApplication.activePopupWidget()
        if menu is None:
            return
        for _ in range(self._random.randint(0, 3)):
            QTest.keyClick(menu, Qt.Key.Key_Down)
        key = self._random.choice((Qt.Key.Key_Escape, Qt.Key.Key_Return))
        self._note(f"presses {key.name} in the menu", menu)
        QTest.keyClick(menu, key)

    def leave_dialogs(self) -> None:
        """Esc, as often as there is something to leave."""
        for _ in range(30):
            top = QApplication.activePopupWidget() or QApplication.activeModalWidget()
            if top is None:
                return
            QTest.keyClick(top.focusWidget() or top, Qt.Key.Key_Escape)
            QApplication.processEvents()
        raise AssertionError(f"{top} cannot be left by Esc")

    def _top(self) -> QWidget:
        return QApplication.activePopupWidget() or QApplication.activeModalWidget() or self._window

    def _target(self) -> QWidget | None:
        """Something that a person could reach; a dialog of Qt's is left."""
        top = self._top()
        if isinstance(top, _FOREIGN):
            self._note("leaves", top)
            top.reject()
            return None
        inside = [one for one in (top, *top.findChildren(QWidget)) if one.window() is top and self._is_reached(one)]
        return self._random.choice(inside) if inside else None

    def _is_reached(self, one: QWidget) -> bool:
        is_seen = one.isVisible() and one.isEnabled() and min(one.width(), one.height()) > 3
        return is_seen and not isinstance(one, QMenuBar) and not one.visibleRegion().isEmpty() and self._harmless(one)

    def _point(self, widget: QWidget) -> QPoint:
        """Within what is seen of it."""
        rect = widget.visibleRegion().boundingRect()
        return QPoint(self._random.randint(rect.left(), rect.right()), self._random.randint(rect.top(), rect.bottom()))

    def _click(self) -> None:
        if (target := self._target()) is None:
            return
        at, kind = self._point(target), self._random.random()
        self._note(f"clicks {at.x()},{at.y()} ({kind:.2f}) on", target)
        if isinstance(target, QMenu) and not self._harmless_action(target, at):
            QTest.keyClick(target, Qt.Key.Key_Escape)
        elif kind < 0.75:
            QTest.mouseClick(target, _LEFT, self._random.choice((_NONE, _NONE, _NONE, _SHIFT, _CTRL)), at)
        elif kind < 0.9:
            QTest.mouseDClick(target, _LEFT, _NONE, at)
        else:
            QTest.mouseClick(target, _RIGHT, _NONE, at)

    def _harmless_action(self, menu: QMenu, at: QPoint) -> bool:
        action = menu.actionAt(at)
        return action is None or "Delete file" not in action.text()

    def _press(self) -> None:
        top = self._top()
        if isinstance(top, _FOREIGN):
            self._target()
            return
        key, modifier = self._random.choice(_KEYS), self._random.choice((_NONE,) * 5 + (_SHIFT, _CTRL, _CTRL, _ALT))
        if (modifier, key) in _LEAVING:
            return
        target = top.focusWidget() or top
        if not target.isEnabled() or not self._harmless(target):
            return
        self._note(f"presses {modifier.name} {key.name} in", target)
        QTest.keyClick(target, key, modifier)

    def _drag(self) -> None:
        if (target := self._target()) is None or isinstance(target, QMenu):
            return
        start, end = self._point(target), self._point(target)
        self._note(f"drags {start.x()},{start.y()} to {end.x()},{end.y()} on", target)
        QTest.mousePress(target, _LEFT, _NONE, start)
        for step in (1, 2, 3):
            at = start + (end - start) * step / 3
            move = QMouseEvent(QEvent.Type.MouseMove, QPointF(at), QPointF(target.mapToGlobal(at)), _LEFT, _LEFT, _NONE)
            QApplication.sendEvent(target, move)
        QTest.mouseRelease(target, _LEFT, _NONE, end)

    def _turn(self) -> None:
        if (target := self._target()) is None:
            return
        at, turn = self._point(target), QPoint(0, self._random.choice((-240, -120, 120, 240)))
        self._note(f"turns the wheel {turn.y()} on", target)
        globally = QPointF(target.mapToGlobal(at))
        QCursor.setPos(globally.toPoint())
        modifier = self._random.choice((_NONE, _NONE, _CTRL, _SHIFT))
        phase = Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(QPointF(at), globally, QPoint(), turn, Qt.MouseButton.NoButton, modifier, phase, False)
        QApplication.sendEvent(target, event)

    def _note(self, handler: str, target: QWidget) -> None:
        words = getattr(target, "text", None)
        name = target.accessibleName() or target.objectName() or (words() if callable(words) else "")
        self.trail.append(f"{handler} {type(target).__name__} “{str(name)[:40]}”")
