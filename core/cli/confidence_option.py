"""The option `--min-confidence` of every command that aligns."""

from __future__ import annotations

import argparse

from core.align.confidence import LEAST_CONFIDENCE
from core.base.errors import ConfigError


def add_least_confidence(to: argparse.ArgumentParser) -> None:
    """Add the option that says how sure a match must be."""
    to.add_argument(
        "--min-confidence",
        type=float,
        default=LEAST_CONFIDENCE,
        metavar="P",
        help="minimum confidence of a match, from 0 (every frame is matched) to below 1; default %(default)s",
    )


def check_least_confidence(min_confidence: float) -> None:
    """Refuse a value that is none. Raises ConfigError."""
    if not 0 <= min_confidence < 1:
        raise ConfigError(f"--min-confidence must be from 0 to below 1, such as 0.5, not {min_confidence}.")
