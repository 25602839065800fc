"""Widgets: they display what `set_*` gives them and emit the requests of the user. They know no store and no
controller."""
