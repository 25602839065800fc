"""The objectives, what each needs of a batch, and their settings. Without torch, so that the window can use it.

`core.objectives.registry` has the losses. Settings are those of the released code where `setting` says nothing else.
The section of a file of settings, the options of the command line and the fields of the window's form are made from
the dataclass of each: its docstring is the heading.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core.base.declaring import setting


class Needs(Enum):
    """The kind of clips in a batch."""

    VIEWS = "two views of each video"
    CLIPS = "one clip of each video"
    PAIRS = "clips of several videos of one action"
    LABELS = "clips with labels for some frames"
    SPEEDS = "clips at normal and at double speed"


@dataclass(frozen=True)
class Settings:
    """The settings of an objective: a frozen dataclass of `setting` fields."""


@dataclass(frozen=True)
class SclSettings(Settings):
    """Sequence contrastive loss."""

    variance: float = setting(10.0, "sigma^2 of the Gaussian over time differences", unit="frames^2", low=1e-6)
    temperature: float = setting(0.1, "tau of the softmax over similarities", low=1e-4, high=100.0)


@dataclass(frozen=True)
class ContrastiveSettings(Settings):
    """Frame-wise contrastive baseline."""

    temperature: float = setting(0.1, "Temperature of the softmax over similarities", low=1e-4, high=100.0)
    window: float = setting(
        5.0, "Maximum time distance of a positive; frames further away are ignored", unit="frames", low=0
    )


@dataclass(frozen=True)
class TcnSettings(Settings):
    """Time-contrastive networks, single view."""

    window: float = setting(5.0, "Maximum distance from the anchor back to its positive", unit="frames", low=1)
    l2_weight: float = setting(0.002, "Weight of the squared norm of the embeddings", low=0.0)


@dataclass(frozen=True)
class TccSettings(Settings):
    """Temporal cycle consistency by regression."""

    temperature: float = setting(0.1, "Temperature of the softmax over squared distances", low=1e-4, high=100.0)
    variance_weight: float = setting(0.001, "Weight of the log-variance", low=0.0)


@dataclass(frozen=True)
class SalSettings(Settings):
    """Shuffle and learn."""

    triplets: int = setting(8, "Triplets per clip", low=1, high=1000)
    shuffled_fraction: float = setting(0.75, "Fraction of triplets that are out of order", low=0.0, high=1.0)


@dataclass(frozen=True)
class LavSettings(Settings):
    """Learning by aligning videos: soft-DTW and Contrastive-IDM."""

    gamma: float = setting(0.1, "Smoothing (gamma) of the soft-DTW minimum", low=1e-4)
    idm_weight: float = setting(0.5, "Weight of Contrastive-IDM", low=0.0)
    window: float = setting(10.0, "Frames up to this far apart are pulled together (window)", unit="frames", low=0)
    margin: float = setting(2.0, "Margin: squared distance to which more distant frames are pushed", low=0.0, high=4.0)


@dataclass(frozen=True)
class GtaSettings(Settings):
    """Global temporal alignment with cycle consistency."""

    gamma: float = setting(0.1, "Smoothing (gamma) of the soft minimum in time warping", low=1e-4)
    temperature: float = setting(0.1, "Temperature of the softmax over similarities", low=1e-4, high=100.0)
    label_smoothing: float = setting(0.1, "Label smoothing of the cycle consistency", low=0.0, high=0.99)
    alignment_weight: float = setting(0.1, "Weight of the alignment costs", low=0.0)


@dataclass(frozen=True)
class D3twSettings(Settings):
    """Discriminative differentiable time warping."""

    gamma: float = setting(0.1, "Smoothing (gamma) of the soft minimum in time warping", low=1e-4)
    temperature: float = setting(0.1, "Temperature of the softmax over similarities", low=1e-4, high=100.0)
    margin: float = setting(1.0, "Margin per frame by which the wrong order must cost more (ours)", low=0.0)
    parts: int = setting(
        4, "Number of parts of the other video shuffled to make the wrong order (ours)", low=2, high=1000
    )


@dataclass(frozen=True)
class SpeednetSettings(Settings):
    """SpeedNet: no settings."""


@dataclass(frozen=True)
class SupervisedSettings(Settings):
    """Cross-entropy of the labels."""

    label_fraction: float = setting(
        1.0, "Fraction of the labelled videos to train on, from the first (Table 11)", low=1e-3, high=1.0
    )


@dataclass(frozen=True)
class LacSettings(Settings):
    """Local alignment contrastive loss."""

    temperature: float = setting(0.8, "Temperature of the contrastive softmax and of the soft maximum", low=1e-4)
    variance: float = setting(10.0, "sigma^2 of the Gaussian over time differences", unit="frames^2", low=1e-6)
    local_weight: float = setting(0.01, "Weight of the local alignment relative to the contrastive term", low=0.0)
    score_weight: float = setting(
        0.01, "Reward per frame of the alignment score (ours); negative: a penalty, as in the released code", low=-100.0
    )
    distance_eps: float = setting(
        0.1, "Added to squared distances, so that similarity is at most its inverse (ours)", low=1e-6
    )


@dataclass(frozen=True)
class VspSettings(Settings):
    """Video similarity as a process: Brownian bridges."""

    segments: int = setting(
        8, "Brownian bridges per clip (ours; released: 1 for short, several for long videos)", low=1, high=1000
    )
    overlap: float = setting(
        0.2, "Overlap of a segment with its neighbours, as a fraction of its length (ours)", low=0.0, high=1.0
    )


@dataclass(frozen=True)
class Kind:
    """The description of one objective, without torch."""

    name: str
    title: str
    needs: Needs
    settings: type[Settings]
    source: str
    on_projection: bool = False
    """Whether it looks at the projections z (as SCL does) and not at the embeddings h."""
    head_learning_rate: float | None = None
    """Of what it learns besides the encoder; None: the encoder's."""


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "scl",
            "Sequence contrastive loss",
            Needs.VIEWS,
            SclSettings,
            "Chen et al., CVPR 2022, equations 1 to 3",
            on_projection=True,
        ),
        Kind(
            "contrastive",
            "Frame-wise contrastive baseline",
            Needs.VIEWS,
            ContrastiveSettings,
            "Chen et al., CVPR 2022, Table 13",
            on_projection=True,
        ),
        Kind("tcn", "Time-contrastive networks", Needs.CLIPS, TcnSettings, "Sermanet et al., ICRA 2018"),
        Kind("tcc", "Temporal cycle consistency", Needs.PAIRS, TccSettings, "Dwibedi et al., CVPR 2019"),
        Kind("sal", "Shuffle and learn", Needs.CLIPS, SalSettings, "Misra et al., ECCV 2016"),
        Kind("lav", "Learning by aligning videos", Needs.PAIRS, LavSettings, "Haresh et al., CVPR 2021"),
        Kind("gta", "Global temporal alignment", Needs.PAIRS, GtaSettings, "Hadji et al., CVPR 2021"),
        Kind(
            "d3tw", "Discriminative differentiable time warping", Needs.PAIRS, D3twSettings, "Chang et al., CVPR 2019"
        ),
        Kind("speednet", "SpeedNet", Needs.SPEEDS, SpeednetSettings, "Benaim et al., CVPR 2020"),
        Kind(
            "supervised",
            "Supervised learning from labels",
            Needs.LABELS,
            SupervisedSettings,
            "Chen et al., CVPR 2022, Table 11",
        ),
        Kind(
            "lac",
            "Local alignment contrastive loss",
            Needs.VIEWS,
            LacSettings,
            "Oei et al., 2024",
            on_projection=True,
            head_learning_rate=0.1,
        ),
        Kind(
            "vsp",
            "Video similarity as a process",
            Needs.CLIPS,
            VspSettings,
            "Zhang et al., CVPR 2023",
            on_projection=True,
        ),
    )
}
