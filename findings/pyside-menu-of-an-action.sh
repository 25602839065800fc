#!/usr/bin/env bash
# A menu that PySide6 hands out through QAction.menu() dies with the Python object of the action.
#
# One would guess: QAction.menu() is a getter; the menu belongs to its menu bar, as C++ has it, and lives as long.
# What happens: the Python object of the action is made its owner. As soon as that is collected, which for a loop variable or
# a comprehension is at once, the menu is deleted in C++; its entry stays in the menu bar and opens nothing.
# Versions: PySide6-Essentials 6.9.0, 6.10.3, 6.11.0 and 6.11.1 do so, 6.11.2 and 6.11.3 do not.
# Source: seen by running it; QAction::menu() has no ownership rule in Qt's documentation.
# Remedy: keep the actions in a list while their menus are used, or find the menus with findChildren(QMenu).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/look.py" <<'PROGRAM'
import sys

from PySide6 import __version__
from PySide6.QtWidgets import QApplication, QMenuBar

app = QApplication([])
bar = QMenuBar()
for title in ("File", "Edit"):
    bar.addMenu(title).addAction("Something")
menus = [action.menu() for action in bar.actions()]
titles = []
for menu in menus:
    try:
        titles.append(menu.title())
    except RuntimeError as error:
        titles.append(str(error).partition("libshiboken: ")[2])
print(__version__, titles, "left in the menu bar:", len(bar.actions()))
PROGRAM
for version in 6.11.1 6.11.3; do
    "${PYTHON:-python3}" -m venv --clear "$folder/venv"
    "$folder/venv/bin/python" -m pip install --quiet "PySide6-Essentials==$version"
    QT_QPA_PLATFORM=offscreen "$folder/venv/bin/python" "$folder/look.py" | tee -a "$folder/seen"
done
test "$(grep -c 'already deleted' "$folder/seen")" = 1
grep -q "^6.11.1 .*already deleted.* 2$" "$folder/seen"
# Output seen (Linux x86_64, Python 3.11.7):
# 6.11.1 ['Internal C++ object (PySide6.QtWidgets.QMenu) already deleted.', 'Internal C++ object (PySide6.QtWidgets.QMenu) already deleted.'] left in the menu bar: 2
# 6.11.3 ['File', 'Edit'] left in the menu bar: 2
