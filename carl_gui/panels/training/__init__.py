"""The form for a new run, built from `core.settings.config`."""
