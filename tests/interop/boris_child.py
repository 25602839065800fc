"""Run by the Python that has `boris-behav-obs`: opens a project with BORIS's own code and exports its events.

    boris_child.py PROJECT.boris FOLDER

prints JSON: what BORIS says of the project (`error`, `changed`, `integrity`, `unpaired`), its behaviors and media, and
what it wrote to the folder: tabular events of every observation as CSV, TSV and XLSX, aggregated events of all as TSV
and XLSX. It holds no code of ours.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import tablib
from boris import config, export_observation, project_functions, utilities, version

AGGREGATED = (
    "Observation id",
    "Observation date",
    "Description",
    "Observation type",
    "Source",
    "Time offset (s)",
    "Coding duration",
    "Media duration (s)",
    "FPS (frame/s)",
    "Subject",
    "Observation duration by subject by observation",
    "Behavior",
    "Behavioral category",
    "Behavior type",
    "Start (s)",
    "Stop (s)",
    "Duration (s)",
    "Media file name",
    "Image index start",
    "Image index stop",
    "Image file path start",
    "Image file path stop",
    "Comment start",
    "Comment stop",
)
"""The columns without modifiers and variables, which `export_events.export_aggregated_events` keeps within itself."""


def main(project: Path, folder: Path) -> None:
    """Open, check, export, tell."""
    _, changed, content, _ = project_functions.open_project_json(str(project))
    told = {"version": version.__version__, "changed": changed, "error": content.get("error", "")}
    if not told["error"]:
        ethogram, observations = content[config.ETHOGRAM], content[config.OBSERVATIONS]
        told["integrity"] = project_functions.check_project_integrity(content, config.S, str(project), True)
        told["behaviors"] = {one["code"]: [one["type"], one["color"], one["key"]] for one in ethogram.values()}
        told["states"] = utilities.state_behavior_codes(ethogram)
        told["files"] = export(content, observations, ethogram, folder)
    print(json.dumps(told))


def export(content: dict[str, Any], observations: dict[str, Any], ethogram: dict[str, Any], folder: Path) -> list[str]:
    """Write what its menu `Observations: Export events` writes; returns names of files."""
    parameters = {
        config.SELECTED_SUBJECTS: [config.NO_FOCAL_SUBJECT],
        config.SELECTED_BEHAVIORS: [one["code"] for one in ethogram.values()],
        "time": config.TIME_FULL_OBS,
    }
    names = []
    together = tablib.Dataset()
    for number, (name, observation) in enumerate(observations.items()):
        for kind in (config.CSV_EXT, config.TSV_EXT, config.XLSX_EXT):
            names.append(f"tabular_{number}.{kind}")
            path = str(folder / names[-1])
            export_observation.export_tabular_events(content, parameters, name, observation, ethogram, path, kind)
        rows, _ = export_observation.export_aggregated_events(content, parameters, name)
        for row in rows:
            together.append(row)
    together.headers, together.title = AGGREGATED, "events"
    for kind in (config.TSV_EXT, config.XLSX_EXT):
        names.append(f"aggregated.{kind}")
        export_observation.dataset_write(together, str(folder / names[-1]), kind)
    return names


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
