"""Joins the table of commands and what is drawn from it: menus, toolbar, palette, sheet and editor of shortcuts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QCoreApplication, QObject, QSettings, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QMainWindow,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QToolBar,
    QWidget,
)

from carl_gui.actions import CATEGORIES, Command, Deeds, State
from carl_gui.menus import LAYOUT, Groups, Submenu, named
from carl_gui.models.commands import CommandRow
from carl_gui.panels.commands.palette import CommandPalette
from carl_gui.panels.commands.shortcut_editor import ShortcutEditor
from carl_gui.panels.commands.shortcut_sheet import ShortcutSheet
from carl_gui.settings import saved_words
from carl_gui.shortcuts import Shortcuts, is_single_key

_RECENT, _RECENT_KEPT = "palette/recent", 8
_ROLES = {"": QAction.MenuRole.NoRole, "quit": QAction.MenuRole.QuitRole, "about": QAction.MenuRole.AboutRole}


class CommandsController(QObject):
    """The commands of a window as QActions, with the keys that the person chose."""

    def __init__(self, window: QMainWindow, deeds: Deeds, settings: QSettings, commands: Sequence[Command]) -> None:
        super().__init__(window)
        self._window, self._deeds, self._settings = window, deeds, settings
        self._shortcuts = Shortcuts(settings)
        self._commands: dict[str, Command] = {}
        self.actions: dict[str, QAction] = {}
        self._awaited: dict[str, QAction] = {}
        """What stands in the menus for commands of panels that are not there yet."""
        self._submenus: dict[str, QMenu] = {}
        self._spare_keys: dict[str, list[QKeySequence]] = {}
        """More keys of a command, while it has its first one."""
        self._choices: dict[str, QActionGroup] = {}
        self._state = State()
        self._typing = False
        self._palette: CommandPalette | None = None
        for command in commands:
            self.add(command)
        QApplication.instance().focusChanged.connect(self._note_focus)

    def add(self, command: Command) -> None:
        """One more command; `fill_menus` shows it."""
        action = QAction(command.menu_text, self._window, objectName=command.id)
        action.setIconText(command.toolbar_title)  # in the toolbar, whatever is added to the text
        action.setMenuRole(_ROLES[command.role])
        action.setCheckable(command.is_on is not None)
        if command.choice:
            self._choices.setdefault(command.choice, QActionGroup(self)).addAction(action)
        action.triggered.connect(lambda: self._run(command))
        self._window.addAction(action)  # its key works wherever the focus is in the window
        self._take(command, action)
        self._show_keys()

    def await_panels(self, commands: Iterable[Command]) -> None:
        """Commands of panels that are not there yet; `fill_menus` shows them, and no key tells them before."""
        for command in commands:
            action = QAction(command.menu_text, self._window)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _=False, command=command: self._run(command))
            self._awaited[command.id] = action
            self._take(command, action)
        self._show_keys()

    def adopt(self, adopted: Sequence[tuple[str, str, QAction]]) -> None:
        """Commands that a panel made (id, category, action): it enables them and does them, and their keys work where
        it said; `fill_menus` shows them.

        Several panels may have the same command: the last one adopted is told, and each is told by the same keys.
        """
        for command_id, category, action in adopted:
            self._adopt(command_id, category, action)
        self._show_keys()

    def _adopt(self, command_id: str, category: str, action: QAction) -> None:
        known = self._commands.get(command_id)
        keys = known.shortcut if known else action.shortcut().toString(QKeySequence.SequenceFormat.PortableText)
        self._spare_keys.setdefault(command_id, action.shortcuts()[1:])
        if awaited := self._awaited.pop(command_id, None):
            awaited.deleteLater()
        command = Command(
            command_id,
            category,
            action.text(),
            keys,
            lambda window: action.trigger(),
            when=lambda state: action.isEnabled(),
        )
        self._take(command, action)

    def _take(self, command: Command, action: QAction) -> None:
        self._shortcuts.add(command)
        self._commands[command.id], self.actions[command.id] = command, action
        self._show_state(command)

    def fill_menus(self) -> None:
        """Draw the menu bar anew."""
        bar = self._window.menuBar()
        for entry in bar.actions():
            entry.menu().deleteLater()  # its action goes with it
        bar.clear()
        listed = self._by_menu()
        for category in dict.fromkeys(command.category for command in listed):
            members = [command for command in listed if command.category == category]
            menu = bar.addMenu(members[0].category_menu_text)
            if category in LAYOUT:
                self._lay_out(menu, LAYOUT[category], [command.id for command in members])
                continue
            for command in members:
                if command.begins_group:
                    menu.addSeparator()
                menu.addAction(self.actions[command.id])

    def set_submenu(self, entry: str, menu: QMenu) -> None:
        """Let this menu stand where the layout names it; `fill_menus` shows it."""
        self._submenus[entry] = menu

    def _lay_out(self, menu: QMenu, groups: Groups, members: Sequence[str]) -> None:
        """Fill a menu as its layout says; what that does not name stands at the end."""
        rest = [name for name in members if name not in named(groups)]
        for group in (*groups, tuple(rest)):
            if not menu.isEmpty():
                menu.addSeparator()
            for entry in group:
                if isinstance(entry, Submenu):
                    below = menu.addMenu(QCoreApplication.translate("Menus", entry.text))
                    self._lay_out(below, entry.groups, [])
                elif entry in self._submenus:
                    menu.addMenu(self._submenus[entry])
                elif entry in self.actions:
                    menu.addAction(self.actions[entry])

    def fill_toolbar(self, toolbar: QToolBar) -> None:
        """Add what the table puts into the toolbar."""
        for command in self._by_menu():
            if command.in_toolbar:
                action = self.actions[command.id]
                toolbar.addAction(action)
                toolbar.widgetForAction(action).setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_state(self, state: State) -> None:
        """Enable what makes sense in this state."""
        if state != self._state:
            self._state = state
            for command in self._commands.values():
                self._show_state(command)

    def show_palette(self) -> None:
        """Let the person find a command by its letters."""
        if self._palette is None:
            self._palette = CommandPalette(self._window)
            self._palette.command_chosen.connect(self._run_from_palette)
        self._palette.set_commands(self.rows(), saved_words(self._settings, _RECENT))
        self._palette.open_over(self._window)

    def show_sheet(self) -> None:
        """All keys on one sheet."""
        sheet = ShortcutSheet(self.rows(), self._window)
        sheet.edit_wanted.connect(self.show_editor)
        sheet.open()

    def show_editor(self) -> None:
        """Let the person change keys."""
        editor = ShortcutEditor(self._conflict, self._window)
        editor.set_commands(self.rows())
        for signal, deed in (
            (editor.keys_chosen, self._shortcuts.choose),
            (editor.reset_wanted, self._shortcuts.reset),
            (editor.reset_all_wanted, self._shortcuts.reset_all),
        ):
            signal.connect(deed)
            signal.connect(self._show_keys)
            signal.connect(lambda *_: editor.set_commands(self.rows()))
        editor.open()

    def rows(self) -> list[CommandRow]:
        """The commands as they are shown, in the order of the menus."""
        return [
            CommandRow(
                command.id,
                command.category_title,
                command.title,
                self._shortcuts.of(command.id).toString(QKeySequence.SequenceFormat.NativeText),
                command.when(self._state),
                self._shortcuts.is_changed(command.id),
            )
            for command in self._by_menu()
        ]

    def _by_menu(self) -> list[Command]:
        """In the order of the menus; a category that the table does not know comes before the last one, Help."""
        order = {category: place for place, category in enumerate(CATEGORIES)}
        return sorted(self._commands.values(), key=lambda command: order.get(command.category, len(order) - 1.5))

    def _run(self, command: Command) -> None:
        command.deed(self._deeds)
        self._show_state(self._commands[command.id])  # Qt has turned its tick, whatever came of it

    def _run_from_palette(self, command_id: str) -> None:
        recent = [command_id, *(word for word in saved_words(self._settings, _RECENT) if word != command_id)]
        self._settings.setValue(_RECENT, recent[:_RECENT_KEPT])
        self.actions[command_id].trigger()

    def _conflict(self, command_id: str, keys: QKeySequence) -> str:
        other = self._shortcuts.conflict(command_id, keys)
        return "" if other is None else other.title

    def _show_state(self, command: Command) -> None:
        action = self.actions[command.id]
        action.setEnabled(command.when(self._state))
        if command.title_in is not None:
            action.setText(command.title_in(self._state))
        if command.is_on is not None:
            action.setChecked(command.is_on(self._state))

    def _show_keys(self) -> None:
        for command_id, action in self.actions.items():
            keys = self._shortcuts.of(command_id)
            spare = [] if self._shortcuts.is_changed(command_id) else self._spare_keys.get(command_id, [])
            wanted = [one for one in (keys, *spare) if not (self._typing and is_single_key(one))]
            if action.shortcuts() != [one for one in wanted if not one.isEmpty()]:
                action.setShortcuts(wanted)
            shown = f" ({keys.toString(QKeySequence.SequenceFormat.NativeText)})" if not keys.isEmpty() else ""
            action.setToolTip(f"{self._commands[command_id].title}{shown}")

    def _note_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        """Single keys are off while a text field has the focus: they are being typed, or move in it."""
        if takes_text(new) != self._typing:
            self._typing = not self._typing
            self._show_keys()


def takes_text(widget: QWidget | None) -> bool:
    """Whether typing goes into this widget."""
    if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit):
        return not widget.isReadOnly()
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    return isinstance(widget, QAbstractSpinBox | QKeySequenceEdit)
