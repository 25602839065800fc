"""Metrics of an encoder during training, on validation videos, after every few epochs.

Nothing here changes what is learned: it runs in eval mode, without gradient, and draws from no generator of torch.
The same frames are looked at each time (`core.learning.validation_set`), so that the figures of a run can be compared
from epoch to epoch, and they are few, so that taking them stays a small part of the time. `core.evaluate` takes them
in full.

* `loss`: the objective on two fixed views of each validation video, where it is one that compares views. They are of
  clean frames, and nothing is dropped out: it is lower than the loss of a step.
* `tau`: Kendall's tau over the ordered pairs of validation videos. They are taken for videos of one action.
* `accuracy`: a linear probe fitted on labelled videos that are learned from (their labels are not) and asked about
  labelled validation videos.
* `accuracy, cross-validated`: where the labelled videos are all on one side, a probe fitted on most of them and asked
  about the others, in turn, by video. The probe has not seen these; where they are learned from, the encoder has.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from core.augment.spatial import resize_whole
from core.base.control import Control, Stopped
from core.base.events import EvalDone, Notice, Sink
from core.base.progress import Meter
from core.features.cached import features_of
from core.labels.segments import UNLABELLED
from core.learning.data import Batch, ViewData
from core.learning.trainer import ClipLoss
from core.learning.validation_set import ValidationClip, ValidationData
from core.model.device import choose_precision
from core.model.encoder import Encoder
from core.model.inputs import with_changes
from core.objectives.kinds import KINDS, Needs
from core.settings.config import Config

_TAU_FRAMES = 128
"""Of a video at most: tau takes the square of it for each pair."""
_FOLDS = 5
_CHUNK_FRAMES = 16
"""Go through the backbone between two looks at whether to stop."""
Embedded = NDArray[np.float32]


class Validation:
    """Computes the metrics of a run at the end of epochs (`after_epoch`).

    Args:
        run: its name, for the events.
        encoder: whose backbone computes features now (frozen) or at each evaluation (finetune).

    Raises:
        Stopped: `control` asked for it.
    """

    def __init__(
        self,
        run: str,
        material: ValidationData,
        encoder: Encoder,
        config: Config,
        device: torch.device,
        sink: Sink,
        control: Control,
    ) -> None:
        self._run, self._material, self._config, self._device, self._sink = run, material, config, device, sink
        self._control = control
        made = _cached_features if config.train.mode == "frozen" else _computed_features
        self._features = made(material.all(), encoder, config, device, sink, control)

    def after_epoch(self, model: ClipLoss, epochs: int, steps: int, is_last: bool) -> None:
        """Tell the figures as `train.eval_interval_epochs` says, and after the last epoch; those that are defined.

        None where a stop was asked for meanwhile, which a sentence says: taking them may last.
        """
        if epochs % self._config.train.eval_interval_epochs and not is_last:
            return
        try:
            defined = {name: value for name, value in self.figures(model).items() if math.isfinite(value)}
        except Stopped:  # the epoch counts, and its checkpoint comes next
            self._sink(Notice(f"The metrics after step {steps} were not computed, because the run was stopped."))
            return
        if defined:
            self._sink(EvalDone(self._run, "trained", defined, steps))

    def figures(self, model: ClipLoss) -> dict[str, float]:
        """Return metrics by name; NaN if undefined. The model does not change."""
        losses, embedded = [], dict[ValidationClip, Embedded]()
        with _evaluating(model):
            for one in self._material.all():
                self._control.obey()
                frames, rows = one.frames, self._features(one)  # (n, F)
                at = torch.from_numpy(np.searchsorted(frames, one.clip))
                embedded[one] = _embed(model.encoder, rows[at], one)
                if one.views and KINDS[self._config.objective.name].needs is Needs.VIEWS:
                    losses.append(self._loss(model, one, frames, rows))
        figures = {"loss": float(np.mean(losses)) if losses else math.nan}
        if not all(np.isfinite(rows).all() for rows in embedded.values()):
            return figures
        return figures | {"tau": _tau([embedded[one] for one in self._material.validation])} | self._accuracy(embedded)

    def _loss(self, model: ClipLoss, one: ValidationClip, frames: NDArray[np.int64], rows: Tensor) -> float:
        views = tuple(
            ViewData(view, rows[torch.from_numpy(np.searchsorted(frames, view.indices[view.valid]))], None)
            for view in one.views
        )
        lengths = (len(one.video),) * len(views)
        return float(model(Batch(views, lengths, groups=(0,) * len(views)), self._device))

    def _accuracy(self, embedded: dict[ValidationClip, Embedded]) -> dict[str, float]:
        self._control.obey()
        fitted, asked = self._material.fitted, self._material.asked
        if fitted and asked:
            return {"accuracy": _probe(fitted, asked, embedded)}
        return {"accuracy, cross-validated": cross_validated(fitted or asked, embedded)}


def _tau(rows: Sequence[Embedded]) -> float:
    from core.metrics.order import kendalls_tau  # scikit-learn takes a second, which not every run needs

    if len(rows) < 2:
        return math.nan
    return kendalls_tau(rows, stride=math.ceil(max(map(len, rows)) / _TAU_FRAMES))


def _probe(
    fitted: Sequence[ValidationClip], asked: Sequence[ValidationClip], embedded: dict[ValidationClip, Embedded]
) -> float:
    from core.metrics.classification import phase_classification

    return phase_classification(
        [embedded[one] for one in fitted],
        [one.labels for one in fitted],
        [embedded[one] for one in asked],
        [one.labels for one in asked],
    )


def cross_validated(videos: Sequence[ValidationClip], embedded: dict[ValidationClip, Embedded]) -> float:
    """Return the share of labelled frames whose phase is predicted by a probe of the other videos; NaN below two
    videos."""
    if len(videos) < 2:
        return math.nan
    folds, right, total = min(_FOLDS, len(videos)), 0.0, 0
    for fold in range(folds):
        asked = videos[fold::folds]
        fitted = [one for index, one in enumerate(videos) if index % folds != fold]
        number = sum(int((one.labels != UNLABELLED).sum()) for one in asked)
        right += number * _probe(fitted, asked, embedded)
        total += number
    return right / total


@contextlib.contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """Set eval mode without gradient within the block; each module gets its own mode back."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def _embed(encoder: Encoder, rows: Tensor, one: ValidationClip) -> Embedded:
    """Return (n, D) rows of norm 1, each frame at its place in the whole video (as `Encoder.embed_piece`)."""
    positions = torch.from_numpy(one.clip).to(rows.device, torch.float32)
    if encoder.config.rescale_positions:
        positions *= (encoder.train_frames - 1) / max(len(one.video) - 1, 1)
    h = encoder(rows[None], None, positions[None])[0]  # (n, D)
    return np.asarray(F.normalize(h.float(), dim=-1).cpu().numpy(), np.float32)


