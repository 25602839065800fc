"""Names of states and stages, translated."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from carl_gui.models.runs import RunRow, RunState
from carl_gui.numbers import count, percent
from carl_gui.translation import QT_TRANSLATE_NOOP

_CONTEXT = "Runs"
_STATES: dict[RunState, str] = {
    "new": QT_TRANSLATE_NOOP("Runs", "Not started"),
    "waiting": QT_TRANSLATE_NOOP("Runs", "Waiting"),
    "running": QT_TRANSLATE_NOOP("Runs", "Running"),
    "pausing": QT_TRANSLATE_NOOP("Runs", "Pausing…"),
    "paused": QT_TRANSLATE_NOOP("Runs", "Paused"),
    "stopping": QT_TRANSLATE_NOOP("Runs", "Stopping…"),
    "stopped": QT_TRANSLATE_NOOP("Runs", "Stopped"),
    "done": QT_TRANSLATE_NOOP("Runs", "Done"),
    "failed": QT_TRANSLATE_NOOP("Runs", "Failed"),
}
_STAGES = {
    "check": (QT_TRANSLATE_NOOP("Runs", "Checking videos"), QT_TRANSLATE_NOOP("Runs", "video(s)")),
    "decode": (QT_TRANSLATE_NOOP("Runs", "Decoding videos"), QT_TRANSLATE_NOOP("Runs", "frame(s)")),
    "look for people": (QT_TRANSLATE_NOOP("Runs", "Looking for people"), QT_TRANSLATE_NOOP("Runs", "video(s)")),
    "pose": (QT_TRANSLATE_NOOP("Runs", "Finding body pose"), QT_TRANSLATE_NOOP("Runs", "frame(s)")),
    "features": (QT_TRANSLATE_NOOP("Runs", "Computing features"), QT_TRANSLATE_NOOP("Runs", "frame(s)")),
    "embed": (QT_TRANSLATE_NOOP("Runs", "Embedding videos"), QT_TRANSLATE_NOOP("Runs", "frame(s)")),
    "neighbours": (QT_TRANSLATE_NOOP("Runs", "Finding neighbours"), QT_TRANSLATE_NOOP("Runs", "frame(s)")),
    "layout": (QT_TRANSLATE_NOOP("Runs", "Laying out the map"), QT_TRANSLATE_NOOP("Runs", "round(s)")),
    "placing": (QT_TRANSLATE_NOOP("Runs", "Placing the other frames"), QT_TRANSLATE_NOOP("Runs", "frame(s)")),
    "repetitions": (QT_TRANSLATE_NOOP("Runs", "Finding repetitions"), QT_TRANSLATE_NOOP("Runs", "video(s)")),
    "write video": (QT_TRANSLATE_NOOP("Runs", "Writing the video"), QT_TRANSLATE_NOOP("Runs", "frame(s)")),
    "download weights": (QT_TRANSLATE_NOOP("Runs", "Downloading weights"), ""),
}


def _said(text: str) -> str:
    return QCoreApplication.translate(_CONTEXT, text) if text else ""


def _counted(unit: str, number: int) -> str:
    return QCoreApplication.translate(_CONTEXT, unit, "", number) if unit else ""


def state_text(state: RunState) -> str:
    """One or two words."""
    return _said(_STATES[state])


def state_with_share(row: RunRow) -> str:
    """`Running 42 %` where that says something; else the state alone."""
    if row.state in ("running", "paused", "stopped") and row.share is not None and row.step:
        return f"{state_text(row.state)} {percent(row.share)}"
    return state_text(row.state)


def stage_text(stage: str, done: float, total: float) -> str:
    """`Decoding videos: 120 of 900 frames`; a stage that is not known here is called by its own name."""
    title, unit = _STAGES.get(stage, (stage, ""))
    if total <= 0 or stage == "download weights":
        return _said(title)
    numbers = _said(QT_TRANSLATE_NOOP("Runs", "{title}: {done} of {total} {unit}"))
    counted = _counted(unit, round(total))
    return numbers.format(title=_said(title), done=count(done), total=count(total), unit=counted).strip()


def stage_name(stage: str) -> str:
    """Return what is done in it, such as `decoding videos`, to stand within a sentence."""
    title = _said(_STAGES.get(stage, (stage, ""))[0])
    return title[:1].lower() + title[1:]


def stage_unit(stage: str) -> str:
    """What a stage counts, such as `frames`; empty where that is bytes or not known."""
    return _counted(_STAGES.get(stage, ("", ""))[1], 2)
