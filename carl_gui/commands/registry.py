"""Connects the table of commands to menus, toolbar, palette, shortcut sheet and shortcut editor."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QCoreApplication, QObject, QSettings, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import (
    QAbstractSpinBox,
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

from carl_gui.application import running_application
from carl_gui.commands.command import CATEGORIES, Command, PanelTable, State, WindowActions, read
from carl_gui.commands.finding import CommandRow
from carl_gui.commands.menus import LAYOUT, Groups, Submenu, named
from carl_gui.commands.palette import CommandPalette
from carl_gui.commands.shortcut_dialogs import ShortcutEditor, ShortcutSheet
from carl_gui.commands.shortcuts import Shortcuts, is_single_key
from carl_gui.settings import saved_words

_RECENT, _RECENT_KEPT = "palette/recent", 8
_ROLES = {"": QAction.MenuRole.NoRole, "quit": QAction.MenuRole.QuitRole, "about": QAction.MenuRole.AboutRole}


class CommandRegistry(QObject):
    """The commands of a window as QActions, with the user's keys.

    Each is there once, from the start; whose panel does it, where a panel does, changes with what is seen.
    """

    def __init__(
        self, window: QMainWindow, handlers: WindowActions, settings: QSettings, commands: Sequence[Command]
    ) -> None:
        super().__init__(window)
        self._window, self._actions, self._settings = window, handlers, settings
        self._shortcuts = Shortcuts(settings)
        self._commands: dict[str, Command] = {}
        self.actions: dict[str, QAction] = {}
        """What menus and toolbar show, one for each command."""
        self._of_panels: dict[str, list[QAction]] = {}
        """The panels' own actions for a command."""
        self._active: dict[str, QAction] = {}
        """Which of them is told by menu and palette."""
        self._submenus: dict[str, QMenu] = {}
        self._spare_keys: dict[str, list[QKeySequence]] = {}
        """More keys of a command, while it has its first one."""
        self._choices: dict[str, QActionGroup] = {}
        self._state = State()
        self._typing = False
        self._palette: CommandPalette | None = None
        for command in commands:
            self.add(command)
        running_application().focusChanged.connect(self._on_focus_changed)

    def add(self, command: Command) -> None:
        """Add one more command; `fill_menus` shows it."""
        action = QAction(command.menu_text, self._window)
        action.setObjectName(command.id)
        action.setIconText(command.toolbar_title)  # in the toolbar, whatever is added to the text
        action.setMenuRole(_ROLES[command.role])
        action.setCheckable(command.is_on is not None)
        if command.choice:
            self._choices.setdefault(command.choice, QActionGroup(self)).addAction(action)
        action.triggered.connect(lambda: self._run(command))
        self._window.addAction(action)  # its key works wherever the focus is in the window
        self._add(command, action)
        self._show_keys_of_new([command.id])

    def add_table(self, table: PanelTable) -> None:
        """Add the commands of a panel, which may not exist yet: `activate` says who does them."""
        new: list[str] = []
        for one in table:
            command_id = table.id_of(one)
            if command_id in self._commands:
                continue  # several panels do what a player's command of that name is
            leads = one.name in table.leads
            command = Command(
                command_id,
                table.category_of(one),
                table.text_of(one),
                "".join(one.keys[:1]),
                functools.partial(self._run_in_panel, command_id, table.page),
                when=_has_project if leads else _never,
            )
            new.append(command_id)
            action = QAction(command.text, self._window)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # shown; the panel's own action has the key
            action.triggered.connect(lambda _=False, command=command: self._run(command))
            self._add(command, action)
        self._show_keys_of_new(new)

    def activate(self, actions: Iterable[QAction]) -> None:
        """Do the commands whose ids are these object names from now on, until others do."""
        are_new = False
        for action in actions:
            command_id = action.objectName()
            if action not in self._of_panels.setdefault(command_id, []):
                self._of_panels[command_id].append(action)
                self._spare_keys.setdefault(command_id, action.shortcuts()[1:])
                action.changed.connect(functools.partial(self._mirror, command_id, action))
                are_new = True
            if self._active.get(command_id) is not action:
                self._active[command_id] = action
                self._mirror(command_id, action)
        if are_new:
            self._show_keys()

    def _mirror(self, command_id: str, action: QAction) -> None:
        """Show in menu and palette the state of the panel's present action."""
        if self._active.get(command_id) is action:
            shown = self.actions[command_id]
            shown.setText(action.text())
            shown.setCheckable(action.isCheckable())
            shown.setChecked(action.isChecked())
            shown.setEnabled(action.isEnabled())

    def _run_in_panel(self, command_id: str, page: str, window: WindowActions) -> None:
        if command_id in self._active and page in ("", window.page_id):
            self._active[command_id].trigger()
        else:
            window.run_on_page(page, command_id)

    def _add(self, command: Command, action: QAction) -> None:
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
                if command.starts_group:
                    menu.addSeparator()
                menu.addAction(self.actions[command.id])

    def set_submenu(self, entry: str, menu: QMenu) -> None:
        """Set the menu for this place of the layout; `fill_menus` shows it."""
        self._submenus[entry] = menu

    def _lay_out(self, menu: QMenu, groups: Groups, members: Sequence[str]) -> None:
        """Fill a menu as its layout says; what that does not name comes last."""
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
        """Enable the commands that make sense in this state."""
        if state != self._state:
            self._state = state
            for command in self._commands.values():
                self._show_state(command)

    def show_palette(self) -> None:
        """Open the palette, where the person finds a command by its letters."""
        if self._palette is None:
            self._palette = CommandPalette(self._window)
            self._palette.command_selected.connect(self._run_from_palette)
        self._palette.set_commands(self.rows(), saved_words(self._settings, _RECENT))
        self._palette.open_over(self._window)

    def show_sheet(self) -> None:
        """Show all keys on one sheet."""
        sheet = ShortcutSheet(self.rows(), self._window)
        sheet.edit_requested.connect(self.show_editor)
        sheet.open()

    def show_editor(self) -> None:
        """Open the editor of keys."""
        editor = ShortcutEditor(self._conflict, self._window)
        editor.set_commands(self.rows())
        for signal, handler in (
            (editor.keys_selected, self.choose_keys),
            (editor.reset_requested, self.reset_keys),
            (editor.reset_all_requested, self.reset_all_keys),
        ):
            signal.connect(handler)
            signal.connect(lambda *_: editor.set_commands(self.rows()))
        editor.open()

    def choose_keys(self, command_id: str, keys: QKeySequence) -> None:
        """Assign these keys to a command, empty for none; a command that had them loses them."""
        self._shortcuts.choose(command_id, keys)
        self._show_keys()

    def reset_keys(self, command_id: str) -> None:
        """Reset a command to the key of its table."""
        self._shortcuts.reset(command_id)
        self._show_keys()

    def reset_all_keys(self) -> None:
        """Reset every command to the key of its table."""
        self._shortcuts.reset_all()
        self._show_keys()

    def rows(self) -> list[CommandRow]:
        """Return the commands as they are shown, in the order of the menus."""
        return [
            CommandRow(
                command.id,
                command.category_title,
                read(self.actions[command.id].text()) if command.id in self._active else command.title,
                self._shortcuts.keys_of(command.id).toString(QKeySequence.SequenceFormat.NativeText),
                self.actions[command.id].isEnabled(),
                self._shortcuts.is_changed(command.id),
            )
            for command in self._by_menu()
        ]

    def _by_menu(self) -> list[Command]:
        """Return the ids in the order of the menus; an unknown category comes before the last one, Help."""
        order = {category: rank for rank, category in enumerate(CATEGORIES)}
        return sorted(self._commands.values(), key=lambda command: order.get(command.category, len(order) - 1.5))

    def _run(self, command: Command) -> None:
        command.action(self._actions)
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
        if command.id in self._active:
            self._mirror(command.id, self._active[command.id])
            return
        action.setEnabled(command.when(self._state))
        if command.title_in is not None:
            action.setText(command.title_in(self._state))
        if command.is_on is not None:
            action.setChecked(command.is_on(self._state))

    def _show_keys_of_new(self, ids: Sequence[str]) -> None:
        """Show the keys of these alone, unless a person chose keys: then a new command may take one from another."""
        self._show_keys(list(self.actions) if self._shortcuts.are_chosen else ids)

    def _show_keys(self, ids: Iterable[str] | None = None) -> None:
        """Let these commands show their keys; None: all of them."""
        for command_id in self.actions if ids is None else ids:
            action = self.actions[command_id]
            keys = self._shortcuts.keys_of(command_id)
            spare = [] if self._shortcuts.is_changed(command_id) else self._spare_keys.get(command_id, [])
            wanted = [one for one in (keys, *spare) if not (self._typing and is_single_key(one))]
            shown = f" ({keys.toString(QKeySequence.SequenceFormat.NativeText)})" if not keys.isEmpty() else ""
            for one in (action, *self._of_panels.get(command_id, ())):
                if one.shortcuts() != [key for key in wanted if not key.isEmpty()]:
                    one.setShortcuts(wanted)
                one.setToolTip(f"{read(one.text())}{shown}")

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        """Turn single keys off while a text field has the focus: they are being typed, or move in it."""
        if takes_text(new) != self._typing:
            self._typing = not self._typing
            self._show_keys()


def _never(state: State) -> bool:
    return False


def _has_project(state: State) -> bool:
    return state.has_project


def takes_text(widget: QWidget | None) -> bool:
    """Return whether typing goes into this widget."""
    if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit):
        return not widget.isReadOnly()
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    return isinstance(widget, QAbstractSpinBox | QKeySequenceEdit)
