"""The training loop: one for both modes and for any number of processes."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from core.augment import spatial
from core.base.control import Control, Stopped
from core.base.errors import CheckpointError, TrainingError
from core.base.events import CheckpointSaved, Notice, Paused, Sink, StepDone
from core.learning.adam import Adam
from core.learning.data import Batch, Batches, Knowledge, ViewSource
from core.learning.distributed import Processes
from core.learning.training_state import Checkpoints, learnt_buffers, put_back
from core.model.device import choose_precision
from core.model.encoder import Encoder
from core.model.parts import before_each_part
from core.objectives.clips import Clips
from core.objectives.registry import OBJECTIVES, HeadSizes
from core.settings.config import Config
from core.settings.schedule import course

_PAUSE_POLL_SECONDS = 0.2
_AHEAD = {"cpu": 1, "cuda": 2}
"""Batches that are read while one is learned from: a GPU is not to wait for one that takes longer than others."""


class ClipLoss(nn.Module):
    """The loss of the chosen objective for a batch of clips: the forward pass wrapped by DDP.

    Args:
        encoder: what learns; its projection only where the objective looks at it.
        classes: number of classes, for an objective that learns from labels.
    """

    def __init__(self, encoder: Encoder, config: Config, classes: int = 0) -> None:
        super().__init__()
        self.encoder = encoder
        self._config = config
        self.objective = OBJECTIVES[config.objective.name]
        self._settings = config.section(config.objective.name)
        on_projection = self.objective.kind.on_projection
        width = config.encoder.projection_dim if on_projection else config.encoder.embedding_dim
        self.head = None
        if self.objective.head is not None:
            self.head = self.objective.head(HeadSizes(width, config.views.num_frames, classes))
        encoder.projection.requires_grad_(on_projection)
        self.poll: Callable[[], None] = lambda: None
        """Called while views are read and augmented, every few frames."""

    def forward(self, batch: Batch, device: torch.device) -> Tensor:
        """Return the loss, a scalar; what it draws at random follows from torch's seed."""
        valid = batch.valid().to(device, non_blocking=True)  # (R, T)
        features = self._scatter(self._rows(batch, device), valid)  # (R, T, F)
        z = self.encoder(features, valid)  # (R, T, D)
        if self.objective.kind.on_projection:
            z = self.encoder.project(z, valid)  # (R, T, P)
        labels = None if batch.labels is None else torch.from_numpy(np.stack(batch.labels)).to(device)
        clips = Clips(
            z,
            batch.timestamps().to(device, non_blocking=True),
            valid,
            torch.tensor(batch.lengths, device=device),
            batch.groups,
            labels,
            None if batch.is_fast is None else torch.tensor(batch.is_fast, device=device),
        )
        generator = torch.Generator().manual_seed(torch.initial_seed())
        return self.objective.loss(clips, self._settings, self.head, generator)

    def parameter_groups(self, learning_rate: float) -> list[dict[str, Any]]:
        """Return the optimiser's groups; `share` is of the run's learning rate."""
        own = [parameter for parameter in self.encoder.parameters() if parameter.requires_grad]
        groups: list[dict[str, Any]] = [{"params": own}]
        if self.head is not None:
            rate = self.objective.kind.head_learning_rate or learning_rate
            groups.append({"params": list(self.head.parameters()), "share": rate / learning_rate})
        return groups

    def _rows(self, batch: Batch, device: torch.device) -> Tensor:
        """Return (V, F) features of all valid steps, view after view: computed from frames, or as they were cached."""
        if batch.views[0].spatial is None:
            return torch.cat([view.rows_on(device) for view in batch.views]).to(torch.float32)
        return torch.cat(  # one view at a time: its augmented frames are large, and not needed again
            [
                self.encoder.features(self._augment(view.rows_on(device), view.spatial))
                for view in batch.views
                if view.spatial is not None
            ]
        )

    def _augment(self, frames: Tensor, draw: spatial.SpatialDraw) -> Tensor:
        return spatial.apply(frames, draw, self._config.augment.image_size, self.poll)

    @staticmethod
    def _scatter(rows: Tensor, valid: Tensor) -> Tensor:
        """Scatter the rows of valid steps to their positions; padded steps are 0."""
        places = rows.new_zeros(*valid.shape, *rows.shape[1:])
        places[valid] = rows
        return places


