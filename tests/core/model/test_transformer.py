from __future__ import annotations

import pytest
import torch
from torch import nn

from core.model.positions import sincos
from core.model.transformer import Transformer, TransformerLayer
from tests.core.model.tiny import random

SIZES = {"layers": 3, "heads": 4, "feedforward": 48, "dropout": 0.1, "base": 1000.0}


def pytorchs_own(ours: Transformer) -> nn.TransformerEncoder:
    """`nn.TransformerEncoder` with the same weights."""
    theirs = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(32, 4, 48, 0.1, batch_first=True, norm_first=True),
        3,
        norm=nn.LayerNorm(32),
        enable_nested_tensor=False,
    )
    names = {
        "self_attn.in_proj_": "query_key_value.",
        "self_attn.out_proj.": "attention_out.",
        "linear1.": "feedforward.0.",
        "linear2.": "feedforward.2.",
    }
    tensors = {}
    for name in theirs.state_dict():
        own = name
        for their_part, own_part in names.items():
            own = own.replace(their_part, own_part)
        tensors[name] = ours.state_dict()[own]
    theirs.load_state_dict(tensors)
    return theirs


@pytest.mark.parametrize("positions", ["none", "sincos"])
@pytest.mark.parametrize("padded", [False, True])
def test_it_equals_pytorchs_own_layers(positions: str, padded: bool) -> None:
    torch.manual_seed(0)
    ours = Transformer(32, positions=positions, **SIZES).eval()  # type: ignore[arg-type]
    for parameter in ours.parameters():
        parameter.data += 0.05 * torch.randn(parameter.shape)
    theirs = pytorchs_own(ours).train()  # eval takes a fast path of other rounding
    for module in theirs.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        elif isinstance(module, nn.MultiheadAttention):
            module.dropout = 0.0
    x, places = random(2, 7, 32) - 0.5, torch.arange(7.0).expand(2, 7)
    valid = torch.arange(7).expand(2, 7) < torch.tensor([[7], [4]]) if padded else None
    added = x + sincos(places, 32) if positions == "sincos" else x
    expected = theirs(added, src_key_padding_mask=None if valid is None else ~valid)
    outcome = ours(x, valid, places)
    seen = slice(None) if valid is None else valid
    torch.testing.assert_close(outcome[seen], expected[seen], rtol=1e-4, atol=1e-5)


def test_weights_are_xavier_uniform_matrix_by_matrix() -> None:
    torch.manual_seed(0)
    layer = TransformerLayer(64, 4, 128, 0.1)
    square = (6 / (64 + 64)) ** 0.5
    for weight in (*layer.query_key_value.weight.chunk(3), layer.attention_out.weight):
        assert 0.95 * square < weight.abs().max() <= square
    assert 0.95 * (6 / 192) ** 0.5 < layer.feedforward[0].weight.abs().max() <= (6 / 192) ** 0.5


def test_dropout_falls_on_the_residual_branches_alone() -> None:
    torch.manual_seed(0)
    layer = TransformerLayer(16, 2, 32, dropout=1.0).train()  # every branch is dropped
    x = random(1, 5, 16)
    torch.testing.assert_close(layer(x, None, None), x)
    assert sum(isinstance(module, nn.Dropout) for module in layer.modules()) == 1
