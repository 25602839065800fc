"""The random content of one clip: colours, objects, light, camera, side and tempo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from core.sample.canvas import Colour, rgb

PHASES = ("reach", "lift", "pour", "return", "withdraw")
FRAMES_PER_SECOND = 25
WIDTH, HEIGHT = 480, 360
"""Of the picture, in pixels; the camera at zoom 1 shows as many world units."""

_FEWEST, _MOST = (10, 9, 18, 9, 9), (32, 27, 52, 29, 28)
"""Frames of each phase."""
_FEWEST_TOTAL, _MOST_TOTAL = 60, 140

_Option = TypeVar("_Option")


@dataclass(frozen=True)
class Palette:
    """Colours that go together."""

    wall: Colour
    pattern: Colour
    table: Colour
    accents: tuple[Colour, Colour, Colour]


@dataclass(frozen=True)
class Drink:
    """What is poured."""

    colour: Colour
    opacity: float
    fizz: bool


@dataclass(frozen=True)
class Camera:
    """Position and shake of the camera."""

    zoom: float
    centre: tuple[float, float]
    """World units."""
    roll: float
    """Radians."""
    drift: tuple[float, float]
    """World units that the centre moves in the course of the clip."""
    zoom_drift: float
    shake: float
    """World units."""
    shake_phases: tuple[float, ...]


@dataclass(frozen=True)
class Take:
    """One clip, except for its pixels."""

    number: int
    phase_frames: tuple[int, ...]
    """Frames of each of `PHASES`."""
    stalls: tuple[tuple[float, float], ...]
    """For each phase: at what share of its motion the hand hesitates, and for what share of its time."""
    palette: Palette
    wall: str
    cover: str
    things: tuple[str, ...]
    glow: tuple[float, float]
    """Where the light comes from, world units."""
    skin: Colour
    sleeve: Colour
    sleeve_kind: str
    bottle: str
    bottle_tint: Colour
    label: Colour
    glass: str
    drink: Drink
    bottle_x: float
    glass_x: float
    base_y: float
    level: tuple[float, float]
    """How full the glass is before and after, as a share of its height."""
    bottle_full: tuple[float, float]
    """The same of the bottle's volume."""
    arc: float
    """How high the bottle is carried above the shortest way, world units."""
    arm_angle: float
    """Of the resting forearm, radians; positive where the elbow is above the hand."""
    camera: Camera
    mirrored: bool
    grain_seed: int

    @property
    def num_frames(self) -> int:
        return sum(self.phase_frames)

    @property
    def name(self) -> str:
        return f"pour_{self.number:02d}"


_PALETTES = tuple(
    Palette(rgb(wall), rgb(pattern), rgb(table), (rgb(a), rgb(b), rgb(c)))
    for wall, pattern, table, a, b, c in (
        ("#F0DFC6", "#E6D0B0", "#B0713F", "#D9603B", "#2F5D62", "#E9B44C"),
        ("#BFD0BB", "#AFC3AB", "#8A583A", "#F4EFE4", "#D98E73", "#4A6B5D"),
        ("#5B7A99", "#52708E", "#D6B189", "#F2C57C", "#E4E9ED", "#2B3E50"),
        ("#EBC7BC", "#E2B8AB", "#F0E4D8", "#9C4A5A", "#FBF3EC", "#6F8F8B"),
        ("#2B5560", "#33616C", "#C08752", "#F3D9A2", "#E07A5F", "#81B29A"),
        ("#E1E5E6", "#CFD5D8", "#74503E", "#F4B942", "#3D5A80", "#98C1D9"),
        ("#E3BB68", "#D8AD57", "#774730", "#FFF5E1", "#2A6F6B", "#B9483B"),
        ("#CDC4DE", "#BFB5D3", "#A77B5A", "#6B5B95", "#FBE8D3", "#88B0A5"),
        ("#444956", "#4C5260", "#ABA39A", "#E8C07D", "#C95D4B", "#8FB8B0"),
        ("#C77A5D", "#BC6E51", "#EAD7BC", "#F6EBDD", "#35524A", "#2D2A32"),
        ("#A9C7D6", "#9ABACB", "#C99B6C", "#FFFFFF", "#E76F51", "#264653"),
        ("#7A8F69", "#6F845F", "#DDC3A0", "#F7E7CE", "#C8553D", "#3A4A2F"),
    )
)
_SKINS = tuple(map(rgb, ("#F2CDB0", "#E6B48E", "#D19A70", "#B07A50", "#8A5A3B", "#64402B")))
_SLEEVES = tuple(
    map(rgb, ("#34557C", "#B8433A", "#F1ECE2", "#2E3440", "#6A9272", "#D8A13C", "#7E5A86", "#4D8C9A", "#C97B63"))
)
_DRINKS = tuple(
    Drink(rgb(colour), opacity, fizz)
    for colour, opacity, fizz in (
        ("#F59A23", 0.96, False),  # orange juice
        ("#8E1F3B", 0.93, False),  # grape
        ("#FBF6EA", 0.98, False),  # milk
        ("#5A2A14", 0.94, True),  # cola
        ("#EFD44B", 0.85, True),  # lemonade
        ("#8CCBE6", 0.72, False),  # water
        ("#E0566E", 0.92, False),  # berry
        ("#C6702A", 0.86, False),  # iced tea
        ("#79B94F", 0.93, False),  # green smoothie
    )
)
_TINTS = tuple(map(rgb, ("#E4F1EF", "#9CC79F", "#C8935A", "#A9CFE6", "#EDEDE6")))
_WALLS = ("plain", "stripes", "tiles", "dots", "panels", "diamonds")
_COVERS = ("wood", "cloth", "paint", "stone")
_THINGS = ("window", "shelf", "pictures", "lamp")
_ASIDES = ("plant", "fruit", "books", "candle", "pot")
_BOTTLES = ("wine", "juice", "milk", "soda", "carafe")
_GLASSES = ("tumbler", "highball", "pint", "goblet")
_SLEEVE_KINDS = ("plain", "stripes", "rolled", "cuff")


