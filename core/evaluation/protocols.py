"""Which metrics are computed for which data set. The definitions are in `core.metrics`."""

from __future__ import annotations

from dataclasses import dataclass

from core.base.errors import ConfigError
from core.metrics.kinds import Suite
from core.settings.config import did_you_mean


@dataclass(frozen=True)
class Protocol:
    """The metrics to compute, and how."""

    name: str
    about: str
    fractions: tuple[float, ...] = (1.0,)
    """Shares of the training videos whose labels the classifier sees; the first ones."""
    stride: int = 1
    """Every how many frames Kendall's tau and AP@K look."""
    neighbours: tuple[int, ...] = (5, 10, 15)
    """K of AP@K."""
    suites: tuple[Suite, ...] = (Suite.PHASES,)
    """Which metrics of `core.metrics.registry`."""

    @property
    def has_phases(self) -> bool:
        """Whether event errors are among its metrics."""
        return Suite.PHASES in self.suites


PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol("phases", "Ordered phases, any data set: classification, progression, tau, AP@K, event errors."),
        Protocol(
            "pouring",
            "As in the paper for Pouring: also with 10 % and 50 % of the labels; stride 5.",
            (0.1, 0.5, 1.0),
            5,
        ),
        Protocol(
            "penn_action", "As in the paper for PennAction: for each action, then their mean; stride 2.", stride=2
        ),
        Protocol(
            "finegym",
            "As in the paper for FineGym: one linear layer, with 10 %, 50 % and all of the labels.",
            (0.1, 0.5, 1.0),
            suites=(Suite.FINE_GRAINED,),
        ),
        Protocol(
            "localisation",
            "Segments found by a linear classifier with a background class: mAP at tIoU (Table 12).",
            suites=(Suite.LOCALISATION,),
        ),
    )
}

_OF_LAYOUT = {
    "pouring": "pouring",
    "penn_action": "penn_action",
    "penn_action_frames": "penn_action",
    "finegym": "finegym",
    "activitynet": "localisation",
}


def find_protocol(name: str, layout: str) -> Protocol:
    """Return the protocol of that name; `auto`: the one that a data set of that layout is measured by.

    Raises:
        ConfigError: there is none of that name.
    """
    if name == "auto":
        return PROTOCOLS[_OF_LAYOUT.get(layout, "phases")]
    if name not in PROTOCOLS:
        raise ConfigError(f"Unknown protocol {name!r}{did_you_mean(name, ['auto', *PROTOCOLS])}")
    return PROTOCOLS[name]
