"""Names of backup files, and which to keep."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

_NAME = re.compile(r"project-(\d{8}T\d{6}\.\d{6})Z\.sqlite")
_TIME = "%Y%m%dT%H%M%S.%f"


def backup_name(made: datetime) -> str:
    """Return the file name of a backup made then (a time with its zone); names sort as the times do."""
    return f"project-{made.astimezone(UTC).strftime(_TIME)}Z.sqlite"


def made_at(backup: Path) -> datetime:
    """Return when a backup was made, in UTC, from its name."""
    found = _NAME.fullmatch(backup.name)
    if not found:
        raise ValueError(f"{backup} is not the name of a backup")
    return datetime.strptime(found[1], _TIME).replace(tzinfo=UTC)


def backups_of(folder: Path) -> list[Path]:
    """Return a project's backups, newest first; none where there is no such folder."""
    try:
        return sorted((path for path in folder.iterdir() if _NAME.fullmatch(path.name)), reverse=True)
    except OSError:
        return []


def superfluous(backups: Sequence[Path], keep_newest: int, keep_days: int) -> list[Path]:
    """Return the backups that are neither among the newest nor the last of one of the last days (UTC) with any."""
    ordered = sorted(backups, reverse=True)
    last_of_day: dict[object, Path] = {}
    for path in ordered:
        last_of_day.setdefault(made_at(path).date(), path)
    kept = {*ordered[:keep_newest], *list(last_of_day.values())[:keep_days]}
    return [path for path in ordered if path not in kept]
