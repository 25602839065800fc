#!/usr/bin/env python3
"""Try a stand-alone bundle as on a computer without Python: `python tools/try_bundle.py dist/carl-gui`.

With an empty PATH and an empty home it draws clips, decodes them, learns, embeds, and opens the window for a few
seconds (off the screen). `make bundle` runs this.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

_OPEN_SECONDS = 10
_COMMANDS = (
    ("core.device",),
    ("core.sample", "--out", "clips", "--videos", "2"),
    ("core.decode", "clips"),
    ("core.train", "clips", "--recipe", "quick", "--epochs", "1", "--out", "run"),
    ("core.embed", "clips", "--encoder", "run", "--out", "embeddings"),
)


def main() -> int:
    """Try it; returns 1 where something failed."""
    program = Path(sys.argv[1], "carl-gui").resolve()
    size = sum(path.stat().st_size for path in program.parent.rglob("*") if not path.is_symlink()) / 1e9
    print(f"{program.parent}: {size:.2f} GB", flush=True)
    with tempfile.TemporaryDirectory(prefix="carl-bundle-") as folder:
        home = Path(folder, "home")
        home.mkdir()
        environment = {"PATH": "", "HOME": str(home), "CARL_CACHE": f"{folder}/cache", "QT_QPA_PLATFORM": "offscreen"}
        environment |= {"CARL_SETTINGS": f"{folder}/settings.ini"}
        for words in _COMMANDS:
            done = subprocess.run(
                [program, "--run", *words], cwd=folder, env=environment, capture_output=True, text=True
            )
            print(f"{words[0]}: exit status {done.returncode}", flush=True)
            if done.returncode:
                print(done.stderr)
                return 1
        rows = len(list(Path(folder, "embeddings").glob("*.npy")))
        with subprocess.Popen([program], cwd=folder, env=environment) as window:
            try:
                print(f"The window ended with status {window.wait(_OPEN_SECONDS)}.")
                return 1
            except subprocess.TimeoutExpired:
                window.terminate()
        print(f"{rows} videos embedded; the window stayed open for {_OPEN_SECONDS} s; home: {list(home.iterdir())}")
        return 0 if rows == 2 and not list(home.iterdir()) else 1


if __name__ == "__main__":
    sys.exit(main())
