"""A process that edits a project without end and says what was confirmed, one number a line: to be killed."""

from __future__ import annotations

import sys
from pathlib import Path

from core.base.types import Span
from core.project.backups import BackupPolicy
from core.project.edits import Together
from core.project.span_edits import ReplaceSpans
from core.project.store import Project
from core.project.video_edits import SetNotes


def spans_after(number: int) -> tuple[Span, ...]:
    """What edit `number` writes."""
    return tuple(Span(("up", "down")[(number + i) % 2], 10 * i, 10 * i + 1 + number % 9) for i in range(number % 40))


def main() -> None:
    """Edits begin with the number after what the notes say; every seventh is undone and redone."""
    with Project.open(Path(sys.argv[1]), BackupPolicy(every_edits=5, keep_newest=3)) as project:
        number = int(project.notes() or 0)
        print("open", flush=True)
        while True:
            number += 1
            project.do(Together("Edit", (SetNotes(str(number)), ReplaceSpans(1, spans_after(number)))))
            print(number, flush=True)
            if number % 7 == 0:
                project.undo()
                project.redo()


if __name__ == "__main__":
    main()
