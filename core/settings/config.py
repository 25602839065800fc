"""All settings: default, unit, range, meaning and source of each.

The command line (`core.cli.command`), recipes (TOML) and the window's form are generated from these dataclasses;
there is no second list. Sources name the CARL paper (Chen et al., CVPR 2022) or say that the choice is ours.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import math
import tomllib
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from core.base.declaring import Value, setting
from core.base.errors import ConfigError
from core.base.files import write_text
from core.objectives.kinds import KINDS, Settings
from core.settings.renamed import former_name, rename_settings

DEFAULT_IMAGE_RATE = 25.0
"""Images a second of a folder of images that is read as a video: FFmpeg's own default."""


@dataclass(frozen=True)
class FramesConfig:
    """The frame store: videos decoded once into small frames on disk (ours)."""

    short_side: int = setting(256, "Short side of the stored frames", unit="pixels", low=16, high=2160)
    cache_size_gb: float = setting(
        50.0, "Maximum size of the frame store and of the feature cache", unit="GB", low=0.001, high=1_000_000_000
    )
    decode_workers: int = setting(0, "Videos decoded at once; 0: one per processor core", low=0, high=256)
    image_rate: float = setting(
        DEFAULT_IMAGE_RATE,
        "Frame rate of a folder of images read as a video",
        unit="images/s",
        low=0.001,
        high=100_000,
    )
    gpu_fraction: float = setting(
        0.5,
        "Fraction of the GPU's free memory that may keep decoded training frames (finetune mode); 0: none",
        low=0.0,
        high=0.95,
    )


@dataclass(frozen=True)
class ViewsConfig:
    """Temporal views (paper, section 3.2)."""

    num_frames: int = setting(240, "T: frames per view (240; PennAction 80)", unit="frames", low=2, high=100_000)
    alpha: float = setting(1.5, "Longest crop, as a multiple of T", low=1.0, high=100.0)
    beta: float = setting(0.2, "Minimum overlap between the two crops (fraction of frames)", low=0.0, high=1.0)
    sampling: str = setting(
        "random",
        "How T frames are sampled from a crop (Table 10); warped: at a random, varying tempo (ours)",
        choices=("random", "even", "warped"),
    )
    tempo_std: float = setting(
        0.8, "Standard deviation of the log-tempo (sampling = warped)", unit="log units", low=0.0, high=3.0
    )
    crop_mode: str = setting(
        "paper",
        "Crops of T to alpha*T frames (paper), as in its code for Pouring (released), or a fraction of the video "
        "(ours)",
        choices=("paper", "released", "fraction"),
    )
    min_crop_fraction: float = setting(
        0.4, "Shortest crop, as a fraction of the video (crop_mode = fraction)", low=0.01, high=1.0
    )
    max_crop_fraction: float = setting(
        1.0, "Longest crop, as a fraction of the video (crop_mode = fraction)", low=0.01, high=1.0
    )


@dataclass(frozen=True)
class AugmentConfig:
    """Spatial augmentation, one draw for all frames of a view (paper, section 3.2; values of the released code)."""

    image_size: int = setting(224, "Side of the square image given to the backbone", unit="pixels", low=16, high=2160)
    min_scale: float = setting(0.8, "Minimum area of a crop, as a fraction of the image", low=0.01, high=1.0)
    max_aspect_ratio: float = setting(
        4 / 3, "Maximum aspect ratio of a crop, relative to the frame's; the minimum is its inverse", low=1.0, high=10.0
    )
    flip_prob: float = setting(0.5, "Probability of a horizontal flip", low=0.0, high=1.0)
    jitter_prob: float = setting(0.8, "Probability of colour jitter", low=0.0, high=1.0)
    brightness: float = setting(0.8, "Strength of brightness jitter", low=0.0, high=1.0)
    contrast: float = setting(0.8, "Strength of contrast jitter", low=0.0, high=1.0)
    saturation: float = setting(0.8, "Strength of saturation jitter", low=0.0, high=1.0)
    hue: float = setting(0.2, "Strength of hue jitter", unit="turns", low=0.0, high=0.5)
    blur_prob: float = setting(0.5, "Probability of Gaussian blur", low=0.0, high=1.0)
    min_blur_sigma: float = setting(0.1, "Minimum standard deviation of the blur", unit="pixels", low=0.01, high=20.0)
    max_blur_sigma: float = setting(2.0, "Maximum standard deviation of the blur", unit="pixels", low=0.01, high=20.0)
    grayscale_prob: float = setting(0.2, "Probability of conversion to grayscale", low=0.0, high=1.0)