def _cached_features(
    videos: Sequence[ValidationClip],
    encoder: Encoder,
    config: Config,
    device: torch.device,
    sink: Sink,
    control: Control,
) -> Callable[[ValidationClip], Tensor]:
    """Return the features of a fixed backbone, which lie in the cache: (n, F) of the frames that are looked at."""
    cache = features_of(encoder.eval(), config, device, max_bytes=int(config.frames.cache_size_gb * 1e9))
    cache.prepare([one.video for one in videos], control, sink)
    meter = Meter(sink, "features", sum(len(one.video) for one in videos), "frame")
    files = {one: cache.clean(one.video, control, meter) for one in videos}

    def features(one: ValidationClip) -> Tensor:
        if differences := config.encoder.delta_lag:
            rows = files[one].rows(np.arange(len(one.video))).astype(np.float32)
            wide = with_changes(rows, differences)[one.frames]
        else:
            wide = files[one].rows(one.frames).astype(np.float32)
        return torch.from_numpy(wide).to(device)

    return features


def _computed_features(
    videos: Sequence[ValidationClip],
    encoder: Encoder,
    config: Config,
    device: torch.device,
    sink: Sink,
    control: Control,
) -> Callable[[ValidationClip], Tensor]:
    """Return the features that the backbone gives as it is then."""
    precision = choose_precision(device, config.train, through_backbone=True)

    def features(one: ValidationClip) -> Tensor:
        frames, rows = one.frames, []
        with torch.autocast(device.type, precision, enabled=precision != torch.float32):
            for start in range(0, len(frames), _CHUNK_FRAMES):
                control.obey()
                images = torch.from_numpy(one.video.frames_at(frames[start : start + _CHUNK_FRAMES]).images)
                rows.append(encoder.features(resize_whole(images.to(device), config.augment.image_size)).float())
        return torch.cat(rows)

    return features
