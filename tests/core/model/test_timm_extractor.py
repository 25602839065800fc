from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from core.base.errors import CheckpointError, ConfigError
from core.model.backbone import Backbone, build_backbone
from core.model.timm_extractor import TimmExtractor
from core.settings.config import BackboneConfig
from tests.core.model.tiny import random

timm = pytest.importorskip("timm")


def built(name: str, weights: str = "none") -> Backbone:
    torch.manual_seed(0)
    return build_backbone(BackboneConfig(name=f"timm:{name}", weights=weights, trainable_blocks="none", chunk_size=3))


@pytest.mark.parametrize(
    ("name", "side", "shape"),
    [
        ("resnet10t", 64, (4, 512, 2, 2)),  # maps
        ("test_vit", 64, (4, 64, 4, 4)),  # tokens after a class token, at another size than it was made for
        ("swin_tiny_patch4_window7_224", 64, (4, 768, 7, 7)),  # channels last, one size only
    ],
)
def test_every_kind_of_output_becomes_a_map(name: str, side: int, shape: tuple[int, ...]) -> None:
    backbone = built(name)
    assert backbone(random(4, 3, side, side)).shape == shape
    assert backbone.channels == shape[1]
    assert not any(parameter.requires_grad for parameter in backbone.parameters())


def test_tokens_are_laid_out_row_by_row() -> None:
    extractor = TimmExtractor("test_vit", "none").eval()
    frames = random(1, 3, 64, 64)
    tokens = extractor.model.forward_features(extractor.normalise(frames))[:, extractor.model.num_prefix_tokens :]
    maps = extractor(frames)
    torch.testing.assert_close(maps[0, :, 1, 2], tokens[0, 1 * 4 + 2])


def test_its_own_normalisation_is_used() -> None:
    extractor = TimmExtractor("test_vit", "none").eval()
    constants = extractor.model.pretrained_cfg
    assert extractor.normalise.mean.flatten().tolist() == pytest.approx(list(constants["mean"]))
    assert extractor.normalise.std.flatten().tolist() == pytest.approx(list(constants["std"]))


def test_batch_norms_of_a_frozen_model_learn_nothing() -> None:
    backbone = built("resnet10t").train()
    norms = [module for module in backbone.modules() if isinstance(module, nn.BatchNorm2d)]
    assert norms
    backbone(random(4, 3, 32, 32))
    assert not any(int(norm.num_batches_tracked) for norm in norms if norm.num_batches_tracked is not None)


def test_a_local_state_dict(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.manual_seed(8)
    model = timm.create_model("test_vit", num_classes=7)
    torch.save({"state_dict": model.state_dict()}, path)
    backbone = built("test_vit", str(path))
    assert torch.equal(backbone.frozen.model.patch_embed.proj.weight, model.patch_embed.proj.weight)
    with pytest.raises(CheckpointError, match=r"does not fit timm:resnet10t: conv1\.0\.weight is absent"):
        built("resnet10t", str(path))


def test_weights_that_cannot_be_had_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(hub.constants, "HF_HUB_CACHE", "nowhere")
    with pytest.raises(CheckpointError, match=r"weights of timm:resnet10t could not .*\(--weights FILE\) or none"):
        built("resnet10t", "imagenet")


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(ConfigError, match=r"timm has no model 'resnet99'.*such as"):
        built("resnet99")


def test_a_model_of_several_maps_is_named() -> None:
    extractor = TimmExtractor("test_vit", "none")
    with pytest.raises(ConfigError, match="timm:test_vit does not give a single feature map"):
        extractor._as_maps([random(1, 2, 3, 3)])


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(ConfigError, match=r'timm\. Run pip install "carl-gui\[timm\]"'):
        built("resnet10t")
