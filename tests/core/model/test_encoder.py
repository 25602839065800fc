from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from core.model.encoder import Encoder, build_encoder
from core.model.inputs import with_changes
from tests.core.model.tiny import random, stir, tiny_config, tiny_encoder, tiny_head

FROZEN = {"train__mode": "frozen", "backbone__trainable_blocks": "none"}
HEADS = [
    {"encoder__positional_encoding": "rotary", "encoder__delta_lag": 2, **FROZEN},
    {"encoder__positional_encoding": "sincos"},
    {"encoder__positional_encoding": "none"},
    {"encoder__temporal": "none", "encoder__delta_lag": 1, **FROZEN},
    {"encoder__temporal": "conv3d"},
]
HEAD_NAMES = ["rotary with differences", "sincos", "no positions", "frames alone", "conv3d"]


def clip(encoder: Encoder, batch: int, steps: int, seed: int = 0) -> Tensor:
    """Features as this encoder reads them: (B, T, F), or (B, T, C, 2, 2)."""
    size = (2, 2) if encoder.keeps_maps else ()
    return random(batch, steps, encoder.input.width, *size, seed=seed)


@pytest.fixture(params=HEADS, ids=HEAD_NAMES)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return tiny_head(**request.param)


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
def test_padding_never_changes_an_embedding_or_a_projection(encoder: Encoder, training: bool) -> None:
    encoder.train(training)
    short = clip(encoder, 2, 5)
    h = encoder(short, torch.ones(2, 5, dtype=torch.bool))
    z = encoder.project(h)
    stir(encoder)  # batch statistics moved on in train mode
    padding = 50 * clip(encoder, 2, 3, seed=1)
    valid = torch.arange(8).expand(2, 8) < 5
    padded_h = encoder(torch.cat((short, padding), dim=1), valid)
    padded_z = encoder.project(padded_h, valid)
    torch.testing.assert_close(padded_h[:, :5], h, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(padded_z[:, :5], z, rtol=1e-4, atol=1e-5)
    assert not padded_h[:, 5:].any()
    assert not padded_z[:, 5:].any()


def test_padding_leaves_running_statistics_alone(encoder: Encoder) -> None:
    def buffers_after(features: Tensor, valid: Tensor | None) -> list[Tensor]:
        stir(encoder)
        encoder.project(encoder.train()(features, valid), valid)
        return [buffer.clone() for buffer in encoder.buffers() if buffer.is_floating_point()]

    short = clip(encoder, 2, 5)
    valid = torch.arange(8).expand(2, 8) < 5
    padded = torch.cat((short, 50 * clip(encoder, 2, 3, seed=1)), dim=1)
    for with_padding, without in zip(buffers_after(padded, valid), buffers_after(short, None), strict=True):
        torch.testing.assert_close(with_padding, without, rtol=1e-4, atol=1e-5)


def test_without_a_mask_all_steps_are_valid(encoder: Encoder) -> None:
    features = clip(encoder, 2, 6)
    torch.testing.assert_close(encoder(features), encoder(features, torch.ones(2, 6, dtype=torch.bool)))


def test_in_eval_mode_a_video_does_not_see_the_others_of_its_batch(encoder: Encoder) -> None:
    features = clip(encoder, 3, 6)
    alone = torch.cat([encoder(video[None]) for video in features])
    torch.testing.assert_close(encoder(features), alone, rtol=1e-4, atol=1e-5)


def test_projections_have_norm_one(encoder: Encoder) -> None:
    z = encoder.project(encoder(clip(encoder, 2, 6)))
    assert z.shape == (2, 6, 8)
    torch.testing.assert_close(z.norm(dim=-1), torch.ones(2, 6))


def test_embeddings_of_a_video_are_normalised_and_leave_the_mode_alone(encoder: Encoder) -> None:
    features = clip(encoder, 1, 9)[0, :, : encoder.feature_width]
    for mode in (True, False):
        encoder.train(mode)
        embedded = encoder.embed_features(features)
        assert encoder.training == mode
        assert not encoder.backbone.frozen.training
    assert embedded.shape == (9, 8)
    assert embedded.dtype == torch.float32
    assert not embedded.requires_grad
    torch.testing.assert_close(embedded.norm(dim=-1), torch.ones(9))


@pytest.mark.parametrize("positions", ["rotary", "sincos", "none"])
def test_only_sincos_knows_where_a_clip_begins(positions: str) -> None:
    encoder = tiny_head(encoder__positional_encoding=positions)
    features, places = clip(encoder, 2, 6), 3 * random(2, 6).cumsum(dim=1)
    moved = (encoder(features, None, places + 40.5) - encoder(features, None, places)).abs().max()
    stretched = (encoder(features, None, 3 * places) - encoder(features, None, places)).abs().max()
    assert (moved > 1e-2) == (positions == "sincos")
    assert (stretched > 1e-3) == (positions != "none")


def test_the_default_positions_count_from_zero() -> None:
    encoder = tiny_head(encoder__positional_encoding="sincos")
    features = clip(encoder, 2, 6)
    torch.testing.assert_close(encoder(features), encoder(features, None, torch.arange(6.0).expand(2, 6)))


@pytest.mark.parametrize("num_frames", [1, 2, 7, 40])
@pytest.mark.parametrize("rescale", [True, False])
def test_a_whole_video_spans_the_training_range(num_frames: int, rescale: bool) -> None:
    encoder = tiny_head(encoder__positional_encoding="sincos", encoder__rescale_positions=rescale)  # T is 12
    features = clip(encoder, 1, num_frames)
    places = torch.linspace(0, 11, num_frames) if rescale else torch.arange(float(num_frames))
    expected = F.normalize(encoder(features, None, places[None])[0], dim=-1)
    torch.testing.assert_close(encoder.embed_features(features[0]), expected, rtol=1e-4, atol=1e-5)


def test_a_long_video_is_cut_into_near_equal_pieces_that_keep_their_places() -> None:
    encoder = tiny_head(encoder__positional_encoding="sincos", encoder__max_frames=10)
    assert list(encoder.pieces(10)) == [(0, 10)]
    spans = list(encoder.pieces(23))
    assert [stop - start for start, stop in spans] == [7, 8, 8]
    features, places = clip(encoder, 1, 23), torch.linspace(0, 11, 23)[None]
    for (start, stop), outcome in zip(spans, encoder.embed_features(features[0]).split([7, 8, 8]), strict=True):
        expected = F.normalize(encoder(features[:, start:stop], None, places[:, start:stop])[0], dim=-1)
        torch.testing.assert_close(outcome, expected, rtol=1e-4, atol=1e-5)


class Sizes(TorchDispatchMode):
    """Notes the largest tensor that any operation makes."""

    largest = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for made in out if isinstance(out, (tuple, list)) else (out,):
            if isinstance(made, Tensor):
                self.largest = max(self.largest, made.untyped_storage().nbytes() // made.element_size())
        return out


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("positions", ["rotary", "sincos", "none"])
def test_nothing_grows_with_the_square_of_the_length(positions: str, masked: bool) -> None:
    encoder = tiny_head(encoder__positional_encoding=positions)
    steps = 1000
    features = clip(encoder, 1, steps)
    valid = torch.arange(steps)[None] < steps - 100 if masked else None
    with torch.no_grad(), Sizes() as sizes:
        encoder(features, valid)
    assert steps <= sizes.largest < 60 * steps  # 48: queries, keys and values


def test_a_video_is_embedded_with_the_changes_of_its_features() -> None:
    encoder = tiny_head(encoder__delta_lag=3, **FROZEN)
    rows = random(15, encoder.feature_width)
    wide = torch.from_numpy(with_changes(rows.numpy(), 3))
    places = torch.linspace(0, 11, 15)[None]
    expected = F.normalize(encoder(wide[None], None, places)[0], dim=-1)
    torch.testing.assert_close(encoder.embed_features(rows), expected, rtol=1e-4, atol=1e-5)


def test_without_a_temporal_head_each_frame_stands_alone() -> None:
    encoder = tiny_head(encoder__temporal="none")
    features = clip(encoder, 1, 6)
    order = torch.tensor([3, 1, 0, 5, 2, 4])
    torch.testing.assert_close(encoder(features[:, order]), encoder(features)[:, order])


def test_conv3d_sees_two_steps_to_either_side() -> None:
    encoder = tiny_head(encoder__temporal="conv3d")
    features = clip(encoder, 1, 9)
    changed = features.clone()
    changed[:, 4] += 1
    moved = (encoder(changed) - encoder(features)).abs().amax(dim=-1)[0] > 1e-6
    assert moved.tolist() == [2 <= step <= 6 for step in range(9)]


@pytest.mark.parametrize(("pool", "width"), [("max", 512), ("avg", 512), ("max+avg", 1024)])
def test_features_are_pooled_maps_whatever_the_chunk(pool: str, width: int) -> None:
    encoder = tiny_encoder(backbone__pool=pool, backbone__chunk_size=3)
    frames = random(7, 3, 64, 64)
    features = encoder.features(frames)
    assert features.shape == (7, width) == (7, encoder.feature_width)
    maps = encoder.backbone(frames)
    expected = [maps.amax((2, 3)), maps.mean((2, 3))]
    torch.testing.assert_close(features, torch.cat(expected[: 1 + ("+" in pool)] if "max" in pool else expected[1:], 1))


def test_conv3d_reads_maps() -> None:
    encoder = tiny_encoder(encoder__temporal="conv3d")
    maps = encoder.features(random(3, 3, 64, 64))
    assert maps.shape == (3, 512, 2, 2)
    assert encoder.embed_features(maps).shape == (3, 8)


@pytest.mark.parametrize("learnable", ["none", "layer4"])
@pytest.mark.parametrize("temporal", ["transformer", "conv3d", "none"])
def test_gradients_reach_exactly_the_learnable_parameters(learnable: str, temporal: str) -> None:
    encoder = build_encoder(tiny_config(backbone__trainable_blocks=learnable, encoder__temporal=temporal)).train()
    features = encoder.features(random(6, 3, 64, 64)).unflatten(0, (2, 3))
    (encoder.project(encoder(features)) * random(2, 3, 8, seed=1)).sum().backward()
    for name, parameter in encoder.named_parameters():
        frozen = name.startswith("backbone.frozen.")
        assert parameter.requires_grad != frozen, name
        assert (parameter.grad is not None) != frozen, name


def test_weights_are_a_function_of_the_seed_and_leave_the_generator_alone() -> None:
    torch.manual_seed(77)
    before = torch.random.get_rng_state()
    first, again, other = (build_encoder(tiny_config(train__seed=seed)) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))
    assert not torch.equal(first.head.out.weight, other.head.out.weight)  # type: ignore[union-attr]


def test_sizes_are_those_of_the_config() -> None:
    encoder = tiny_head(encoder__layers=3, encoder__embedding_dim=6, encoder__projection_dim=10, encoder__dropout=0.3)
    h = encoder(clip(encoder, 1, 4))
    assert h.shape == (1, 4, 6)
    assert encoder.project(h).shape == (1, 4, 10)
    assert len(encoder.head.transformer.layers) == 3  # type: ignore[union-attr]
    assert {module.p for module in encoder.modules() if isinstance(module, nn.Dropout)} == {0.3}
