"""The commands, `python -m core.NAME`: their options, their messages, their `main`."""
