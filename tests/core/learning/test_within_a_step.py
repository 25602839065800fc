"""A step of training is paused and stopped in its midst, and it is as if that had been before it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.augment import spatial
from core.augment.temporal import TemporalView
from core.base.control import Control
from core.base.events import CheckpointSaved, Event, Paused, StepDone, ignore
from core.learning.data import ViewData
from core.learning.run_training import prepare_backbone
from core.learning.trainer import Trainer
from core.learning.training_state import Checkpoints
from core.model.parts import before_each_part
from core.settings.config import Config, with_values
from tests.core.small import narrow_resnets, small_config, small_encoder

_CONFIG = small_config(
    train__mode="finetune",
    backbone__trainable_blocks="layer4",
    backbone__chunk_size=6,
    augment__image_size=32,
    views__num_frames=8,
    train__epochs=3,
)
_STEPS = 3
_PLACES = [0.0, 0.4, 0.8, 1.0]
"""Of the looks within a step: before the first views, on the way forwards and backwards, before the last part."""


class Films:
    """Two videos of noise that the seed fixes, whose frames are augmented."""

    def __init__(self) -> None:
        self._images = np.random.default_rng(3).integers(0, 256, (2, 20, 32, 32, 3)).astype(np.uint8)

    def __len__(self) -> int:
        return len(self._images)

    def num_frames(self, video: int) -> int:
        return len(self._images[video])

    def load(self, video: int, view: TemporalView, generator: np.random.Generator) -> ViewData:
        images: NDArray[np.uint8] = self._images[video][view.indices[view.valid]]
        return ViewData(view, torch.from_numpy(images), spatial.draw(_CONFIG.augment, generator))


class Watched(Control):
    """Counts how often work looks whether it is to wait, and asks it to at one of these looks."""

    def __init__(self, word: str = "", at: int = -1) -> None:
        super().__init__()
        self._word, self._at = word, at
        self.looks = 0
        self.before_steps: list[int] = []
        """How many there were before each step was done."""

    @property
    def paused(self) -> bool:
        if self.looks == self._at:
            (self.pause if self._word == "pause" else self.stop)()
        self.looks += 1
        return super().paused

    def hear(self, event: Event) -> None:
        """Go on after a pause."""
        if isinstance(event, StepDone):
            self.before_steps.append(self.looks)
        if event == Paused(True):
            self.resume()


def _trainer(folder: Path, config: Config = _CONFIG) -> Trainer:
    checkpoints, device = Checkpoints(folder, keep=9), torch.device("cpu")
    encoder = small_encoder(config)
    prepare_backbone(encoder, config, device, [20, 20], ignore)
    return Trainer(encoder, Films(), config, checkpoints, device=device)


def _state(trainer: Trainer) -> dict[str, Tensor]:
    """Weights and buffers."""
    return {name: value.clone() for name, value in trainer.model.state_dict().items()}


def _assert_same(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        assert torch.equal(one[name], other[name]), name


@pytest.fixture(scope="module", autouse=True)
def _narrow() -> Iterator[None]:
    """A step, and where one looks within it, do not depend on how many channels there are."""
    with pytest.MonkeyPatch.context() as patch:
        narrow_resnets(patch)
        yield


@pytest.fixture(scope="module", autouse=True)
def _looks_while_a_batch_is_read_do_not_count() -> Iterator[None]:
    """How many there are depends on how busy the machine is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.learning.data._LOOK_SECONDS", 1000.0)
        yield


@pytest.fixture(scope="module")
def whole(
    _narrow: None, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Tensor], dict[int, bytes], list[int]]:
    """What an undisturbed run ends with; its checkpoint after each step; how many looks there were before each."""
    folder, control = tmp_path_factory.mktemp("whole"), Watched()
    made = _trainer(folder)
    assert made.fit(control.hear, control, workers=1) == "done"
    assert made.step == _STEPS, "an epoch a step, so that each leaves a checkpoint"
    checkpoints = {int(path.stem[-8:]): path.read_bytes() for path in folder.iterdir()}
    return _state(made), checkpoints, control.before_steps


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _look_within_second_step(before_steps: list[int], place: float) -> int:
    first, last = before_steps[0] + 1, before_steps[1] - 1  # the look between the steps comes first
    return round(first + place * (last - first))