@dataclass(frozen=True)
class BackboneConfig:
    """The network that looks at one frame at a time (paper, section 3.3)."""

    name: str = setting(
        "resnet50",
        "resnet18, resnet34, resnet50, resnet101, resnet152, hog (no weights), timm:NAME, an .onnx extractor's path, "
        "pose (body pose of one person), or auto (pose where people are seen, else backbone.fallback)",
    )
    fallback: str = setting(
        "resnet50",
        "With name = auto: the backbone used when few videos show a person; settings unchanged from recipe auto are "
        "taken from recipe frozen",
    )
    pose_view: str = setting(
        "any-side",
        "Features of body pose: for people filmed from any side, or all from the same side (ours)",
        choices=("any-side", "same-side"),
    )
    person_table: str = setting(
        "",
        "Table (video, frame, x, y; x and y from 0 to 1) of the person to follow when several are in view; empty: "
        "the largest",
    )
    weights: str = setting("imagenet", "imagenet, none, or a path to a state dict (.pth, .safetensors)")
    trainable_blocks: str = setting(
        "layer4", "Trainable ResNet blocks (Table 7)", choices=("none", "layer4", "layer3+layer4")
    )
    chunk_size: int = setting(40, "Frames passed through the backbone at once; limits memory use", unit="frames", low=1)
    pool: str = setting(
        "max",
        "Spatial pooling of the feature map; avg2x2: the mean of each quarter (ours)",
        choices=("max", "avg", "max+avg", "avg2x2", "avg4x4"),
    )


@dataclass(frozen=True)
class EncoderConfig:
    """The head that puts frames in context (paper, section 3.3; layer sizes of the released code)."""

    temporal: str = setting(
        "transformer", "Temporal layers over the frames (Table 5)", choices=("transformer", "conv3d", "none")
    )
    layers: int = setting(3, "Transformer layers (Table 6)", low=1, high=48)
    heads: int = setting(8, "Attention heads", low=1, high=64)
    d_model: int = setting(256, "Width of the transformer", low=8, high=4096)
    mlp_dim: int = setting(512, "Hidden size of the two-layer MLP before the transformer", low=8, high=8192)
    ffn_dim: int = setting(1024, "Width of the transformer's feed-forward layers", low=8, high=16384)
    dropout: float = setting(0.1, "Dropout", low=0.0, high=0.9)
    positional_encoding: str = setting(
        "rotary",
        "rotary (relative, ours) or sincos (paper); with none, the order of frames is unknown",
        choices=("rotary", "sincos", "none"),
    )
    rotary_base: float = setting(1000.0, "Base of the rotary positions' wavelengths", low=2.0, high=1e6)
    rescale_positions: bool = setting(True, "Rescale a whole video's positions to the training range (released code)")
    delta_lag: int = setting(
        0,
        "Also use the change of the features between this many frames before and after; 0: off (ours, frozen mode)",
        unit="frames",
        low=0,
    )
    standardise_features: bool = setting(
        False, "Standardise the features by those of the training videos (ours, frozen mode)"
    )
    embedding_dim: int = setting(128, "Width of the embedding h", low=2, high=4096)
    projection_dim: int = setting(128, "Width of the projection z", low=2, high=4096)
    max_frames: int = setting(6000, "Longest video embedded in one piece; longer ones are split", unit="frames", low=2)


@dataclass(frozen=True)
class ObjectiveConfig:
    """The objective (paper, Tables 3, 11 and 13)."""

    name: str = setting("scl", "The objective; its settings are in the section of the same name", choices=tuple(KINDS))