def draw_take(seed: int, number: int) -> Take:
    """Draw the clip with this number (from 1) of the sample with this seed; the same however many clips there are."""
    own = np.random.default_rng([seed, number])
    shared = _Cycles(seed, number - 1)
    palette = shared.pick(_PALETTES)
    camera = Camera(
        zoom=float(own.uniform(1.04, 1.32)),
        centre=(float(own.uniform(238, 268)), float(own.uniform(196, 214))),
        roll=float(own.uniform(-0.05, 0.05)),
        drift=(float(own.uniform(-14, 14)), float(own.uniform(-6, 6))),
        zoom_drift=float(own.uniform(-0.05, 0.05)),
        shake=float(own.choice([0.0, 0.6, 1.4])),
        shake_phases=tuple(own.uniform(0, 2 * np.pi, 6).tolist()),
    )
    first, last = float(own.uniform(0.0, 0.22)), float(own.uniform(0.62, 0.86))
    full = float(own.uniform(0.72, 0.92))
    phase_frames = _tempo(own)
    return Take(
        number=number,
        phase_frames=phase_frames,
        stalls=tuple(_stall(own) for _ in PHASES),
        palette=palette,
        wall=shared.pick(_WALLS),
        cover=shared.pick(_COVERS),
        things=_things(own, shared),
        glow=(float(own.uniform(-60, 520)), float(own.uniform(-40, 60))),
        skin=shared.pick(_SKINS),
        sleeve=_unlike(palette.wall, shared.order(_SLEEVES)),
        sleeve_kind=shared.pick(_SLEEVE_KINDS),
        bottle=shared.pick(_BOTTLES),
        bottle_tint=shared.pick(_TINTS),
        label=palette.accents[int(own.integers(3))],
        glass=shared.pick(_GLASSES),
        drink=shared.pick(_DRINKS),
        bottle_x=float(own.uniform(318, 348)),
        glass_x=float(own.uniform(152, 188)),
        base_y=float(own.uniform(294, 306)),
        level=(first, last),
        bottle_full=(full, full - float(own.uniform(0.2, 0.3))),
        arc=float(own.uniform(6, 34)),
        arm_angle=float(own.uniform(-0.16, 0.3)),
        camera=camera,
        mirrored=bool(shared.pick((False, True))),
        grain_seed=int(own.integers(2**31)),
    )


class _Cycles:
    """Picks that use every option before repeating one, so that a small sample is varied."""

    def __init__(self, seed: int, turn: int) -> None:
        self._generator, self._turn = np.random.default_rng([seed, 0]), turn

    def order(self, options: tuple[_Option, ...]) -> list[_Option]:
        """Return all options, starting with the one whose turn it is."""
        shuffled = self._generator.permutation(len(options))
        return [options[int(i)] for i in np.roll(shuffled, -self._turn)]

    def pick(self, options: tuple[_Option, ...]) -> _Option:
        return self.order(options)[0]


def _tempo(own: np.random.Generator) -> tuple[int, ...]:
    low, high = np.array(_FEWEST), np.array(_MOST)
    while True:
        share = own.beta(0.5, 0.5, len(PHASES))  # rather quick or slow than middling: no clip is another one stretched
        frames = tuple(np.round(low + share * (high - low)).astype(int).tolist())
        if _FEWEST_TOTAL <= sum(frames) <= _MOST_TOTAL:
            return frames


def _stall(own: np.random.Generator) -> tuple[float, float]:
    hesitates = own.random() < 0.3
    return float(own.uniform(0.3, 0.75)), float(own.uniform(0.15, 0.35)) if hesitates else 0.0


def _things(own: np.random.Generator, shared: _Cycles) -> tuple[str, ...]:
    asides = own.choice(_ASIDES, size=int(own.integers(1, 3)), replace=False)
    return (shared.pick(_THINGS), *(str(aside) for aside in asides))


def _unlike(wall: Colour, sleeves: list[Colour]) -> Colour:
    """Return the first that stands out from the wall."""
    return next(s for s in sleeves if sum(abs(a - b) for a, b in zip(s, wall, strict=True)) > 150)
