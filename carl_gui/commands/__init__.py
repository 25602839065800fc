"""Commands: menus, keys, palette."""
