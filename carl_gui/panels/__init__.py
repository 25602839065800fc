"""Widgets: they show what `set_*` gives them and say what the person wants. They know no store and no controller."""
