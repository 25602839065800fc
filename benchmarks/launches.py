"""Launch the window, train two steps, quit while it trains: again and again, each time in a fresh process.

Claimed: exit status 0 each time, nothing on stdout and stderr, no child left, and the run saved. Exit status 1 where
one of them is otherwise.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the window that is launched lies with the tests

from tests.carl_gui.launches import launch  # noqa: E402


def main() -> int:
    """Print the table; returns the exit status."""
    made = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    made.add_argument("--times", type=int, default=20)
    given = made.parse_args()
    launches = []
    began = time.monotonic()
    for number in range(given.times):
        with tempfile.TemporaryDirectory() as home:
            launches.append(launch(Path(home)))
        if not launches[-1].is_good:
            print(f"launch {number + 1}: {launches[-1]}", file=sys.stderr)
    seconds = (time.monotonic() - began) / max(given.times, 1)
    statuses = Counter(went.status for went in launches)
    states = Counter(went.state for went in launches)
    rows = (
        ("launches", f"{len(launches)}, {seconds:.1f} s each"),
        ("exit statuses", ", ".join(f"{status} ({count} times)" for status, count in sorted(statuses.items()))),
        ("children left", sum(len(went.left) for went in launches)),
        ("lines on stdout and stderr", sum(len(went.said) for went in launches)),
        ("the run afterwards", ", ".join(f"{state} ({count} times)" for state, count in sorted(states.items()))),
        ("fewest steps", min((went.num_steps for went in launches), default=0)),
    )
    for title, value in rows:
        print(f"{title:28}{value}")
    are_good = bool(launches) and all(went.is_good for went in launches)
    print("all well" if are_good else "NOT well")
    return 0 if are_good else 1


if __name__ == "__main__":
    sys.exit(main())
