"""Events of long-running jobs, one JSON line each, read by runs on disk, terminals and the window."""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Progress:
    """Progress of a stage of known length."""

    stage: str
    done: float
    total: float
    unit: str
    rate: float
    """Units a second; 0 while unknown."""
    eta_seconds: float
    """Seconds to the end of this stage; 0 while unknown."""
    whole_eta_seconds: float = 0.0
    """Seconds to the end of the whole work, with the stages that follow; 0 while unknown."""


@dataclass(frozen=True)
class Notice:
    """One sentence for the user: a damaged video, a changed setting."""

    message: str


@dataclass(frozen=True)
class StepDone:
    """One optimiser step."""

    epoch: int
    """From 0."""
    step: int
    """Steps done since the start of training, over all epochs."""
    total_steps: int
    loss: float
    learning_rate: float
    gradient_norm: float
    """Before clipping."""
    frames_per_second: float
    eta_seconds: float
    gpu_bytes: int
    """Peak GPU memory so far; 0 on a CPU."""


@dataclass(frozen=True)
class EvalDone:
    """One row of an evaluation's table is complete."""

    run: str
    representation: str
    """`trained`, or what stands beside it."""
    values: dict[str, float]
    """By figure; those that are not defined are left out."""
    step: int = 0
    """Steps done when it was taken, of an encoder that goes on learning; else 0."""


@dataclass(frozen=True)
class CheckpointSaved:
    """A checkpoint was saved."""

    path: str
    epoch: int
    step: int


@dataclass(frozen=True)
class Paused:
    """Training was paused or resumed."""

    paused: bool


@dataclass(frozen=True)
class VideoChecked:
    """A video file was opened and identified by its content; decoding comes later."""

    path: str
    digest: str
    """`core.base.files.content_digest` of the file."""
    num_bytes: int
    """Of the file."""


@dataclass(frozen=True)
class VideoProgress:
    """Progress of decoding one file."""

    path: str
    done: int
    """Frames, with those that an earlier run decoded."""
    total: int
    """Frames; by the file's header, which is often wrong, until all are done."""


@dataclass(frozen=True)
class VideoDecoded:
    """The frames of a file are complete in the store, from now or from before."""

    path: str
    digest: str
    num_frames: int
    fps: float
    duration_seconds: float
    width: int
    """Of the upright video, not of the stored frames."""
    height: int
    num_frames_lost: int
    """Frames that the file holds but that do not decode."""


@dataclass(frozen=True)
class VideoRefused:
    """A file cannot be used."""

    path: str
    message: str
    """One sentence for the user."""


@dataclass(frozen=True)
class RecipeMeasured:
    """Speed of a recipe's parts on this device, measured on a few frames; `core.outlook` converts it to times."""

    recipe: str
    backbone: str
    """`backbone.name` that was measured."""
    feature_seconds: float
    """A frame through the backbone."""
    decode_seconds: float
    """A frame into the store, where it has to be stored in another size first; else 0."""
    step_frame_seconds: float
    """A frame of a view through a step of the head, backwards too; 0 where the backbone learns as well."""
    start_seconds: float
    """Until a process has loaded what it needs."""
    feature_bytes: float
    """Kept of a frame."""
    download_bytes: float
    """Weights that are not on this computer yet; 0: none."""
    problem: str = ""
    """Why the download cannot be had now; empty where it can, or none is needed."""


@dataclass(frozen=True)
class RecipeSuggested:
    """Which recipe suits the videos."""

    recipe: str
    reason: str
    """One sentence."""


@dataclass(frozen=True)
class Finished:
    """The command is done, or was stopped on request."""

    reason: str
    """`done` or `stopped`."""
    path: str
    """What it made."""


@dataclass(frozen=True)
class Failed:
    """The command failed."""

    message: str
    """One sentence for the user."""
    is_bug: bool
    """True where the user could not have done anything."""


VideoEvent = VideoChecked | VideoProgress | VideoDecoded | VideoRefused
"""What `core.decode` tells of every single file."""

OutlookEvent = RecipeMeasured | RecipeSuggested
"""What `core.outlook` tells."""

Event = (
    Progress | Notice | StepDone | EvalDone | CheckpointSaved | Paused | Finished | Failed | VideoEvent | OutlookEvent
)
Sink = Callable[[Event], None]

_NAMES: dict[str, type[Event]] = {
    "progress": Progress,
    "notice": Notice,
    "step_done": StepDone,
    "eval_done": EvalDone,
    "checkpoint_saved": CheckpointSaved,
    "paused": Paused,
    "video_checked": VideoChecked,
    "video_progress": VideoProgress,
    "video_decoded": VideoDecoded,
    "video_refused": VideoRefused,
    "recipe_measured": RecipeMeasured,
    "recipe_suggested": RecipeSuggested,
    "finished": Finished,
    "failed": Failed,
}
_MOST = 2**63
_OF_TYPE = {kind: name for name, kind in _NAMES.items()}
_KINDS = {event: tuple(typing.get_type_hints(event).items()) for event in _NAMES.values()}
"""Name and type of each field."""


def encode(event: Event) -> str:
    """Return one line of JSON without its newline, in ASCII: whatever a file's name holds, every pipe and console takes
    it."""
    return json.dumps({"event": _OF_TYPE[type(event)], **dataclasses.asdict(event)})


def decode(line: str) -> Event | None:
    """Return the event of a line; None for a line that is not one (torn by a kill, or of a newer version)."""
    try:
        fields = json.loads(line)
        event = _NAMES[fields.pop("event")](**fields)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return event if all(_is_of(kind, getattr(event, name)) for name, kind in _KINDS[type(event)]) else None


def _is_of(kind: object, value: object) -> bool:
    """Return whether a value read from a file is of a field's type, and no larger than an array of numbers takes."""
    if kind is float or kind is int:
        is_number = isinstance(value, (int, float) if kind is float else int) and not isinstance(value, bool)
        return is_number and (isinstance(value, float) or abs(typing.cast(int, value)) < _MOST)
    if isinstance(kind, type):
        return isinstance(value, kind)
    return isinstance(value, dict) and all(_is_of(float, one) for one in value.values())


def sentence(event: Event) -> str:
    """Return what an event says to a person besides how far the work is; empty where that is nothing."""
    match event:
        case Notice(message) | Failed(message):
            return message
        case Paused(paused):
            return "paused" if paused else "resumed"
        case EvalDone(values=values, step=step) if step:  # of a run as it learns; a table prints its own lines
            return f"after step {step}: {', '.join(f'{name} {value:.3f}' for name, value in values.items())}"
        case VideoRefused(_, message):
            return f"Left out: {message}"
        case RecipeSuggested(recipe, reason):
            return f"{recipe}: {reason}"
        case Finished(reason, path):
            return f"{reason}: {Path(path)}" if path else reason
        case _:
            return ""


def ignore(event: Event) -> None:
    """Ignore the event: a sink for callers who do not listen."""
