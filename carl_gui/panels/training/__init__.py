"""The form for a new run, made from `core.config`."""