OnEpoch = Callable[[ClipLoss, int, int, bool], None]
"""The model, epochs done, steps done, whether that was the last epoch."""


def no_op(model: ClipLoss, epochs: int, steps: int, is_last: bool) -> None:
    """Do nothing: the callback for runs without validation."""


@dataclass
class _Clock:
    """Throughput and ETA, as exponential moving averages over training steps."""

    seconds: float = 0.0
    frames: float = 0.0
    steps: float = 0.0

    def add(self, seconds: float, frames: float) -> None:
        """Add a step. The older it gets, the less it counts: the first ones are slow."""
        for name, value in (("seconds", seconds), ("frames", frames), ("steps", 1.0)):
            setattr(self, name, 0.95 * getattr(self, name) + value)

    def eta(self, steps_left: int) -> float:
        return self.seconds / self.steps * steps_left


class Trainer:
    """Trains an encoder on a source of views.

    Args:
        encoder: changed in place; on `device`.
        checkpoints: where the state goes after each epoch, and when stopped.
        videos_identity: names the videos' contents; a checkpoint made from others is refused.
        knowledge: the videos' actions and labels, where the objective needs them.
        on_checkpoint: called by the first process after each checkpoint, such as to export the encoder.
        on_epoch: called by the first process after each epoch with the model, the epochs and the steps done, and
            whether that was the last one; it changes nothing of the model. Before the checkpoint: what it told of an
            epoch that a resumed run does again, it tells again.
    """

    def __init__(
        self,
        encoder: Encoder,
        source: ViewSource,
        config: Config,
        checkpoints: Checkpoints,
        *,
        device: torch.device,
        processes: Processes | None = None,
        videos_identity: str = "",
        knowledge: Knowledge | None = None,
        on_checkpoint: Callable[[dict[str, Any]], None] = lambda meta: None,
        on_epoch: OnEpoch = no_op,
    ) -> None:
        self._processes = processes or Processes()
        self._config, self._device, self._checkpoints = config, device, checkpoints
        self._on_checkpoint, self._on_epoch = on_checkpoint, on_epoch
        self._videos_identity = videos_identity
        if self._processes.is_group and device.type == "cuda":
            nn.SyncBatchNorm.convert_sync_batchnorm(encoder)  # type: ignore[no-untyped-call]
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(config.train.seed)
            self.model = ClipLoss(encoder, config, len(knowledge.classes) if knowledge else 0).to(device)
        self.optimizer = Adam(
            self.model.parameter_groups(config.train.learning_rate),
            lr=config.train.learning_rate,
            weight_decay=config.train.weight_decay,
            fused=True,
        )
        self._precision = choose_precision(device, config.train, through_backbone=config.train.mode == "finetune")
        self._scaler = torch.amp.GradScaler(device.type, enabled=self._precision == torch.float16)
        self._batches = Batches(
            source, config, rank=self._processes.rank, world=self._processes.world, knowledge=knowledge
        )
        self.step = 0
        self.last_loss = math.nan
        self._epoch_losses: list[float] = []
        self._loss_sum = 0.0
        """Of the steps of the epoch that is under way."""
        self._waited_seconds = 0.0
        """In pauses."""
        self._before_step: dict[str, Tensor] | None = None
        """The buffers as they were before the step whose loss and gradient are being computed; None at other times."""
        self._course = course(self._epoch_losses, config.train)

    @property
    def total_steps(self) -> int:
        """Of the whole run, as far as it is known: with `train.patience` it may become fewer."""
        return self._batches.steps_per_epoch * self._course.epochs

    def restore(self, sink: Sink) -> bool:
        """Restore the newest checkpoint. Returns False if there is none.

        Raises:
            CheckpointError: none of the checkpoints reads, or they were made from other videos.
        """
        self.model.train()
        meta = self._checkpoints.restore_newest(self.model, self.optimizer, lambda text: sink(Notice(text)))
        if meta is None:
            return False
        if meta["videos_identity"] != self._videos_identity:
            raise CheckpointError(
                "The videos have changed since this run began (some were edited, added or lost). Start a new run."
            )
        self.step, self.last_loss = int(meta["step"]), float(meta["loss"])
        self._epoch_losses = [float(loss) for loss in meta.get("epoch_losses", ())]
        self._loss_sum = float(meta.get("loss_sum", 0.0))
        self._course = course(self._epoch_losses, self._config.train)
        if self._scaler.is_enabled() and meta.get("scaler"):
            self._scaler.load_state_dict(meta["scaler"])
        return True

    def learning_rate(self, step: int) -> float:
        """Return the learning rate by epoch, as in `core.settings.schedule.Course`."""
        return self._config.train.learning_rate * self._course.rate(step // self._batches.steps_per_epoch)

    def fit(self, sink: Sink, control: Control, *, workers: int) -> str:
        """Train from the current step to the end.

        Returns:
            `done`, or `stopped` where `control` asked for it; a checkpoint of the last whole step is on disk either
            way. One process alone looks within a step too: what it had done of it is done again when it goes on.

        Raises:
            TrainingError: the loss is not finite, or memory ran out. The last good checkpoint is kept.
        """
        self.model.train()
        model = self._distribute()
        clock = _Clock()
        most_steps = self._batches.steps_per_epoch * self._config.train.epochs
        batches = self._batches.from_step(
            self.step,
            most_steps,
            workers=workers,
            ahead=_AHEAD[self._device.type],
            poll=lambda: self.model.poll(),
        )
        with (
            contextlib.closing(batches),  # type: ignore[type-var]
            _out_of_memory_explained(self._config, self._device),
            self._polling_within_steps(sink, control),
        ):
            while self.step < self.total_steps:
                try:
                    if self._should_stop(sink, control):
                        raise Stopped
                    self._one_step(model, batches, clock, sink)
                except Stopped:
                    self._save(sink)
                    return "stopped"
                if self.step % self._batches.steps_per_epoch == 0:
                    self._end_epoch(sink)
                    self._save(sink)
        return "done"

    @contextlib.contextmanager
    def _polling_within_steps(self, sink: Sink, control: Control) -> Iterator[None]:
        """Let a step wait and stop between the parts of the network too, within the block, where it may be long.

        Not with several processes: the others would wait for the one that stopped.
        """
        is_short = self._device.type != "cpu" and self._config.train.mode == "frozen"

        def poll() -> None:
            is_asked = control.paused or control.stop_requested
            if is_asked and self._before_step is not None and self._should_stop(sink, control):
                raise Stopped

        if is_short or self._processes.world > 1:
            yield
            return
        before, self.model.poll = self.model.poll, poll
        try:
            with before_each_part(self.model, poll):
                yield
        finally:
            self.model.poll = before

    def _distribute(self) -> nn.Module:
        if not self._processes.is_group:
            return self.model
        return DistributedDataParallel(self.model)

    def _should_stop(self, sink: Sink, control: Control) -> bool:
        """Return whether any process was asked to stop; waits here while any of them is paused."""
        was_paused, started = False, time.monotonic()
        while not (stop := self._processes.any(control.stop_requested, self._device)):
            if not self._processes.any(control.paused, self._device):
                break
            if not was_paused:
                was_paused = True
                self._save(sink)
                sink(Paused(True))
            if self._processes.world == 1:
                control.wait_while_paused()
            else:
                time.sleep(_PAUSE_POLL_SECONDS)
        if was_paused:
            self._waited_seconds += time.monotonic() - started
            sink(Paused(False))
        return stop

    def _one_step(self, model: nn.Module, batches: Iterator[Batch], clock: _Clock, sink: Sink) -> None:
        started, waited_before = time.monotonic(), self._waited_seconds
        train = self._config.train
        torch.manual_seed(_mix_seed(train.seed, self.step, self._processes.rank))  # dropout
        rate = self.learning_rate(self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group.get("share", 1.0)
        self.optimizer.zero_grad(set_to_none=True)
        loss, num_frames = self._with_gradient(model, batches)
        self._scaler.unscale_(self.optimizer)
        learnt = [parameter for group in self.optimizer.param_groups for parameter in group["params"]]
        norm = float(nn.utils.clip_grad_norm_(learnt, train.max_grad_norm, foreach=True))
        value = float(self._processes.mean(loss.detach()))
        self._check(value, norm)
        self._scaler.step(self.optimizer)
        self._scaler.update()
        self.step += 1
        self.last_loss = value
        self._loss_sum += value
        worked = time.monotonic() - started - (self._waited_seconds - waited_before)
        clock.add(worked, num_frames * self._processes.world)
        sink(
            StepDone(
                epoch=(self.step - 1) // self._batches.steps_per_epoch,
                step=self.step,
                total_steps=self.total_steps,
                loss=value,
                learning_rate=rate,
                gradient_norm=norm if math.isfinite(norm) else 0.0,
                frames_per_second=clock.frames / max(clock.seconds, 1e-9),
                eta_seconds=clock.eta(self.total_steps - self.step),
                gpu_bytes=torch.cuda.max_memory_allocated(self._device) if self._device.type == "cuda" else 0,
            )
        )

    def _with_gradient(self, model: nn.Module, batches: Iterator[Batch]) -> tuple[Tensor, int]:
        """Take the next batch; return its loss, whose gradient is computed, and how many frames it has.

        Raises:
            Stopped: it was asked for meanwhile; the model is as it was before.
        """
        self._before_step = learnt_buffers(self.model)
        try:
            batch = next(batches)
            with torch.autocast(self._device.type, self._precision, enabled=self._precision != torch.float32):
                loss = model(batch, self._device)
            self._scaler.scale(loss).backward()
        except Stopped:
            put_back(self.model, self._before_step)
            raise
        finally:
            self._before_step = None
        return loss, batch.num_frames

    def _check(self, loss: float, gradient_norm: float) -> None:
        """Check loss and gradient. With a scaler (float16), an overflowing gradient is skipped and the scale
        lowered."""
        if math.isfinite(loss) and (math.isfinite(gradient_norm) or self._scaler.is_enabled()):
            return
        what = f"loss became {loss}" if not math.isfinite(loss) else f"gradient's norm became {gradient_norm}"
        raise TrainingError(
            f"Training stopped at step {self.step + 1}: the {what}. The last good weights are kept; lower "
            f"train.learning_rate (now {self._config.train.learning_rate:g}) and start a new run."
        )

    def _end_epoch(self, sink: Sink) -> None:
        """End an epoch. Every process comes to the same course, since the loss is the mean over all of them."""
        self._epoch_losses.append(self._loss_sum / self._batches.steps_per_epoch)
        self._loss_sum = 0.0
        before, self._course = self._course, course(self._epoch_losses, self._config.train)
        if self._course.has_stalled and not before.has_stalled:
            sink(
                Notice(
                    "The loss has stopped falling. The learning rate is now lowered, and training ends after epoch "
                    f"{self._course.epochs} of at most {self._config.train.epochs}."
                )
            )
        if self._processes.is_first:  # the others go on to the next collective call and wait there
            epochs = self.step // self._batches.steps_per_epoch
            self._on_epoch(self.model, epochs, self.step, epochs == self._course.epochs)

    def _save(self, sink: Sink) -> None:
        """Save a checkpoint. Only the first process writes; the others go on to the next collective call and wait
        there."""
        if not self._processes.is_first:
            return
        epoch = self.step // self._batches.steps_per_epoch
        meta: dict[str, Any] = {
            "epoch": epoch,
            "loss": self.last_loss,
            "epoch_losses": self._epoch_losses,
            "loss_sum": self._loss_sum,
            "scaler": self._scaler.state_dict(),
            "videos_identity": self._videos_identity,
        }
        path = self._checkpoints.save(self.step, self.model, self.optimizer, meta, self._before_step or {})
        if self._before_step is None:  # else the model is not that of a step
            self._on_checkpoint({**meta, "step": self.step, "total_steps": self.total_steps})
        sink(CheckpointSaved(str(path), epoch, self.step))


def _mix_seed(seed: int, step: int, rank: int) -> int:
    """Return a seed for this step and process; distinct and far apart for neighbours."""
    return (seed * 0x9E3779B1 + step * 0x85EBCA77 + rank * 0xC2B2AE3D) % 2**63


@contextlib.contextmanager
def _out_of_memory_explained(config: Config, device: torch.device) -> Iterator[None]:
    try:
        yield
    except (MemoryError, RuntimeError) as error:  # torch's CPU allocator raises a plain RuntimeError
        if not isinstance(error, (torch.OutOfMemoryError, MemoryError)) and "allocate memory" not in str(error):
            raise
        keeps = device.type == "cuda" and config.train.mode == "finetune" and config.frames.gpu_fraction > 0
        frames = f"Resume with frames.gpu_fraction = 0 (now {config.frames.gpu_fraction:g}). If it recurs, l"
        raise TrainingError(
            f"Out of memory. {frames if keeps else 'L'}ower train.batch_size (now {config.train.batch_size}) or "
            f"views.num_frames (now {config.views.num_frames}), then start a new run. The last checkpoint is kept."
        ) from error
