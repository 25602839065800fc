"""Export deviations from right videos. No Qt, so any thread may call it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from carl_gui.models.scene import Scene
from core.base.types import Span
from core.project.places import likely_file
from core.video.names import distinct_names

if TYPE_CHECKING:
    from core.report.deviations import Judged
    from core.report.performances import Performance


def write_deviations(target: Path, scene: Scene, judged: Sequence[Judged], spans: Mapping[int, Sequence[Span]]) -> int:
    """Write a row for each stretch, as `core.report` does, and return the number of rows.

    Args:
        spans: the phases of videos by id.

    Raises:
        StorageError: the disk refuses.
    """
    from core.report.deviation_tables import write_stretches

    names = distinct_names([likely_file(row, scene.project) for row in scene.videos.values()])
    by_digest = {row.digest: (name, row.id) for row, name in zip(scene.videos.values(), names, strict=True)}

    def named(one: Performance) -> Performance:
        name, video_id = by_digest.get(one.video.digest, (one.name, 0))
        return replace(one, name=name, spans=tuple(spans.get(video_id, ())))

    renamed = [
        replace(one, performance=named(one.performance), rights=tuple(named(right) for right in one.rights))
        for one in judged
        if one.performance.video.digest in by_digest
    ]
    return write_stretches(target, renamed)


def deviation_arguments(scene: Scene, judged: Sequence[Judged], scratch: Path) -> list[str]:
    """Return the arguments that make a film mark these deviations; writes their table into the folder `scratch`."""
    deviating = [one for one in judged if one.found.spans]
    if not deviating:
        return []
    table = scratch / "deviations.csv"
    write_deviations(table, scene, deviating, {})
    return ["--deviations", str(table)]
