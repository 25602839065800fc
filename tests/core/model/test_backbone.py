from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import Tensor, nn
from torchvision import models

from core.base.errors import ConfigError
from core.model.backbone import Backbone, build_backbone
from core.settings.config import BackboneConfig
from tests.core.model.tiny import random, stir

RANDOM_18 = BackboneConfig(name="resnet18", weights="none", trainable_blocks="layer4", chunk_size=4)


def reference(model: nn.Module, frames: Tensor) -> Tensor:
    """torchvision's own forward, up to its pooling, on normalised frames."""
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    x = (frames - mean[:, None, None]) / std[:, None, None]
    for stage in ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"):
        x = getattr(model, stage)(x)
    return x


@pytest.mark.parametrize("learnable", ["none", "layer4", "layer3+layer4"])
def test_resnet50_equals_torchvisions_with_its_frozen_batch_norms_folded(
    learnable: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    torch.manual_seed(3)
    model = models.resnet50(weights=None).eval()
    stir(model)
    path = tmp_path_factory.mktemp("weights") / "resnet50.pth"
    torch.save(model.state_dict(), path)
    backbone = build_backbone(BackboneConfig(name="resnet50", weights=str(path), trainable_blocks=learnable)).eval()
    frames = random(2, 3, 64, 64)
    with torch.no_grad():
        expected = reference(model, frames)
        maps = backbone(frames)
    assert backbone.channels == 2048 == maps.shape[1]
    assert maps.shape == (2, 2048, 2, 2)
    torch.testing.assert_close(maps, expected, rtol=1e-4, atol=1e-4 * expected.abs().max().item())
    folded = [norm for norm in backbone.frozen.modules() if isinstance(norm, nn.BatchNorm2d)]
    assert not folded


@pytest.mark.parametrize("name", ["resnet34", "resnet101"])
def test_channels_are_those_of_the_maps(name: str) -> None:
    backbone = build_backbone(BackboneConfig(name=name, weights="none", trainable_blocks="none"))
    assert backbone(random(1, 3, 32, 32)).shape == (1, backbone.channels, 1, 1)


@pytest.mark.parametrize("learnable", ["none", "layer4"])
def test_the_chunk_never_changes_what_comes_out_in_eval_mode(learnable: str) -> None:
    torch.manual_seed(0)
    backbone = build_backbone(dataclasses.replace(RANDOM_18, trainable_blocks=learnable)).eval()
    stir(backbone)
    frames = random(7, 3, 32, 32)
    outcomes = []
    for backbone.chunk in (1, 3, 100):
        outcomes.append(backbone(frames))
    for outcome in outcomes[1:]:
        torch.testing.assert_close(outcome, outcomes[0], rtol=1e-4, atol=1e-5)


def test_chunks_are_bounded_and_near_equal() -> None:
    backbone = build_backbone(RANDOM_18)
    seen: list[int] = []
    backbone.frozen.register_forward_hook(lambda module, arguments, out: seen.append(len(out)))
    backbone(random(9, 3, 32, 32))
    assert seen == [3, 3, 3]  # not 4, 4 and a lone frame that batch norm could not learn from


def test_learnable_batch_norm_takes_the_statistics_of_each_chunk() -> None:
    torch.manual_seed(0)
    backbone = build_backbone(RANDOM_18).train()
    frames = random(8, 3, 64, 64)
    joined, parts = backbone(frames), [backbone(part) for part in frames.split(4)]
    torch.testing.assert_close(joined, torch.cat(parts))
    backbone.chunk = 8
    assert (backbone(frames) - joined).abs().max() > 1e-3


def test_train_never_reaches_the_frozen_part() -> None:
    backbone = build_backbone(RANDOM_18)
    holder = nn.ModuleDict({"inner": backbone})
    for mode in (True, False, True):
        holder.train(mode)
        assert not any(module.training for module in backbone.frozen.modules())
        assert all(module.training == mode for module in backbone.learnable.modules())
    before = {name: value.clone() for name, value in backbone.frozen.state_dict().items()}
    backbone(random(4, 3, 32, 32)).square().mean().backward()
    assert all(torch.equal(value, before[name]) for name, value in backbone.frozen.state_dict().items())


@pytest.mark.parametrize(
    ("learnable", "stages"), [("none", []), ("layer4", ["layer4"]), ("layer3+layer4", ["layer3", "layer4"])]
)
def test_gradients_reach_exactly_the_learnable_blocks(learnable: str, stages: list[str]) -> None:
    torch.manual_seed(0)
    backbone = build_backbone(dataclasses.replace(RANDOM_18, trainable_blocks=learnable))
    assert [name for name, _ in backbone.learnable.named_children()] == stages
    maps = backbone(random(4, 3, 64, 64))
    assert maps.requires_grad == bool(stages)
    if stages:
        maps.square().mean().backward()
    for name, parameter in backbone.named_parameters():
        learnt = name.startswith("learnable.")
        assert parameter.requires_grad == learnt
        assert (parameter.grad is not None and bool(parameter.grad.any())) == learnt, name


def test_identity_changes_with_the_weights_and_the_pooling_alone() -> None:
    def built(seed: int, **changes: object) -> Backbone:
        torch.manual_seed(seed)
        return build_backbone(dataclasses.replace(RANDOM_18, **{"trainable_blocks": "none", **changes}))

    first = built(1).identity
    assert len(first) == 32
    assert built(1, chunk_size=2).identity == first
    assert len({first, built(2).identity, built(1, pool="avg").identity}) == 3


@pytest.mark.parametrize(
    ("name", "words"),
    [("resnet51", "did you mean 'resnet50'"), ("mobilenet", "There are: resnet18"), ("nowhere.onnx", "cannot be read")],
)
def test_an_unknown_backbone_is_named(name: str, words: str) -> None:
    with pytest.raises(ConfigError, match=name) as caught:
        build_backbone(BackboneConfig(name=name, weights="none", trainable_blocks="none"))
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["timm:resnet10t", "some.onnx"])
def test_only_resnets_learn(name: str) -> None:
    with pytest.raises(
        ConfigError, match=r"backbone.trainable_blocks = 'layer4'.*Set backbone.trainable_blocks = none"
    ):
        build_backbone(BackboneConfig(name=name, weights="none", trainable_blocks="layer4"))
