"""The optimizers: AdamW, or Muon for the matrices and AdamW for the rest."""

from __future__ import annotations

from torch import nn
from torch.optim import AdamW, Muon, Optimizer

from longhaul.policies.training.options import Options

MIN_MUON_SIDE = 64
"""The least number of rows and of columns of a matrix that Muon updates. Smaller ones are output
layers of a few numbers, for which orthogonal steps have no meaning. Chosen here."""


def optimizers(network: nn.Module, options: Options) -> list[Optimizer]:
    """Return the optimizers of a network's trainable weights, each weight in one of them.

    Muon (Jordan, 2024; arXiv 2502.16982) steps along the nearest orthogonal matrix, scaled here to
    the size of AdamW's steps; its learning rate is `muon_lr`, and follows the same schedule.
    """
    weights = [p for p in network.parameters() if p.requires_grad]
    matrices = [p for p in weights if p.ndim == 2 and min(p.shape) >= MIN_MUON_SIDE]
    if not options.muon_lr or not matrices:
        return [_adamw(weights, options)]
    chosen = {id(p) for p in matrices}
    muon = Muon(
        matrices,
        lr=options.muon_lr,
        weight_decay=options.weight_decay,
        adjust_lr_fn="match_rms_adamw",
    )
    return [muon, _adamw([p for p in weights if id(p) not in chosen], options)]


def _adamw(weights: list[nn.Parameter], options: Options) -> AdamW:
    return AdamW(weights, lr=options.lr, weight_decay=options.weight_decay, fused=True)
