"""From a sentence's tokens to its two phrases, what to pick and where to place."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.policies.cliport.config import CliportConfig


class Phrases(nn.Module):
    """Attention over a sentence's tokens. Each role (pick, place) has queries of its own, and the
    keys hold a token's content and its position.

    One vector for a whole sentence hardly tells "the red block on the green bowl" from "the green
    block on the red bowl"; token vectors keep the words apart.
    """

    def __init__(self, config: CliportConfig, width: int, heads: int, roles: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(config.text_width)
        self.keys = nn.Linear(config.text_width, width)
        self.values = nn.Linear(config.text_width, width)
        self.places = nn.Parameter(torch.randn(config.text_tokens, width))
        self.queries = nn.Parameter(torch.randn(roles, heads, width // heads))
        self.mix = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))

    def forward(self, text: Tensor) -> Tensor:
        """Map tokens (B, L, text_width), padded with rows of 0, to (B, roles, width)."""
        absent = ~text.any(dim=-1)
        tokens = self.norm(text)
        keys = (self.keys(tokens) + self.places).unflatten(-1, (self.heads, -1))
        values = self.values(tokens).unflatten(-1, (self.heads, -1))
        scores = torch.einsum("rhd,blhd->brhl", self.queries, keys) / keys.shape[-1] ** 0.5
        shares = scores.masked_fill(absent[:, None, None], -1e4).float().softmax(dim=-1)
        seen = torch.einsum("brhl,blhd->brhd", shares.to(values.dtype), values).flatten(2)
        phrases: Tensor = seen + self.mix(functional.relu(seen))
        return phrases
