"""The pieces of the fusion network: a residual path, an output projection, source dropout, unit rows."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from trivec.encoders.rows import SHORTEST
from trivec.learning.fusion.options import FusionOptions


def dense_layers(options: FusionOptions) -> nn.Sequential | None:
    """Dense layers with batch normalisation and dropout that end in zeros, to be added to what goes in."""
    if not options.hidden:
        return None
    layers: list[nn.Module] = []
    for before, width in pairwise((options.inner, *options.hidden)):
        linear = nn.Linear(before, width, bias=False)  # the normalisation has a bias
        layers += [linear, nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(options.dropout)]
    last = nn.Linear(options.hidden[-1], options.inner)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(*layers, last)


def output_projection(options: FusionOptions) -> nn.Linear | None:
    """To the output's dimension, from a random rotation: a larger output keeps cosines exactly, a smaller one about."""
    if not options.output:
        return None
    projection = nn.Linear(options.inner, options.output, bias=False)
    nn.init.orthogonal_(projection.weight)
    return projection


def dropped(present: Tensor, share: float) -> Tensor:
    """Presence after source dropout, shape (texts, sources): each source gone with this chance, never a text's last."""
    kept = present & (torch.rand(present.shape) >= share)
    spared = functional.one_hot((torch.rand(present.shape) * present).argmax(dim=1), present.shape[1]).bool()
    return torch.where(kept.any(dim=1, keepdim=True), kept, spared & present)


def unit(rows: Tensor) -> Tensor:
    """Rows scaled to unit length; one too short to have a direction stays short."""
    return functional.normalize(rows, dim=1, eps=SHORTEST)


def only(rows: Tensor, there: Tensor) -> Tensor:
    """Rows where they are there, zeros elsewhere, whatever those rows hold."""
    return torch.where(there[:, None], rows, torch.zeros_like(rows))
