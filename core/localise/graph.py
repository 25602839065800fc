"""Sub-graph localisation: a small version of G-TAD.

Source: Xu, Zhao, Rojas, Thabet, Ghanem, "G-TAD: Sub-Graph Localization for Temporal Action Detection", CVPR 2020, and
its released code for what the paper leaves open. A video is a graph: its steps are nodes, with edges to the steps
before and after (temporal) and to the nodes most like them in the features (semantic, found anew in each block). Every
pair of a start and an end step is a sub-graph, which SGAlign turns into a vector of fixed length and the localisation
module scores.

As published: the GCNeXt block (temporal stream, semantic stream of k = 3 neighbours by edge convolution and maximum, 32
grouped paths of width 4, their sum with the input); one block, then two branches of a block each for the start and the
end of segments, and one more block before SGAlign; sub-graphs widened by half their length on both sides; aligned
features of the nodes and of the mean of their semantic neighbours, side by side; convolutions over the map of durations
and starts; two scores, by regression and by classification of the sub-graph's IoU, multiplied; the losses of both
(`graph_loss.py`), weights and thresholds; soft-NMS.

Not as published: 64 channels and 8 aligned features of each kind (256 and 16), hidden maps of 64 and 32 channels (512
and 128); a feature is read by linear interpolation at the middle of its bin, not as the mean of the bin; no CUDA. A
video of up to 100 steps keeps its own length, and masks hide what is behind its end, where G-TAD rescales each to 100.
The class is a third score of ours, learned with the others: G-TAD takes the classes from another network's results for
the whole video, which says nothing where every video shows every class.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.localise.candidates import Candidates
from core.localise.examples import Segments
from core.localise.graph_loss import node_loss, subgraph_loss

NEIGHBOURS = 3
"""Semantic edges of a node, its edge to itself among them, as released."""
_PATHS, _PATH_WIDTH = 32, 4
_WIDENED = 0.5
"""Of its length, by which a sub-graph is widened on either side."""
_ALIGNED = 8
"""Features of a sub-graph along time, of each kind."""
_WIDTH_3D, _WIDTH_2D = 64, 32


class GCNeXt(nn.Module):
    """A graph convolution in groups, over temporal and semantic edges (paper, section 3.2)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        inner = _PATHS * _PATH_WIDTH
        self.temporal_in = nn.Conv1d(width, inner, 1)
        self.temporal = nn.Conv1d(inner, inner, 3, padding=1, groups=_PATHS)
        self.temporal_out = nn.Conv1d(inner, width, 1)
        self.semantic = nn.Sequential(
            nn.Conv2d(2 * width, inner, 1),
            nn.ReLU(),
            nn.Conv2d(inner, inner, 1, groups=_PATHS),
            nn.ReLU(),
            nn.Conv2d(inner, width, 1),
        )

    def forward(self, x: Tensor, valid: Tensor) -> Tensor:
        """Map (B, C, T) zero behind the end, (B, T) -> the same."""
        mask = valid[:, None]  # (B, 1, T)
        y = F.relu(self.temporal_in(x)) * mask
        temporal = self.temporal_out(F.relu(self.temporal(y)))
        neighbours, there = semantic_neighbours(x, valid)  # (B, T, K)
        gathered = gather_nodes(x, neighbours)  # (B, C, T, K)
        edges = torch.cat((gathered, x[..., None].expand_as(gathered)), dim=1)
        semantic = self.semantic(edges).masked_fill(~there[:, None], -math.inf).amax(dim=3)
        semantic = semantic.masked_fill(~mask, 0.0)
        return F.relu(temporal + x + semantic) * mask


def semantic_neighbours(x: Tensor, valid: Tensor, count: int = NEIGHBOURS) -> tuple[Tensor, Tensor]:
    """Return the nodes nearest to each by squared distance, itself first.

    Args:
        x: (B, C, T)
        valid: (B, T)

    Returns:
        (B, T, K) places, and (B, T, K) which of them there are: a short video has fewer nodes than K.
    """
    nodes = x.detach().transpose(1, 2)  # (B, T, C)
    norms = (nodes**2).sum(dim=2)
    apart = norms[:, :, None] - 2 * nodes @ nodes.transpose(1, 2) + norms[:, None]  # (B, T, T)
    apart.diagonal(dim1=1, dim2=2).fill_(-1.0)  # rounding may put another node before the node itself
    apart = apart.masked_fill(~valid[:, None], math.inf)
    nearest = apart.topk(min(count, x.shape[2]), dim=2, largest=False)
    return nearest.indices, nearest.values.isfinite() & valid[:, :, None]


