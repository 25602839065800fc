"""What can be done, in tables: texts, keys, menus. Who does it: a panel's actions, or the window (`window.py`)."""