@dataclass(frozen=True)
class TrainConfig:
    """Optimisation (paper, section 4.2; released code)."""

    mode: str = setting(
        "finetune",
        "finetune: also train the backbone's last block; frozen: train only the head",
        choices=("finetune", "frozen"),
    )
    augmented_copies: int = setting(
        8, "Augmented copies per video whose features are cached (frozen mode)", low=1, high=1000
    )
    copy_stride: int = setting(
        1,
        "Pass only every Nth frame of a copy through the backbone; in between, the clean features are cropped and "
        "shifted (ours, frozen mode). 1: every frame",
        unit="frames",
        low=1,
    )
    epochs: int = setting(300, "Passes over the videos; with patience, the maximum", unit="epochs", low=1)
    patience: int = setting(
        0,
        "Stop when the loss has not fallen for this many epochs; 0: train for all epochs (ours)",
        unit="epochs",
        low=0,
    )
    batch_size: int = setting(4, "Videos per step, two views each, over all processes", low=1)
    mean_swap_prob: float = setting(
        0.0,
        "Probability of replacing a view's mean feature with another video's (ours, frozen mode)",
        low=0.0,
        high=1.0,
    )
    repeats_per_epoch: int = setting(1, "Pairs of views per video and epoch", low=1, high=1000)
    min_steps_per_epoch: int = setting(
        1, "Minimum steps per epoch; with few videos, they repeat within an epoch", unit="steps", low=1
    )
    learning_rate: float = setting(
        1e-4,
        "Adam's initial learning rate; it decays along a cosine, or with patience when the loss stops falling",
        low=1e-9,
        high=10.0,
    )
    weight_decay: float = setting(1e-5, "Weight decay", low=0.0, high=10.0)
    max_grad_norm: float = setting(10.0, "Maximum norm of the gradient", low=1e-6)
    precision: str = setting(
        "auto",
        "auto: bfloat16 on a GPU that supports it, else float32",
        choices=("auto", "float32", "bfloat16", "float16"),
    )
    compile: str = setting(
        "auto",
        "torch.compile of the backbone's fixed part; auto: on a GPU, where training is long enough to gain from it "
        "(finetune mode)",
        choices=("auto", "on", "off"),
    )
    deterministic: bool = setting(
        False, "On a GPU: resume to the very same weights, somewhat slower (a CPU always does so)"
    )
    seed: int = setting(1, "Random seed", low=0, high=2**31 - 1)
    cpu_threads: int = setting(0, "CPU threads of torch; 0: torch's default", low=0, high=1024)
    keep_checkpoints: int = setting(2, "Number of checkpoints to keep", low=1)
    eval_interval_epochs: int = setting(
        5, "Validate every N epochs and after the last one; 0: never", unit="epochs", low=0
    )