def gather_nodes(x: Tensor, places: Tensor) -> Tensor:
    """Map (B, C, T), (B, T, K) -> (B, C, T, K) the nodes at these places."""
    batch, width, _ = x.shape
    flat = places.reshape(batch, 1, -1).expand(-1, width, -1)
    return x.gather(2, flat).view(batch, width, *places.shape[1:])


def anchors(num_steps: int) -> Tensor:
    """Return (A, 2) first and last node of every sub-graph of T nodes, by duration, then by start."""
    duration, start = torch.meshgrid(torch.arange(num_steps), torch.arange(num_steps), indexing="ij")
    fits = start + duration < num_steps
    return torch.stack((start[fits], start[fits] + duration[fits]), dim=1)


class SGAlign(nn.Module):
    """Sub-graphs of any length as vectors of one length, and the first layer of the localisation module over them.

    That layer is linear in the aligned features, and these are linear in the nodes: so it is done on the nodes, once
    for each place in a sub-graph, and the sum of what is interpolated is what the layer says of interpolated ones.
    """

    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        self.inner = nn.Linear(width, _ALIGNED * out, bias=False)
        self.context = nn.Linear(width, _ALIGNED * out, bias=False)
        self.bias = nn.Parameter(torch.zeros(out))
        for layer in (self.inner, self.context):
            bound = 1 / math.sqrt(2 * _ALIGNED * width)
            nn.init.uniform_(layer.weight, -bound, bound)

    def forward(self, x: Tensor, valid: Tensor, subgraphs: Tensor) -> Tensor:
        """Map (B, C, T) zero behind the end, (B, T), (A, 2) -> (B, A, out)"""
        neighbours, there = semantic_neighbours(x, valid)
        near = gather_nodes(x, neighbours) * there[:, None]
        context = near.sum(dim=3) / there.sum(dim=2).clamp(min=1)[:, None]  # (B, C, T)
        combined = self.inner(x.transpose(1, 2)) + self.context(context.transpose(1, 2))  # (B, T, R * out)
        combined = F.pad(combined.view(*combined.shape[:2], _ALIGNED, -1), (0, 0, 0, 0, 1, 1))  # (B, 1 + T + 1, R, out)
        places = sample_places(subgraphs) + 1  # (A, R): for the row of zeros before the first node
        places = places.clamp(0, combined.shape[1] - 1)
        before = places.floor().long()
        after = (before + 1).clamp(max=combined.shape[1] - 1)
        share = (places - before)[None, ..., None]
        made: Tensor = self.bias
        for at in range(_ALIGNED):
            row = combined[:, :, at]
            made = made + row[:, before[:, at]] * (1 - share[:, :, at]) + row[:, after[:, at]] * share[:, :, at]
        return made


def sample_places(subgraphs: Tensor) -> Tensor:
    """Map (A, 2) first and last node -> (A, R) places among the nodes: the middles of R bins of the widened
    sub-graph."""
    first, length = subgraphs[:, :1], subgraphs[:, 1:] - subgraphs[:, :1] + 1
    shares = (torch.arange(_ALIGNED) + 0.5) / _ALIGNED * (1 + 2 * _WIDENED) - _WIDENED
    return first + shares * length - 0.5


