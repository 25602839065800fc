"""Inner loops compiled by numba. Import on first use: importing numba takes a third of a second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def compiled(function: Callable[..., Any]) -> Any:
    """Compile and keep the machine code beside the function's file, or in the user's cache where that is read-only.

    Other threads go on while it runs: a window stays alive.
    """
    return _compiled(function, fastmath=False)


def compiled_in_any_order(function: Callable[..., Any]) -> Any:
    """Compile as `compiled`, for sums that may be added up in any order, several numbers at once."""
    return _compiled(function, fastmath={"reassoc", "contract", "nsz"})


def _compiled(function: Callable[..., Any], fastmath: bool | set[str]) -> Any:
    try:
        return njit(cache=True, nogil=True, fastmath=fastmath)(function)
    except RuntimeError:  # numba finds no folder that can be written
        return njit(nogil=True, fastmath=fastmath)(function)