@dataclass(frozen=True)
class Config:
    """All settings of a run. Immutable: `with_values` makes a changed copy."""

    frames: FramesConfig = field(default_factory=FramesConfig)
    views: ViewsConfig = field(default_factory=ViewsConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    backbone: BackboneConfig = field(default_factory=BackboneConfig)
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    objective: ObjectiveConfig = field(default_factory=ObjectiveConfig)
    objective_settings: tuple[Settings, ...] = field(
        default_factory=lambda: tuple(kind.settings() for kind in KINDS.values())
    )
    """Those of each objective, in the order of `KINDS`; the section of an objective has its name."""
    train: TrainConfig = field(default_factory=TrainConfig)

    def __post_init__(self) -> None:
        if self.augment.min_blur_sigma > self.augment.max_blur_sigma:
            raise ConfigError(
                f"augment.min_blur_sigma = {self.augment.min_blur_sigma} > augment.max_blur_sigma = "
                f"{self.augment.max_blur_sigma}. Swap the two values."
            )
        if self.encoder.d_model % (2 * self.encoder.heads):
            raise ConfigError(
                f"encoder.d_model = {self.encoder.d_model} does not divide into {self.encoder.heads} heads of even "
                f"width. Choose a multiple of {2 * self.encoder.heads}."
            )
        if self.views.min_crop_fraction > self.views.max_crop_fraction:
            raise ConfigError(
                f"views.min_crop_fraction = {self.views.min_crop_fraction} > views.max_crop_fraction = "
                f"{self.views.max_crop_fraction}. Swap the two values."
            )
        if self.train.mode == "frozen" and self.backbone.trainable_blocks != "none":
            raise ConfigError(
                "train.mode = 'frozen' does not train the backbone, but backbone.trainable_blocks = "
                f"{self.backbone.trainable_blocks!r}. Set it to 'none', or train.mode to 'finetune'."
            )
        if self.backbone.name in ("pose", "auto") and self.train.mode != "frozen":
            raise ConfigError(
                f"backbone.name = {self.backbone.name!r} needs cached features. Set train.mode = 'frozen' and "
                "backbone.trainable_blocks = 'none'."
            )
        if self.backbone.fallback == "auto":
            raise ConfigError("backbone.fallback = 'auto' leaves the choice open. Name a backbone, such as resnet50.")
        if self.backbone.person_table and self.backbone.name not in ("pose", "auto"):
            raise ConfigError(
                f"backbone.person_table = {self.backbone.person_table!r} needs body pose, but backbone.name is "
                f"{self.backbone.name!r}. Remove one of them."
            )
        for name, value in (
            ("encoder.delta_lag", self.encoder.delta_lag),
            ("encoder.standardise_features", self.encoder.standardise_features),
            ("train.mean_swap_prob", self.train.mean_swap_prob),
        ):
            if value and self.train.mode != "frozen":
                raise ConfigError(
                    f"{name} = {value} needs cached features, which only train.mode = 'frozen' has. Remove it."
                )
        if self.train.mode == "frozen" and self.encoder.temporal == "conv3d":
            raise ConfigError(
                "encoder.temporal = 'conv3d' needs whole feature maps, which train.mode = 'frozen' does not keep. "
                "Use train.mode = 'finetune' with backbone.trainable_blocks = 'none'."
            )

    def section(self, name: str) -> Any:
        """Return the settings of a section: one of `section_types()`. KeyError: there is none of that name."""
        if name in KINDS:
            return self.objective_settings[list(KINDS).index(name)]
        if name not in section_types():
            raise KeyError(name)
        return getattr(self, name)

    def with_sections(self, sections: Mapping[str, object]) -> Config:
        """Return a copy with these sections replaced."""
        own = {name: section for name, section in sections.items() if name not in KINDS}
        of_objectives = tuple(sections.get(name, self.section(name)) for name in KINDS)
        return dataclasses.replace(self, **own, objective_settings=of_objectives)  # type: ignore[arg-type]


@functools.cache
def section_types() -> dict[str, type]:
    """Return the dataclass of each section, by its name, in the order of a file of settings."""
    types: dict[str, type] = {}
    for name, kind in typing.get_type_hints(Config).items():
        types |= {one.name: one.settings for one in KINDS.values()} if name == "objective_settings" else {name: kind}
    return types


_HIGHEST = 1e15
"""Of all numbers: beyond it nothing can be counted, and least of all to infinity."""


@dataclass(frozen=True)
class Setting:
    """One leaf of `Config`, from which the command line and the window's form are built."""

    name: str
    """Dotted, such as `train.epochs`."""
    type: type
    default: Value
    help: str
    unit: str
    low: float
    high: float
    choices: tuple[str, ...]


@functools.cache
def settings() -> tuple[Setting, ...]:
    """Return every setting, in the order of the file."""
    return tuple(_each())


def _each() -> Iterator[Setting]:
    for section, section_type in section_types().items():
        hints = typing.get_type_hints(section_type)
        for leaf in dataclasses.fields(section_type):
            yield Setting(f"{section}.{leaf.name}", hints[leaf.name], typing.cast(Value, leaf.default), **leaf.metadata)


def with_values(config: Config, values: Mapping[str, object], *, source: str = "") -> Config:
    """Return a copy of `config` with dotted settings replaced.

    Args:
        values: such as `{"train.epochs": 5}`; strings are converted to the setting's type.
        source: where the values came from, named in the error ("recipe my.toml").

    Raises:
        ConfigError: an unknown name (with the nearest known one), a wrong type, a value out of range.
    """
    known = {item.name: item for item in settings()}
    sections: dict[str, dict[str, Value]] = {}
    for name, value in rename_settings(values, source=source).items():
        if name not in known:
            raise ConfigError(f"{_where(source)}Unknown setting {name!r}{did_you_mean(name, list(known))}")
        section, leaf = name.split(".")
        sections.setdefault(section, {})[leaf] = _check(known[name], value, source, called=_display_name(name, values))
    changed = {name: dataclasses.replace(config.section(name), **leaves) for name, leaves in sections.items()}
    made = config.with_sections(changed)
    for section in sections:
        if section in KINDS and section != made.objective.name and changed[section] != config.section(section):
            raise ConfigError(
                f"{_where(source)}{section}.{next(iter(sections[section]))} is a setting of the objective {section}, "
                f"but objective.name is {made.objective.name!r}. Remove it, or set objective.name to {section!r}."
            )
    return made


def tables(config: Config) -> dict[str, dict[str, Value]]:
    """Return all settings by section and name; of the objectives' sections only that of the one that is chosen."""
    return {
        section: leaves
        for section, leaves in all_tables(config).items()
        if section not in KINDS or (section == config.objective.name and leaves)
    }


def all_tables(config: Config) -> dict[str, dict[str, Value]]:
    """Return all settings by section and name, those of all objectives too."""
    return {section: dataclasses.asdict(config.section(section)) for section in section_types()}


def value_of(config: Config, name: str) -> Value:
    """Return the value of a dotted setting, such as `train.epochs`."""
    section, leaf = name.split(".")
    value: Value = getattr(config.section(section), leaf)
    return value


def did_you_mean(word: str, known: list[str]) -> str:
    """Return `: did you mean 'x'?`, or the list of what there is."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if not near:  # a leaf given without its section
        near = [name for name in known if name.rpartition(".")[2] == word.rpartition(".")[2]][:1]
    return f": did you mean {near[0]!r}?" if near else f". There are: {', '.join(known)}."


def _one_of(value: Value, choices: Sequence[str]) -> str:
    """Return what follows "must be" in a sentence: the choices, what was given, and the nearest choice if any."""
    near = difflib.get_close_matches(str(value), choices, n=1, cutoff=0.6)
    guess = f": did you mean {near[0]!r}?" if near else "."
    return f"one of {', '.join(choices)}, not {value!r}{guess}"


def _where(source: str) -> str:
    return f"{source}: " if source else ""


def _display_name(name: str, values: Mapping[str, object]) -> str:
    """Return how an error names a setting: with its former name where that was given."""
    return name if name in values else f"{name} (here {former_name(name)})"


def _check(item: Setting, value: object, source: str, *, called: str) -> Value:
    converted = _convert(item, value)
    if converted is None:
        kind = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}[item.type]
        raise ConfigError(f"{_where(source)}{called} must be {kind}, not {value!r}.")
    if item.choices and converted not in item.choices:
        raise ConfigError(f"{_where(source)}{called} must be {_one_of(converted, item.choices)}")
    if isinstance(converted, (int, float)) and not item.low <= converted <= min(item.high, _HIGHEST):
        most = item.high if item.high < math.inf else _HIGHEST if converted > item.low else math.inf
        bounds = f"at least {item.low:g}" + (f" and at most {most:g}" if most < math.inf else "")
        raise ConfigError(f"{_where(source)}{called} must be {bounds} {item.unit}".rstrip() + f", not {value}.")
    return converted


def _convert(item: Setting, value: object) -> Value | None:
    if item.type is str:
        return value if isinstance(value, str) else None
    if item.type is bool:
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        return value if isinstance(value, bool) else words.get(str(value).lower())
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    if isinstance(value, float) and item.type is int:
        return int(value) if value.is_integer() else None
    try:
        parsed: Value = item.type(value)
    except (ValueError, OverflowError):
        return None
    return parsed


def to_toml(config: Config) -> str:
    """Return all settings as TOML text; `from_toml` returns the same config."""
    return tomli_w.dumps(tables(config))


def from_toml(text: str, *, source: str, base: Config | None = None) -> Config:
    """Read settings over `base` (the defaults).

    Raises:
        ConfigError: not TOML, or what `with_values` refuses.
    """
    try:
        tables = tomllib.loads(text)
    except ValueError as error:  # a number of thousands of digits, too
        raise ConfigError(f"{source} is not valid TOML ({error}). Fix that line.") from error
    except RecursionError as error:
        raise ConfigError(f"{source} nests its values too deeply. Write each setting as one value.") from error
    values: dict[str, object] = {}
    for section, leaves in tables.items():
        if not isinstance(leaves, dict):
            raise ConfigError(f"{source}: {section!r} is outside a section. Put it under one, such as [train].")
        values.update({f"{section}.{leaf}": value for leaf, value in leaves.items()})
    return with_values(base or Config(), values, source=source)


def load(path: Path, *, base: Config | None = None) -> Config:
    """Read a TOML file of settings. Raises ConfigError where it is missing or wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # not UTF-8, or a name that no file can have
        raise ConfigError(
            f"The settings file {path} cannot be read ({error}). Check its name and permissions."
        ) from error
    return from_toml(text, source=path.name, base=base)


def save(config: Config, path: Path) -> None:
    """Write all settings as TOML; the file is whole or as it was."""
    write_text(path, to_toml(config))
