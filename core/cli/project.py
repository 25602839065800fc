"""`python -m core.project new|add|show|undo|redo|check FOLDER`: use a project without the window."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from core.base.control import Control
from core.base.errors import StorageError
from core.base.events import Finished, Notice, Sink
from core.cli.command import add_command, add_settings, new_parser, run, with_given_settings
from core.project.adding import add_videos, new_project
from core.project.checking import problems
from core.project.edits import count_of
from core.project.listing import as_json, as_table
from core.project.store import Project
from core.settings.config import Config
from core.video.inputs import INPUT_HELP, find_videos


def _new(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    frames = with_given_settings(Config(), args).frames
    videos = find_videos(args.videos, sink)
    new_project(args.folder, videos, frames, sink, control, action=args.action)
    return Finished("done", str(args.folder))


def _add(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    frames = with_given_settings(Config(), args).frames
    with Project.open(args.folder) as project:
        add_videos(project, find_videos(args.videos, sink), frames, sink, control, action=args.action)
    return Finished("done", str(args.folder))


def _show(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    with Project.open(args.folder) as project:
        listed = as_json(project)
    print(json.dumps(listed) if args.json else _printable(as_table(listed)))
    return Finished("done", str(args.folder))


def _printable(text: str) -> str:
    """Return the text with escapes for what the terminal cannot show."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _undo(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    with Project.open(args.folder) as project:
        step = project.next_undo()
        if step is None:
            raise StorageError(f"There is nothing to undo in {args.folder}.")
        project.undo()
    sink(Notice(f"Undone: {step.label}."))
    return Finished("done", str(args.folder))


def _redo(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    with Project.open(args.folder) as project:
        step = project.next_redo()
        if step is None:
            raise StorageError(f"There is nothing to redo in {args.folder}.")
        project.redo()
    sink(Notice(f"Redone: {step.label}."))
    return Finished("done", str(args.folder))


def _check(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    with Project.open(args.folder) as project:
        found = problems(project, args.look_in, sink, control)
    for sentence in found:
        sink(Notice(sentence))
    if found:
        raise StorageError(f"{count_of(len(found), 'problem')} in {args.folder}; see above.")
    sink(Notice("No problems found."))
    return Finished("done", str(args.folder))


_ACTS = {"new": _new, "add": _add, "show": _show, "undo": _undo, "redo": _redo, "check": _check}


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    return _ACTS[args.act](args, sink, control)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser("project", "Create, list, check and change projects without a window.")
    acts = parser.add_subparsers(dest="act", required=True, metavar="new|add|show|undo|redo|check")
    for name, what in (("new", "create a project from videos"), ("add", "add videos to a project")):
        one = add_command(acts, name, what)
        one.add_argument(
            "folder", type=Path, metavar="FOLDER", help="folder of the project; for new, it must not exist"
        )
        one.add_argument("videos", nargs="+", type=Path, metavar="VIDEO", help=INPUT_HELP)
        one.add_argument("--action", default="", help="what the videos show, such as lift")
        add_settings(one, ["frames"])
    show = add_command(acts, "show", "list the videos of a project and their labels")
    undo = add_command(acts, "undo", "undo the last step")
    redo = add_command(acts, "redo", "redo the last undone step")
    check = add_command(
        acts, "check", "report problems of a project, each with its remedy; exit status 2 if there are any"
    )
    for one in (show, undo, redo, check):
        one.add_argument("folder", type=Path, metavar="FOLDER", help="folder of a project, not open in any window")
    show.add_argument("--json", action="store_true", help="as one line of JSON instead of a table")
    check.add_argument(
        "--look-in",
        nargs="+",
        type=Path,
        default=[],
        metavar="FOLDER",
        help="look for missing videos in these folders too, with their subfolders",
    )
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
