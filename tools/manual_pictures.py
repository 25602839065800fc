#!/usr/bin/env python3
"""Make the manual's pictures out of those of `carl-gui --screenshot DIR`: `python tools/manual_pictures.py DIR`.

They are put into `assets/help/pictures` with few colours, so that the program stays small.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

TARGET = Path(__file__).resolve().parents[1] / "assets" / "help" / "pictures"
PICTURES = {
    "start": "start-light",
    "sample": "videos-new-light",
    "videos": "videos-light",
    "training": "train-running-light",
    "train": "train-light",
    "pair": "explore-light",
    "many": "explore-many-light",
    "search": "explore-search-light",
    "map": "explore-map-light",
    "label": "label-light",
    "export": "export-light",
    "deviations": "deviations-light",
    "judgement": "judgement",
    "band": "band",
    "no-band": "no-band",
}
"""Names in the manual, and those of the screenshots."""
_COLOURS = 256
_HEIGHTS = {"start": 460, "export": 640}
"""Of pictures whose lower part is empty."""


def main(folder: Path) -> None:
    """Write all of them."""
    TARGET.mkdir(exist_ok=True)
    for name, source in PICTURES.items():
        whole = Image.open(folder / f"{source}.png").convert("RGB")
        seen = whole.crop((0, 0, whole.width, _HEIGHTS.get(name, whole.height)))
        few = seen.quantize(_COLOURS, kmeans=2, dither=Image.Dither.NONE)
        few.save(TARGET / f"{name}.png", optimize=True)
        print(f"{name}.png: {(TARGET / f'{name}.png').stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
