"""The commands, `python -m core.NAME`: their options, their messages, their `main`."""

from core.base.surroundings import keep_caches

keep_caches()
