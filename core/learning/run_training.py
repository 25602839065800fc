"""A whole training run: videos -> frame store -> (features ->) views -> trainer -> encoder file."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.base.control import Control
from core.base.errors import CheckpointError, VideoError
from core.base.events import CheckpointSaved, EvalDone, Event, Failed, Finished, Notice, Paused, Sink, StepDone, ignore
from core.base.listing import count_noun
from core.features.backbone_features import FeatureFile
from core.features.cached import features_of, people_of
from core.features.remaining import Costs, measure_costs, remaining_of_training
from core.learning.data import FeatureSource, FrameViews, ViewSource
from core.learning.device_views import DeviceFrames, SentViews
from core.learning.distributed import Processes
from core.learning.fixed_shapes import compiled_sizes, has_fixed_shapes
from core.learning.further_training import begin_with, look_as_before
from core.learning.knowledge import knowledge_of
from core.learning.run_folder import Origin, RunFolder
from core.learning.trainer import OnEpoch, Trainer, no_op
from core.learning.training_state import Checkpoints
from core.learning.validation import Validation
from core.learning.validation_set import build_validation_data
from core.model import device as devices
from core.model.checkpoint import read_card, save_encoder
from core.model.encoder import Encoder, build_encoder
from core.pose.choosing import settle
from core.pose.networks import PoseNetworks
from core.settings.config import Config
from core.settings.config import save as save_settings
from core.video.content import known_digests
from core.video.frame_store import FrameStore, StoredVideo

_EXPORT_SECONDS = 60.0
"""Between two exports of the encoder while training: it may be large, and the checkpoint is what a resume needs."""


def train_run(
    run: RunFolder,
    config: Config,
    paths: Sequence[Path],
    device_name: str,
    processes: Processes,
    sink: Sink,
    control: Control,
    *,
    validation: Sequence[Path] = (),
    labels: Path | None = None,
    origin: Origin | None = None,
    actions: Mapping[Path, str] | None = None,
) -> str:
    """Train the run in `run` from its newest checkpoint, or from the start, to the end.

    Every process of a distributed run calls this; only the first writes to the folder.

    Args:
        paths: videos to learn from.
        validation: videos for the figures as it learns; never learned from.
        labels: a segment CSV of any of the videos, for those figures; learned from by the objective `supervised` alone.
        origin: the encoder that the run begins with; None: random weights. It is given and not read from the run, which
            the first process may not have written yet when the others come here.
        actions: of any of the videos, for objectives that pair videos of one action.

    Returns:
        `done` or `stopped`; either way `run.encoder_file` holds the weights of the last step.

    Raises:
        CarlError: what a person can mend; the last good checkpoint is kept, and exported.
        Stopped: `control` asked for it before the first step.
    """
    processes.check(config.train.batch_size)
    if config.train.cpu_threads:
        torch.set_num_threads(config.train.cpu_threads)
    device = devices.choose_device(device_name, local_rank=processes.local_rank)
    costs: Costs | None = None
    sink = remaining_of_training(sink, lambda: costs, config, len(paths))
    sink(Notice(f"Training on {devices.describe(device)}."))
    torch.manual_seed(config.train.seed)
    store = frame_store(config)
    videos = list[StoredVideo]()
    why = _earlier_choice(run)
    if config.backbone.name == "auto":
        videos = usable_videos(store.add(paths, sink, control), sink)
        config, why = settle(config, videos, device, sink, control)
        if processes.is_first:
            save_settings(config, run.config_file)  # so that a resumed run does not choose again
    encoder = build_encoder(config, sink=sink, control=control)  # first: what cannot be used is refused early
    ancestors, has_input = _ancestors(run, origin, encoder, config, processes, sink)
    encoder.to(device)
    control.obey()
    check_takes_frames(encoder, config)
    if processes.is_first:
        costs = measure_costs(encoder, config, device, trains=True, control=control)
    videos = videos or usable_videos(store.add(paths, sink, control), sink)
    if processes.is_first:
        run.keep_inputs(paths, validation, labels, known_digests([*paths, *validation], config.frames.image_rate))
    videos, knowledge = knowledge_of(config, videos, paths, labels, actions or {}, sink)
    material = None
    if processes.is_first and config.train.eval_interval_epochs:
        material = build_validation_data(store, videos, validation, labels, config, sink, control, input_paths=paths)
    source = _source(encoder, videos, config, device, sink, control, fits_input=not has_input)
    on_epoch: OnEpoch = no_op
    if material and material.all():
        on_epoch = Validation(run.folder.name, material, encoder, config, device, sink, control).after_epoch
    trained_before = {"ancestors": list(ancestors)} if ancestors else {}
    exporter = _Exporter(run, encoder, config, videos, {**_choices(config, videos, why), **trained_before})
    lengths = [len(video) for video in videos]
    prepare_backbone(encoder, config, device, lengths, sink)
    flags = devices.flags(
        device, is_deterministic=config.train.deterministic, has_fixed_shapes=has_fixed_shapes(config, lengths)
    )
    with flags, processes.joined(device):
        trainer = Trainer(
            encoder,
            source,
            config,
            Checkpoints(run.checkpoints, keep=config.train.keep_checkpoints),
            device=device,
            processes=processes,
            videos_identity=_identity(videos),
            knowledge=knowledge,
            on_checkpoint=exporter.after_checkpoint,
            on_epoch=on_epoch,
        )
        if trainer.restore(sink):
            sink(Notice(f"Resuming after step {trainer.step} of {trainer.total_steps}."))
        try:
            reason = trainer.fit(sink, control, workers=_workers(config))
        except BaseException:
            if processes.is_first and trainer.restore(ignore):  # what is in memory may be spoilt
                exporter.export({"step": trainer.step, "total_steps": trainer.total_steps})
            raise
        if processes.is_first:
            exporter.export({"step": trainer.step, "total_steps": trainer.total_steps, "loss": trainer.last_loss})
    return reason


def _ancestors(
    run: RunFolder, origin: Origin | None, encoder: Encoder, config: Config, processes: Processes, sink: Sink
) -> tuple[Sequence[Mapping[str, object]], bool]:
    """Return the metadata of the encoder the run starts from, and whether the input's shift and scale are known.

    Its weights are taken where the run has none of its own yet.
    """
    if origin is None:
        return (), False
    if origin.ancestors and any(run.checkpoints.iterdir()):
        look_as_before(encoder, run.encoder_file, origin)
        return origin.ancestors, True  # a checkpoint holds the input's
    beginning = begin_with(encoder, config, origin)
    sink(Notice(beginning.message))
    if processes.is_first:
        run.keep_ancestors(beginning.ancestors)
    return beginning.ancestors, beginning.has_input


def check_takes_frames(encoder: Encoder, config: Config) -> None:
    """Pass one black frame of the requested size through the backbone.

    Raises:
        ConfigError: an extractor that takes other frames, or gives what is no feature map.
    """
    if isinstance(encoder.backbone.frozen, PoseNetworks):  # they bring their own size
        return
    side = config.augment.image_size
    device = next(encoder.head.parameters()).device
    was_training = encoder.training
    with torch.no_grad():
        encoder.eval().features(torch.zeros(1, 3, side, side, device=device))
    encoder.train(was_training)


def write_log(run: RunFolder, event: Event) -> None:
    """Append what a person wants to read later to the run's `log.txt`."""
    match event:
        case Notice(message) | Failed(message):
            line = message
        case Finished(reason, _):
            line = reason
        case Paused(paused):
            line = "paused" if paused else "resumed"
        case CheckpointSaved(path, epoch, step):
            line = f"checkpoint {Path(path).name} after epoch {epoch}, step {step}"
        case EvalDone(values=values, step=step):
            line = f"metrics after step {step}: {', '.join(f'{name} {value:.4f}' for name, value in values.items())}"
        case StepDone() if event.step % max(event.total_steps // 100, 1) == 0:
            line = (
                f"step {event.step} of {event.total_steps}: loss {event.loss:.4f}, "
                f"learning rate {event.learning_rate:.2e}, {event.frames_per_second:.0f} frames/s"
            )
        case _:
            return
    with run.log_file.open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {line}\n")


def frame_store(config: Config) -> FrameStore:
    frames = config.frames
    return FrameStore(
        short_side=frames.short_side,
        max_bytes=int(frames.cache_size_gb * 1e9),
        workers=frames.decode_workers,
        image_rate=frames.image_rate,
    )


def _workers(config: Config) -> int:
    return config.frames.decode_workers or os.cpu_count() or 1


def usable_videos(videos: Sequence[StoredVideo], sink: Sink) -> list[StoredVideo]:
    """Return the videos with at least two frames. VideoError: there is none."""
    usable = []
    for video in videos:
        if len(video) >= 2:
            usable.append(video)
        else:
            sink(Notice(f"{video.path} has only one frame; it is left out."))
    if not usable:
        raise VideoError(
            f"None of the {len(videos)} videos has two frames or more, so there is nothing to train on. Add videos."
        )
    return usable


def _source(
    encoder: Encoder,
    videos: Sequence[StoredVideo],
    config: Config,
    device: torch.device,
    sink: Sink,
    control: Control,
    *,
    fits_input: bool,
) -> ViewSource:
    if config.train.mode == "finetune":
        return frame_source(videos, config, device, sink)
    max_bytes = int(config.frames.cache_size_gb * 1e9)
    cache = features_of(encoder.eval(), config, device, max_bytes=max_bytes)
    copies = cache.copies(videos, control, sink)
    source = feature_source(encoder, copies, config, fits_input=fits_input, control=control)
    return source if device.type == "cpu" else SentViews(source, device)


def frame_source(videos: Sequence[StoredVideo], config: Config, device: torch.device, sink: Sink) -> ViewSource:
    """Provide views of stored frames; for a GPU they stay there or are sent ahead."""
    if device.type == "cpu":
        return FrameViews(videos, config.augment)
    max_bytes = int(config.frames.gpu_fraction * devices.free_bytes(device))
    source = DeviceFrames(videos, config.augment, device, max_bytes)
    if source.num_kept:
        kept = f"{source.num_kept} of {count_noun(len(videos), 'video')}"
        sink(Notice(f"The GPU keeps the frames of {kept} in {source.kept_bytes / 1e9:.1f} GB of its memory."))
    return source


def prepare_backbone(
    encoder: Encoder, config: Config, device: torch.device, lengths: Sequence[int], sink: Sink
) -> None:
    """Let the backbone's fixed part run in the way that suits the device, where its weights do not change any more."""
    sizes = compiled_sizes(config, encoder.backbone, device, lengths)
    if sizes:
        sink(Notice("The image network is compiled first, which takes about a minute."))
    if sizes or (device.type == "cuda" and config.train.mode == "finetune"):
        precision = devices.choose_precision(device, config.train, through_backbone=True)
        encoder.backbone.run_copy(precision, sizes, lambda sentence: sink(Notice(sentence)))


def feature_source(
    encoder: Encoder,
    copies: Sequence[Sequence[FeatureFile]],
    config: Config,
    *,
    fits_input: bool = True,
    control: Control | None = None,
) -> FeatureSource:
    """Provide views of cached features; the encoder's input is fitted to the clean ones where the settings ask for it.

    Args:
        fits_input: False for an encoder that was trained before: its weights expect the shift and scale that it has.

    Raises:
        Stopped: `control` asked for it.
    """
    control = control or Control()

    def clean() -> Iterator[NDArray[np.float16]]:
        for files in copies:
            for rows in files[0].chunks():
                control.obey()
                yield rows

    if config.encoder.standardise_features and fits_input:
        encoder.input.fit(clean())
    return FeatureSource(copies, differences=config.encoder.delta_lag, swap=config.train.mean_swap_prob)


def _identity(videos: Sequence[StoredVideo]) -> str:
    """Return an identifier of the training data: the videos' contents in order."""
    return hashlib.sha256(" ".join(video.digest for video in videos).encode()).hexdigest()[:32]


def _earlier_choice(run: RunFolder) -> str:
    """Return why this backbone was taken, where the run goes on whose card says it; else empty."""
    with contextlib.suppress(CheckpointError):  # what is missing or damaged is written anew
        return str(read_card(run.encoder_file).get("backbone_chosen", ""))
    return ""


def _choices(config: Config, videos: Sequence[StoredVideo], why: str) -> dict[str, Any]:
    """Return the choices for a card: why this backbone was chosen, and whom body pose follows in which videos."""
    people = people_of(config)
    points = {video.digest: people.of(video.path, video.digest) for video in videos}
    choices: dict[str, Any] = {"backbone_chosen": why} if why else {}
    if named := {digest: point.numbers for digest, point in points.items() if point}:
        choices["people"] = named
    return choices


class _Exporter:
    """Writes `encoder.safetensors` and its card, periodically and at the end."""

    def __init__(
        self,
        run: RunFolder,
        encoder: Encoder,
        config: Config,
        videos: Sequence[StoredVideo],
        choices: Mapping[str, Any],
    ) -> None:
        self._run, self._encoder, self._config = run, encoder, config
        self._videos = {"videos": len(videos), "frames": sum(map(len, videos)), "videos_identity": _identity(videos)}
        self._choices = choices
        self._exported = time.monotonic()

    def after_checkpoint(self, meta: dict[str, Any]) -> None:
        if time.monotonic() - self._exported > _EXPORT_SECONDS:
            self.export(meta)

    def export(self, meta: dict[str, Any]) -> None:
        card = {
            **self._videos,
            **self._choices,
            "steps": meta["step"],
            "total_steps": meta["total_steps"],
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        if "loss" in meta:
            card["loss"] = meta["loss"]
        save_encoder(self._run.encoder_file, self._encoder, self._config, card)
        self._exported = time.monotonic()
