"""Groups of right videos, such as those of one person, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.base.csv_files import read_rows
from core.base.errors import LabelError
from core.base.events import Notice, Sink
from core.base.listing import some
from core.report.performances import Performance
from core.video.names import DIGEST, VideoNames


def groups_of(path: Path, rights: Sequence[Performance], sink: Sink) -> list[str]:
    """Return the group of each right video.

    A video that the table lacks is a group of its own, and all of one group are taken as if nothing were known of
    them; both are told. A row with a digest means the video with that content, else the one of that name; rows of other
    videos are not looked at.

    Args:
        path: a CSV with the columns video and group, and perhaps digest.

    Raises:
        LabelError: the table cannot be read or lacks a column, a group is empty, or a video has two.
    """
    names = VideoNames([(one.video.path.absolute(), index) for index, one in enumerate(rights)])
    found: dict[int, str] = {}
    for row in read_rows(path, ("video", "group")):
        if not row["group"]:
            raise LabelError(f"{row.where}: {row['video']} has no group. Write one, such as a person, or drop the row.")
        by_content = [index for index, one in enumerate(rights) if row[DIGEST] and one.video.digest == row[DIGEST]]
        for index in by_content or names.ending_in(row["video"]):
            if found.setdefault(index, row["group"]) != row["group"]:
                raise LabelError(
                    f"{row.where}: {row['video']} is in group {row['group']!r}, but above in {found[index]!r}. Keep "
                    "one."
                )
    if lacking := [one.name for index, one in enumerate(rights) if index not in found]:
        sink(Notice(f"{path} has no group for {some(lacking)}; each counts as its own group."))
    groups = [found.get(index, f"\0{index}") for index in range(len(rights))]
    if len(rights) > 1 and len(set(groups)) == 1:
        sink(
            Notice(
                f"All right videos are of group {groups[0]!r}, so videos of other groups will be flagged more. Name "
                "right videos of other groups."
            )
        )
    return groups
