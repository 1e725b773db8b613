"""The initial weights of an untrained network, as in the published code."""

from __future__ import annotations

import math

import torch
from torch import nn

from longhaul.policies.seer.config import SeerConfig
from longhaul.policies.seer.model import Seer


def untrained(config: SeerConfig, seed: int) -> Seer:
    """Return a network with initial weights that depend on `seed` alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Seer(config)
        _initialize(model)
    return model


def start_readouts(model: Seer) -> None:
    """Set [FRS] and [INV] to zero, their initial value, as published fine-tuning does first."""
    nn.init.zeros_(model.frs)
    nn.init.zeros_(model.inv)


def _initialize(model: Seer) -> None:
    """Initialize linear layers by Xavier and those of GPT-2 by N(0, .02), whose residual
    projections are divided by sqrt(2 layers); embeddings by N(0, .02), latents by N(0, 1),
    read-outs by zero. Convolutions keep torch's own initialization."""
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    for name, weight in model.trunk.named_parameters():
        if name.endswith("weight") and weight.ndim == 2:
            residual = "attention_out" in name or "mlp_out" in name
            scale = math.sqrt(2 * model.config.layers) if residual else 1.0
            nn.init.normal_(weight, std=0.02 / scale)
    nn.init.normal_(model.timesteps, std=0.02)
    nn.init.normal_(model.foresight.mask_token, std=0.02)
    nn.init.normal_(model.frame.resampler.latents)
    if model.vision is not None:
        for name, weight in model.vision.named_parameters():
            if name.endswith("positions"):
                nn.init.normal_(weight, std=0.02)
    start_readouts(model)