@pytest.mark.parametrize("place", _PLACES)
def test_a_stop_within_a_step_is_a_stop_before_it(
    place: float, whole: tuple[dict[str, Tensor], dict[int, bytes], list[int]], tmp_path: Path
) -> None:
    end, checkpoints, before_steps = whole
    at = _look_within_second_step(before_steps, place)
    control = Watched("stop", at)
    first = _trainer(tmp_path)
    assert first.fit(control.hear, control, workers=1) == "stopped"
    assert (first.step, control.looks) == (1, at + 1), "nothing was done once it had been asked"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "step-00000001.safetensors": checkpoints[1]
    }
    second = _trainer(tmp_path)
    assert second.restore(ignore)
    _assert_same(_state(first), _state(second))
    assert second.fit(ignore, Control(), workers=1) == "done"
    _assert_same(_state(second), end)


@pytest.mark.parametrize("place", _PLACES)
def test_a_pause_within_a_step_waits_there_and_changes_nothing(
    place: float, whole: tuple[dict[str, Tensor], dict[int, bytes], list[int]], tmp_path: Path
) -> None:
    end, checkpoints, before_steps = whole
    control, events, saved = Watched("pause", _look_within_second_step(before_steps, place)), list[Event](), b""

    def hear(event: Event) -> None:
        nonlocal saved
        if event == Paused(True):
            saved = (tmp_path / "step-00000001.safetensors").read_bytes()
        events.append(event)
        control.hear(event)

    made = _trainer(tmp_path)
    assert made.fit(hear, control, workers=1) == "done"
    assert saved == checkpoints[1], "who ends it while it waits loses nothing but the step"
    at = events.index(Paused(True))
    assert isinstance(events[at - 1], CheckpointSaved)
    assert events[at + 1] == Paused(False)
    assert sum(isinstance(event, StepDone) for event in events[:at]) == 1
    assert _files(tmp_path) == {f"step-{step:08d}.safetensors": checkpoints[step] for step in checkpoints}
    _assert_same(_state(made), end)


@pytest.mark.parametrize("word", ["pause", "stop"])
def test_so_it_is_with_a_compiled_backbone_which_learns_the_same(
    word: str,
    whole: tuple[dict[str, Tensor], dict[int, bytes], list[int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its fixed part does not look up; the parts that learn do, in every chunk, forwards and backwards."""
    compiled = list[int]()

    def backend(graph: torch.fx.GraphModule, inputs: list[Tensor]) -> Callable[..., object]:
        compiled.append(len(inputs))
        return graph.forward

    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend=backend))
    config, counted = with_values(_CONFIG, {"train.compile": "on"}), Watched()
    made = _trainer(tmp_path / "counted", config)
    assert made.fit(counted.hear, counted, workers=1) == "done"
    assert len(compiled) == 1, "two chunks of four frames in each view of eight"
    _assert_same(_state(made), whole[0])
    control = Watched(word, _look_within_second_step(counted.before_steps, 0.6))
    first = _trainer(tmp_path / "parts", config)
    assert first.fit(control.hear, control, workers=1) == ("stopped" if word == "stop" else "done")
    second = _trainer(tmp_path / "parts", config)
    assert second.restore(ignore)
    assert second.fit(ignore, Control(), workers=1) == "done"
    _assert_same(_state(second), whole[0])


def test_no_two_parts_work_without_a_look_in_between() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(16, 2))
    told: list[str] = []

    def tell(*_: object) -> None:
        told.append("worked")

    def tell_both(module: nn.Module, inputs: object, output: Tensor) -> None:
        tell()
        assert output.grad_fn is not None
        output.grad_fn.register_hook(tell)

    for part in model:
        part.register_forward_hook(tell_both)
    x = torch.randn(2, 3, 4, 4)
    with before_each_part(model, lambda: told.append("looked")):
        model(x).sum().backward()
    assert told == ["looked", "worked"] * 10
    told.clear()
    model(x).sum().backward()
    assert told == ["worked"] * 10, "it looks no more"
