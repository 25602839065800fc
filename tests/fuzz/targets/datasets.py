"""Labelled data sets in every layout."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

from tests.fuzz.folders import files_of
from tests.fuzz.raw_bytes import bytes_of
from tests.fuzz.target import Target
from tests.fuzz.texts import text_of
from tests.fuzz.trees import json_of, pickle_of

_ROOTS = {
    "pouring": "pouring", "penn": "penn_action", "gym": "finegym", "frames": "penn_action_frames", "gtea": "ms_tcn",
    "sample": "sample", "table": "segments", "sheet": "segments", "net": "activitynet",
}  # fmt: skip
_NUM_FRAMES = 6


def _touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def _entry(name: str) -> dict[str, object]:
    import numpy as np

    labels = np.array([0, 0, 1, 1, 2, -1])
    return {"id": 0, "name": name, "video_file": f"videos/{name}.mp4", "frame_label": labels, "seq_len": len(labels)}


def _make_releases(folder: Path) -> None:
    """CARL's pickles."""
    for root in ("pouring", "penn", "gym"):
        _touch(folder / root, *(f"videos/{name}.mp4" for name in "abc"))
    train, val = [_entry("a"), _entry("c")], [_entry("b")]
    places = [[0], [1], *([] for _ in range(11))]
    of_splits = {"train": (train, places), "val": (val, [[0], *([] for _ in range(12))])}
    for split, (entries, of_actions) in of_splits.items():
        (folder / f"pouring/{split}.pkl").write_bytes(pickle.dumps(entries, 3))
        (folder / f"penn/{split}.pkl").write_bytes(pickle.dumps((entries, of_actions), 3))
        name = {"train": "gym99_train_v1.0", "val": "gym99_val"}[split]
        (folder / f"gym/{name}.pkl").write_bytes(pickle.dumps(entries, 3))


def _make_others(folder: Path) -> None:
    import numpy as np

    from core.base.csv_files import write_rows

    for name, split in (("0001", "train"), ("0002", "val")):
        _touch(folder / "frames", f"frames/{name}/000001.jpg")
        path = folder / f"frames/penn_action_labels/{split}/squat/{name}.npy"
        path.parent.mkdir(parents=True)
        np.save(path, np.array([0, 1, 2, 2]))
    for root in ("gtea", "sample", "table", "sheet", "net"):
        _touch(folder / root, "videos/a.mp4", "videos/b.mp4")
    texts = {
        "mapping.txt": "0 take\n1 pour\n2 background\n",
        "groundTruth/a.txt": "take\n" * 3 + "pour\n" * 2 + "background\n",
        "groundTruth/b.txt": "take\npour\npour\nbackground\nbackground\ntake\n",
        "splits/train.split1.bundle": "a.txt\n",
        "splits/test.split1.bundle": "b.txt\n",
    }
    for name, text in texts.items():
        _touch(folder / "gtea", name)
        (folder / "gtea" / name).write_text(text, encoding="utf-8")
    header = ("video", "phase", "start_frame", "end_frame_exclusive", "split", "action")
    rows = [
        ("a.mp4", "up", 0, 3, "train", "squat"),
        ("a.mp4", "down", 4, 6, "train", "squat"),
        ("b.mp4", "up", 1, 2, "val", "squat"),
    ]
    for name in ("sample/phases.csv", "table/labels.csv", "sheet/labels.xlsx"):
        write_rows(folder / name, header, rows)
    annotations = [{"segment": [0.01, 0.1], "label": "jump"}, {"segment": [0.1, 0.2], "label": "bow"}]
    database = {
        "a": {"subset": "training", "duration": 0.24, "annotations": annotations},
        "b": {"subset": "validation", "annotations": annotations},
        "c": {"subset": "testing", "annotations": []},
    }
    (folder / "net/net.json").write_text(
        json.dumps({"version": "1", "taxonomy": [], "database": database}), encoding="utf-8"
    )


def _make(folder: Path) -> None:
    _make_releases(folder)
    _make_others(folder)


def _read(folder: Path) -> None:
    import numpy as np

    from core.base.errors import CarlError
    from core.datasets import read_dataset

    refused = None
    edges = np.arange(_NUM_FRAMES + 1) / 25
    for root, layout in _ROOTS.items():
        for asked in ("auto", layout):
            try:
                path = folder / root / "labels.xlsx" if root == "sheet" else folder / root
                dataset = read_dataset(path, layout=asked)
                for video in dataset.videos:
                    video.labels_for(edges)
            except CarlError as error:
                refused = error
    if refused:
        raise refused


TARGETS = (
    Target(
        "datasets",
        _make,
        (
            pickle_of("*.pkl"), pickle_of("*.pkl"), bytes_of("*.pkl"), bytes_of("*.npy"), text_of("*.csv"),
            text_of("*.txt"), text_of("*.bundle"), json_of("*.json"), text_of("*.json"), bytes_of("*.json"),
            bytes_of("*.xlsx"), bytes_of("*.txt"), files_of("*"),
        ),
        _read,
    ),
)  # fmt: skip
