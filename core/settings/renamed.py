"""Former names of settings, of their values and of command-line options: the one place that knows them.

Runs, encoders, recipes, grids and commands of then still have them. A setting means what it meant, in the same unit.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence

from core.base.errors import ConfigError

SETTINGS = {
    "frames.store_gigabytes": "frames.cache_size_gb",
    "frames.workers": "frames.decode_workers",
    "views.frames": "views.num_frames",
    "views.warp": "views.tempo_std",
    "views.layout": "views.crop_mode",
    "views.share_low": "views.min_crop_fraction",
    "views.share_high": "views.max_crop_fraction",
    "augment.scale_low": "augment.min_scale",
    "augment.ratio_high": "augment.max_aspect_ratio",
    "augment.flip": "augment.flip_prob",
    "augment.jitter": "augment.jitter_prob",
    "augment.blur": "augment.blur_prob",
    "augment.blur_low": "augment.min_blur_sigma",
    "augment.blur_high": "augment.max_blur_sigma",
    "augment.grayscale": "augment.grayscale_prob",
    "backbone.otherwise": "backbone.fallback",
    "backbone.pose": "backbone.pose_view",
    "backbone.people": "backbone.person_table",
    "backbone.learnable": "backbone.trainable_blocks",
    "backbone.chunk": "backbone.chunk_size",
    "encoder.width": "encoder.d_model",
    "encoder.hidden": "encoder.mlp_dim",
    "encoder.feedforward": "encoder.ffn_dim",
    "encoder.positions": "encoder.positional_encoding",
    "encoder.rescale": "encoder.rescale_positions",
    "encoder.differences": "encoder.delta_lag",
    "encoder.standardise": "encoder.standardise_features",
    "encoder.embedding": "encoder.embedding_dim",
    "encoder.projection": "encoder.projection_dim",
    "objective.variance": "scl.variance",
    "objective.temperature": "scl.temperature",
    "tcn.regulariser": "tcn.l2_weight",
    "sal.shuffled": "sal.shuffled_fraction",
    "lav.regulariser": "lav.idm_weight",
    "gta.smoothing": "gta.label_smoothing",
    "supervised.label_share": "supervised.label_fraction",
    "lac.nearest": "lac.distance_eps",
    "train.copies": "train.augmented_copies",
    "train.videos_per_step": "train.batch_size",
    "train.swap": "train.mean_swap_prob",
    "train.views_per_video": "train.repeats_per_epoch",
    "train.least_steps": "train.min_steps_per_epoch",
    "train.clip_norm": "train.max_grad_norm",
    "train.threads": "train.cpu_threads",
    "train.keep": "train.keep_checkpoints",
    "train.evaluate_every": "train.eval_interval_epochs",
}
"""Dotted settings by their former names."""

_FORMER = {new: old for old, new in SETTINGS.items()}

VALUES = {"views.crop_mode": {"share": "fraction"}}
"""By the present name of a setting: its values by their former names."""

OPTIONS = {
    "--along": "--path",
    "--apart": "--min-gap",
    "--drop": "--ignore-class",
    "--in": "--library",
    "--least-confidence": "--min-confidence",
    "--least-score": "--min-score",
    "--most": "--max-segments",
    "--next": "--suggestions",
    "--overlap": "--max-overlap",
    "--people": "--person-table",
    "--share": "--flagged-fraction",
    "--shortest": "--min-seconds",
    "--top": "--top-k",
    "--val-share": "--val-fraction",
    **{f"--{former}": f"--{name}" for former, name in SETTINGS.items()},
}
"""Options of the commands by their former names."""


def former_name(setting: str) -> str:
    """Return what a dotted setting was called before; where it was never renamed, its name."""
    return _FORMER.get(setting, setting)


def former_value(setting: str, value: object) -> object:
    """Return what a setting's value was called before; where it was never renamed, the value."""
    return next((old for old, new in VALUES.get(setting, {}).items() if new == value), value)


def rename_settings(values: Mapping[str, object], *, source: str = "") -> dict[str, object]:
    """Return dotted settings under the names that they have now; names that are unknown stay.

    Args:
        values: a list in the place of a value stands for several, as in a grid.
        source: where the values came from, named in the error ("recipe my.toml").

    Raises:
        ConfigError: a setting is given by both of its names, with different values.
    """
    made: dict[str, object] = {}
    for given_name, value in values.items():
        name = SETTINGS.get(given_name, given_name)
        now = _rename_value(name, value)
        if name in made and made[name] != now:
            former = former_name(name)
            raise ConfigError(
                f"{source}{': ' if source else ''}{former} is the former name of {name}, and both are given: "
                f"{former} = {values[former]!r}, {name} = {values[name]!r}. Leave {former} out."
            )
        made[name] = now
    return made


def _rename_value(name: str, value: object) -> object:
    if isinstance(value, list):
        return [_rename_value(name, one) for one in value]
    return VALUES.get(name, {}).get(value, value) if isinstance(value, str) else value


def rename_options(words: Sequence[str], known: Collection[str]) -> list[str]:
    """Return a command line with options under the names that they have now.

    Args:
        known: the options that the command has: a former name means the present one only where that is one of them.

    Raises:
        ConfigError: an option is given by both of its names, with different values.
    """
    count = words.index("--") if "--" in words else len(words)
    made, values = list(words), dict[str, tuple[str, list[str]]]()
    for index, word in enumerate(words[:count]):
        given_name, equals, value = word.partition("=")
        name = OPTIONS.get(given_name, given_name)
        if name not in known or (given_name in known and given_name != name):
            continue
        own = (
            [value] if equals else list(itertools.takewhile(lambda one: not _is_option(one, known), words[index + 1 :]))
        )
        other, others = values.setdefault(name, (given_name, own))
        if other != given_name and others != own:
            former = other if given_name == name else given_name
            raise ConfigError(f"{former} is the former name of {name}, and both are given. Leave {former} out.")
        made[index] = name + equals + value
    return made


def with_present_names(sentence: str, words: Sequence[str], present: Sequence[str]) -> str:
    """Return an error about a command line, which says which former names it speaks of.

    Args:
        words: as they were given.
        present: as `rename_options` made them.
    """
    pairs = [(old.partition("=")[0], new.partition("=")[0]) for old, new in zip(words, present, strict=True)]
    spoken = [(old, new) for old, new in dict(pairs).items() if old != new and new.removeprefix("--") in sentence]
    return " ".join([sentence, *(f"({old} is called {new} now.)" for old, new in spoken)])


def _is_option(word: str, known: Collection[str]) -> bool:
    name = word.partition("=")[0]
    return name == "--" or name in known or name in OPTIONS
