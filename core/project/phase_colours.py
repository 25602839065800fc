"""The colours of a project's phases, for pictures of videos and labels that belong to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from core.project import queries
from core.project.backups import DATABASE
from core.project.damage import check_content
from core.project.database import connect, explained_by_sqlite
from core.project.schema import newest_version
from core.project.store import Project


def project_around(paths: Iterable[Path]) -> Path | None:
    """Return the folder of the project in which the first of these paths lies that lies in one, or is one itself."""
    for path in paths:
        absolute = path.resolve()
        for folder in (absolute, *absolute.parents):
            if Project.is_project(folder):
                return folder
    return None


def phase_colours(project: Path) -> dict[str, str]:
    """Return `#rrggbb` by phase; a window may have the project open.

    Raises:
        StorageError: the project cannot be read; DamagedProjectError: its database is broken.
    """
    file = project / DATABASE
    with explained_by_sqlite(file), contextlib.closing(connect(file)) as db:
        check_content(db, file, newest_version())
        return {phase.name: phase.colour for phase in queries.phases(db)}
