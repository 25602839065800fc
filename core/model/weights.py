"""Pretrained ResNet weights: downloaded from torchvision, or from state dicts whose layout is recognised."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from torch import Tensor, nn

from core.base.control import Control
from core.base.errors import CheckpointError
from core.base.events import Sink
from core.base.files import cache_folder, explain_errors, replacing
from core.base.progress import Meter
from core.base.tensor_files import check_finite
from core.model.downloading import downloading

_TIMEOUT_SECONDS = 30.0
_LOOK_SECONDS = 0.2
_OWN_NAMES = {"conv1": "conv1", "bn1": "bn1", **{f"layer{i}": f"layer{i}" for i in range(1, 5)}}
# `nn.Sequential(*list(resnet.children())[:-1])`, as common BYOL code keeps its encoder: relu is 2, maxpool is 3
_NUMBERED = {"conv1": "0", "bn1": "1", **{f"layer{i}": str(i + 3) for i in range(1, 5)}}
_SECOND_BEST = re.compile(r"target|encoder_k|momentum|teacher|(^|[._])ema")


def _first_edition(name: str) -> Any:
    """Return torchvision's entry of the ImageNet weights of a ResNet, version 1."""
    from torchvision import models

    return models.get_model_weights(name)["IMAGENET1K_V1"]


def imagenet_url(name: str) -> str:
    """Return the URL of torchvision's ImageNet weights of a ResNet (version 1); the file name has its SHA-256."""
    return str(_first_edition(name).url)


def imagenet_file(name: str, sink: Sink, control: Control | None = None) -> Path:
    """Return the file of torchvision's ImageNet weights in the user's cache folder, downloaded where it is not there
    yet.

    Raises:
        Stopped: `control` asked for it.
        CheckpointError: the download fails; says which file to put where.
        StorageError: the cache folder cannot be written.
    """
    url = imagenet_url(name)
    file = cache_folder("weights") / url.rpartition("/")[2]
    digest = file.stem.rpartition("-")[2]
    with explain_errors(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    control = control or Control()
    with _held(FileLock(file.with_suffix(".lock")), control):  # processes of one run share one download
        if not (file.exists() and _sha256(file).startswith(digest)):
            _download(url, file, digest, sink, control)
    return file


@contextlib.contextmanager
def _held(lock: FileLock, control: Control) -> Iterator[None]:
    """Wait for the lock, and hold it within the block."""
    while True:
        control.obey()
        try:
            lock.acquire(timeout=_LOOK_SECONDS)
        except Timeout:
            continue
        break
    try:
        yield
    finally:
        lock.release()


def missing_imagenet(name: str) -> int:
    """Return how many bytes `imagenet_file` would download; 0 where the file is there."""
    url = imagenet_url(name)
    if (cache_folder("weights") / url.rpartition("/")[2]).is_file():
        return 0
    return round(float(_first_edition(name).meta["_file_size"]) * 2**20)


def why_unreachable(name: str, timeout_seconds: float = 5.0) -> str:
    """Return why the weights cannot be downloaded now, as a person knows it; empty where they can. Asks their host."""
    question = urllib.request.Request(imagenet_url(name), method="HEAD")
    try:
        with urllib.request.urlopen(question, timeout=timeout_seconds):
            return ""
    except urllib.error.HTTPError as error:
        error.close()  # it holds the connection
        return str(error)
    except (OSError, http.client.HTTPException) as error:
        return str(getattr(error, "reason", "")) or str(error) or type(error).__name__


def _download(url: str, file: Path, digest: str, sink: Sink, control: Control) -> None:
    with replacing(file) as partial:
        try:
            with downloading(url, _TIMEOUT_SECONDS, control.obey) as (total, blocks), partial.open("wb") as out:
                meter = Meter(sink, "download weights", total, "byte")
                for block in blocks:
                    with explain_errors(file):
                        out.write(block)
                    meter.add(len(block))
            reason = "" if _sha256(partial).startswith(digest) else "the download is damaged"
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            if isinstance(error, urllib.error.HTTPError):  # it holds the connection
                error.close()
        if reason:
            raise CheckpointError(
                f"The weights {url} could not be downloaded ({reason}). Put the file {file.name} into {file.parent}, "
                "or choose another image network: a local file (--weights FILE) or none."
            )


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def fit_resnet(model: nn.Module, tensors: Mapping[str, Tensor], source: str, name: str) -> None:
    """Load a ResNet's state dict in torchvision's or BYOL's layout; classifiers and other networks are passed over.

    Whatever stands before the names (`module.`, `state_dict.module.encoder_q.`, `online_encoder.net.`) is found, not
    listed. Of an online and a target network the online one is taken.

    Args:
        model: torchvision's; its classifier is left as it is.
        source: the file, for the error.
        name: of the model, for the error.

    Raises:
        CheckpointError: no ResNet is in it, or one of another size; names the first tensor that differs.
    """
    layouts = _layouts(tensors)
    if not layouts:
        example = next(iter(tensors))
        raise CheckpointError(
            f"{source} is not a ResNet: it has neither conv1.weight nor 0.weight with its layers (it has {example}, "
            "...). Give a state dict in torchvision's or BYOL's layout."
        )
    prefix, names = layouts[0]
    own_tensors = {own: value for own, value in model.state_dict().items() if own.partition(".")[0] in names}
    known = {f"{prefix}{names[own.partition('.')[0]]}.{own.partition('.')[2]}": own for own in own_tensors}
    stages = tuple(f"{prefix}{stage}." for stage in names.values())
    for theirs in [*known, *(key for key in tensors if key.startswith(stages) and key not in known)]:
        here = str(tuple(own_tensors[known[theirs]].shape)) if theirs in known else "absent"
        there = str(tuple(tensors[theirs].shape)) if theirs in tensors else "absent"
        if here != there and not theirs.endswith("num_batches_tracked"):  # old files lack it
            raise CheckpointError(
                f"{source} does not fit {name}: {theirs} is {there} in the file and {here} in the model. Set "
                "backbone.name to the file's architecture."
            )
    fitted = {own: tensors.get(theirs, own_tensors[own]) for theirs, own in known.items()}
    check_finite(fitted, source)
    model.load_state_dict(fitted, strict=False)


def _layouts(tensors: Mapping[str, Tensor]) -> list[tuple[str, dict[str, str]]]:
    """Return every (prefix, names of the stages) under which a ResNet stands, the best first."""
    candidates = [
        (name.removesuffix(f"{names['conv1']}.weight"), names)
        for name in tensors
        for names in (_OWN_NAMES, _NUMBERED)
        if name.endswith(f"{names['conv1']}.weight")
    ]
    found = [
        (prefix, names)
        for prefix, names in candidates
        if f"{prefix}{names['bn1']}.weight" in tensors and f"{prefix}{names['layer1']}.0.conv1.weight" in tensors
    ]
    return sorted(found, key=lambda item: (bool(_SECOND_BEST.search(item[0])), len(item[0])))
