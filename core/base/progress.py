"""Report `Progress` events with rate and time left."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from core.base.events import Progress, Sink


class Counter(Protocol):
    """Counts work: a `Meter`, or in a thread a `Tally`."""

    def skip(self, amount: float) -> None:
        """Count `amount` as done before, so that it does not flatter the rate."""

    def add(self, amount: float = 1.0) -> None:
        """Count `amount` more as done."""


class Meter:
    """Counts up to `total` and reports at most ten times a second, and at the end."""

    def __init__(self, sink: Sink, stage: str, total: float, unit: str, *, already: float = 0.0) -> None:
        self._sink, self._stage, self._unit = sink, stage, unit
        self.total = total
        self._done = self._already = already
        self._started = time.monotonic()
        self._reported = -1.0

    @property
    def done(self) -> float:
        return self._done

    def skip(self, amount: float) -> None:
        """Count `amount` as done before, so that it does not flatter the rate."""
        self._already += amount
        self.add(amount)

    def add(self, amount: float = 1.0) -> None:
        """Count `amount` more as done."""
        self._done += amount
        now = time.monotonic()
        if self._done < self.total and now - self._reported < 0.1:
            return
        self._reported = now
        rate = (self._done - self._already) / max(now - self._started, 1e-9)
        remaining = max(self.total - self._done, 0.0)
        self._sink(Progress(self._stage, self._done, self.total, self._unit, rate, remaining / rate if rate else 0.0))


class Tally:
    """Counts in any number of threads, for a meter that only one of them may report to."""

    def __init__(self) -> None:
        self._counting = threading.Lock()
        self._added = self._skipped = self._growth = 0.0

    def skip(self, amount: float) -> None:
        """Count `amount` as done before."""
        with self._counting:
            self._skipped += amount

    def add(self, amount: float = 1.0) -> None:
        """Count `amount` more as done."""
        with self._counting:
            self._added += amount

    def extend(self, amount: float) -> None:
        """Count `amount` more as work; negative where less is to be done than was expected."""
        with self._counting:
            self._growth += amount

    def empty_into(self, meter: Meter) -> None:
        """Count there what was counted here since the last call."""
        with self._counting:
            added, skipped, growth = self._added, self._skipped, self._growth
            self._added = self._skipped = self._growth = 0.0
        meter.total += growth
        if skipped:
            meter.skip(skipped)
        if added:
            meter.add(added)