class GraphDetector(nn.Module):
    """The detector `graph`."""

    name = "graph"
    multiple = 1
    most_steps = 100
    """G-TAD's length on ActivityNet: there are about T^2 / 2 sub-graphs."""
    usual_steps = 200
    """Of training."""

    def __init__(self, width_in: int, num_classes: int, width: int = 64, dropout: float = 0.1) -> None:
        super().__init__()
        self.embed = nn.Conv1d(width_in, width, 3, padding=1)
        self.dropout = nn.Dropout1d(dropout)
        self.first, self.second = GCNeXt(width), GCNeXt(width)
        self.start_block, self.end_block = GCNeXt(width), GCNeXt(width)
        self.start_head, self.end_head = nn.Conv1d(width, 1, 1), nn.Conv1d(width, 1, 1)
        self.align = SGAlign(width, _WIDTH_3D)
        self.map_in = nn.Conv2d(_WIDTH_3D, _WIDTH_2D, 1)
        self.map_convs = nn.ModuleList([nn.Conv2d(_WIDTH_2D, _WIDTH_2D, 3, padding=1) for _ in range(2)])
        self.map_out = nn.Conv2d(_WIDTH_2D, 2 + num_classes, 1)

    def forward(self, x: Tensor, valid: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Score the nodes and the sub-graphs.

        Args:
            x: (B, T, D) zero behind the end.
            valid: (B, T)

        Returns:
            (B, 2, T) logits of a start and an end at each node; (B, A, 2 + C) logits of the sub-graphs' IoU by
            regression and by classification, and of their class; (B, A) which sub-graphs there are (`anchors`).
        """
        x = self.dropout(x.transpose(1, 2)) * math.sqrt(x.shape[2]) * valid[:, None]
        base = self.first(F.relu(self.embed(x)) * valid[:, None], valid)
        nodes = torch.cat(
            [
                head(block(base, valid))
                for block, head in ((self.start_block, self.start_head), (self.end_block, self.end_head))
            ],
            dim=1,
        )
        subgraphs = anchors(x.shape[2])
        there = valid[:, subgraphs[:, 1]]  # (B, A)
        y = F.relu(self.align(self.second(base, valid), valid, subgraphs))  # (B, A, F)
        return nodes, self._score(y, there, subgraphs, x.shape[2]), there

    def _score(self, y: Tensor, there: Tensor, subgraphs: Tensor, num_steps: int) -> Tensor:
        """Map (B, A, F) -> (B, A, 2 + C): convolutions over the map of durations and starts."""
        cells = (subgraphs[:, 1] - subgraphs[:, 0]) * num_steps + subgraphs[:, 0]
        grid = y.new_zeros(len(y), num_steps**2, y.shape[2]).index_copy(1, cells, y * there[..., None])
        plane = grid.transpose(1, 2).reshape(len(y), -1, num_steps, num_steps)  # (B, F, D, T)
        fits = torch.zeros(len(y), num_steps**2, dtype=torch.bool).index_copy(1, cells, there)
        mask = fits.view(len(y), 1, num_steps, num_steps)
        plane = F.relu(self.map_in(plane)) * mask
        for conv in self.map_convs:
            plane = F.relu(conv(plane)) * mask
        scored: Tensor = self.map_out(plane).flatten(2)[:, :, cells].transpose(1, 2)
        return scored

    def loss(self, x: Tensor, valid: Tensor, segments: Sequence[Segments], generator: torch.Generator) -> Tensor:
        """Return node loss plus sub-graph loss, as `graph_loss` says.

        Args:
            x, valid: as of `forward`.
            segments: of each video.
            generator: draws which sub-graphs of middling and little overlap count.
        """
        nodes, scored, there = self(x, valid)
        bounds = anchors(x.shape[1]) + torch.tensor([0, 1])
        return node_loss(nodes, valid, segments) + subgraph_loss(scored, there, bounds, segments, generator)

    @torch.no_grad()
    def candidates(self, x: Tensor, valid: Tensor) -> list[Candidates]:
        """Return what each video may hold, in steps, before any suppression."""
        _, scored, there = self(x, valid)
        bounds = (anchors(x.shape[1]) + torch.tensor([0, 1])).float()
        likely = scored[..., 2:].softmax(dim=2)  # (B, A, C)
        scores = scored[..., :2].sigmoid().prod(dim=2, keepdim=True) * likely
        found = []
        for place in range(len(x)):
            here = there[place]
            num_anchors, num_classes = scores[place, here].shape
            found.append(
                Candidates(
                    bounds[here].repeat_interleave(num_classes, dim=0).numpy(),
                    scores[place, here].flatten().numpy(),
                    torch.arange(num_classes).repeat(num_anchors).numpy(),
                )
            )
        return found
