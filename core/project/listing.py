"""The contents of a project, as JSON for programs and as a table for people."""

from __future__ import annotations

from typing import Any

from core.project.store import Project


def as_json(project: Project) -> dict[str, Any]:
    """Return every video with its spans, in the order in which they were added.

    `{"videos": [{"name", "digest", "frames", "seconds", "spans": [{"phase", "start_frame", "end_frame_exclusive",
    "source"}]}]}`; `frames` and `seconds` (the duration, to the microsecond) are None while the video was not decoded.
    Only a video that is said to be right has `right` too: who is seen in it, empty while unknown.
    """
    spans = project.spans_by_video()
    return {
        "videos": [
            {
                "name": video.name,
                "digest": video.digest,
                "frames": video.num_frames,
                "seconds": None if video.duration_seconds is None else round(video.duration_seconds, 6),
                "spans": [
                    {
                        "phase": span.phase,
                        "start_frame": span.start_frame,
                        "end_frame_exclusive": span.end_frame_exclusive,
                        "source": span.source,
                    }
                    for span in spans.get(video.id, ())
                ],
                **({} if video.performer is None else {"right": video.performer}),
            }
            for video in project.videos()
        ]
    }


def as_table(listed: dict[str, Any]) -> str:
    """Return what `as_json` lists as lines: a video, below it its spans."""
    videos = listed["videos"]
    if not videos:
        return "The project has no videos."
    width = max(len(video["name"]) for video in videos)
    lines = [f"{'video':{width}}  {'frames':>7}  {'seconds':>9}  digest"]
    for video in videos:
        frames = "?" if video["frames"] is None else f"{video['frames']}"
        seconds = "?" if video["seconds"] is None else f"{video['seconds']:.3f}"
        lines.append(f"{video['name']:{width}}  {frames:>7}  {seconds:>9}  {video['digest'][:8]}{_right(video)}")
        lines += [
            f"  {span['start_frame']:>7} .. {span['end_frame_exclusive']:<7}  {span['phase']}"
            + ("" if span["source"] == "label" else f"  ({span['source']})")
            for span in video["spans"]
        ]
    return "\n".join(lines)


def _right(video: dict[str, Any]) -> str:
    if "right" not in video:
        return ""
    return f"  right ({video['right']})" if video["right"] else "  right"
